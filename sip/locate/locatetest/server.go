// Package locatetest is a DNS server for tests: it answers what it is told, by
// UDP and by TCP, and can fall silent.
package locatetest

import (
	"encoding/binary"
	"io"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/dns/dnsmessage"
)

// Server answers from a zone that a test may change at any time.
type Server struct {
	Addr netip.AddrPort

	mu    sync.Mutex
	zone  map[string][]dnsmessage.Resource // by name in lower case
	mute  bool
	rcode dnsmessage.RCode
	short bool // UDP answers are cut
	asked map[string]int
}

// New starts a server that ends with the test.
func New(t testing.TB) *Server {
	t.Helper()
	packet, err := net.ListenPacket("udp", "127.0.0.1:0")
	require.NoError(t, err)
	stream, err := net.Listen("tcp", packet.LocalAddr().String())
	require.NoError(t, err)
	s := &Server{Addr: packet.LocalAddr().(*net.UDPAddr).AddrPort(), zone: map[string][]dnsmessage.Resource{}, asked: map[string]int{}}
	var wg sync.WaitGroup
	wg.Go(func() { s.servePacket(packet) })
	wg.Go(func() { s.serveStream(stream) })
	t.Cleanup(func() {
		_ = packet.Close()
		_ = stream.Close()
		wg.Wait()
	})
	return s
}

// Add adds records to the zone, all of a time to live in seconds.
func (s *Server) Add(ttl uint32, name string, bodies ...dnsmessage.ResourceBody) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := dnsmessage.MustNewName(strings.TrimSuffix(name, ".") + ".")
	for _, b := range bodies {
		h := dnsmessage.ResourceHeader{Name: n, Class: dnsmessage.ClassINET, TTL: ttl}
		key := strings.ToLower(n.String())
		s.zone[key] = append(s.zone[key], dnsmessage.Resource{Header: h, Body: b})
	}
}

// Remove takes all records of a name out.
func (s *Server) Remove(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.zone, strings.ToLower(strings.TrimSuffix(name, ".")+"."))
}

// Mute has the server say nothing, Fail answer every question with a failure,
// Short cut what goes by UDP.
func (s *Server) Mute(on bool)            { s.set(func() { s.mute = on }) }
func (s *Server) Fail(r dnsmessage.RCode) { s.set(func() { s.rcode = r }) }
func (s *Server) Short(on bool)           { s.set(func() { s.short = on }) }

// Asked tells how often a name was asked for.
func (s *Server) Asked(name string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked[strings.ToLower(strings.TrimSuffix(name, ".")+".")]
}

func (s *Server) set(change func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change()
}

// A, SRV, NAPTR and CNAME make records' bodies.
func A(addr string) dnsmessage.ResourceBody {
	a := netip.MustParseAddr(addr)
	if a.Is4() {
		return &dnsmessage.AResource{A: a.As4()}
	}
	return &dnsmessage.AAAAResource{AAAA: a.As16()}
}

func SRV(priority, weight, port uint16, target string) dnsmessage.ResourceBody {
	return &dnsmessage.SRVResource{Priority: priority, Weight: weight, Port: port, Target: dnsmessage.MustNewName(target + ".")}
}

func CNAME(target string) dnsmessage.ResourceBody {
	return &dnsmessage.CNAMEResource{CNAME: dnsmessage.MustNewName(target + ".")}
}

func NAPTR(order, preference uint16, flags, service, replacement string) dnsmessage.ResourceBody {
	b := binary.BigEndian.AppendUint16(nil, order)
	b = binary.BigEndian.AppendUint16(b, preference)
	for _, text := range []string{flags, service, ""} {
		b = append(append(b, byte(len(text))), text...)
	}
	for label := range strings.SplitSeq(replacement, ".") {
		b = append(append(b, byte(len(label))), label...)
	}
	return &dnsmessage.UnknownResource{Type: 35, Data: append(b, 0)}
}

func typeOf(b dnsmessage.ResourceBody) dnsmessage.Type {
	switch b := b.(type) {
	case *dnsmessage.AResource:
		return dnsmessage.TypeA
	case *dnsmessage.AAAAResource:
		return dnsmessage.TypeAAAA
	case *dnsmessage.SRVResource:
		return dnsmessage.TypeSRV
	case *dnsmessage.CNAMEResource:
		return dnsmessage.TypeCNAME
	case *dnsmessage.UnknownResource:
		return b.Type
	}
	return 0
}

func (s *Server) servePacket(c net.PacketConn) {
	b := make([]byte, 65535)
	for {
		n, from, err := c.ReadFrom(b)
		if err != nil {
			return
		}
		if reply := s.reply(b[:n], true); reply != nil {
			_, _ = c.WriteTo(reply, from)
		}
	}
}

func (s *Server) serveStream(l net.Listener) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		var size [2]byte
		if _, err := io.ReadFull(c, size[:]); err == nil {
			b := make([]byte, binary.BigEndian.Uint16(size[:]))
			if _, err := io.ReadFull(c, b); err == nil {
				if reply := s.reply(b, false); reply != nil {
					_, _ = c.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(reply))), reply...))
				}
			}
		}
		_ = c.Close()
	}
}

// reply makes the answer to a question; nil for none.
func (s *Server) reply(message []byte, packet bool) []byte {
	var p dnsmessage.Parser
	h, err := p.Start(message)
	if err != nil {
		return nil
	}
	q, err := p.Question()
	if err != nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	name := strings.ToLower(q.Name.String())
	s.asked[name]++
	if s.mute {
		return nil
	}
	m := dnsmessage.Message{Header: dnsmessage.Header{ID: h.ID, Response: true, RCode: s.rcode, Truncated: packet && s.short},
		Questions: []dnsmessage.Question{q}}
	if s.rcode == dnsmessage.RCodeSuccess && !m.Truncated {
		for _, r := range s.zone[name] {
			if t := typeOf(r.Body); t == q.Type || t == dnsmessage.TypeCNAME {
				m.Answers = append(m.Answers, r)
				if c, ok := r.Body.(*dnsmessage.CNAMEResource); ok {
					m.Answers = append(m.Answers, s.zone[strings.ToLower(c.CNAME.String())]...)
				}
			}
		}
		if s.zone[name] == nil {
			m.RCode = dnsmessage.RCodeNameError
		}
	}
	out, err := m.Pack()
	if err != nil {
		return nil
	}
	return out
}
