package sip

import (
	"fmt"
	"net"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// peer is a party that speaks exactly what a test writes, over a memnet.
type peer struct {
	t    *testing.T
	conn *memconn
	to   net.Addr
	ip   string
}

// stage is a switch at 10.0.0.1:5060 within a bubble, with the trunk "telecom"
// of 10.0.0.0/24 less what accounts there are, and phones at 10.9.0.0/16.
type stage struct {
	*station
	t   *testing.T
	net *memnet
}

const switchAddr = "10.0.0.1:5060"

// play runs a scenario in a bubble and checks that it leaves nothing.
func play(t *testing.T, peers Peers, cfg Config, scene func(*stage)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		if len(peers.Trunks) == 0 {
			peers.Trunks = telecom
		}
		m := newMemnet(1)
		cfg.T1 = 500 * time.Millisecond
		cfg.Networks.Packet = append(cfg.Networks.Packet, m.node(switchAddr))
		s := &stage{station: newStation(t, cfg, &peers), t: t, net: m}
		scene(s)
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		st := s.ua.Stats()
		require.Zero(t, st.Legs, "legs")
		require.Zero(t, st.Transactions, "transactions: %s", s.ua.transactions())
		require.Equal(t, st.Bindings, st.Timers, "timers")
		require.Zero(t, s.ua.pendingCalls.Load())
		s.close()
	})
}

func (s *stage) peer(addr string) *peer {
	c := s.net.node(addr)
	to, err := net.ResolveUDPAddr("udp", switchAddr)
	require.NoError(s.t, err)
	return &peer{t: s.t, conn: c, to: to, ip: c.addr.String()}
}

// send sends a message given by its lines; the body comes after an empty one.
// Content-Length is added.
func (p *peer) send(lines ...string) {
	head, body, _ := strings.Cut(strings.Join(lines, "\r\n"), "\r\n\r\n")
	if len(body) > 0 {
		head += "\r\nContent-Type: application/sdp"
	}
	_, err := p.conn.WriteTo([]byte(fmt.Sprintf("%s\r\nContent-Length: %d\r\n\r\n%s", head, len(body), body)), p.to)
	require.NoError(p.t, err)
}

// receive waits for a message; "" when none comes in time.
func (p *peer) receive(patience time.Duration) string {
	select {
	case d := <-p.conn.in:
		return string(d.b)
	case <-time.After(patience):
		return ""
	}
}

// expect waits for a message that begins so.
func (p *peer) expect(start string) string {
	p.t.Helper()
	m := p.receive(2 * time.Minute)
	require.True(p.t, strings.HasPrefix(m, start), "want %q, got %q", start, m)
	return m
}

// silent checks that nothing comes for a while.
func (p *peer) silent(d time.Duration) {
	p.t.Helper()
	require.Empty(p.t, p.receive(d))
}

// field is the value of a message's first header of a name.
func field(m, name string) string {
	if v := fields(m, name); len(v) > 0 {
		return v[0]
	}
	return ""
}

func fields(m, name string) []string {
	head, _, _ := strings.Cut(m, "\r\n\r\n")
	var values []string
	for line := range strings.SplitSeq(head, "\r\n") {
		if n, v, ok := strings.Cut(line, ":"); ok && strings.EqualFold(strings.TrimSpace(n), name) {
			values = append(values, strings.TrimSpace(v))
		}
	}
	return values
}

func content(m string) string {
	_, body, _ := strings.Cut(m, "\r\n\r\n")
	return body
}

// ask builds a request of the dialog "c1" from tag "t1".
func (p *peer) ask(method, uri, branch string, seq int, to string, more ...string) []string {
	return append([]string{method + " " + uri + " SIP/2.0",
		"Via: SIP/2.0/UDP " + p.ip + ";branch=z9hG4bK" + branch,
		"Max-Forwards: 70", "From: <sip:100@" + p.ip + ">;tag=t1", "To: " + to, "Call-ID: c1",
		fmt.Sprintf("CSeq: %d %s", seq, method), "Contact: <sip:100@" + p.ip + ">"}, more...)
}

func (p *peer) invite(branch string, more ...string) {
	p.send(p.ask("INVITE", "sip:4008001234@10.0.0.1", branch, 1, "<sip:4008001234@10.0.0.1>",
		append(more, "", string(offerSDP))...)...)
}

// ack acknowledges a response, under a branch of its own for a 2xx.
func (p *peer) ack(res, branch string, more ...string) {
	seq := 0
	_, err := fmt.Sscanf(field(res, "CSeq"), "%d", &seq)
	require.NoError(p.t, err)
	p.send(p.ask("ACK", "sip:10.0.0.1", branch, seq, field(res, "To"), more...)...)
}

// reply answers a request of the switch's.
func (p *peer) reply(req, status, tag string, more ...string) {
	lines := []string{"SIP/2.0 " + status}
	for _, v := range fields(req, "Via") {
		lines = append(lines, "Via: "+v)
	}
	to := field(req, "To")
	if tag != "" && !strings.Contains(to, "tag=") {
		to += ";tag=" + tag
	}
	lines = append(lines, "From: "+field(req, "From"), "To: "+to, "Call-ID: "+field(req, "Call-ID"),
		"CSeq: "+field(req, "CSeq"), "Contact: <sip:100@"+p.ip+">")
	p.send(append(lines, more...)...)
}

// answered takes a call through to its ACK and returns the 200.
func (p *peer) answered(s *stage) (string, *call) {
	p.t.Helper()
	p.invite("a1")
	p.expect("SIP/2.0 100")
	c := s.arrival(p.t)
	require.NoError(p.t, c.leg.Answer(answerSDP))
	ok := p.expect("SIP/2.0 200")
	p.ack(ok, "a2")
	c.next(p.t, Confirmed)
	return ok, c
}

// bye hangs up and waits for the answer.
func (p *peer) bye(ok string, seq int) {
	p.t.Helper()
	p.send(p.ask("BYE", "sip:10.0.0.1", fmt.Sprintf("bye%d", seq), seq, field(ok, "To"))...)
	p.expect("SIP/2.0 200")
}

// sendBody sends a message with a body of a type that lines name.
func (p *peer) sendBody(lines []string, body string) {
	_, err := p.conn.WriteTo([]byte(fmt.Sprintf("%s\r\nContent-Length: %d\r\n\r\n%s",
		strings.Join(lines, "\r\n"), len(body), body)), p.to)
	require.NoError(p.t, err)
}

// tagOf is the To tag of a message.
func tagOf(m string) string {
	_, tag, _ := strings.Cut(field(m, "To"), ";tag=")
	return tag
}

var telecom = []Trunk{{ID: "telecom", Peers: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/24")},
	Address: "sip:10.0.0.9:5060"}}
