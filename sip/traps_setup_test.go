package sip

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The tests whose names begin with TestC hold us to the traps that carriers
// set; TRAPS.md lists them all. These are about how a call is set up.

// hangUp ends a call that the switch made and answers the BYE.
func (p *peer) hangUp(c *call) string {
	p.t.Helper()
	c.leg.Hangup(Cause{})
	bye := p.expect("BYE ")
	p.reply(bye, "200 OK", "")
	c.next(p.t, Ended)
	return bye
}

func TestC03PrackGoesByTheEarlyDialogOfItsFork(t *testing.T) {
	play(t, Peers{}, Config{}, func(s *stage) {
		p, proxy := s.peer("10.0.0.9:5060"), s.peer("10.0.0.5:5060")
		c, inv := s.ring(p, Dial{Trunk: "telecom", URI: "1"})
		for i, fork := range []string{"one", "two"} {
			p.reply(inv, "183 Session Progress", fork, "Require: 100rel", "RSeq: 70", "Record-Route: <sip:10.0.0.5;lr>",
				"", string(otherSDP))
			require.Equal(t, otherSDP, c.next(t, Progress).SDP)
			prack := proxy.expect("PRACK sip:100@10.0.0.9:5060 ")
			require.Contains(t, field(prack, "To"), "tag="+fork)
			require.Equal(t, "<sip:10.0.0.5;lr>", field(prack, "Route"))
			require.Equal(t, "70 1 INVITE", field(prack, "RAck"), "%d", i)
			proxy.reply(prack, "200 OK", "")
		}
		p.reply(inv, "200 OK", "two", "", string(answerSDP))
		p.expect("ACK ")
		c.next(t, Answered)
		p.hangUp(c)
	})
}

func TestC03ReliableProvisionalsOutOfOrderWait(t *testing.T) {
	play(t, Peers{}, Config{}, func(s *stage) {
		p := s.peer("10.0.0.9:5060")
		c, inv := s.ring(p, Dial{})
		p.reply(inv, "183 Session Progress", "x", "Require: 100rel", "RSeq: 1")
		p.reply(p.expect("PRACK "), "200 OK", "")
		c.next(t, Progress)
		p.reply(inv, "180 Ringing", "x", "Require: 100rel", "RSeq: 3") // 2 is still to come
		p.silent(time.Second)
		require.Empty(t, c.events)
		p.reply(inv, "182 Queued", "x", "Require: 100rel", "RSeq: 2")
		require.Equal(t, "2 1 INVITE", field(p.expect("PRACK "), "RAck"))
		require.Equal(t, 182, c.next(t, Progress).Status)
		p.reply(inv, "486 Busy Here", "x")
		p.expect("ACK ")
		c.next(t, Failed)
	})
}

func TestC04LostAckToALateOfferRepeatsItAndEndsInBye(t *testing.T) {
	play(t, Peers{}, Config{}, func(s *stage) {
		p := s.peer("10.0.0.9:5060")
		p.send(p.ask("INVITE", "sip:4008001234@10.0.0.1", "a1", 1, "<sip:4008001234@10.0.0.1>")...)
		p.expect("SIP/2.0 100")
		c := s.arrival(t)
		require.NoError(t, c.leg.Answer(offerSDP))
		start, ok := time.Now(), ""
		for m := p.receive(time.Minute); ; m = p.receive(time.Minute) {
			if strings.HasPrefix(m, "BYE ") {
				p.reply(m, "200 OK", "")
				break
			}
			require.True(t, strings.HasPrefix(m, "SIP/2.0 200"), m)
			require.Equal(t, string(offerSDP), content(m))
			require.True(t, ok == "" || ok == m, "each the same")
			ok = m
		}
		require.Equal(t, 32*time.Second, time.Since(start).Round(time.Second))
		require.Equal(t, 102, c.next(t, Ended).Cause.Q850)
	})
}

func TestC04AckWithoutTheAnswerIsTold(t *testing.T) {
	play(t, Peers{}, Config{}, func(s *stage) {
		p := s.peer("10.0.0.9:5060")
		p.send(p.ask("INVITE", "sip:4008001234@10.0.0.1", "a1", 1, "<sip:4008001234@10.0.0.1>")...)
		p.expect("SIP/2.0 100")
		c := s.arrival(t)
		require.NoError(t, c.leg.Answer(offerSDP))
		p.ack(p.expect("SIP/2.0 200"), "a2")
		require.Nil(t, c.next(t, Confirmed).SDP)
		require.ErrorIs(t, c.leg.Reoffer(otherSDP), ErrState, "the first offer is still open")
		p.hangUp(c)
	})
}

func TestC05AnOfferInAPrackIsRefusedAndTheCallGoesOn(t *testing.T) {
	play(t, Peers{}, Config{}, func(s *stage) {
		p := s.peer("10.0.0.9:5060")
		p.invite("a1", "Require: 100rel")
		p.expect("SIP/2.0 100")
		c := s.arrival(t)
		require.NoError(t, c.leg.Ring(183, answerSDP))
		res := p.expect("SIP/2.0 183")
		p.send(p.ask("PRACK", "sip:10.0.0.1", "p1", 2, field(res, "To"), "RAck: "+field(res, "RSeq")+" 1 INVITE",
			"", string(otherSDP))...)
		p.expect("SIP/2.0 488")
		p.silent(5 * time.Second) // the provisional response was acknowledged all the same
		require.NoError(t, c.leg.Answer(answerSDP))
		ok := p.expect("SIP/2.0 200")
		p.ack(ok, "a2")
		c.next(t, Confirmed)
		p.bye(ok, 3)
		c.next(t, Ended)
	})
}

// RFC 3262 section 5: the PRACK answers an offer that came in a 1xx.
func TestC05AnOfferOfOursInAReliable183IsAnsweredInThePrack(t *testing.T) {
	play(t, Peers{}, Config{}, func(s *stage) {
		p := s.peer("10.0.0.9:5060")
		p.send(p.ask("INVITE", "sip:4008001234@10.0.0.1", "a1", 1, "<sip:4008001234@10.0.0.1>", "Require: 100rel")...)
		p.expect("SIP/2.0 100")
		c := s.arrival(t)
		require.NoError(t, c.leg.Ring(180, nil)) // no offer yet, but a sign of life
		require.NoError(t, c.leg.Ring(183, offerSDP))
		res := p.expect("SIP/2.0 180")
		require.Empty(t, content(res))
		p.send(p.ask("PRACK", "sip:10.0.0.1", "p0", 2, field(res, "To"), "RAck: "+field(res, "RSeq")+" 1 INVITE")...)
		p.expect("SIP/2.0 200")
		res = p.expect("SIP/2.0 183")
		require.Equal(t, string(offerSDP), content(res))
		p.send(p.ask("PRACK", "sip:10.0.0.1", "p1", 3, field(res, "To"), "RAck: "+field(res, "RSeq")+" 1 INVITE",
			"", string(answerSDP))...)
		p.expect("SIP/2.0 200")
		require.NoError(t, c.leg.Answer(offerSDP))
		ok := p.expect("SIP/2.0 200")
		require.Empty(t, content(ok))
		p.ack(ok, "a2")
		require.Equal(t, answerSDP, c.next(t, Confirmed).SDP)
		p.bye(ok, 4)
		c.next(t, Ended)
	})
}

func TestC05AnUnreliableProvisionalBringsNoOffer(t *testing.T) {
	play(t, Peers{}, Config{}, func(s *stage) {
		p := s.peer("10.0.0.9:5060")
		p.send(p.ask("INVITE", "sip:4008001234@10.0.0.1", "a1", 1, "<sip:4008001234@10.0.0.1>")...)
		p.expect("SIP/2.0 100")
		c := s.arrival(t)
		require.NoError(t, c.leg.Ring(183, offerSDP))
		require.Empty(t, content(p.expect("SIP/2.0 183")))
		c.leg.Reject(480, 0)
		p.ack(p.expect("SIP/2.0 480"), "a1")
		c.next(t, Ended)
	})
}

func TestC05AnOfferInAProvisionalIsNeverAskedFor(t *testing.T) {
	play(t, Peers{}, Config{}, func(s *stage) {
		p := s.peer("10.0.0.9:5060")
		c := newCall()
		leg, err := s.ua.Dial(Dial{URI: "sip:100@10.0.0.9", Sink: c})
		require.NoError(t, err)
		c.leg = leg
		inv := p.expect("INVITE ")
		require.NotContains(t, field(inv, "Supported"), "100rel")
		p.reply(inv, "183 Session Progress", "x", "Require: 100rel", "RSeq: 7", "", string(offerSDP)) // all the same
		p.reply(p.expect("PRACK "), "200 OK", "")
		require.Nil(t, c.next(t, Progress).SDP)
		p.reply(inv, "200 OK", "x", "", string(offerSDP))
		require.Equal(t, offerSDP, c.next(t, Answered).SDP)
		require.NoError(t, leg.Answer(answerSDP))
		require.Equal(t, string(answerSDP), content(p.expect("ACK ")))
		p.hangUp(c)
	})
}

func TestC17RedirectionsAreNotFollowed(t *testing.T) {
	for _, status := range []int{300, 301, 302, 305, 380} {
		play(t, Peers{}, Config{}, func(s *stage) {
			p, thief := s.peer("10.0.0.9:5060"), s.peer("192.0.2.1:5060")
			c, inv := s.ring(p, Dial{Trunk: "telecom", URI: "1"})
			p.reply(inv, fmt.Sprint(status, " Elsewhere"), "x", "Contact: <sip:0088123@192.0.2.1>")
			p.expect("ACK ")
			require.Equal(t, status, c.next(t, Failed).Status)
			thief.silent(time.Minute)
		})
	}
}

func TestC40TagsThatAreWhereTheyShouldNotBeOrNotWhereTheyShould(t *testing.T) {
	play(t, Peers{}, Config{}, func(s *stage) {
		p := s.peer("10.0.0.9:5060")
		c, inv := s.ring(p, Dial{})
		p.reply(inv, "100 Trying", "early")
		p.reply(inv, "183 Session Progress", "", "", string(otherSDP))
		require.Equal(t, otherSDP, c.next(t, Progress).SDP)
		p.reply(inv, "180 Ringing", "")
		c.next(t, Progress)
		p.reply(inv, "200 OK", "x", "", string(answerSDP))
		require.Contains(t, field(p.expect("ACK "), "To"), "tag=x")
		c.next(t, Answered)
		require.Contains(t, field(p.hangUp(c), "To"), "tag=x")

		for _, weHangUp := range []bool{true, false} { // a 200 without a tag, as RFC 2543 had it
			c, inv = s.ring(p, Dial{})
			p.reply(inv, "200 OK", "", "", string(answerSDP))
			require.NotContains(t, field(p.expect("ACK "), "To"), "tag=")
			c.next(t, Answered)
			if weHangUp {
				require.NotContains(t, field(p.hangUp(c), "To"), "tag=")
				continue
			}
			p.send("BYE sip:10.0.0.1 SIP/2.0", "Via: SIP/2.0/UDP 10.0.0.9:5060;branch=z9hG4bKold", "Max-Forwards: 70",
				"From: "+field(inv, "To"), "To: "+field(inv, "From"), "Call-ID: "+field(inv, "Call-ID"), "CSeq: 1 BYE")
			p.expect("SIP/2.0 200")
			require.Equal(t, RemoteSide, c.next(t, Ended).Cause.Side)
		}
	})
}
