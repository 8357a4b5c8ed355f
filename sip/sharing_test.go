package sip

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestTrunkAndPhonesAtOneAddressAreToldApart(t *testing.T) {
	peers := Peers{Trunks: []Trunk{{ID: "telecom", Peers: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/24")}}},
		Accounts: []Account{{ID: "8001", Password: "secret"}, {ID: "8002", Password: "other", Contact: "sip:8002@10.0.0.9:7001"}}}
	play(t, peers, Config{}, func(s *stage) {
		who := func(p *peer, user, callID string) string {
			lines := p.ask("INVITE", "sip:1@10.0.0.1", callID, 1, "<sip:1@10.0.0.1>")
			lines[3] = "From: <sip:" + user + "@10.0.0.9>;tag=t"
			lines[5] = "Call-ID: " + callID
			p.send(lines...)
			for {
				switch m := p.receive(time.Minute); {
				case strings.HasPrefix(m, "SIP/2.0 401"):
					return "challenged"
				case strings.HasPrefix(m, "SIP/2.0 100"):
					c := s.arrival(t)
					c.leg.Reject(486, 0)
					return c.invite.Trunk
				case m == "":
					return ""
				}
			}
		}
		shared := s.handset("10.0.0.9:5070", "8001", "secret")
		require.Contains(t, shared.register("Contact: <sip:8001@10.0.0.9:5070>"), "SIP/2.0 200")
		require.Equal(t, "challenged", who(shared.peer, "8001", "a"))
		require.Equal(t, "telecom", who(shared.peer, "+4989", "b"))
		require.Equal(t, "telecom", who(s.peer("10.0.0.9:5060"), "8001", "c"))
		require.Equal(t, "challenged", who(s.peer("10.0.0.9:7001"), "8002", "d"))
	})
}

func TestResponsesToATrunkGoToThePortOfItsVia(t *testing.T) {
	play(t, Peers{}, Config{}, func(s *stage) {
		p, listens := s.peer("10.0.0.9:33333"), s.peer("10.0.0.9:5062")
		lines := p.ask("OPTIONS", "sip:10.0.0.1", "o1", 1, "<sip:10.0.0.1>")
		lines[1] = "Via: SIP/2.0/UDP 10.0.0.9:5062;branch=z9hG4bKo1"
		p.send(lines...)
		listens.expect("SIP/2.0 200")
		lines[1] = "Via: SIP/2.0/UDP 10.0.0.9:5062;branch=z9hG4bKo2;rport"
		p.send(lines...)
		require.Contains(t, field(p.expect("SIP/2.0 200"), "Via"), "rport=33333")
	})
}

func TestStoppingEndsTheCallsThatAreUp(t *testing.T) {
	play(t, Peers{}, Config{}, func(s *stage) {
		p := s.peer("10.0.0.9:5060")
		_, up := p.answered(s)
		out, inv := s.ring(p, Dial{})
		p.reply(inv, "180 Ringing", "x")
		out.next(t, Progress)
		s.stop()
		for range 2 {
			m := p.receive(time.Minute)
			p.reply(m, "200 OK", "x")
			if strings.HasPrefix(m, "CANCEL ") {
				p.reply(inv, "487 Request Terminated", "x")
			} else {
				require.True(t, strings.HasPrefix(m, "BYE "), m)
			}
		}
		require.Equal(t, SystemSide, up.next(t, Ended).Cause.Side)
		require.Equal(t, SystemSide, out.next(t, Ended).Cause.Side)
		<-s.done
		_, err := s.ua.Dial(Dial{URI: "sip:1@10.0.0.9", Sink: newCall()})
		require.ErrorIs(t, err, ErrClosed)
	})
}

func TestStoppingDoesNotWaitForADeadPeer(t *testing.T) {
	play(t, Peers{}, Config{}, func(s *stage) {
		p := s.peer("10.0.0.9:5060")
		_, up := p.answered(s)
		start := time.Now()
		s.close()
		require.LessOrEqual(t, time.Since(start), 3*time.Second)
		up.next(t, Ended)
		require.Zero(t, s.ua.Stats().Legs)
		require.Zero(t, s.ua.Stats().Transactions)
	})
}

func TestOnePhoneCannotTakeAllTheRoom(t *testing.T) {
	sw := floor(t, Config{}, Account{ID: "8001", Password: "secret"})
	p := phoneOf(t, sw, "8001", "secret", "udp")
	dial := func() *call {
		return p.dial(t, Dial{URI: sw.uri("1", "udp"), Username: "8001", Password: "secret", From: Identity{Number: "8001"}})
	}
	var calls []*call
	for range phoneCallsMax {
		calls = append(calls, dial())
		sw.arrival(t)
	}
	require.Equal(t, 503, dial().next(t, Failed).Status)
	calls[0].leg.Hangup(Cause{})
	calls[0].next(t, Ended)
	calls[0] = dial()
	sw.arrival(t)
	for _, c := range calls {
		c.leg.Hangup(Cause{})
		c.next(t, Ended)
	}
	sw.quiet(t)
	require.Empty(t, sw.ua.phoneCalls)
}
