package cli

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"switchroom/acd/api"
)

// showLadder draws who sent what to whom.
func (s *session) showLadder(c *client, id string, full bool) error {
	var got list[api.SIPMessage]
	text, err := c.get(s.ctx, "/api/v1/calls/"+segment(id)+"/ladder", nil, &got)
	if err != nil {
		return err
	}
	if s.JSON {
		return s.printJSON(text)
	}
	return drawLadder(s.Stdout, got.Items, full)
}

const (
	rung      = 34 // columns between two lines
	clockWide = 14 // 15:04:05.000 and a gap
)

// drawLadder draws one line for each message, with a column for each peer. The
// first peer stands left of the switch, the others right of it.
func drawLadder(w io.Writer, all []api.SIPMessage, full bool) error {
	peers := ladderPeers(all)
	if len(peers) > 0 {
		peers = slices.Insert(peers, 1, "switchroom")
	}
	out := &strings.Builder{}
	fmt.Fprintf(out, "%*s", clockWide, "")
	for _, p := range peers {
		fmt.Fprintf(out, "%-*s", rung, printable(p))
	}
	out.WriteByte('\n')
	for _, m := range all {
		from, to := slices.Index(peers, m.Peer), 1
		if m.Direction == "out" {
			from, to = to, from
		}
		fmt.Fprintf(out, "%-*s", clockWide, m.Time.Local().Format("15:04:05.000"))
		out.WriteString(arrow(len(peers), from, to, printable(m.Summary)))
		out.WriteByte('\n')
		if full {
			indented(out, m)
		}
	}
	_, err := io.WriteString(w, trimmed(out.String()))
	return err
}

// ladderPeers are the peers in the order in which they first appear.
func ladderPeers(all []api.SIPMessage) []string {
	var peers []string
	for _, m := range all {
		if !slices.Contains(peers, m.Peer) {
			peers = append(peers, m.Peer)
		}
	}
	return peers
}

// arrow is one rung among n lines, with what it carries written upon it.
func arrow(n, from, to int, what string) string {
	line := []rune(strings.Repeat("|"+strings.Repeat(" ", rung-1), n))
	left, right := min(from, to)*rung, max(from, to)*rung
	for i := left + 1; i < right; i++ {
		line[i] = '-'
	}
	if from < to {
		line[right-1] = '>'
	} else {
		line[left+1] = '<'
	}
	label := []rune(" " + what + " ")
	if room := right - left - 7; len(label) > room {
		label = append(label[:room-2], '~', ' ')
	}
	copy(line[left+4:], label)
	return string(line)
}

// indented writes a message out, line by line.
func indented(out *strings.Builder, m api.SIPMessage) {
	for line := range strings.Lines(m.Text) {
		fmt.Fprintf(out, "%*s%s\n", clockWide+2, "", printable(strings.TrimRight(line, "\r\n")))
	}
	if m.Cut > 0 {
		fmt.Fprintf(out, "%*s(%d bytes more)\n", clockWide+2, "", m.Cut)
	}
	out.WriteByte('\n')
}

// trimmed takes the blanks off the ends of lines.
func trimmed(s string) string {
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines, "\n")
}
