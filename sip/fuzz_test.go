package sip

import (
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"
)

// ringing leaves every call ringing.
type ringing struct{}

func (ringing) Invite(l *Leg, _ Invite) Sink { _ = l.Ring(183, answerSDP); return ringing{} }
func (ringing) Registration(Registration)    {}
func (ringing) LegEvent(Event)               {}

// Whatever a trusted peer, a phone or a stranger sends, nothing panics.
func FuzzReceive(f *testing.F) {
	for _, pattern := range []string{"wire/testdata/*/*.dat", "wire/testdata/*.dat"} {
		files, _ := filepath.Glob(pattern)
		for _, name := range files {
			b, err := os.ReadFile(name)
			require.NoError(f, err)
			f.Add(b, uint8(0))
		}
	}
	for i, method := range methods {
		f.Add([]byte(method+" sip:400@10.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.9;branch=z9hG4bK1\r\nMax-Forwards: 70\r\n"+
			"From: <sip:8001@a>;tag=1\r\nTo: <sip:8001@b>;tag=x\r\nCall-ID: c\r\nCSeq: 1 "+method+"\r\n"+
			"Contact: <sip:a@b?x=y>;expires=5, *\r\nRequire: 100rel\r\nSession-Expires: 99;refresher=uac\r\nSupported: timer\r\n"+
			"Replaces: c;to-tag=1;from-tag=2\r\nRefer-To: <sip:a@b?Replaces=c%3Bto-tag%3D1>\r\nRAck: 1 1 INVITE\r\n"+
			"Reason: Q.850;cause=16;text=\"a\\\"b\"\r\nDiversion: <sip:1@a>,\"x,y\" <tel:+1>\r\nHistory-Info: <sip:1@b>,<sip:2@b>\r\n"+
			"Record-Route: <sip:1.2.3.4;lr>, <sip:b>\r\nPrivacy: id;user\r\nP-Asserted-Identity: \"a\" <sip:+1@b>, <tel:2>\r\n"+
			"Content-Length: 0\r\n\r\n"), uint8(i))
	}
	hole := &sinkhole{done: make(chan struct{})}
	ua, err := New(Config{Networks: Networks{Packet: []net.PacketConn{hole}}},
		&Peers{Trunks: telecom, Accounts: []Account{{ID: "8001", Password: "p", Contact: "sip:8001@10.9.0.1"}}}, ringing{}, zap.NewNop())
	require.NoError(f, err)
	f.Cleanup(ua.close)
	sources := []string{"10.0.0.9:5060", "10.9.0.1:5060", "192.0.2.1:5060"}
	f.Fuzz(func(t *testing.T, b []byte, from uint8) {
		at := flow{packet: ua.packets[0], remote: netip.MustParseAddrPort(sources[int(from)%len(sources)])}
		// The tag that we give is not to be guessed: put it where a seed has x.
		for key, l := range ua.legs {
			b = []byte(strings.NewReplacer(";tag=x", ";tag="+key.tag, "Call-ID: c\r", "Call-ID: "+l.CallID()+"\r").Replace(string(b)))
			break
		}
		ua.receive(at, b)
		require.Zero(t, ua.counters[panics].Load())
		if len(ua.legs) > 50 {
			ua.abandon()
		}
	})
}
