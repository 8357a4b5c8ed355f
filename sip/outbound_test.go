package sip

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// ring has the switch call the peer at 10.0.0.9 and returns the INVITE.
func (s *stage) ring(p *peer, d Dial) (*call, string) {
	s.t.Helper()
	if d.URI == "" {
		d.URI = "sip:100@10.0.0.9"
	}
	c := s.dial(s.t, d)
	return c, p.expect("INVITE ")
}

func TestCallOutCarriesTheCallersIdentity(t *testing.T) {
	play(t, Peers{}, Config{}, func(s *stage) {
		p := s.peer("10.0.0.9:5060")
		c, inv := s.ring(p, Dial{Trunk: "telecom", URI: "tel:+49891234", From: Identity{Number: "+8610555", Display: `A "B"`},
			Headers: []Header{{"X-Queue", "parcels"}}})
		require.True(t, strings.HasPrefix(inv, "INVITE sip:+49891234@10.0.0.9:5060 SIP/2.0\r\n"), inv)
		require.Contains(t, field(inv, "From"), `"A \"B\"" <sip:+8610555@10.0.0.1>;tag=`)
		require.Contains(t, field(inv, "P-Asserted-Identity"), "<sip:+8610555@10.0.0.1>")
		require.Equal(t, "parcels", field(inv, "X-Queue"))
		require.Equal(t, "1800", field(inv, "Session-Expires"))
		p.reply(inv, "486 Busy Here", "x")
		p.expect("ACK ")
		e := c.next(t, Failed)
		require.Equal(t, 486, e.Status)
		require.Equal(t, RemoteSide, e.Cause.Side)

		c, inv = s.ring(p, Dial{Trunk: "telecom", URI: "1", From: Identity{Number: "+8610555", Private: true}})
		require.Contains(t, field(inv, "From"), "anonymous@anonymous.invalid")
		require.Equal(t, "id", field(inv, "Privacy"))
		p.reply(inv, "404 Not Found", "x")
		p.expect("ACK ")
		c.next(t, Failed)
	})
}

func TestDialRefusesTextThatWouldBecomeAHeader(t *testing.T) {
	play(t, Peers{}, Config{}, func(s *stage) {
		for _, d := range []Dial{
			{URI: "sip:1@10.0.0.9\r\nX: y"}, {URI: "sip:1@10.0.0.9", From: Identity{Number: "1\n"}},
			{URI: "sip:1@10.0.0.9", From: Identity{Display: "a\x00"}},
			{URI: "sip:1@10.0.0.9", Headers: []Header{{"X-A", "b\r\nVia: c"}}},
			{URI: "sip:1@10.0.0.9", Headers: []Header{{"Contact", "<sip:a@b>"}}},
			{URI: "sip:1@10.0.0.9", Headers: []Header{{"v", "SIP/2.0/UDP b"}}},
			{URI: "sip:1@10.0.0.9", Headers: []Header{{"A: b", "c"}}},
		} {
			d.Sink, d.SDP = newCall(), offerSDP
			_, err := s.ua.Dial(d)
			require.ErrorIs(t, err, ErrHeader, "%+v", d)
		}
	})
}

func TestCancelWaitsForTheFirstProvisional(t *testing.T) {
	play(t, Peers{}, Config{}, func(s *stage) {
		p := s.peer("10.0.0.9:5060")
		c, inv := s.ring(p, Dial{})
		c.leg.Hangup(Cause{Q850: 16})
		again := p.expect("INVITE ") // Timer A, no CANCEL yet
		require.Equal(t, inv, again)
		p.reply(inv, "100 Trying", "")
		cancel := p.expect("CANCEL ")
		require.Equal(t, field(inv, "Via"), field(cancel, "Via"))
		p.reply(cancel, "200 OK", "x")
		p.reply(inv, "487 Request Terminated", "x")
		p.expect("ACK ")
		require.Equal(t, LocalSide, c.next(t, Ended).Cause.Side)
	})
}

func TestA200ThatCrossesTheCancelIsAcknowledgedAndEnded(t *testing.T) {
	play(t, Peers{}, Config{}, func(s *stage) {
		p := s.peer("10.0.0.9:5060")
		c, inv := s.ring(p, Dial{})
		p.reply(inv, "180 Ringing", "x")
		c.next(t, Progress)
		c.leg.Hangup(Cause{Q850: 16})
		cancel := p.expect("CANCEL ")
		p.reply(inv, "200 OK", "x", "", string(answerSDP))
		p.reply(cancel, "200 OK", "x")
		p.expect("ACK ")
		bye := p.expect("BYE ")
		p.reply(inv, "200 OK", "x", "", string(answerSDP)) // repeated: acknowledged again
		p.expect("ACK ")
		p.reply(bye, "200 OK", "")
		require.Equal(t, LocalSide, c.next(t, Ended).Cause.Side)
	})
}

func TestCancelWithNoFinalResponseEndsAnyway(t *testing.T) {
	play(t, Peers{}, Config{}, func(s *stage) {
		p := s.peer("10.0.0.9:5060")
		c, inv := s.ring(p, Dial{})
		p.reply(inv, "180 Ringing", "x")
		c.next(t, Progress)
		start := time.Now()
		c.leg.Hangup(Cause{})
		p.expect("CANCEL ")
		c.next(t, Ended)
		require.Equal(t, 4*time.Second, time.Since(start))
	})
}

func TestForkedAnswersFirstWinsOthersAreEnded(t *testing.T) {
	play(t, Peers{}, Config{}, func(s *stage) {
		p := s.peer("10.0.0.9:5060")
		c, inv := s.ring(p, Dial{})
		p.reply(inv, "183 Session Progress", "one", "", string(otherSDP))
		require.Equal(t, otherSDP, c.next(t, Progress).SDP)
		p.reply(inv, "180 Ringing", "two")
		require.Nil(t, c.next(t, Progress).SDP)
		p.reply(inv, "200 OK", "two", "", string(answerSDP))
		require.Contains(t, field(p.expect("ACK "), "To"), "tag=two")
		require.Equal(t, answerSDP, c.next(t, Answered).SDP)
		p.reply(inv, "200 OK", "one", "", string(otherSDP))
		require.Contains(t, field(p.expect("ACK "), "To"), "tag=one")
		bye := p.expect("BYE ")
		require.Contains(t, field(bye, "To"), "tag=one")
		p.reply(bye, "200 OK", "")
		p.reply(inv, "200 OK", "two", "", string(answerSDP))
		require.Contains(t, field(p.expect("ACK "), "To"), "tag=two")
		require.Empty(t, c.events)
		c.leg.Hangup(Cause{})
		bye = p.expect("BYE ")
		require.Contains(t, field(bye, "To"), "tag=two")
		p.reply(bye, "200 OK", "")
		c.next(t, Ended)
	})
}

func TestNoAnswerAtAllIsATimeout(t *testing.T) {
	play(t, Peers{}, Config{}, func(s *stage) {
		p := s.peer("10.0.0.9:5060")
		start := time.Now()
		c, _ := s.ring(p, Dial{})
		e := c.next(t, Failed)
		require.Equal(t, 32*time.Second, time.Since(start))
		require.Equal(t, 408, e.Status)
		require.Equal(t, SystemSide, e.Cause.Side)
	})
}

func TestARedirectIsAFailure(t *testing.T) {
	play(t, Peers{}, Config{}, func(s *stage) {
		p := s.peer("10.0.0.9:5060")
		c, inv := s.ring(p, Dial{})
		p.reply(inv, "302 Moved Temporarily", "x", "Contact: <sip:9@192.0.2.1>")
		p.expect("ACK ")
		require.Equal(t, 302, c.next(t, Failed).Status)
		p.silent(time.Minute)
	})
}

func TestLateOfferOutIsAnsweredByTheAck(t *testing.T) {
	play(t, Peers{}, Config{}, func(s *stage) {
		p := s.peer("10.0.0.9:5060")
		c := newCall()
		leg, err := s.ua.Dial(Dial{URI: "sip:100@10.0.0.9", Sink: c})
		require.NoError(t, err)
		inv := p.expect("INVITE ")
		require.Empty(t, content(inv))
		p.reply(inv, "200 OK", "x", "", string(offerSDP))
		require.Equal(t, offerSDP, c.next(t, Answered).SDP)
		p.silent(time.Second)
		require.NoError(t, leg.Answer(answerSDP))
		require.Equal(t, string(answerSDP), content(p.expect("ACK ")))
		leg.Hangup(Cause{})
		p.reply(p.expect("BYE "), "200 OK", "")
		c.next(t, Ended)
	})
}

const challenge = `Digest realm="%s", nonce="abc", qop="auth", algorithm=SHA-256`

func TestATrunksChallengeIsAnsweredOnceWithItsRealmOnly(t *testing.T) {
	peers := Peers{Trunks: []Trunk{{ID: "telecom", Peers: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/24")},
		Address: "sip:10.0.0.9", Username: "us", Password: "pw"}}}
	play(t, peers, Config{}, func(s *stage) {
		p := s.peer("10.0.0.9:5060")
		c, inv := s.ring(p, Dial{Trunk: "telecom", URI: "1"})
		p.reply(inv, "407 Proxy Authentication Required", "x", "Proxy-Authenticate: "+fmt.Sprintf(challenge, "carrier"))
		p.expect("ACK ")
		again := p.expect("INVITE ")
		require.Contains(t, field(again, "Proxy-Authorization"), `username="us"`)
		require.Equal(t, "2 INVITE", field(again, "CSeq"))
		require.Equal(t, field(inv, "Call-ID"), field(again, "Call-ID"))
		p.reply(again, "200 OK", "x", "", string(answerSDP))
		ack := p.expect("ACK ")
		require.Equal(t, "2 ACK", field(ack, "CSeq"))
		require.Equal(t, field(again, "Proxy-Authorization"), field(ack, "Proxy-Authorization"))
		c.next(t, Answered)
		c.leg.Hangup(Cause{})
		bye := p.expect("BYE ")
		p.reply(bye, "407 Proxy Authentication Required", "", "Proxy-Authenticate: "+fmt.Sprintf(challenge, "carrier"))
		bye = p.expect("BYE ")
		require.NotEmpty(t, field(bye, "Proxy-Authorization"))
		p.reply(bye, "200 OK", "")
		c.next(t, Ended)

		c, inv = s.ring(p, Dial{Trunk: "telecom", URI: "1"})
		p.reply(inv, "407 Proxy Authentication Required", "x", "Proxy-Authenticate: "+fmt.Sprintf(challenge, "thief"))
		p.expect("ACK ")
		require.Equal(t, 407, c.next(t, Failed).Status)
		p.silent(time.Minute)
	})
}

// A phone that challenges our BYE must not learn a trunk's digest
// (CVE-2021-41158).
func TestAPhonesChallengeIsNeverAnswered(t *testing.T) {
	peers := Peers{Accounts: []Account{{ID: "8001", Contact: "sip:8001@10.9.0.1"}},
		Trunks: []Trunk{{ID: "telecom", Peers: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/24")},
			Address: "sip:10.0.0.9", Username: "us", Password: "pw"}}}
	play(t, peers, Config{}, func(s *stage) {
		p := s.peer("10.9.0.1:5060")
		c, inv := s.ring(p, Dial{Account: "8001"})
		p.reply(inv, "200 OK", "x", "", string(answerSDP))
		p.expect("ACK ")
		c.next(t, Answered)
		c.leg.Hangup(Cause{})
		p.reply(p.expect("BYE "), "407 Proxy Authentication Required", "", "Proxy-Authenticate: "+fmt.Sprintf(challenge, "carrier"))
		c.next(t, Ended)
		p.silent(time.Minute)
	})
}

func TestRequestsFollowTheRouteSet(t *testing.T) {
	play(t, Peers{}, Config{}, func(s *stage) {
		p := s.peer("10.0.0.9:5060")
		proxy := s.peer("10.0.0.5:5080")
		c, inv := s.ring(p, Dial{Trunk: "telecom", URI: "1"})
		p.reply(inv, "200 OK", "x", "Record-Route: <sip:10.0.0.6;lr>", "Record-Route: <sip:10.0.0.5:5080;lr>",
			"", string(answerSDP))
		ack := proxy.expect("ACK sip:100@10.0.0.9:5060 ")
		require.Equal(t, []string{"<sip:10.0.0.5:5080;lr>", "<sip:10.0.0.6;lr>"}, fields(ack, "Route"))
		c.next(t, Answered)
		c.leg.Hangup(Cause{})
		bye := proxy.expect("BYE sip:100@10.0.0.9:5060 ")
		require.Equal(t, fields(ack, "Route"), fields(bye, "Route"))
		proxy.reply(bye, "200 OK", "")
		c.next(t, Ended)

		in := s.peer("10.0.0.9:5061")
		in.invite("a1", "Record-Route: <sip:10.0.0.5:5080;lr>", "Record-Route: <sip:10.0.0.6;lr>")
		in.expect("SIP/2.0 100")
		call := s.arrival(t)
		require.NoError(t, call.leg.Answer(answerSDP))
		ok := in.expect("SIP/2.0 200")
		require.Len(t, fields(ok, "Record-Route"), 2)
		in.ack(ok, "a2")
		call.next(t, Confirmed)
		call.leg.Hangup(Cause{})
		bye = proxy.expect("BYE sip:100@10.0.0.9:5061 ")
		require.Equal(t, []string{"<sip:10.0.0.5:5080;lr>", "<sip:10.0.0.6;lr>"}, fields(bye, "Route"))
		proxy.reply(bye, "200 OK", "")
		call.next(t, Ended)
	})
}

func TestReliableProvisionalIsAcknowledgedOnce(t *testing.T) {
	play(t, Peers{}, Config{}, func(s *stage) {
		p := s.peer("10.0.0.9:5060")
		c, inv := s.ring(p, Dial{})
		require.Contains(t, field(inv, "Supported"), "100rel")
		rel := []string{"Require: 100rel", "RSeq: 7", "", string(answerSDP)}
		p.reply(inv, "183 Session Progress", "x", rel...)
		prack := p.expect("PRACK sip:100@10.0.0.9:5060 ")
		require.Equal(t, "7 1 INVITE", field(prack, "RAck"))
		require.Contains(t, field(prack, "To"), "tag=x")
		require.Equal(t, answerSDP, c.next(t, Progress).SDP)
		p.reply(inv, "183 Session Progress", "x", rel...)
		p.reply(prack, "200 OK", "")
		p.silent(time.Second)
		require.Empty(t, c.events)
		p.reply(inv, "200 OK", "x", "", string(answerSDP))
		require.Equal(t, "1 ACK", field(p.expect("ACK "), "CSeq"))
		c.next(t, Answered)
		c.leg.Hangup(Cause{})
		bye := p.expect("BYE ")
		require.Equal(t, "3 BYE", field(bye, "CSeq"))
		p.reply(bye, "200 OK", "")
		c.next(t, Ended)
	})
}
