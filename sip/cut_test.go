package sip

import (
	"bufio"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// A connection that we opened is cut in each state of a call. What goes on goes
// over a new one at once; what can't go on is told soon, and nothing is left.
func TestACutInAnyStateOfACallIsNoHang(t *testing.T) {
	for _, state := range []string{"called", "trying", "ringing", "ringing, and back", "answered", "up", "ending", "peer ends"} {
		t.Run(state, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { cut(t, state) })
		})
	}
}

func cut(t *testing.T, state string) {
	s, conns := piped(t)
	defer s.close()
	var p *wirePeer
	accept := func() {
		conn := <-conns
		p = &wirePeer{t, conn, bufio.NewReader(conn)}
	}
	accept()
	reply := func(request, status string, more ...string) {
		p.write(answerTo(request, status, more...))
	}
	reply(p.expect("OPTIONS "), "200 OK")
	c := newCall()
	leg, err := s.ua.Dial(Dial{Trunk: "telecom", URI: "13800000000", SDP: offerSDP, Sink: c})
	require.NoError(t, err)
	invite := p.expect("INVITE ")
	began := time.Now()
	up := state == "up" || state == "ending" || state == "peer ends"
	switch {
	case state == "trying":
		reply(invite, "100 Trying")
	case strings.HasPrefix(state, "ringing"):
		reply(invite, "180 Ringing")
		c.next(t, Progress)
	case state == "answered" || up:
		reply(invite, "200 OK", "Contact: <sip:10.0.0.9;transport=tcp>", "", string(answerSDP))
		c.next(t, Answered)
	}
	if up {
		p.expect("ACK ")
	}
	if state == "ending" {
		leg.Hangup(Cause{Q850: 16})
		p.expect("BYE ")
	}
	require.NoError(t, p.conn.Close())
	synctest.Wait()
	switch state {
	case "answered", "up":
		leg.Hangup(Cause{Q850: 16})
		began = time.Now()
		accept()
		m := p.read()
		if strings.HasPrefix(m, "ACK ") { // that went lost with the connection
			m = p.read()
		}
		require.True(t, strings.HasPrefix(m, "BYE "), m)
		require.LessOrEqual(t, time.Since(began), 2*time.Second)
		reply(m, "200 OK")
		c.next(t, Ended)
	case "peer ends":
		// Its BYE comes over a connection that it opens: here we have none to be
		// reached at, so the call stands until we end it or the session timer does.
		leg.Hangup(Cause{Q850: 16})
		accept()
		reply(p.expect("BYE "), "481 Call/Transaction Does Not Exist")
		c.next(t, Ended)
	case "ending":
		c.next(t, Ended)
		t.Logf("told after %v", time.Since(began))
		require.LessOrEqual(t, time.Since(began), 10*time.Second)
	case "ringing, and back": // the answer comes over the connection that was opened anew
		accept()
		reply(invite, "200 OK", "Contact: <sip:10.0.0.9;transport=tcp>", "", string(answerSDP))
		c.next(t, Answered)
		p.expect("ACK ")
		leg.Hangup(Cause{Q850: 16})
		reply(p.expect("BYE "), "200 OK")
		c.next(t, Ended)
	default:
		if state != "called" { // the peer is asked once whether it is still there
			accept()
			require.Equal(t, began, time.Now(), "at once")
			require.NoError(t, p.conn.Close())
		}
		e := c.next(t, Failed)
		t.Logf("told after %v: %d %s", time.Since(began), e.Status, e.Cause.Text)
		require.LessOrEqual(t, time.Since(began), 10*time.Second)
	}
	go func() { // whoever else is asked
		for conn := range conns {
			_ = conn.Close()
		}
	}()
	require.Eventually(t, func() bool {
		st := s.ua.Stats()
		return st.Legs == 0 && st.Transactions == 0
	}, 2*time.Minute, time.Second)
	close(conns)
}

// answerTo is a response to a request as it came over the wire.
func answerTo(request, status string, more ...string) string {
	lines := []string{"SIP/2.0 " + status}
	for _, name := range []string{"Via", "From", "To", "Call-ID", "CSeq"} {
		v := field(request, name)
		if name == "To" && !strings.Contains(v, "tag=") && !strings.HasPrefix(status, "100") {
			v += ";tag=far"
		}
		lines = append(lines, name+": "+v)
	}
	body := ""
	for i, line := range more {
		if line == "" {
			body = strings.Join(more[i+1:], "\r\n")
			lines = append(lines, "Content-Type: application/sdp")
			break
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\r\n") + "\r\nContent-Length: " + strconv.Itoa(len(body)) + "\r\n\r\n" + body
}
