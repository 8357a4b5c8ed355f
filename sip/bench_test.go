package sip

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"
)

// sinkhole is a socket that keeps the last datagram written to it.
type sinkhole struct {
	last []byte
	done chan struct{}
}

func (s *sinkhole) WriteTo(b []byte, _ net.Addr) (int, error) { s.last = b; return len(b), nil }
func (s *sinkhole) ReadFrom([]byte) (int, net.Addr, error)    { <-s.done; return 0, nil, net.ErrClosed }
func (s *sinkhole) Close() error                              { close(s.done); return nil }
func (s *sinkhole) LocalAddr() net.Addr                       { return &net.UDPAddr{IP: net.IPv4(10, 0, 0, 1), Port: 5060} }
func (s *sinkhole) SetDeadline(time.Time) error               { return nil }
func (s *sinkhole) SetReadDeadline(time.Time) error           { return nil }
func (s *sinkhole) SetWriteDeadline(time.Time) error          { return nil }

// prompt answers every call at once.
type prompt struct{ ended int }

func (p *prompt) Invite(l *Leg, _ Invite) Sink {
	_ = l.Answer(answerSDP)
	return p
}
func (p *prompt) Registration(Registration) {}
func (p *prompt) LegEvent(e Event) {
	if e.Kind == Ended {
		p.ended++
	}
}

// One call in: INVITE, 100, 200, ACK, BYE, 200, from datagram to datagram.
func BenchmarkCallAnsweredAndHungUp(b *testing.B) {
	hole, core := &sinkhole{done: make(chan struct{})}, &prompt{}
	ua, err := New(Config{T1: 500 * time.Microsecond, Networks: Networks{Packet: []net.PacketConn{hole}}},
		&Peers{Trunks: []Trunk{{ID: "t", Peers: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}}}}, core, zap.NewNop())
	require.NoError(b, err)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); _ = ua.Run(ctx) }()
	f := flow{packet: ua.packets[0], remote: netip.MustParseAddrPort("10.0.0.9:5060")}
	message := func(method, branch, to string, n, seq int, body []byte) []byte {
		kind := ""
		if body != nil {
			kind = "Content-Type: application/sdp\r\n"
		}
		return fmt.Appendf(nil, "%s sip:4008001234@10.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.9:5060;branch=z9hG4bK%s%d\r\n"+
			"Max-Forwards: 70\r\nFrom: \"Li\" <sip:100@10.0.0.9>;tag=t%d\r\nTo: %s\r\nCall-ID: c%d\r\nCSeq: %d %s\r\n"+
			"Contact: <sip:100@10.0.0.9>\r\n%sContent-Length: %d\r\n\r\n%s", method, branch, n, n, to, n, seq, method, kind, len(body), body)
	}
	b.ReportAllocs()
	for n := range b.N {
		b.StopTimer()
		invite := message("INVITE", "i", "<sip:400@10.0.0.1>", n, 1, offerSDP)
		b.StartTimer()
		ua.receive(f, invite)
		b.StopTimer()
		_, to, _ := bytes.Cut(hole.last, []byte("\r\nTo: "))
		to, _, _ = bytes.Cut(to, []byte("\r\n"))
		ack, bye := message("ACK", "a", string(to), n, 1, nil), message("BYE", "b", string(to), n, 2, nil)
		b.StartTimer()
		ua.receive(f, ack)
		ua.receive(f, bye)
	}
	b.StopTimer()
	cancel()
	<-done
	require.Equal(b, b.N, core.ended)
}
