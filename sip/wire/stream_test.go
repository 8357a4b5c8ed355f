package wire

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// cut feeds a stream in the pieces given and returns what came out.
func cut(s *Splitter, pieces ...string) (frames []Frame, messages []string) {
	for _, p := range pieces {
		s.Write([]byte(p))
		for {
			f, m := s.Next()
			if f == More {
				break
			}
			frames = append(frames, f)
			messages = append(messages, string(m))
		}
	}
	return frames, messages
}

func TestMessagesComeOutWholeHoweverTheyAreCut(t *testing.T) {
	other := strings.Replace(invite, "Content-Length: 5", "l\t: 0005", 1)
	stream := "\r\n" + invite + "\r\n\r\n" + other + "\r\n" + invite
	want := []string{invite, "", other, invite}
	rapid.Check(t, func(t *rapid.T) {
		var pieces []string
		for rest := stream; rest != ""; {
			n := rapid.IntRange(1, min(len(rest), 200)).Draw(t, "n")
			pieces = append(pieces, rest[:n])
			rest = rest[n:]
		}
		var s Splitter
		frames, messages := cut(&s, pieces...)
		require.Equal(t, []Frame{Whole, Ping, Whole, Whole}, frames)
		require.Equal(t, want, messages)
		require.False(t, s.Pending())
	})
}

func TestKeepAlivesAreToldFromLineEnds(t *testing.T) {
	var s Splitter
	frames, _ := cut(&s, "\r\n\r\n")
	require.Equal(t, []Frame{Ping}, frames)
	frames, _ = cut(&s, "\r\n")
	require.Empty(t, frames, "a pong, or half a ping")
	require.False(t, s.Pending())
	frames, _ = cut(&s, "\r\n", "\r\n\r", "\n")
	require.Equal(t, []Frame{Ping, Ping}, frames)
	frames, _ = cut(&s, "\r\n"+invite)
	require.Equal(t, []Frame{Whole}, frames)
}

func TestAStreamWhoseFramingIsLostIsBroken(t *testing.T) {
	length := func(by string) string { return with("Content-Length", by) }
	for name, raw := range map[string]string{
		"none":            length(""),
		"two":             length("Content-Length: 5\r\nl: 5\r\n"),
		"two that differ": length("Content-Length: 5\r\nContent-Length : 50\r\n"),
		"folded twin":     length("Content-Length:\r\n 5\r\nL:\r\n 6\r\n"),
		"negative":        length("Content-Length: -1\r\n"),
		"huge":            length("Content-Length: 4294967295\r\n"),
		"too large":       length("Content-Length: 16384\r\n"),
		"text":            length("Content-Length: five\r\n"),
		"long head":       with("To", "To: "+strings.Repeat("a", MaxMessage)+"\r\n"),
		"endless line":    strings.Repeat("a", MaxMessage+1),
	} {
		var s Splitter
		frames, messages := cut(&s, raw, invite)
		require.Equal(t, []Frame{Broken}, frames, name)
		require.LessOrEqual(t, len(messages[0]), MaxMessage, name)
		require.False(t, s.Pending(), name)
		rules := *testRules
		rules.Stream = true
		m := Parse([]byte(messages[0]), &rules)
		require.NotEqual(t, Accept, m.Verdict.Action, name)
		if m.Verdict.Action == Refuse {
			require.True(t, m.Verdict.Close, name)
		}
	}
}

func TestAMessageThatNeverEndsIsPendingAndBounded(t *testing.T) {
	var s Splitter
	s.Write([]byte(with("Content-Length", "Content-Length: 9999\r\n")))
	f, _ := s.Next()
	require.Equal(t, More, f)
	require.True(t, s.Pending())
	for range 1000 {
		s.Write(bytes.Repeat([]byte("a"), 1000))
		if f, _ = s.Next(); f != More {
			break
		}
	}
	require.Equal(t, Whole, f)

	s = Splitter{Max: 1000}
	for range 3 {
		s.Write(bytes.Repeat([]byte("a"), 500))
		f, _ = s.Next()
	}
	require.Equal(t, Broken, f)
	require.LessOrEqual(t, cap(s.buf), 4096)
}

func TestSDPIsFoundInABody(t *testing.T) {
	body := func(contentType, body string) []byte {
		rules := *testRules
		rules.Multipart = true
		raw := invite[:strings.Index(invite, "Content-Type")] + "Content-Type: " + contentType + "\r\n\r\n" + body
		m := Parse([]byte(raw), &rules)
		require.NotNil(t, m.Request, "%v", m.Verdict)
		return SDP(m.Request)
	}
	part := func(kind, content string) string {
		return "--x\r\nContent-Type: " + kind + "\r\n\r\n" + content + "\r\n"
	}
	isup := part("application/ISUP;version=x", "\x01\x00\r\n--")
	sdp := part("application/sdp", "v=0\r\no=-\r\n")
	want := []byte("v=0\r\no=-\r\n")
	require.Equal(t, want, body("application/sdp", string(want)))
	require.Equal(t, want, body("multipart/mixed;boundary=x", isup+sdp+"--x--\r\n"))
	require.Equal(t, want, body("Multipart/Mixed; charset=\"a;b\" ; Boundary=\"x\"", "preamble\r\n"+sdp+isup+"--x--"))
	require.Equal(t, want, body("multipart/alternative;boundary=x", "--x  \r\nc :application/SDP;a=b\r\n\r\n"+string(want)+"\r\n--x--"))
	for _, none := range []string{"", "--x--", "--x\r\n", "--x", sdp, isup + "--x--", "--y\r\n\r\n--y--", strings.Repeat(isup, 17) + sdp + "--x--"} {
		require.Nil(t, body("multipart/mixed;boundary=x", none), "%q", none)
	}
	require.Nil(t, body("multipart/mixed", sdp+"--x--"))
	require.Nil(t, body("multipart/mixed;boundary=\"\"", sdp+"--x--"))
	require.Nil(t, SDP(accepted(t, strings.Replace(invite, "5\r\n\r\nv=0\r\n", "0\r\n\r\n", 1)).Request))
}

func TestEscapedTextIsOnePrintableBoundedLine(t *testing.T) {
	require.Equal(t, "plain text", Escape("plain text"))
	require.Equal(t, `\x1b[2J\r\n\"\\\x00\xff`, Escape("\x1b[2J\r\n\"\\\x00\xff"))
	require.Equal(t, strings.Repeat("a", 256), Escape(strings.Repeat("a", 256)))
	require.Equal(t, strings.Repeat("a", 253)+"...", Escape(strings.Repeat("a", 257)))
	rapid.Check(t, func(t *rapid.T) {
		s := string(rapid.SliceOfN(rapid.Byte(), 0, 600).Draw(t, "text"))
		e := Escape(s)
		require.LessOrEqual(t, len(e), 256)
		for i := range len(e) {
			require.True(t, e[i] >= ' ' && e[i] < 0x7f, "%q", e)
		}
	})
}

func TestUnquoteGivesWhatIsMeant(t *testing.T) {
	for s, want := range map[string]string{
		`a b`: "a b", `"a b"`: "a b", `a\"b\\`: `a"b\`, `\`: `\`, "a\\\x00b\x1b": "ab", "\xff": "\uFFFD", `"`: `"`, ``: ``,
	} {
		require.Equal(t, want, Unquote(s), "%q", s)
	}
}

func TestSecondsSaturate(t *testing.T) {
	for s, want := range map[string]uint32{"0": 0, "0060": 60, "4294967295": 1<<32 - 1, "4294967296": 1<<32 - 1,
		strings.Repeat("9", 100): 1<<32 - 1} {
		n, ok := Seconds(s)
		require.True(t, ok)
		require.Equal(t, want, n)
	}
	for _, s := range []string{"", "-1", "60s", " 60", "6\x000"} {
		_, ok := Seconds(s)
		require.False(t, ok, "%q", s)
	}
}

func TestNamesAreThere(t *testing.T) {
	require.Equal(t, []string{"accept", "refuse", "discard"}, []string{Accept.String(), Refuse.String(), Discard.String()})
	for _, status := range []int{400, 405, 406, 415, 416, 420, 483, 501, 505, 513} {
		require.NotEmpty(t, Reason(status))
	}
}
