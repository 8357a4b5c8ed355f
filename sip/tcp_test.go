package sip

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// wirePeer is a peer over TCP that speaks what a test writes.
type wirePeer struct {
	t    *testing.T
	conn net.Conn
	r    *bufio.Reader
}

func dialWire(t *testing.T, s *station) *wirePeer {
	conn, err := net.Dial("tcp", s.at("tcp"))
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	return &wirePeer{t, conn, bufio.NewReader(conn)}
}

func (p *wirePeer) read() string {
	_ = p.conn.SetReadDeadline(time.Now().Add(time.Minute))
	var head strings.Builder
	for {
		line, err := p.r.ReadString('\n')
		require.NoError(p.t, err)
		head.WriteString(line)
		if line == "\r\n" && head.Len() > 2 {
			break
		}
	}
	n, err := strconv.Atoi(field(head.String(), "Content-Length"))
	require.NoError(p.t, err)
	body := make([]byte, n)
	_, err = io.ReadFull(p.r, body)
	require.NoError(p.t, err)
	return head.String() + string(body)
}

func (p *wirePeer) expect(start string) string {
	p.t.Helper()
	m := p.read()
	require.True(p.t, strings.HasPrefix(m, start), m)
	return m
}

// message is a request of the dialog "c1", from what listens at port, or from
// the connection's own end.
func (p *wirePeer) message(method, branch string, seq int, to, port, body string) string {
	host := "127.0.0.1:" + port
	if port == "" {
		host = p.conn.LocalAddr().String()
	}
	m := fmt.Sprintf("%s sip:400@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/TCP %s;branch=z9hG4bK%s\r\nMax-Forwards: 70\r\n"+
		"From: <sip:1@a.example>;tag=t1\r\nTo: %s\r\nCall-ID: c1\r\nCSeq: %d %s\r\nContact: <sip:1@%s;transport=tcp>\r\n",
		method, host, branch, to, seq, method, host)
	if body != "" {
		m += "Content-Type: application/sdp\r\n"
	}
	return m + fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(body), body)
}

func (p *wirePeer) write(m string) {
	_, err := io.WriteString(p.conn, m)
	require.NoError(p.t, err)
}

// quick has timers run fast enough to wait for a lost call.
var quick = Config{T1: 10 * time.Millisecond}

func trunked() *Peers { return &Peers{Trunks: []Trunk{{ID: "telecom", Peers: loopback}}} }

func TestMessagesInPiecesAndTogetherOverTCP(t *testing.T) {
	s := newStation(t, quick, trunked())
	p := dialWire(t, s)
	for _, b := range []byte("\r\n\r\n" + p.message("INVITE", "a", 1, "<sip:400@a.example>", "", string(offerSDP))) {
		p.write(string(b))
	}
	got := make([]byte, 2)
	_, err := io.ReadFull(p.r, got)
	require.NoError(t, err)
	require.Equal(t, "\r\n", string(got), "a pong")
	p.expect("SIP/2.0 100")
	c := s.arrival(t)
	require.NoError(t, c.leg.Answer(answerSDP))
	to := field(p.expect("SIP/2.0 200"), "To")
	p.write(p.message("ACK", "b", 1, to, "", "") + p.message("OPTIONS", "c", 2, to, "", "") + p.message("BYE", "d", 3, to, "", ""))
	c.next(t, Confirmed)
	c.next(t, Ended)
	m := p.expect("SIP/2.0 200")
	for strings.Contains(field(m, "CSeq"), "INVITE") { // repeated, as the ACK took its time
		m = p.expect("SIP/2.0 200")
	}
	require.Contains(t, field(m, "CSeq"), "OPTIONS")
	require.Contains(t, field(p.expect("SIP/2.0 200"), "CSeq"), "BYE")
	s.quiet(t)
}

func TestAnswerAfterACutGoesToAConnectionOfOurOwn(t *testing.T) {
	s := newStation(t, quick, trunked())
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	_, port, _ := net.SplitHostPort(l.Addr().String())
	p := dialWire(t, s)
	p.write(p.message("INVITE", "a", 1, "<sip:400@a.example>", port, string(offerSDP)))
	p.expect("SIP/2.0 100")
	c := s.arrival(t)
	require.NoError(t, p.conn.Close())
	require.Eventually(t, func() bool { return s.ua.Stats().Connections == 0 }, time.Minute, time.Millisecond)
	require.NoError(t, c.leg.Answer(answerSDP))
	conn, err := l.Accept()
	require.NoError(t, err)
	again := &wirePeer{t, conn, bufio.NewReader(conn)}
	t.Cleanup(func() { _ = conn.Close() })
	to := field(again.expect("SIP/2.0 200"), "To")
	again.write(again.message("ACK", "b", 1, to, port, ""))
	c.next(t, Confirmed)
	c.leg.Hangup(Cause{Q850: 16})
	for {
		if m := again.read(); strings.HasPrefix(m, "BYE ") {
			again.write(strings.Replace(m, strings.SplitN(m, "\r\n", 2)[0], "SIP/2.0 200 OK", 1))
			break
		}
	}
	require.Equal(t, LocalSide, c.next(t, Ended).Cause.Side)
	s.quiet(t)
}

func TestAPeerThatIsGoneEndsTheCallSoon(t *testing.T) {
	for _, state := range []string{"invited", "answered", "up"} {
		t.Run(state, func(t *testing.T) {
			t.Parallel()
			s := newStation(t, Config{T1: 500 * time.Millisecond}, trunked())
			p := dialWire(t, s)
			p.write(p.message("INVITE", "a", 1, "<sip:400@a.example>", "", string(offerSDP)))
			p.expect("SIP/2.0 100")
			c := s.arrival(t)
			if state != "invited" {
				require.NoError(t, c.leg.Answer(answerSDP))
				to := field(p.expect("SIP/2.0 200"), "To")
				if state == "up" {
					p.write(p.message("ACK", "b", 1, to, "", ""))
					c.next(t, Confirmed)
				}
			}
			require.NoError(t, p.conn.Close())
			require.Eventually(t, func() bool { return s.ua.Stats().Connections == 0 }, time.Minute, time.Millisecond)
			start := time.Now()
			switch state {
			case "invited":
				require.NoError(t, c.leg.Answer(answerSDP))
			default:
				c.leg.Hangup(Cause{Q850: 16})
			}
			c.next(t, Ended)
			require.Less(t, time.Since(start), 20*time.Second, "not 64*T1")
		})
	}
}

func TestConnectionsOfStrangersAndBrokenFramingAreClosed(t *testing.T) {
	s := newStation(t, quick, trunked())
	p := dialWire(t, s)
	p.write("INVITE sip:1@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.1;branch=z9hG4bKx\r\nFrom: <sip:a@b>;tag=1\r\n" +
		"To: <sip:b@c>\r\nCall-ID: x\r\nCSeq: 1 INVITE\r\nMax-Forwards: 70\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n")
	p.expect("SIP/2.0 400")
	_, err := p.r.ReadByte()
	require.ErrorIs(t, err, io.EOF)

	unknown := newStation(t, quick, nil)
	p = dialWire(t, unknown)
	p.write(p.message("OPTIONS", "a", 1, "<sip:1@a.example>", "", ""))
	_, err = p.r.ReadByte()
	require.Error(t, err)
	require.EqualValues(t, 1, unknown.ua.Stats().Counters["dropped_stranger"])
}
