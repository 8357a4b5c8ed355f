package sip

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Traps about who calls, whom, and why a call ended; and about how messages
// are written.

func TestC10AnyAnswerToOurOptionsIsLife(t *testing.T) {
	for status, alive := range map[string]bool{"200 OK": true, "404 Not Found": true, "405 No": true, "483 Hops": true,
		"500 Oops": true, "503 Busy": false, "408 Late": false} {
		peers := Peers{Trunks: []Trunk{telecom[0]}}
		peers.Trunks[0].Ping = 10 * time.Second
		play(t, peers, Config{}, func(s *stage) {
			p := s.peer("10.0.0.9:5060")
			for range 4 {
				q := p.expect("OPTIONS ")
				require.NotEmpty(t, field(q, "Contact"))
				require.NotEmpty(t, field(q, "Allow"))
				p.reply(q, status, "x")
				time.Sleep(9 * time.Second)
			}
			require.Equal(t, alive, s.ua.TrunkUp("telecom"), status)
			require.NoError(t, s.ua.Reload(&Peers{Trunks: telecom}))
		})
	}
}

func TestC10OptionsOfATrunkAreAnsweredInFull(t *testing.T) {
	play(t, Peers{}, Config{}, func(s *stage) {
		p := s.peer("10.0.0.9:5060")
		for i, uri := range []string{"sip:10.0.0.1", "sip:nobody@10.0.0.1:5060"} {
			p.send(p.ask("OPTIONS", uri, fmt.Sprint("o", i), 1, "<"+uri+">")...)
			res := p.expect("SIP/2.0 200")
			for _, name := range []string{"Allow", "Accept", "Contact", "Supported"} {
				require.NotEmpty(t, field(res, name), name)
			}
			require.Contains(t, field(res, "To"), "tag=")
		}
		ok, c := p.answered(s)
		p.send(p.ask("OPTIONS", "sip:10.0.0.1", "o9", 2, field(ok, "To"))...) // is the call still there?
		p.expect("SIP/2.0 200")
		p.bye(ok, 3)
		c.next(t, Ended)
		p.send(p.ask("OPTIONS", "sip:10.0.0.1", "o10", 4, field(ok, "To"))...)
		p.expect("SIP/2.0 481")
	})
}

func TestC16ACallWithoutACommonCodecIs488WithAWarning(t *testing.T) {
	play(t, Peers{}, Config{}, func(s *stage) {
		p := s.peer("10.0.0.9:5060")
		p.invite("a1")
		p.expect("SIP/2.0 100")
		c := s.arrival(t)
		c.leg.Reject(488, 0)
		res := p.expect("SIP/2.0 488")
		require.Equal(t, `305 10.0.0.1 "Incompatible media format"`, field(res, "Warning"))
		require.Equal(t, "application/sdp", field(res, "Accept"))
		p.ack(res, "a1")
		require.Equal(t, 88, c.next(t, Ended).Cause.Q850)
	})
}

func TestC18FailuresAreToldApart(t *testing.T) {
	for _, f := range []struct {
		status int
		q850   int
	}{{404, 1}, {408, 102}, {480, 18}, {486, 17}, {500, 41}, {502, 38}, {503, 41}, {504, 102}, {603, 21}} {
		play(t, Peers{}, Config{}, func(s *stage) {
			p := s.peer("10.0.0.9:5060")
			c, inv := s.ring(p, Dial{Trunk: "telecom", URI: "1"})
			p.reply(inv, fmt.Sprint(f.status, " No"), "x", "Retry-After: 5")
			p.expect("ACK ")
			e := c.next(t, Failed)
			require.Equal(t, f.status, e.Status)
			require.Equal(t, f.q850, e.Cause.Q850)
			require.Equal(t, RemoteSide, e.Cause.Side)
		})
	}
}

func TestC26NumbersInTheirManyForms(t *testing.T) {
	for _, n := range []struct{ uri, from, number, caller string }{
		{"tel:+49-89-1234", "tel:+86-10-555", "+49891234", "+8610555"},
		{"sip:+49891234;npdi;rn=+49199@10.0.0.1;user=phone", "sip:+8610555@x;user=phone", "+49891234", "+8610555"},
		{"sip:4008001234;isub=7@10.0.0.1", "sip:anonymous@anonymous.invalid", "4008001234", ""},
		{"sip:400%2D800@10.0.0.1", "sip:x.example", "400800", ""},
	} {
		play(t, Peers{}, Config{}, func(s *stage) {
			p := s.peer("10.0.0.9:5060")
			lines := p.ask("INVITE", n.uri, "a1", 1, "<"+n.uri+">", "", string(offerSDP))
			lines[3] = "From: <" + n.from + ">;tag=t1"
			p.send(lines...)
			p.expect("SIP/2.0 100")
			c := s.arrival(t)
			require.Equal(t, n.number, c.invite.Number)
			require.Equal(t, n.caller, c.invite.From.Number)
			require.Equal(t, strings.Contains(n.from, "anonymous"), c.invite.From.Private)
			c.leg.Reject(480, 0)
			p.ack(p.expect("SIP/2.0 480"), "a1")
			c.next(t, Ended)
		})
	}
	play(t, Peers{}, Config{}, func(s *stage) {
		p := s.peer("10.0.0.9:5060")
		p.send(p.ask("INVITE", "sip:10.0.0.1", "a1", 1, "<sip:10.0.0.1>", "", string(offerSDP))...)
		p.expect("SIP/2.0 404") // an empty user is nobody's number
	})
}

func TestC27ForwardingsAreBounded(t *testing.T) {
	play(t, Peers{}, Config{}, func(s *stage) {
		p := s.peer("10.0.0.9:5060")
		p.invite("a1", "Diversion: <sip:1@a>, <sip:2@a>", "Diversion: <sip:3@a>;reason=no-answer", "Diversion: <sip:1@a>, <sip:2@a>",
			"Diversion: <sip:3@a>")
		p.expect("SIP/2.0 100")
		c := s.arrival(t)
		require.Equal(t, []string{"1", "2", "3", "1", "2"}, c.invite.Diversion)
		c.leg.Reject(480, 0)
		p.ack(p.expect("SIP/2.0 480"), "a1")
		c.next(t, Ended)
	})
}

func TestC28TheCallerIsWhoATrustedTrunkSays(t *testing.T) {
	for _, h := range []struct {
		name    string
		headers []string
		want    Identity
	}{
		{"a name and a tel number", []string{`P-Asserted-Identity: "Wei" <sip:alice@x>, <tel:+86-10-7>`}, Identity{Number: "alice", Display: "Wei"}},
		{"privacy", []string{"P-Asserted-Identity: <tel:+86107>", "Privacy: user;id"}, Identity{Number: "+86107", Private: true}},
		{"privacy none", []string{"P-Asserted-Identity: <tel:+86107>", "Privacy: none"}, Identity{Number: "+86107"}},
		{"the newer header first", []string{"Remote-Party-ID: <sip:1@x>;privacy=full", "P-Asserted-Identity: <sip:2@x>"}, Identity{Number: "2"}},
		{"the older header alone", []string{`Remote-Party-ID: "Li" <sip:+861@x>;party=calling;screen=yes;privacy=off`}, Identity{Number: "+861", Display: "Li"}},
		{"its privacy", []string{`Remote-Party-ID: <sip:+861@x>;privacy=full;screen=yes`}, Identity{Number: "+861", Private: true}},
		{"another party's", []string{`Remote-Party-ID: <sip:+861@x>;party=called;privacy=full`}, Identity{Number: "100"}},
	} {
		play(t, Peers{}, Config{}, func(s *stage) {
			p := s.peer("10.0.0.9:5060")
			p.invite("a1", h.headers...)
			p.expect("SIP/2.0 100")
			c := s.arrival(t)
			require.Equal(t, h.want, c.invite.From, h.name)
			c.leg.Reject(480, 0)
			p.ack(p.expect("SIP/2.0 480"), "a1")
			c.next(t, Ended)
		})
	}
}

func TestC29CausesComeThroughFromFailureAndBye(t *testing.T) {
	for _, q := range []int{16, 17, 21, 34, 41} {
		reason := fmt.Sprintf(`Reason: SIP;cause=200, Q.850;cause=%d;text="as the network says"`, q)
		for _, status := range []string{"603 Network Blocked", "607 Unwanted", "608 Rejected"} {
			play(t, Peers{}, Config{}, func(s *stage) {
				p := s.peer("10.0.0.9:5060")
				c, inv := s.ring(p, Dial{})
				p.reply(inv, status, "x", reason)
				p.expect("ACK ")
				e := c.next(t, Failed)
				require.Equal(t, q, e.Cause.Q850)
				require.Equal(t, "as the network says", e.Cause.Text)
				require.Equal(t, status[:3], fmt.Sprint(e.Cause.SIP))
			})
		}
		play(t, Peers{}, Config{}, func(s *stage) {
			p := s.peer("10.0.0.9:5060")
			ok, c := p.answered(s)
			p.send(p.ask("BYE", "sip:10.0.0.1", "b1", 2, field(ok, "To"), reason)...)
			p.expect("SIP/2.0 200")
			require.Equal(t, q, c.next(t, Ended).Cause.Q850)
		})
	}
}

func TestC33OfAMultipartBodyTheDescriptionIsTaken(t *testing.T) {
	body := "preamble\r\n--b1\r\nContent-Type: application/ISUP;version=itu-t92+\r\nContent-Disposition: signal;handling=optional\r\n\r\n\x01\x00I\r\n" +
		"--b1\r\nContent-Type: application/sdp\r\n\r\n" + string(offerSDP) + "\r\n--b1--\r\n"
	peers := Peers{Trunks: telecom, Accounts: []Account{{ID: "8001", Contact: "sip:8001@10.9.0.1"}}}
	play(t, peers, Config{}, func(s *stage) {
		p := s.peer("10.0.0.9:5060")
		p.sendBody(p.ask("INVITE", "sip:4008001234@10.0.0.1", "a1", 1, "<sip:4008001234@10.0.0.1>",
			`Content-Type: multipart/mixed;boundary="b1"`), body)
		p.expect("SIP/2.0 100")
		c := s.arrival(t)
		require.Equal(t, offerSDP, c.invite.SDP)
		c.leg.Reject(480, 0)
		p.ack(p.expect("SIP/2.0 480"), "a1")
		c.next(t, Ended)

		phone := s.peer("10.9.0.1:5060") // has no business with such
		phone.sendBody(phone.ask("INVITE", "sip:1@10.0.0.1", "m1", 1, "<sip:1@10.0.0.1>",
			`Content-Type: multipart/mixed;boundary="b1"`), body)
		phone.expect("SIP/2.0 415")
	})
}

func TestC34AnyLegalWayToWriteAMessageIsRead(t *testing.T) {
	play(t, Peers{}, Config{}, func(s *stage) {
		p := s.peer("10.0.0.9:5060")
		raw := func(m string) {
			_, err := p.conn.WriteTo([]byte(m), p.to)
			require.NoError(t, err)
		}
		raw("\r\n\r\n") // keep-alives get nothing over UDP
		raw("\x00\x00")
		raw("\r\n\r\nINVITE sip:400@10.0.0.1 SIP/2.0\r\nv : SIP / 2.0 / UDP 10.0.0.9 ; branch = z9hG4bKa1 ; rport\r\n" +
			"MAX-FORWARDS: 70\r\nf: \"A\r\n  B\" <sip:100@10.0.0.9> ; TAG=t1\r\nt:\r\n <sip:400@10.0.0.1>\r\ni: c1\r\ncseq: 1   INVITE\r\n" +
			"m: <sip:100@10.0.0.9>\r\nc: application/SDP\r\nk: timer\r\nl: " + fmt.Sprint(len(offerSDP)) + "\r\n\r\n" + string(offerSDP))
		p.expect("SIP/2.0 100")
		c := s.arrival(t)
		require.Equal(t, "A B", c.invite.From.Display)
		require.Equal(t, offerSDP, c.invite.SDP)
		require.NoError(t, c.leg.Answer(answerSDP))
		ok := p.expect("SIP/2.0 200")
		require.Contains(t, field(ok, "Via"), "rport=5060")
		require.Contains(t, field(ok, "From"), "tag=t1")
		p.ack(ok, "a2")
		c.next(t, Confirmed)
		p.bye(ok, 2)
		c.next(t, Ended)
	})
}

func TestC35ALargeInviteIsAnswered(t *testing.T) {
	play(t, Peers{}, Config{}, func(s *stage) {
		p := s.peer("10.0.0.9:5060")
		more := []string{"X-Carrier-Data: " + strings.Repeat("d", 3000)}
		for i := range 18 {
			more = append(more, fmt.Sprintf("Record-Route: <sip:10.0.0.9:5060;lr;hop=%d>", i))
		}
		p.invite("a1", more...)
		p.expect("SIP/2.0 100")
		c := s.arrival(t)
		require.NoError(t, c.leg.Answer(answerSDP))
		ok := p.expect("SIP/2.0 200")
		require.Greater(t, len(ok), 1300)
		require.Len(t, fields(ok, "Record-Route"), 18)
		require.NotContains(t, ok, "X-Carrier-Data")
		p.ack(ok, "a2")
		c.next(t, Confirmed)
		c.leg.Hangup(Cause{})
		bye := p.expect("BYE ")
		require.Len(t, fields(bye, "Route"), 18)
		p.reply(bye, "200 OK", "")
		c.next(t, Ended)
	})
}

func TestC36AnOfferOfPicturesOrFaxLeavesTheCallAsItWas(t *testing.T) {
	play(t, Peers{}, Config{}, func(s *stage) {
		p := s.peer("10.0.0.9:5060")
		ok, c := p.answered(s)
		fax := "v=0\r\no=- 2 3 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=image 4000 udptl t38\r\n"
		p.send(p.ask("INVITE", "sip:10.0.0.1", "f1", 2, field(ok, "To"), "", fax)...)
		require.Equal(t, fax, string(c.next(t, Offered).SDP))
		p.expect("SIP/2.0 100")
		require.NoError(t, c.leg.RefuseOffer(488))
		p.ack(p.expect("SIP/2.0 488"), "f1")
		p.silent(time.Minute)
		p.bye(ok, 3)
		c.next(t, Ended)
	})
}

func TestC38ACallIDMayComeAgain(t *testing.T) {
	play(t, Peers{}, Config{}, func(s *stage) {
		p := s.peer("10.0.0.9:5060")
		ok, c := p.answered(s)
		lines := p.ask("INVITE", "sip:4008001234@10.0.0.1", "b1", 1, "<sip:4008001234@10.0.0.1>", "", string(offerSDP))
		lines[3] = strings.Replace(lines[3], "tag=t1", "tag=t2", 1) // another call of a careless carrier
		p.send(lines...)
		p.expect("SIP/2.0 100")
		other := s.arrival(t)
		require.NotEqual(t, c.leg.ID(), other.leg.ID())
		other.leg.Reject(486, 0)
		busy := p.expect("SIP/2.0 486")
		ack := p.ask("ACK", "sip:10.0.0.1", "b1", 1, field(busy, "To"))
		ack[3] = lines[3]
		p.send(ack...)
		other.next(t, Ended)
		p.bye(ok, 2)
		c.next(t, Ended)

		p.invite("c1") // and once the first is over
		p.expect("SIP/2.0 100")
		again := s.arrival(t)
		again.leg.Reject(486, 0)
		p.ack(p.expect("SIP/2.0 486"), "c1")
		again.next(t, Ended)
	})
}
