package sip

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestTheCallersIdentityAsATrustedTrunkAssertsIt(t *testing.T) {
	play(t, Peers{}, Config{}, func(s *stage) {
		p := s.peer("10.0.0.9:5060")
		p.invite("a1", `P-Asserted-Identity: "Li, Wei" <sip:+4989777@carrier.example>, <tel:+4989777>`, "Privacy: id",
			"Diversion: <sip:111@a>;reason=busy, <tel:+222>")
		p.expect("SIP/2.0 100")
		c := s.arrival(t)
		require.Equal(t, Identity{Number: "+4989777", Display: "Li, Wei", Private: true}, c.invite.From)
		require.Equal(t, []string{"111", "+222"}, c.invite.Diversion)
		c.leg.Hangup(Cause{Q850: 17})
		res := p.expect("SIP/2.0 486")
		require.Equal(t, "Q.850;cause=17", field(res, "Reason"))
		p.ack(res, "a1")
		require.Equal(t, 17, c.next(t, Ended).Cause.Q850)
	})
	play(t, Peers{}, Config{}, func(s *stage) {
		p := s.peer("10.0.0.9:5060")
		p.invite("a1", "History-Info: <sip:1@a>;index=1, <sip:2@a>;index=1.1, <sip:3@a>;index=1.2", "Diversion: <sip:9@a>")
		p.expect("SIP/2.0 100")
		c := s.arrival(t)
		require.Equal(t, []string{"2", "1"}, c.invite.Diversion)
		c.leg.Reject(404, 0)
		p.ack(p.expect("SIP/2.0 404"), "a1")
		c.next(t, Ended)
	})
}

func TestALongRingIsRepeatedEachMinute(t *testing.T) {
	play(t, Peers{}, Config{}, func(s *stage) {
		p := s.peer("10.0.0.9:5060")
		p.invite("a1")
		p.expect("SIP/2.0 100")
		c := s.arrival(t)
		require.NoError(t, c.leg.Ring(183, answerSDP))
		first := p.expect("SIP/2.0 183")
		for range 3 {
			start := time.Now()
			require.Equal(t, first, p.expect("SIP/2.0 183"))
			require.Equal(t, time.Minute, time.Since(start))
		}
		c.leg.Hangup(Cause{Q850: 41, Side: SystemSide})
		p.ack(p.expect("SIP/2.0 503"), "a1")
		require.Equal(t, SystemSide, c.next(t, Ended).Cause.Side)
	})
}

func TestAPhoneThatOnlyRingsIsGivenUp(t *testing.T) {
	play(t, Peers{}, Config{}, func(s *stage) {
		p := s.peer("10.0.0.9:5060")
		c, inv := s.ring(p, Dial{})
		p.reply(inv, "180 Ringing", "x")
		c.next(t, Progress)
		time.Sleep(2 * time.Minute)
		p.reply(inv, "180 Ringing", "x") // it still does
		c.next(t, Progress)
		start := time.Now()
		for m := ""; !strings.HasPrefix(m, "CANCEL "); m = p.receive(4 * time.Minute) {
		}
		require.Equal(t, ringingMax, time.Since(start))
		p.reply(inv, "487 Request Terminated", "x")
		e := c.next(t, Ended)
		require.Equal(t, SystemSide, e.Cause.Side)
		require.Equal(t, 19, e.Cause.Q850)
	})
}

func TestA200ToAReinviteWithoutAckEndsTheCall(t *testing.T) {
	play(t, Peers{}, Config{}, func(s *stage) {
		p := s.peer("10.0.0.9:5060")
		ok, c := p.answered(s)
		p.reinvite(ok, "r1", 2)
		c.next(t, Offered)
		require.NoError(t, c.leg.AcceptOffer(answerSDP))
		for {
			if m := p.receive(time.Minute); strings.HasPrefix(m, "BYE ") {
				p.reply(m, "200 OK", "")
				break
			}
		}
		require.Equal(t, "no ACK", c.next(t, Ended).Cause.Text)
	})
}

func TestASessionIsRefreshedByReinviteWhereThereIsNoUpdate(t *testing.T) {
	play(t, Peers{}, Config{}, func(s *stage) {
		p := s.peer("10.0.0.9:5060")
		c, inv := s.ring(p, Dial{})
		p.reply(inv, "200 OK", "x", "Session-Expires: 100;refresher=uac", "", string(answerSDP))
		p.expect("ACK ")
		c.next(t, Answered)
		re := p.receive(51 * time.Second)
		require.True(t, strings.HasPrefix(re, "INVITE "), re)
		require.Equal(t, string(offerSDP), content(re))
		p.reply(re, "422 Session Interval Too Small", "", "Min-SE: 2000")
		p.expect("ACK ")
		re = p.expect("INVITE ")
		require.Equal(t, "2000;refresher=uac", field(re, "Session-Expires"))
		p.reply(re, "200 OK", "", "Session-Expires: 2000;refresher=uac", "", string(answerSDP))
		p.expect("ACK ")
		p.reply(re, "200 OK", "", "", string(answerSDP)) // its ACK was lost
		p.expect("ACK ")
		require.Empty(t, c.events, "a refresh is no news")
		c.leg.Hangup(Cause{})
		p.reply(p.expect("BYE "), "200 OK", "")
		c.next(t, Ended)
	})
}

func TestABindingThatMovesInACallIsFollowed(t *testing.T) {
	play(t, agents, Config{}, func(s *stage) {
		h := s.handset("192.0.2.7:40001", "8001", "secret")
		require.Contains(t, h.register("Contact: <sip:8001@192.168.1.7:5060>"), "SIP/2.0 200")
		c := s.dial(t, Dial{Account: "8001"})
		inv := h.expect("INVITE ")
		h.reply(inv, "200 OK", "x", "Contact: <sip:8001@192.168.1.7:5060>", "", string(answerSDP))
		h.expect("ACK ")
		c.next(t, Answered)
		moved := s.peer("192.0.2.7:40002") // its NAT has another port for it now
		moved.send("OPTIONS sip:10.0.0.1 SIP/2.0", "Via: SIP/2.0/UDP 192.168.1.7:5060;branch=z9hG4bKm;rport", "Max-Forwards: 70",
			"From: "+field(inv, "To")+";tag=x", "To: "+field(inv, "From"), "Call-ID: "+field(inv, "Call-ID"), "CSeq: 3 OPTIONS")
		moved.expect("SIP/2.0 200")
		c.leg.Hangup(Cause{})
		moved.reply(moved.expect("BYE "), "200 OK", "")
		c.next(t, Ended)
		require.Contains(t, h.register("Contact: *", "Expires: 0"), "SIP/2.0 200")
	})
}

func TestAPhoneTakesOverACallByReplaces(t *testing.T) {
	sw := newStation(t, Config{}, &Peers{Accounts: []Account{{ID: "8001", Password: "secret"}}})
	p := phoneOf(t, sw, "8001", "secret", "udp")
	first := sw.dial(t, Dial{Account: "8001"})
	at := p.arrival(t)
	require.NoError(t, at.leg.Answer(answerSDP))
	first.next(t, Answered)
	at.next(t, Confirmed)
	d := first.leg.dialog
	value := d.callID + ";to-tag=" + d.localTag + ";from-tag=" + d.remoteTag
	dial := func(value string) *call {
		return p.dial(t, Dial{URI: sw.uri("*1", "udp"), Username: "8001", Password: "secret", From: Identity{Number: "8001"},
			Headers: []Header{{"Replaces", value}}})
	}
	require.Equal(t, 481, dial(strings.Replace(value, "from-tag=", "from-tag=x", 1)).next(t, Failed).Status)
	second := dial(value)
	in := sw.arrival(t)
	require.Same(t, first.leg, in.invite.Replaces)
	in.leg.Reject(486, 0)
	second.next(t, Failed)
	first.leg.Hangup(Cause{})
	first.next(t, Ended)
	at.next(t, Ended)
}

func TestALostRegistrarIsReportedAndComeBackTo(t *testing.T) {
	play(t, agents, Config{}, func(s *stage) {
		net2 := s.net.node("10.0.5.1:5060")
		phone := newStation(s.t, Config{T1: 500 * time.Millisecond, Networks: Networks{Packet: packets(net2)}}, nil)
		reports := make(chan error, 100)
		ctx, cancel := context.WithCancel(context.Background())
		require.NoError(t, phone.ua.Register(ctx, RegisterRequest{Registrar: "sip:" + switchAddr, Account: "8001",
			Password: "secret", Expires: time.Minute, Report: func(err error) { reports <- err }}))
		require.True(t, s.registration(t).Registered)
		s.net.mu.Lock()
		s.net.loss = 100
		s.net.mu.Unlock()
		require.ErrorIs(t, <-reports, errTimeout)
		require.Equal(t, "expired", s.registration(t).Reason)
		s.net.mu.Lock()
		s.net.loss = 0
		s.net.mu.Unlock()
		for err := range reports {
			if err == nil {
				break
			}
		}
		require.True(t, s.registration(t).Registered)
		cancel()
		require.Equal(t, "unregistered", s.registration(t).Reason)
		phone.close()
	})
}

func TestStatusesOfLocalCauses(t *testing.T) {
	for q850, status := range map[int]int{1: 404, 17: 486, 21: 603, 34: 503, 88: 488, 16: 480, 0: 480} {
		require.Equal(t, status, statusOf(Cause{Q850: q850}))
	}
	require.Equal(t, 500, statusOf(Cause{Side: SystemSide}))
	require.Equal(t, 606, statusOf(Cause{SIP: 606, Q850: 17}))
	for status := 300; status < 700; status++ {
		q := causeOf(status)
		require.True(t, q > 0 && q < 128, status)
		require.NotEmpty(t, reasonPhrase(status))
	}
}
