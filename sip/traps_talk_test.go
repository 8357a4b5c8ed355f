package sip

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Traps within a call that stands.

func TestC06AHeldCallIsResumedAndTheDialogGoesOn(t *testing.T) {
	play(t, Peers{}, Config{}, func(s *stage) {
		p := s.peer("10.0.0.9:5060")
		ok, c := p.answered(s)
		seq := 2
		for _, direction := range []string{"sendonly", "inactive", "sendrecv"} {
			offer := string(offerSDP) + "a=" + direction + "\r\n"
			p.send(p.ask("INVITE", "sip:10.0.0.1", fmt.Sprint("h", seq), seq, field(ok, "To"), "", offer)...)
			require.Equal(t, offer, string(c.next(t, Offered).SDP), "word for word")
			p.expect("SIP/2.0 100")
			answer := string(answerSDP) + "a=" + direction + "\r\n"
			require.NoError(t, c.leg.AcceptOffer([]byte(answer)))
			res := p.expect("SIP/2.0 200")
			require.Equal(t, answer, content(res))
			p.ack(res, fmt.Sprint("k", seq))
			seq++
		}
		p.bye(ok, seq)
		c.next(t, Ended)
	})
}

func TestC08ChallengesOfAnyRequestAreAnswered(t *testing.T) {
	peers := Peers{Trunks: []Trunk{telecom[0]}}
	peers.Trunks[0].Username, peers.Trunks[0].Password = "us", "pw"
	md5 := `Proxy-Authenticate: Digest realm="carrier", nonce="%s", qop="auth"%s, algorithm=MD5`
	sha := `Proxy-Authenticate: Digest realm="carrier", nonce="%s", qop="auth"%s, algorithm=SHA-256`
	play(t, peers, Config{}, func(s *stage) {
		p := s.peer("10.0.0.9:5060")
		challenge := func(req, nonce, stale string) string {
			tag := "x"
			p.reply(req, "407 Proxy Authentication Required", tag, fmt.Sprintf(md5, nonce, stale), fmt.Sprintf(sha, nonce, stale))
			method, _, _ := strings.Cut(req, " ")
			if method == "INVITE" {
				p.expect("ACK ")
			}
			again := p.expect(method + " ")
			require.Contains(t, field(again, "Proxy-Authorization"), "SHA-256", "the stronger one")
			require.Contains(t, field(again, "Proxy-Authorization"), `nonce="`+nonce+`"`)
			require.Equal(t, field(req, "Call-ID"), field(again, "Call-ID"))
			var before, after int
			_, _ = fmt.Sscan(field(req, "CSeq"), &before)
			_, _ = fmt.Sscan(field(again, "CSeq"), &after)
			require.Equal(t, before+1, after)
			return again
		}
		c, inv := s.ring(p, Dial{Trunk: "telecom", URI: "1"})
		again := challenge(inv, "n1", "")
		again = challenge(again, "n2", ", stale=true") // once more: the nonce was old
		p.reply(again, "200 OK", "x", "", string(answerSDP))
		p.expect("ACK ")
		c.next(t, Answered)

		require.NoError(t, c.leg.Reoffer(otherSDP))
		again = challenge(p.expect("INVITE "), "n3", "")
		require.Equal(t, string(otherSDP), content(again))
		p.reply(again, "200 OK", "", "", string(answerSDP))
		ack := p.expect("ACK ")
		require.Equal(t, field(again, "Proxy-Authorization"), field(ack, "Proxy-Authorization"))
		c.next(t, Reanswered)

		c.leg.Hangup(Cause{})
		p.reply(challenge(p.expect("BYE "), "n4", ""), "200 OK", "")
		c.next(t, Ended)
	})
}

func TestC08AChallengeThatComesAgainIsAFailure(t *testing.T) {
	peers := Peers{Trunks: []Trunk{telecom[0]}}
	peers.Trunks[0].Username, peers.Trunks[0].Password = "us", "wrong"
	play(t, peers, Config{}, func(s *stage) {
		p := s.peer("10.0.0.9:5060")
		c, inv := s.ring(p, Dial{Trunk: "telecom", URI: "1"})
		for i := range 2 {
			p.reply(inv, "401 Unauthorized", "x", fmt.Sprintf(`WWW-Authenticate: Digest realm="c", nonce="%d", qop="auth-int,auth"`, i))
			p.expect("ACK ")
			if i == 0 {
				inv = p.expect("INVITE ")
				require.NotEmpty(t, field(inv, "Authorization"))
			}
		}
		require.Equal(t, 401, c.next(t, Failed).Status)
		p.silent(time.Minute)
	})
}

func TestC09SessionIntervalsAreRaisedAsTheyMustBe(t *testing.T) {
	play(t, Peers{}, Config{}, func(s *stage) {
		p := s.peer("10.0.0.9:5060")
		p.invite("a1", "Supported: timer", "Min-SE: 3600")
		p.expect("SIP/2.0 100")
		c := s.arrival(t)
		require.NoError(t, c.leg.Answer(answerSDP))
		ok := p.expect("SIP/2.0 200")
		require.Equal(t, "3600;refresher=uas", field(ok, "Session-Expires"))
		p.ack(ok, "a2")
		c.next(t, Confirmed)
		require.NoError(t, c.leg.Reoffer(otherSDP))
		inv := p.expect("INVITE ")
		require.Equal(t, "3600", field(inv, "Min-SE"))
		p.reply(inv, "422 Session Interval Too Small", "", "Min-SE: 7200")
		p.expect("ACK ")
		inv = p.expect("INVITE ")
		require.Equal(t, "7200;refresher=uac", field(inv, "Session-Expires"))
		require.Equal(t, string(otherSDP), content(inv))
		p.reply(inv, "200 OK", "", "", string(answerSDP)) // without: no timer
		p.expect("ACK ")
		c.next(t, Reanswered)
		p.silent(3 * time.Hour)
		p.bye(ok, 2)
		c.next(t, Ended)
	})
}

func TestC11ContactsThatAreStrangeMoveOrAreMissing(t *testing.T) {
	play(t, Peers{}, Config{}, func(s *stage) {
		p := s.peer("10.0.0.9:5060")
		invite := p.ask("INVITE", "sip:4008001234@10.0.0.1", "a1", 1, "<sip:4008001234@10.0.0.1>", "", string(offerSDP))
		invite[7] = "Contact: <sip:100@sbc7.carrier.example:5070>" // a name: nobody looks it up
		p.send(invite...)
		p.expect("SIP/2.0 100")
		c := s.arrival(t)
		require.NoError(t, c.leg.Answer(answerSDP))
		ok := p.expect("SIP/2.0 200")
		p.ack(ok, "a2")
		c.next(t, Confirmed)
		require.NoError(t, c.leg.Reoffer(otherSDP))
		inv := p.expect("INVITE sip:100@sbc7.carrier.example:5070 ")
		res := strings.Split("SIP/2.0 200 OK\r\nVia: "+field(inv, "Via")+"\r\nFrom: "+field(inv, "From")+"\r\nTo: "+field(inv, "To")+
			"\r\nCall-ID: c1\r\nCSeq: "+field(inv, "CSeq")+"\r\n\r\n"+string(answerSDP), "\r\n")
		p.send(res...) // no Contact: the target stays
		p.expect("ACK sip:100@sbc7.carrier.example:5070 ")
		c.next(t, Reanswered)

		moved := s.peer("10.0.0.9:5099") // another port is all that changes
		update := p.ask("UPDATE", "sip:10.0.0.1", "u1", 2, field(ok, "To"))
		update[7] = "Contact: <sip:100@10.0.0.9:5099>"
		p.send(update...)
		p.expect("SIP/2.0 200")
		c.leg.Hangup(Cause{})
		moved.reply(moved.expect("BYE sip:100@10.0.0.9:5099 "), "200 OK", "")
		c.next(t, Ended)
	})
}

func TestC11AStrictRouterGetsItsOwnURI(t *testing.T) {
	play(t, Peers{}, Config{}, func(s *stage) {
		p, router := s.peer("10.0.0.9:5060"), s.peer("10.0.0.6:5060")
		c, inv := s.ring(p, Dial{Trunk: "telecom", URI: "1"})
		p.reply(inv, "200 OK", "x", "Record-Route: <sip:10.0.0.5;lr>", "Record-Route: <sip:10.0.0.6>", "", string(answerSDP))
		ack := router.expect("ACK sip:10.0.0.6 ")
		require.Equal(t, []string{"<sip:10.0.0.5;lr>", "<sip:100@10.0.0.9:5060>"}, fields(ack, "Route"))
		c.next(t, Answered)
		c.leg.Hangup(Cause{})
		router.reply(router.expect("BYE sip:10.0.0.6 "), "200 OK", "")
		c.next(t, Ended)
	})
}

func TestC21TheCallerWaitsLongerAfterGlare(t *testing.T) {
	play(t, Peers{}, Config{}, func(s *stage) {
		p := s.peer("10.0.0.9:5060")
		c, inv := s.ring(p, Dial{})
		p.reply(inv, "200 OK", "x", "", string(answerSDP))
		p.expect("ACK ")
		c.next(t, Answered)
		require.NoError(t, c.leg.Reoffer(otherSDP))
		p.reply(p.expect("INVITE "), "491 Request Pending", "")
		p.expect("ACK ")
		start := time.Now()
		again := p.expect("INVITE ")
		require.GreaterOrEqual(t, time.Since(start), 2100*time.Millisecond)
		require.LessOrEqual(t, time.Since(start), 4*time.Second)
		p.reply(again, "200 OK", "", "", string(answerSDP))
		p.expect("ACK ")
		c.next(t, Reanswered)
		p.hangUp(c)
	})
}

func TestC22AnUpdateBeforeTheAckHasToWait(t *testing.T) {
	play(t, Peers{}, Config{}, func(s *stage) {
		p := s.peer("10.0.0.9:5060")
		p.invite("a1")
		p.expect("SIP/2.0 100")
		c := s.arrival(t)
		require.NoError(t, c.leg.Answer(answerSDP))
		ok := p.expect("SIP/2.0 200")
		p.send(p.ask("UPDATE", "sip:10.0.0.1", "u1", 2, field(ok, "To"), "", string(otherSDP))...)
		require.NotEmpty(t, field(p.expect("SIP/2.0 500"), "Retry-After"))
		p.ack(ok, "a2")
		c.next(t, Confirmed)
		p.bye(ok, 3)
		c.next(t, Ended)
	})
}

func TestC23InvitesAndAcksThatAreLateOrOdd(t *testing.T) {
	play(t, Peers{}, Config{}, func(s *stage) {
		p := s.peer("10.0.0.9:5060")
		p.invite("a1")
		p.expect("SIP/2.0 100")
		c := s.arrival(t)
		require.NoError(t, c.leg.Answer(answerSDP))
		ok := p.expect("SIP/2.0 200")
		p.ack(ok, "a1") // the INVITE's own branch
		c.next(t, Confirmed)
		p.invite("a1") // again, after the ACK
		p.silent(time.Second)
		p.ack(ok, "a9") // and another ACK
		p.silent(time.Second)
		require.Empty(t, c.events)

		p.reinvite(ok, "a1", 2) // a further request under the old branch
		require.Equal(t, otherSDP, c.next(t, Offered).SDP)
		p.expect("SIP/2.0 100")
		require.NoError(t, c.leg.AcceptOffer(answerSDP))
		p.ack(p.expect("SIP/2.0 200"), "a1")
		p.silent(5 * time.Second)
		p.bye(ok, 3)
		c.next(t, Ended)
	})
}

func TestC24AByeBeforeTheAckIsTheEnd(t *testing.T) {
	play(t, Peers{}, Config{}, func(s *stage) {
		p := s.peer("10.0.0.9:5060")
		p.invite("a1")
		p.expect("SIP/2.0 100")
		c := s.arrival(t)
		require.NoError(t, c.leg.Answer(answerSDP))
		ok := p.expect("SIP/2.0 200")
		p.bye(ok, 2)
		require.Equal(t, RemoteSide, c.next(t, Ended).Cause.Side)
		p.silent(time.Minute) // the 200 is not repeated
		p.ack(ok, "a2")
		p.silent(time.Minute)
	})
}

func TestC24AnyAnswerToOurByeIsTheEnd(t *testing.T) {
	for _, status := range []string{"200 OK", "481 Call/Transaction Does Not Exist", "500 Oops", "603 Decline", ""} {
		play(t, Peers{}, Config{}, func(s *stage) {
			p := s.peer("10.0.0.9:5060")
			_, c := p.answered(s)
			c.leg.Hangup(Cause{Q850: 16})
			bye := p.expect("BYE ")
			if status != "" {
				p.reply(bye, status, "")
			}
			start := time.Now()
			require.Equal(t, LocalSide, c.next(t, Ended).Cause.Side)
			require.LessOrEqual(t, time.Since(start), 4*time.Second)
		})
	}
}

func TestC39NumbersJumpAndComeNearTheirEnd(t *testing.T) {
	for _, first := range []int{1, 1<<31 - 4} {
		play(t, Peers{}, Config{}, func(s *stage) {
			p := s.peer("10.0.0.9:5060")
			p.send(p.ask("INVITE", "sip:4008001234@10.0.0.1", "a1", first, "<sip:4008001234@10.0.0.1>", "", string(offerSDP))...)
			p.expect("SIP/2.0 100")
			c := s.arrival(t)
			require.NoError(t, c.leg.Answer(answerSDP))
			ok := p.expect("SIP/2.0 200")
			p.ack(ok, "a2")
			c.next(t, Confirmed)
			p.reinvite(ok, "r1", math.MaxInt32-1)
			c.next(t, Offered)
			p.expect("SIP/2.0 100")
			require.NoError(t, c.leg.RefuseOffer(488))
			refused := p.expect("SIP/2.0 488")
			require.Contains(t, field(refused, "Warning"), "305 ")
			p.ack(refused, "r1")
			p.bye(ok, math.MaxInt32)
			c.next(t, Ended)
		})
	}
}
