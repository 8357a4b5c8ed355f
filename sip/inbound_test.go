package sip

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestRetransmittedInviteIsAbsorbed(t *testing.T) {
	play(t, Peers{}, Config{}, func(s *stage) {
		p := s.peer("10.0.0.9:5060")
		p.invite("a1")
		p.expect("SIP/2.0 100")
		c := s.arrival(t)
		p.invite("a1")
		p.expect("SIP/2.0 100") // the last provisional again
		require.NoError(t, c.leg.Ring(180, nil))
		ringing := p.expect("SIP/2.0 180")
		p.invite("a1")
		require.Equal(t, ringing, p.expect("SIP/2.0 180"))
		require.NoError(t, c.leg.Answer(answerSDP))
		ok := p.expect("SIP/2.0 200")
		p.invite("a1") // crosses the 200: nothing, the 200 is repeated on its own
		p.ack(ok, "a2")
		c.next(t, Confirmed)
		p.ack(ok, "a2") // and again
		p.bye(ok, 2)
		require.Equal(t, RemoteSide, c.next(t, Ended).Cause.Side)
		require.Len(t, s.arrivals, 0)
	})
}

func TestCancelEndsACallThatIsNotAnswered(t *testing.T) {
	for _, ring := range []bool{false, true} {
		play(t, Peers{}, Config{}, func(s *stage) {
			p := s.peer("10.0.0.9:5060")
			p.invite("a1")
			p.expect("SIP/2.0 100")
			c := s.arrival(t)
			if ring {
				require.NoError(t, c.leg.Ring(180, nil))
				p.expect("SIP/2.0 180")
			}
			p.send(p.ask("CANCEL", "sip:4008001234@10.0.0.1", "a1", 1, "<sip:4008001234@10.0.0.1>",
				`Reason: SIP;cause=200;text="elsewhere", Q.850;cause=26`)...)
			p.expect("SIP/2.0 200")
			res := p.expect("SIP/2.0 487")
			p.ack(res, "a1")
			e := c.next(t, Ended)
			require.Equal(t, RemoteSide, e.Cause.Side)
			require.Equal(t, 26, e.Cause.Q850)
			require.ErrorIs(t, c.leg.Answer(answerSDP), ErrState)
		})
	}
}

func TestCancelThatCrossesThe200HasNoEffect(t *testing.T) {
	play(t, Peers{}, Config{}, func(s *stage) {
		p := s.peer("10.0.0.9:5060")
		p.invite("a1")
		p.expect("SIP/2.0 100")
		c := s.arrival(t)
		require.NoError(t, c.leg.Answer(answerSDP))
		ok := p.expect("SIP/2.0 200")
		p.send(p.ask("CANCEL", "sip:4008001234@10.0.0.1", "a1", 1, "<sip:4008001234@10.0.0.1>")...)
		require.Contains(t, field(p.expect("SIP/2.0 200"), "CSeq"), "CANCEL")
		p.ack(ok, "a2")
		c.next(t, Confirmed)
		p.bye(ok, 2)
		c.next(t, Ended)
	})
}

func TestCancelOfNothingIs481(t *testing.T) {
	play(t, Peers{}, Config{}, func(s *stage) {
		p := s.peer("10.0.0.9:5060")
		p.send(p.ask("CANCEL", "sip:1@10.0.0.1", "x", 1, "<sip:1@10.0.0.1>")...)
		p.expect("SIP/2.0 481")
	})
}

// RFC 3261 13.3.1.4: the 200 at 0.5, 1.5, 3.5, 7.5, ... up to 32 s, then BYE.
func TestLostAckRepeatsThe200AndEndsInBye(t *testing.T) {
	play(t, Peers{}, Config{}, func(s *stage) {
		p := s.peer("10.0.0.9:5060")
		p.invite("a1")
		p.expect("SIP/2.0 100")
		c := s.arrival(t)
		start := time.Now()
		require.NoError(t, c.leg.Answer(answerSDP))
		var at []time.Duration
		for {
			m := p.receive(time.Minute)
			if !strings.HasPrefix(m, "SIP/2.0 200") {
				require.True(t, strings.HasPrefix(m, "BYE "), m)
				p.reply(m, "200 OK", "")
				break
			}
			at = append(at, time.Since(start).Round(100*time.Millisecond))
		}
		require.Equal(t, 32*time.Second, time.Since(start).Round(time.Second))
		require.Len(t, at, 11) // the first, and ten repetitions by T1 doubling to T2
		require.Equal(t, []time.Duration{0, 500 * time.Millisecond, 1500 * time.Millisecond, 3500 * time.Millisecond}, at[:4])
		e := c.next(t, Ended)
		require.Equal(t, SystemSide, e.Cause.Side)
		require.EqualValues(t, 1, s.ua.Stats().Counters["ack_lost"])
	})
}

func TestHangupBeforeTheAckWaitsForIt(t *testing.T) {
	play(t, Peers{}, Config{}, func(s *stage) {
		p := s.peer("10.0.0.9:5060")
		p.invite("a1")
		p.expect("SIP/2.0 100")
		c := s.arrival(t)
		require.NoError(t, c.leg.Answer(answerSDP))
		ok := p.expect("SIP/2.0 200")
		c.leg.Hangup(Cause{Q850: 16})
		p.silent(400 * time.Millisecond)
		p.ack(ok, "a2")
		bye := p.expect("BYE ")
		require.Equal(t, "Q.850;cause=16", field(bye, "Reason"))
		p.reply(bye, "200 OK", "")
		require.Equal(t, LocalSide, c.next(t, Ended).Cause.Side)
	})
}

func TestByeFromBothSidesAtOnce(t *testing.T) {
	play(t, Peers{}, Config{}, func(s *stage) {
		p := s.peer("10.0.0.9:5060")
		ok, c := p.answered(s)
		c.leg.Hangup(Cause{Q850: 16})
		ours := p.expect("BYE ")
		p.bye(ok, 2)
		require.Equal(t, LocalSide, c.next(t, Ended).Cause.Side)
		p.reply(ours, "481 Gone", "")
		p.silent(time.Minute)
	})
}

func TestByeInAnEarlyDialogEndsTheCall(t *testing.T) {
	play(t, Peers{}, Config{}, func(s *stage) {
		p := s.peer("10.0.0.9:5060")
		p.invite("a1")
		p.expect("SIP/2.0 100")
		c := s.arrival(t)
		require.NoError(t, c.leg.Ring(180, nil))
		ringing := p.expect("SIP/2.0 180")
		p.bye(ringing, 2)
		p.ack(p.expect("SIP/2.0 487"), "a1")
		c.next(t, Ended)
	})
}

func TestRequestsOfNoDialogGet481(t *testing.T) {
	play(t, Peers{}, Config{}, func(s *stage) {
		p := s.peer("10.0.0.9:5060")
		for _, method := range []string{"BYE", "INVITE", "UPDATE", "INFO", "PRACK", "REFER", "NOTIFY"} {
			p.send(p.ask(method, "sip:10.0.0.1", method, 5, "<sip:1@10.0.0.1>;tag=none",
				"Refer-To: <sip:2@10.0.0.1>", "Event: refer", "RAck: 1 1 INVITE", "Subscription-State: active")...)
			p.expect("SIP/2.0 481")
		}
	})
}

func TestTheSameInviteByTwoPathsIs482(t *testing.T) {
	play(t, Peers{}, Config{}, func(s *stage) {
		p := s.peer("10.0.0.9:5060")
		p.invite("a1")
		p.expect("SIP/2.0 100")
		c := s.arrival(t)
		p.invite("other")
		p.expect("SIP/2.0 482")
		c.leg.Reject(486, 0)
		p.ack(p.expect("SIP/2.0 486"), "a1")
		c.next(t, Ended)
	})
}

func TestAStrangerGetsNeitherAnswerNorMemory(t *testing.T) {
	play(t, Peers{}, Config{}, func(s *stage) {
		p := s.peer("192.0.2.66:5060")
		p.invite("a1")
		for _, method := range []string{"OPTIONS", "BYE", "SUBSCRIBE", "CANCEL", "ACK", "FROB"} {
			p.send(p.ask(method, "sip:1@10.0.0.1", method, 1, "<sip:1@10.0.0.1>")...)
		}
		p.send("SIP/2.0 200 OK", "Via: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKx", "From: <sip:a@b>;tag=1",
			"To: <sip:c@d>;tag=2", "Call-ID: x", "CSeq: 1 INVITE")
		p.send("garbage")
		p.silent(time.Second)
		st := s.ua.Stats()
		require.Zero(t, st.Transactions)
		require.EqualValues(t, 9, st.Counters["dropped_stranger"])
		require.Zero(t, s.ua.Stats().Counters["invite_in"])
	})
}

func TestChannelsOfATrunkAreCappedAndGivenBack(t *testing.T) {
	peers := Peers{Trunks: []Trunk{{ID: "telecom", Channels: 1,
		Peers: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/24")}, Address: "sip:10.0.0.9"}}}
	play(t, peers, Config{}, func(s *stage) {
		p := s.peer("10.0.0.9:5060")
		ok, c := p.answered(s)
		lines := p.ask("INVITE", "sip:2@10.0.0.1", "b1", 1, "<sip:2@10.0.0.1>")
		lines[5] = "Call-ID: c2"
		p.send(lines...)
		res := p.expect("SIP/2.0 503")
		require.NotEmpty(t, field(res, "Retry-After"))
		_, err := s.ua.Dial(Dial{Trunk: "telecom", URI: "1", SDP: offerSDP, Sink: newCall()})
		require.ErrorIs(t, err, ErrChannels)
		p.bye(ok, 2)
		c.next(t, Ended)
		out := s.dial(t, Dial{Trunk: "telecom", URI: "1"})
		inv := p.expect("INVITE sip:1@10.0.0.9")
		p.reply(inv, "486 Busy Here", "x")
		p.expect("ACK ")
		require.Equal(t, 17, out.next(t, Failed).Cause.Q850)
	})
}

func TestDrainingRefusesNewCallsAndLetsOthersGoOn(t *testing.T) {
	play(t, Peers{}, Config{}, func(s *stage) {
		p := s.peer("10.0.0.9:5060")
		ok, c := p.answered(s)
		s.ua.Refuse(30 * time.Second)
		lines := p.ask("INVITE", "sip:2@10.0.0.1", "b1", 1, "<sip:2@10.0.0.1>")
		lines[5] = "Call-ID: c2"
		p.send(lines...)
		require.Equal(t, "30", field(p.expect("SIP/2.0 503"), "Retry-After"))
		s.ua.Refuse(0)
		p.bye(ok, 2)
		c.next(t, Ended)
	})
}

func TestLateOfferIsAnsweredInTheAck(t *testing.T) {
	play(t, Peers{}, Config{}, func(s *stage) {
		p := s.peer("10.0.0.9:5060")
		p.send(p.ask("INVITE", "sip:4008001234@10.0.0.1", "a1", 1, "<sip:4008001234@10.0.0.1>")...)
		p.expect("SIP/2.0 100")
		c := s.arrival(t)
		require.Nil(t, c.invite.SDP)
		require.NoError(t, c.leg.Answer(offerSDP))
		ok := p.expect("SIP/2.0 200")
		require.Equal(t, string(offerSDP), content(ok))
		p.ack(ok, "a2", "", string(answerSDP))
		require.Equal(t, answerSDP, c.next(t, Confirmed).SDP)
		p.bye(ok, 2)
		c.next(t, Ended)
	})
}

func TestInDialogRequestFromElsewhereIsIgnored(t *testing.T) {
	play(t, Peers{Trunks: []Trunk{{ID: "telecom", Peers: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/24")}},
		{ID: "other", Peers: []netip.Prefix{netip.MustParsePrefix("10.1.0.0/24")}}}}, Config{}, func(s *stage) {
		p := s.peer("10.0.0.9:5060")
		ok, c := p.answered(s)
		thief := s.peer("10.1.0.9:5060")
		thief.send(p.ask("BYE", "sip:10.0.0.1", "t", 7, field(ok, "To"))...)
		thief.silent(time.Second)
		require.EqualValues(t, 1, s.ua.Stats().Counters["dropped_spoofed"])
		farm := s.peer("10.0.0.10:5060") // another host of the same trunk may
		farm.bye(ok, 8)
		c.next(t, Ended)
	})
}

func TestAPanicInASinkEndsOneCall(t *testing.T) {
	play(t, Peers{}, Config{}, func(s *stage) {
		p := s.peer("10.0.0.9:5060")
		p.invite("a1")
		p.expect("SIP/2.0 100")
		c := s.arrival(t)
		c.hook = func(e Event) {
			if e.Kind == Confirmed {
				panic("boom")
			}
		}
		require.NoError(t, c.leg.Answer(answerSDP))
		p.ack(p.expect("SIP/2.0 200"), "a2")
		p.reply(p.expect("BYE "), "200 OK", "")
		e := c.next(t, Ended)
		require.Equal(t, "internal", e.Cause.Text)
		require.EqualValues(t, 1, s.faults.Load(), "and is told")
		require.Equal(t, SystemSide, e.Cause.Side)
		require.EqualValues(t, 1, s.ua.Stats().Counters["panics"])
		lines := p.ask("OPTIONS", "sip:10.0.0.1", "o", 1, "<sip:10.0.0.1>")
		p.send(lines...)
		res := p.expect("SIP/2.0 200")
		require.Contains(t, field(res, "Allow"), "INVITE")
		require.NotEmpty(t, field(res, "Accept"))
		require.NotEmpty(t, field(res, "Contact"))
	})
}

func TestAPanicInTheCoreRefusesOneCall(t *testing.T) {
	play(t, Peers{}, Config{}, func(s *stage) {
		s.on = func(*Leg, Invite) Sink { panic("boom") }
		p := s.peer("10.0.0.9:5060")
		p.invite("a1")
		p.expect("SIP/2.0 100")
		p.ack(p.expect("SIP/2.0 500"), "a1")
		s.on = func(*Leg, Invite) Sink { return nil } // and one that forgets to answer
		p.send(strings.Split(strings.ReplaceAll(strings.Join(p.ask("INVITE", "sip:1@10.0.0.1", "b1", 1, "<sip:1@10.0.0.1>"), "\n"),
			"Call-ID: c1", "Call-ID: c2"), "\n")...)
		p.expect("SIP/2.0 100")
		p.expect("SIP/2.0 500")
		require.EqualValues(t, 1, s.ua.Stats().Counters["panics"])
	})
}
