package sip

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// reinvite sends a re-INVITE of the dialog that ok made.
func (p *peer) reinvite(ok, branch string, seq int, more ...string) {
	p.send(p.ask("INVITE", "sip:10.0.0.1", branch, seq, field(ok, "To"), append(more, "", string(otherSDP))...)...)
}

func TestAnOfferInACallIsAcceptedOrRefused(t *testing.T) {
	play(t, Peers{}, Config{}, func(s *stage) {
		p := s.peer("10.0.0.9:5060")
		ok, c := p.answered(s)
		p.reinvite(ok, "r1", 2)
		require.Equal(t, otherSDP, c.next(t, Offered).SDP)
		p.expect("SIP/2.0 100")
		require.ErrorIs(t, c.leg.Reoffer(offerSDP), ErrPending)
		require.NoError(t, c.leg.AcceptOffer(answerSDP))
		res := p.expect("SIP/2.0 200")
		require.Equal(t, string(answerSDP), content(res))
		require.Equal(t, res, p.expect("SIP/2.0 200"), "repeated until its ACK")
		p.ack(res, "r2")
		require.ErrorIs(t, c.leg.AcceptOffer(answerSDP), ErrState)

		p.reinvite(ok, "r3", 3)
		c.next(t, Offered)
		require.NoError(t, c.leg.RefuseOffer(0))
		p.ack(p.expect("SIP/2.0 488"), "r3")

		p.send(p.ask("INVITE", "sip:10.0.0.1", "r4", 4, field(ok, "To"))...) // asks for our offer
		require.Nil(t, c.next(t, Offered).SDP)
		require.NoError(t, c.leg.AcceptOffer(offerSDP))
		res = p.expect("SIP/2.0 200")
		p.ack(res, "r5", "", string(answerSDP))
		require.Equal(t, answerSDP, c.next(t, Reanswered).SDP)
		p.bye(ok, 5)
		c.next(t, Ended)
	})
}

func TestAReinviteOutOfTurnIsRefused(t *testing.T) {
	play(t, Peers{}, Config{}, func(s *stage) {
		p := s.peer("10.0.0.9:5060")
		p.invite("a1")
		p.expect("SIP/2.0 100")
		c := s.arrival(t)
		require.NoError(t, c.leg.Answer(answerSDP))
		ok := p.expect("SIP/2.0 200")
		p.reinvite(ok, "r1", 2) // before the ACK
		early := p.expect("SIP/2.0 500")
		require.NotEmpty(t, field(early, "Retry-After"))
		p.ack(early, "r1")
		p.ack(ok, "a2")
		c.next(t, Confirmed)
		p.reinvite(ok, "r2", 1) // CSeq goes back
		p.expect("SIP/2.0 500")
		p.reinvite(ok, "r3", 4) // a jump is welcome
		c.next(t, Offered)
		p.reinvite(ok, "r4", 5) // while one is open
		p.ack(p.expect("SIP/2.0 500"), "r4")
		p.send(p.ask("CANCEL", "sip:10.0.0.1", "r3", 4, field(ok, "To"))...)
		p.expect("SIP/2.0 200")
		p.ack(p.expect("SIP/2.0 487"), "r3")
		p.bye(ok, 6)
		c.next(t, Ended)
	})
}

func TestGlareIsGivenWayToAndTriedAgain(t *testing.T) {
	play(t, Peers{}, Config{}, func(s *stage) {
		p := s.peer("10.0.0.9:5060")
		ok, c := p.answered(s)
		require.NoError(t, c.leg.Reoffer(offerSDP))
		ours := p.expect("INVITE ")
		p.reinvite(ok, "r1", 2)
		p.ack(p.expect("SIP/2.0 491"), "r1")
		start := time.Now()
		p.reply(ours, "491 Request Pending", "")
		p.expect("ACK ")
		ours = p.expect("INVITE ")
		require.LessOrEqual(t, time.Since(start), 2*time.Second) // not ours is the Call-ID
		require.Equal(t, string(offerSDP), content(ours))
		p.reply(ours, "200 OK", "", "", string(answerSDP))
		p.expect("ACK ")
		require.Equal(t, answerSDP, c.next(t, Reanswered).SDP)
		require.NoError(t, c.leg.Reoffer(offerSDP))
		p.reply(p.expect("INVITE "), "488 No", "")
		p.expect("ACK ")
		require.Equal(t, 488, c.next(t, ReofferFailed).Status)
		require.NoError(t, c.leg.Reoffer(offerSDP))
		p.reply(p.expect("INVITE "), "481 Gone", "")
		p.expect("ACK ")
		p.reply(p.expect("BYE "), "481 Gone", "")
		require.Equal(t, SystemSide, c.next(t, Ended).Cause.Side)
	})
}

func TestUpdateOffersAndRefreshes(t *testing.T) {
	play(t, Peers{}, Config{}, func(s *stage) {
		p := s.peer("10.0.0.9:5060")
		ok, c := p.answered(s)
		p.send(p.ask("UPDATE", "sip:10.0.0.1", "u1", 2, field(ok, "To"))...)
		require.Empty(t, content(p.expect("SIP/2.0 200")))
		p.send(p.ask("UPDATE", "sip:10.0.0.1", "u2", 3, field(ok, "To"), "", string(otherSDP))...)
		require.Equal(t, otherSDP, c.next(t, Offered).SDP)
		require.NoError(t, c.leg.AcceptOffer(answerSDP))
		require.Equal(t, string(answerSDP), content(p.expect("SIP/2.0 200")))
		p.bye(ok, 4)
		c.next(t, Ended)
	})
}

func TestReliableProvisionalsWaitForTheirPrack(t *testing.T) {
	play(t, Peers{}, Config{}, func(s *stage) {
		p := s.peer("10.0.0.9:5060")
		p.invite("a1", "Require: 100rel")
		p.expect("SIP/2.0 100")
		c := s.arrival(t)
		require.NoError(t, c.leg.Ring(183, answerSDP))
		require.NoError(t, c.leg.Ring(180, nil))
		require.NoError(t, c.leg.Answer(answerSDP))
		res := p.expect("SIP/2.0 183")
		require.Equal(t, "100rel", field(res, "Require"))
		require.Equal(t, res, p.expect("SIP/2.0 183"))
		prack := func(res, branch string, seq int) {
			p.send(p.ask("PRACK", "sip:10.0.0.1", branch, seq, field(res, "To"), "RAck: "+field(res, "RSeq")+" 1 INVITE")...)
		}
		prack(res, "p1", 2)
		p.expect("SIP/2.0 200")
		ringing := p.expect("SIP/2.0 180")
		prack(res, "p2", 3) // for one that was acknowledged
		p.expect("SIP/2.0 481")
		prack(ringing, "p3", 4)
		p.expect("SIP/2.0 200")
		ok := p.expect("SIP/2.0 200")
		require.Empty(t, content(ok), "the answer went out in the 183")
		p.ack(ok, "a2")
		c.next(t, Confirmed)
		p.bye(ok, 5)
		c.next(t, Ended)
	})
}

func TestAReliableProvisionalWithoutPrackFailsTheCall(t *testing.T) {
	play(t, Peers{}, Config{}, func(s *stage) {
		p := s.peer("10.0.0.9:5060")
		p.invite("a1", "Require: 100rel")
		p.expect("SIP/2.0 100")
		c := s.arrival(t)
		require.NoError(t, c.leg.Ring(180, nil))
		for {
			m := p.receive(time.Minute)
			if m[8:11] == "504" {
				p.ack(m, "a1")
				break
			}
			require.Equal(t, "180", m[8:11])
		}
		require.Equal(t, SystemSide, c.next(t, Ended).Cause.Side)
	})
}

func TestTheSessionIsRefreshedByWhoAgreedTo(t *testing.T) {
	play(t, Peers{}, Config{}, func(s *stage) {
		p := s.peer("10.0.0.9:5060")
		p.invite("a1", "Supported: timer", "Session-Expires: 120", "Allow: INVITE, UPDATE")
		p.expect("SIP/2.0 100")
		c := s.arrival(t)
		require.NoError(t, c.leg.Answer(answerSDP))
		ok := p.expect("SIP/2.0 200")
		require.Equal(t, "120;refresher=uas", field(ok, "Session-Expires"))
		p.ack(ok, "a2")
		c.next(t, Confirmed)
		start := time.Now()
		update := p.expect("UPDATE ")
		require.Equal(t, time.Minute, time.Since(start).Round(time.Second))
		require.Equal(t, "120;refresher=uac", field(update, "Session-Expires"))
		p.reply(update, "200 OK", "", "Session-Expires: 120;refresher=uac")
		update = p.receive(2 * time.Minute)
		p.reply(update, "408 Gone", "")
		p.reply(p.expect("BYE "), "200 OK", "")
		require.Equal(t, SystemSide, c.next(t, Ended).Cause.Side)
	})
}

func TestAPeerThatDoesNotRefreshIsGone(t *testing.T) {
	play(t, Peers{}, Config{}, func(s *stage) {
		p := s.peer("10.0.0.9:5060")
		p.invite("a1", "Supported: timer", "Session-Expires: 90;refresher=uac")
		p.expect("SIP/2.0 100")
		c := s.arrival(t)
		require.NoError(t, c.leg.Answer(answerSDP))
		ok := p.expect("SIP/2.0 200")
		require.Equal(t, "90;refresher=uac", field(ok, "Session-Expires"))
		require.Equal(t, "timer", field(ok, "Require"))
		p.ack(ok, "a2")
		c.next(t, Confirmed)
		time.Sleep(50 * time.Second)
		p.reinvite(ok, "r1", 2, "Supported: timer", "Session-Expires: 90;refresher=uac")
		c.next(t, Offered)
		require.NoError(t, c.leg.AcceptOffer(answerSDP))
		p.ack(p.expect("SIP/2.0 200"), "r2")
		start := time.Now()
		p.reply(p.receive(2*time.Minute), "200 OK", "")
		require.Equal(t, time.Minute, time.Since(start).Round(time.Second))
		require.Equal(t, "session expired", c.next(t, Ended).Cause.Text)
	})
}

func TestASessionIntervalTooSmallIs422AndOursIsRaised(t *testing.T) {
	play(t, Peers{}, Config{}, func(s *stage) {
		p := s.peer("10.0.0.9:5060")
		p.invite("a1", "Supported: timer", "Session-Expires: 30")
		require.Equal(t, "90", field(p.expect("SIP/2.0 422"), "Min-SE"))
		c, inv := s.ring(p, Dial{})
		p.reply(inv, "422 Session Interval Too Small", "x", "Min-SE: 3600")
		p.expect("ACK ")
		inv = p.expect("INVITE ")
		require.Equal(t, "3600", field(inv, "Session-Expires"))
		require.Equal(t, "3600", field(inv, "Min-SE"))
		p.reply(inv, "486 Busy", "x")
		p.expect("ACK ")
		c.next(t, Failed)
	})
}

func TestDigitsByInfo(t *testing.T) {
	play(t, Peers{}, Config{}, func(s *stage) {
		p := s.peer("10.0.0.9:5060")
		ok, c := p.answered(s)
		raw := func(seq int, kind, body string) {
			lines := p.ask("INFO", "sip:10.0.0.1", fmt.Sprint("i", seq), seq, field(ok, "To"), "Content-Type: "+kind)
			p.sendBody(lines, body)
		}
		raw(2, "application/dtmf-relay", "Signal=5\r\nDuration=250\r\n")
		p.expect("SIP/2.0 200")
		e := c.next(t, Digit)
		require.Equal(t, byte('5'), e.Digit)
		require.Equal(t, 250, e.DigitMs)
		raw(3, "application/dtmf", "11")
		p.expect("SIP/2.0 200")
		require.Equal(t, byte('#'), c.next(t, Digit).Digit)
		raw(4, "application/dtmf-relay", "Signal=!")
		p.expect("SIP/2.0 400")
		raw(5, "application/json", "{}")
		p.expect("SIP/2.0 415")
		p.bye(ok, 6)
		c.next(t, Ended)
	})
}

func TestOnlyAPhoneMayTransfer(t *testing.T) {
	peers := Peers{Accounts: []Account{{ID: "8001", Contact: "sip:8001@10.9.0.1"}}}
	peers.Trunks = telecom
	play(t, peers, Config{}, func(s *stage) {
		carrier := s.peer("10.0.0.9:5060")
		ok, c := carrier.answered(s)
		carrier.send(carrier.ask("REFER", "sip:10.0.0.1", "x1", 2, field(ok, "To"), "Refer-To: <sip:9@10.0.0.1>")...)
		carrier.expect("SIP/2.0 603")

		p := s.peer("10.9.0.1:5060")
		agent, inv := s.ring(p, Dial{Account: "8001"})
		p.reply(inv, "200 OK", "x", "", string(answerSDP))
		p.expect("ACK ")
		agent.next(t, Answered)
		refer := []string{"REFER sip:10.0.0.1 SIP/2.0", "Via: SIP/2.0/UDP 10.9.0.1:5060;branch=z9hG4bKr",
			"Max-Forwards: 70", "From: " + field(inv, "To") + ";tag=x", "To: " + field(inv, "From"),
			"Call-ID: " + field(inv, "Call-ID"), "CSeq: 9 REFER", "Contact: <sip:8001@10.9.0.1>",
			"Refer-To: <sip:8002@10.0.0.1?Replaces=c1%3Bto-tag%3D" + tagOf(ok) + "%3Bfrom-tag%3Dt1>"}
		p.send(refer...)
		p.expect("SIP/2.0 202")
		notify := p.expect("NOTIFY ")
		require.Equal(t, "refer;id=9", field(notify, "Event"))
		require.Equal(t, "SIP/2.0 100 Trying\r\n", content(notify))
		p.reply(notify, "200 OK", "")
		e := agent.next(t, Referred)
		require.Equal(t, "sip:8002@10.0.0.1", e.ReferTo)
		require.Same(t, c.leg, e.Replaces)
		require.NoError(t, agent.leg.Refer(200))
		notify = p.expect("NOTIFY ")
		require.Contains(t, field(notify, "Subscription-State"), "terminated")
		p.reply(notify, "200 OK", "")
		agent.leg.Hangup(Cause{})
		p.reply(p.expect("BYE "), "200 OK", "")
		agent.next(t, Ended)
		carrier.bye(ok, 3)
		c.next(t, Ended)
	})
}
