package sip

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// regional is a trunk that we register at: two registrars and no address.
func regional() Trunk {
	return Trunk{ID: "regional", Username: "us", Password: "pw", Channels: 5,
		Registration: OwnRegistration{Registrars: []string{"sip:10.8.0.1", "sip:10.8.0.2"}, User: "0281234", Expires: time.Minute}}
}

func regionals(more ...Trunk) Peers { return Peers{Trunks: append([]Trunk{regional()}, more...)} }

// grant answers a REGISTER.
func (p *peer) grant(q string, expires int, more ...string) {
	p.reply(q, "200 OK", "r", append([]string{"Contact-Dummy: x", fmt.Sprintf("Expires: %d", expires)}, more...)...)
}

// retire takes all trunks out, so that nothing goes on.
func (s *stage) retire(p *peer) {
	s.t.Helper()
	synctest.Wait()
	require.NoError(s.t, s.ua.Reload(&Peers{}))
	q := p.expect("REGISTER ")
	require.Equal(s.t, "0", field(q, "Expires"))
	p.reply(q, "200 OK", "r")
}

func (s *stage) regState() string {
	synctest.Wait()
	return s.ua.TrunkStatus("regional").Registration.State.String()
}

func TestC32ATrunkWeRegisterAtTakesAndBringsCalls(t *testing.T) {
	play(t, regionals(), Config{}, func(s *stage) {
		p, second := s.peer("10.8.0.1:5060"), s.peer("10.8.0.2:5060")
		q := p.expect("REGISTER sip:10.8.0.1 ")
		require.Contains(t, field(q, "To"), "<sip:0281234@10.8.0.1>")
		require.False(t, s.ua.TrunkUp("regional"))
		p.reply(q, "401 Unauthorized", "r", `WWW-Authenticate: Digest realm="regional", nonce="abc", qop="auth"`)
		q = p.expect("REGISTER ")
		require.Contains(t, field(q, "Authorization"), `username="us"`)
		require.Contains(t, field(q, "Contact"), "<sip:0281234@10.0.0.1:5060>")
		p.grant(q, 60, "Service-Route: <sip:10.8.0.1;lr>", "Service-Route: <sip:core.example;lr>")
		require.Equal(t, "registered", s.regState())
		require.True(t, s.ua.TrunkUp("regional"))

		p.ip = "10.8.0.1" // a call in: to our Contact, the number dialled in To
		lines := p.ask("INVITE", "sip:0281234@10.0.0.1:5060", "a1", 1, "<sip:4008001234@regional.example>", "", string(offerSDP))
		p.send(lines...)
		p.expect("SIP/2.0 100")
		c := s.arrival(t)
		require.Equal(t, "regional", c.invite.Trunk)
		require.Equal(t, "4008001234", c.invite.Number)
		c.leg.Reject(486, 0)
		p.ack(p.expect("SIP/2.0 486"), "a1")
		c.next(t, Ended)
		lines[0] = "INVITE sip:4008005678@10.0.0.1:5060 SIP/2.0" // or in the Request-URI
		lines[1] = strings.Replace(lines[1], "a1", "a3", 1)
		lines[5] = "Call-ID: c3"
		p.send(lines...)
		p.expect("SIP/2.0 100")
		c = s.arrival(t)
		require.Equal(t, "4008005678", c.invite.Number)
		c.leg.Reject(486, 0)
		p.expect("SIP/2.0 486")
		p.send(append([]string{"ACK sip:4008005678@10.0.0.1:5060 SIP/2.0", lines[1]}, append(lines[2:6:6], "CSeq: 1 ACK")...)...)
		c.next(t, Ended)

		out := s.dial(t, Dial{Routes: []Route{{Trunk: "regional", URI: "13812345678"}}, From: Identity{Number: "4000"}})
		inv := p.expect("INVITE sip:13812345678@10.8.0.1 ")
		require.Equal(t, []string{"<sip:10.8.0.1;lr>", "<sip:core.example;lr>"}, fields(inv, "Route"))
		p.refuse(inv, "486 Busy Here")
		out.next(t, Failed)

		s.ua.Refuse(time.Second) // a drain
		q = p.expect("REGISTER ")
		require.Equal(t, "0", field(q, "Expires"))
		p.reply(q, "200 OK", "r")
		require.Equal(t, "withdrawn", s.regState())
		require.False(t, s.ua.TrunkUp("regional"))
		s.ua.Refuse(0)
		p.grant(p.expect("REGISTER "), 60)
		require.Equal(t, "registered", s.regState())
		s.retire(p)
		second.silent(time.Second)
	})
}

func TestC32RegistrarsTakeTurnsAndTheFirstIsReturnedTo(t *testing.T) {
	play(t, regionals(), Config{}, func(s *stage) {
		first, second := s.peer("10.8.0.1:5060"), s.peer("10.8.0.2:5060")
		start := time.Now()
		second.grant(second.expect("REGISTER "), 300)
		require.Equal(t, 8*time.Second, time.Since(start), "the first is silent")
		require.Equal(t, "registered", s.regState())
		require.Equal(t, "sip:10.8.0.2", s.ua.TrunkStatus("regional").Registration.Registrar)
		for first.receive(30*time.Second) != "" { // what is repeated of the first attempt
			continue
		}
		for time.Since(start) < 2*revertAfter {
			q := second.receive(time.Second)
			if q != "" {
				second.grant(q, 60)
			}
			if len(first.conn.in) > 0 {
				break
			}
		}
		first.grant(first.expect("REGISTER "), 60)
		require.Equal(t, "registered", s.regState())
		require.Equal(t, "sip:10.8.0.1", s.ua.TrunkStatus("regional").Registration.Registrar)

		q := first.expect("REGISTER ") // trouble at the first: the second at once
		first.reply(q, "503 Service Unavailable", "r")
		second.grant(second.expect("REGISTER "), 60)
		s.retire(second)
	})
}

func TestC32WhenNoRegistrarTakesUsTheWaitGrows(t *testing.T) {
	play(t, regionals(), Config{}, func(s *stage) {
		first, second := s.peer("10.8.0.1:5060"), s.peer("10.8.0.2:5060")
		last, waits := time.Now(), []time.Duration{}
		for range 9 {
			q := first.receive(10 * time.Minute)
			waits = append(waits, time.Since(last))
			first.reply(q, "500 Trouble", "r")
			second.reply(second.expect("REGISTER "), "500 Trouble", "r")
			last = time.Now()
			require.Equal(t, "retrying", s.regState())
		}
		require.Less(t, waits[1], 4*time.Second)
		require.GreaterOrEqual(t, waits[8], time.Minute)
		require.LessOrEqual(t, waits[8], 3*time.Minute)
		status := s.ua.TrunkStatus("regional").Registration
		require.Equal(t, 500, status.Status)
		require.Equal(t, 9, status.Failures)
		first.grant(first.receive(10*time.Minute), 60)
		require.Equal(t, "registered", s.regState())
		s.retire(first)
	})
}

func TestC32ARegistrarThatSaysNoIsLeftAloneAndTold(t *testing.T) {
	play(t, regionals(), Config{}, func(s *stage) {
		first, second := s.peer("10.8.0.1:5060"), s.peer("10.8.0.2:5060")
		first.reply(first.expect("REGISTER "), "403 Forbidden", "r")
		require.Equal(t, "denied", s.regState())
		require.Equal(t, 403, s.ua.TrunkStatus("regional").Registration.Status)
		_, err := s.ua.Dial(Dial{Trunk: "regional", URI: "1", Sink: newCall(), SDP: offerSDP})
		require.ErrorIs(t, err, ErrTrunkDown)
		first.silent(29 * time.Minute)
		second.silent(time.Second)

		changed := regional()
		changed.Password = "right"
		require.NoError(t, s.ua.Reload(&Peers{Trunks: []Trunk{changed}})) // somebody has looked into it
		first.grant(first.expect("REGISTER "), 60)
		require.Equal(t, "registered", s.regState())
		s.mu.Lock()
		require.Equal(t, []string{"regional true"}, s.trunks)
		s.mu.Unlock()
		s.retire(first)
	})
}

func TestC32TrunksAtOneRegistrarAreToldApartByOurContact(t *testing.T) {
	other := regional()
	other.ID, other.Registration.User = "another", "0285678"
	play(t, regionals(other), Config{}, func(s *stage) {
		p := s.peer("10.8.0.1:5060")
		for range 2 {
			p.grant(p.expect("REGISTER "), 3600)
		}
		synctest.Wait()
		for i, user := range []string{"0281234", "0285678"} {
			p.send(p.ask("INVITE", "sip:"+user+"@10.0.0.1", fmt.Sprint("a", i), i+1, "<sip:4001@x>", "", string(offerSDP))...)
			p.expect("SIP/2.0 100")
			c := s.arrival(t)
			require.Equal(t, []string{"regional", "another"}[i], c.invite.Trunk)
			c.leg.Reject(486, 0)
			p.ack(p.expect("SIP/2.0 486"), fmt.Sprint("a", i))
			c.next(t, Ended)
		}
		require.NoError(t, s.ua.Reload(&Peers{}))
		for range 2 {
			p.reply(p.expect("REGISTER "), "200 OK", "r")
		}
	})
}

func TestAnOutboundContactNamesItsFlow(t *testing.T) {
	tr := regional()
	tr.Registration.Outbound, tr.Registration.Domain = true, "ims.example"
	play(t, Peers{Trunks: []Trunk{tr}}, Config{}, func(s *stage) {
		p := s.peer("10.8.0.1:5060")
		q := p.expect("REGISTER sip:ims.example ")
		require.Regexp(t, `^<sip:0281234@10\.0\.0\.1:5060>;reg-id=1;\+sip\.instance="<urn:uuid:[0-9a-f-]{36}>"$`, field(q, "Contact"))
		require.Contains(t, field(q, "Supported"), "outbound")
		p.grant(q, 600)
		synctest.Wait()
		out := s.dial(t, Dial{Trunk: "regional", URI: "110"})
		inv := p.expect("INVITE sip:110@ims.example ")
		p.refuse(inv, "486 Busy")
		out.next(t, Failed)
		s.retire(p)
	})
}

func TestTheWayToUsIsKeptOpenAtACarrierBeyondANAT(t *testing.T) {
	for name, x := range map[string]struct {
		cfg      Config
		outbound bool
		kept     bool
	}{
		"behind one":         {Config{Advertise: "198.51.100.1"}, false, true},
		"as RFC 5626 has it": {Config{}, true, true},
		"in the open":        {Config{}, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			peers := regionals()
			peers.Trunks[0].Registration.Outbound = x.outbound
			play(t, peers, x.cfg, func(s *stage) {
				p := s.peer("10.8.0.1:5060")
				p.grant(p.expect("REGISTER "), 60)
				pings, last, longest := 0, time.Now(), time.Duration(0)
				for until := time.Now().Add(5 * time.Minute); time.Now().Before(until); last = time.Now() {
					m := p.receive(time.Until(until))
					longest = max(longest, time.Since(last))
					switch {
					case m == "\r\n\r\n":
						pings++
					case strings.HasPrefix(m, "REGISTER "):
						p.grant(m, 60)
					}
				}
				require.Equal(t, x.kept, pings > 0)
				require.Equal(t, x.kept, longest <= natEvery, "%v", longest)
				s.retire(p)
			})
		})
	}
}
