package e2e

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Station is a SIP endpoint that a test plays by hand: a carrier's gateway or
// an agent's phone. It says exactly what it is told and nothing else, but for
// OPTIONS, which it answers.
type Station struct {
	w    *World
	t    *testing.T
	user string
	conn *net.UDPConn // nil over TCP
	link net.Conn     // nil over UDP
	to   *net.UDPAddr

	mu      sync.Mutex
	talks   map[string]*Talk // by Call-ID
	trace   []string
	rings   chan *Talk // new calls that came in
	habit   *habit     // how it deals with calls by itself, if it does
	dropIn  func(message) bool
	dropped int
	closed  bool // the test is over
}

// Station opens an endpoint on a UDP port; 0 takes a free one.
func (w *World) Station(user string, port int) *Station {
	w.t.Helper()
	return w.StationAt(user, net.IPv4(127, 0, 0, 1), port)
}

// StationAt opens an endpoint on another address of the loopback network.
func (w *World) StationAt(user string, ip net.IP, port int) *Station {
	w.t.Helper()
	if port == 0 {
		port = w.FreePort()
	}
	var conn *net.UDPConn
	w.Eventually(5*time.Second, fmt.Sprintf("port %d is free", port), func() bool {
		var err error
		conn, err = net.ListenUDP("udp", &net.UDPAddr{IP: ip, Port: port})
		return err == nil
	})
	s := w.newStation(user)
	s.conn, s.to = conn, &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: w.SIP}
	s.serve(s.read, conn)
	return s
}

// StreamStation opens an endpoint that has a TCP connection to the switch.
func (w *World) StreamStation(user string) *Station {
	w.t.Helper()
	link, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", w.SIP))
	require.NoError(w.t, err)
	s := w.newStation(user)
	s.link = link
	s.serve(s.readStream, link)
	return s
}

func (w *World) newStation(user string) *Station {
	return &Station{w: w, t: w.t, user: user, talks: map[string]*Talk{}, rings: make(chan *Talk, 100)}
}

// serve reads until the test has ended, and then tells a failed one what went
// over the wire.
func (s *Station) serve(read func(), conn io.Closer) {
	ended := make(chan struct{})
	go func() { defer close(ended); read() }()
	s.t.Cleanup(func() {
		s.mu.Lock()
		s.closed = true
		s.mu.Unlock()
		conn.Close()
		<-ended
		if s.t.Failed() {
			s.t.Logf("what %s at %s saw:\n%s", s.user, s.addr(), strings.Join(s.trace, "\n"))
		}
	})
}

// Desk is the station at an agent's fixed contact: 1 is 8001's.
func (w *World) Desk(n int) *Station { return w.Station(fmt.Sprintf("800%d", n), w.PhonePort(n)) }

// Gateway is a station that callers come from.
func (w *World) Gateway() *Station { return w.Station("gateway", 0) }

func (s *Station) addr() string {
	if s.link != nil {
		return s.link.LocalAddr().String()
	}
	return s.conn.LocalAddr().String()
}

func (s *Station) transport() string {
	if s.link != nil {
		return "TCP"
	}
	return "UDP"
}

// contact is where requests of a dialog are to go.
func (s *Station) contact() string {
	if s.link != nil {
		return "<sip:" + s.user + "@" + s.addr() + ";transport=tcp>"
	}
	return "<sip:" + s.user + "@" + s.addr() + ">"
}

// readStream cuts a TCP connection into messages (RFC 3261 18.3).
func (s *Station) readStream() {
	r := bufio.NewReader(s.link)
	for {
		var head strings.Builder
		size := 0
		for {
			line, err := r.ReadString('\n')
			if err != nil {
				return
			}
			if line == "\r\n" && head.Len() == 0 {
				continue // keep-alive
			}
			head.WriteString(line)
			if line == "\r\n" {
				break
			}
			if name, value, _ := strings.Cut(line, ":"); strings.EqualFold(name, "Content-Length") {
				size, _ = strconv.Atoi(strings.TrimSpace(value))
			}
		}
		body := make([]byte, size)
		if _, err := io.ReadFull(r, body); err != nil {
			return
		}
		s.hear([]byte(head.String() + string(body)))
	}
}

func (s *Station) read() {
	buf := make([]byte, 65536)
	for {
		n, _, err := s.conn.ReadFromUDP(buf)
		if err != nil {
			return
		}
		s.hear(buf[:n])
	}
}

func (s *Station) hear(b []byte) {
	m, err := parseMessage(b)
	if err != nil {
		s.t.Errorf("%s got something that is no SIP: %v", s.user, err)
		return
	}
	s.take(m)
}

func (s *Station) take(m message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.dropIn != nil && s.dropIn(m) {
		s.note("lost ", m)
		s.dropped++
		return
	}
	s.note("<- ", m)
	if m.method() == "OPTIONS" && m.status() == 0 {
		s.sendLocked(m.reply(200, "OK", "o"))
		return
	}
	id := m.get("Call-ID")
	talk := s.talks[id]
	if talk == nil {
		if m.method() != "INVITE" || m.status() != 0 {
			return // left over from a talk that the test has forgotten
		}
		talk = s.incoming(m)
		s.talks[id] = talk
		if s.habit == nil {
			s.rings <- talk
		}
	}
	if s.habit != nil {
		s.habit.hear(talk, m)
		return
	}
	select {
	case talk.in <- m:
	default:
		s.t.Errorf("%s: nobody reads %s", s.user, id)
	}
}

// Lose has what the station would hear get lost while drop says so.
func (s *Station) Lose(drop func(message) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dropIn = drop
}

// saw tells whether a message of that start came in.
func (s *Station) saw(start string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.ContainsFunc(s.trace, func(line string) bool { return strings.Contains(line, "<- "+start) })
}

func (s *Station) note(dir string, m message) {
	s.trace = append(s.trace, time.Now().Format("15:04:05.000 ")+dir+m.start+" ["+m.get("CSeq")+"] "+m.get("Call-ID"))
}

func (s *Station) send(m message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sendLocked(m)
}

func (s *Station) sendLocked(m message) {
	s.note("-> ", m)
	s.writeLocked(m.String())
}

// sendTogether sends messages so that nothing can come between them.
func (s *Station) sendTogether(all ...message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.link == nil {
		for _, m := range all {
			s.sendLocked(m)
		}
		return
	}
	var text strings.Builder
	for _, m := range all {
		s.note("-> ", m)
		text.WriteString(m.String())
	}
	s.writeLocked(text.String())
}

func (s *Station) writeLocked(text string) {
	if s.closed {
		return
	}
	var err error
	if s.link != nil {
		_, err = s.link.Write([]byte(text))
	} else {
		_, err = s.conn.WriteToUDP([]byte(text), s.to)
	}
	if err != nil {
		s.t.Errorf("%s cannot send: %v", s.user, err)
	}
}

func (s *Station) incoming(m message) *Talk {
	return &Talk{s: s, id: m.get("Call-ID"), tag: newTag(), in: make(chan message, 200), invite: m,
		local: m.get("To"), remote: m.get("From"), target: contactOf(m), seen: map[string]bool{}}
}

// Ring waits for a call and says that it rings.
func (s *Station) Ring() *Talk {
	s.t.Helper()
	talk := s.Rung(10 * time.Second)
	talk.reply(180, "Ringing", "")
	return talk
}

// Rung waits for a call and leaves it unanswered.
func (s *Station) Rung(within time.Duration) *Talk {
	s.t.Helper()
	select {
	case talk := <-s.rings:
		talk.Expect("INVITE")
		return talk
	case <-time.After(within):
		s.t.Fatalf("%s is not rung\n%s", s.user, s.w.log.tail(40))
		return nil
	}
}

// NotRung demands that no call came so far.
func (s *Station) NotRung() {
	s.t.Helper()
	require.Empty(s.t, s.rings, "%s rings", s.user)
}

func contactOf(m message) string {
	c := m.get("Contact")
	if uri := between(c, "<", ">"); uri != "" {
		return uri
	}
	return c
}

func newTag() string { return fmt.Sprintf("t%08x", rand.Uint32()) }

func newBranch() string { return fmt.Sprintf("z9hG4bK%016x", rand.Uint64()) }
