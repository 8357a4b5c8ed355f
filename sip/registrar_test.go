package sip

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/icholy/digest"
	"github.com/stretchr/testify/require"
)

// handset is a phone that registers by hand.
type handset struct {
	*peer
	user, password string
	seq            int
	challenge      string // the last one, MD5
	nc             int
}

func (s *stage) handset(addr, user, password string) *handset {
	return &handset{peer: s.peer(addr), user: user, password: password}
}

// register sends a REGISTER with contacts, answers its challenge and returns
// the answer.
func (h *handset) register(more ...string) string {
	h.t.Helper()
	if h.challenge == "" {
		h.sendRegister("", more...)
		res := h.expect("SIP/2.0 401")
		require.Len(h.t, fields(res, "WWW-Authenticate"), 2)
		require.Contains(h.t, fields(res, "WWW-Authenticate")[0], "SHA-256")
		h.challenge = fields(res, "WWW-Authenticate")[1]
	}
	h.sendRegister(h.authorization(), more...)
	return h.receive(time.Minute)
}

func (h *handset) authorization() string {
	c, err := digest.ParseChallenge(h.challenge)
	require.NoError(h.t, err)
	h.nc++
	cred, err := digest.Digest(c, digest.Options{Method: "REGISTER", URI: "sip:10.0.0.1", Username: h.user,
		Password: h.password, Count: h.nc, Cnonce: "c"})
	require.NoError(h.t, err)
	return "Authorization: " + cred.String()
}

func (h *handset) sendRegister(authorization string, more ...string) {
	h.seq++
	lines := []string{"REGISTER sip:10.0.0.1 SIP/2.0",
		fmt.Sprintf("Via: SIP/2.0/UDP 192.168.1.7:5060;branch=z9hG4bKreg%d-%d;rport", h.seq, h.nc), "Max-Forwards: 70",
		"From: <sip:" + h.user + "@10.0.0.1>;tag=f", "To: <sip:" + h.user + "@10.0.0.1>",
		"Call-ID: reg-" + h.ip, fmt.Sprintf("CSeq: %d REGISTER", h.seq)}
	if authorization != "" {
		lines = append(lines, authorization)
	}
	h.send(append(lines, more...)...)
}

var agents = Peers{Accounts: []Account{{ID: "8001", Password: "secret"}, {ID: "8002", Password: "other"}}, Trunks: telecom}

func TestAPhoneBehindNATIsReachedByWhereItSpokeFrom(t *testing.T) {
	play(t, agents, Config{}, func(s *stage) {
		h := s.handset("192.0.2.7:40123", "8001", "secret")
		res := h.register("Contact: <sip:8001@192.168.1.7:5060>", "Expires: 120")
		require.Contains(t, res, "SIP/2.0 200")
		require.Contains(t, field(res, "Via"), "rport=40123")
		require.Contains(t, field(res, "Via"), "received=192.0.2.7")
		require.Equal(t, "<sip:8001@192.168.1.7:5060>;expires=120", field(res, "Contact"))
		r := s.registration(t)
		require.Equal(t, Registration{Account: "8001", Registered: true, Contact: "sip:8001@192.168.1.7:5060",
			Source: "udp:192.0.2.7:40123", Reason: "registered"}, r)
		c := s.dial(t, Dial{Account: "8001"})
		inv := h.expect("INVITE sip:8001@192.168.1.7:5060 ")
		require.Equal(t, "192.0.2.7", c.leg.MediaSource().String())
		h.reply(inv, "200 OK", "x", "", string(answerSDP))
		h.expect("ACK ")
		c.next(t, Answered)
		c.leg.Hangup(Cause{})
		h.reply(h.expect("BYE "), "200 OK", "")
		c.next(t, Ended)
		for range 2 { // the NAT is kept open
			start := time.Now()
			require.Equal(t, "\r\n\r\n", h.receive(time.Minute))
			require.LessOrEqual(t, time.Since(start), natEvery)
		}
		require.Contains(t, h.register("Contact: *", "Expires: 0"), "SIP/2.0 200")
		h.silent(time.Minute)
		require.Equal(t, "unregistered", s.registration(t).Reason)
		require.False(t, s.ua.Registered("8001"))
	})
}

func TestABindingExpires(t *testing.T) {
	play(t, agents, Config{}, func(s *stage) {
		h := s.handset("192.0.2.7:5060", "8001", "secret")
		require.Contains(t, h.register("Contact: <sip:8001@192.0.2.7>;expires=60"), "SIP/2.0 200")
		s.registration(t)
		time.Sleep(59 * time.Second)
		require.True(t, s.ua.Registered("8001"))
		require.Contains(t, h.register("Contact: <sip:8001@192.0.2.7>;expires=60"), "SIP/2.0 200")
		time.Sleep(59 * time.Second)
		require.Empty(t, s.regged, "a refresh is no news")
		time.Sleep(2 * time.Second)
		require.Equal(t, "expired", s.registration(t).Reason)
		require.False(t, s.ua.Registered("8001"))
	})
}

func TestTheRegistrarsAnswers(t *testing.T) {
	play(t, agents, Config{}, func(s *stage) {
		h := s.handset("192.0.2.7:5060", "8001", "secret")
		res := h.register("Contact: <sip:8001@192.0.2.7>", "Expires: 30")
		require.Contains(t, res, "SIP/2.0 423")
		require.Equal(t, "60", field(res, "Min-Expires"))
		res = h.register("Contact: <sip:8001@192.0.2.7>", "Expires: 999999")
		require.Equal(t, "<sip:8001@192.0.2.7>;expires=3600", field(res, "Contact"))
		require.Contains(t, h.register("Contact: *", "Expires: 60"), "SIP/2.0 400")
		for i := range 2 * contactsMax {
			res = h.register(fmt.Sprintf("Contact: <sip:8001@192.0.2.7:%d>;expires=600", 6000+i))
			require.Contains(t, res, "SIP/2.0 200")
		}
		require.Len(t, fields(res, "Contact"), contactsMax, "the newest stay")
		require.Contains(t, fields(res, "Contact")[contactsMax-1], "6009")
		res = h.register() // asks
		require.Len(t, fields(res, "Contact"), contactsMax)
		h.seq -= 3
		require.Contains(t, h.register("Contact: <sip:8001@192.0.2.7>"), "SIP/2.0 500", "came late")
		h.seq += 10
		require.Contains(t, h.register("Contact: *", "Expires: 0"), "SIP/2.0 200")
		require.Zero(t, s.ua.Stats().Bindings)
	})
}

func TestARetransmittedRegisterGetsTheSameAnswer(t *testing.T) {
	play(t, agents, Config{}, func(s *stage) {
		h := s.handset("192.0.2.7:5060", "8001", "secret")
		require.Contains(t, h.register("Contact: <sip:8001@192.0.2.7>"), "SIP/2.0 200")
		h.seq++
		lines := []string{"Contact: <sip:8001@192.0.2.7>"}
		auth := h.authorization()
		h.seq--
		h.sendRegister(auth, lines...)
		first := h.expect("SIP/2.0 200")
		h.seq--
		h.sendRegister(auth, lines...)
		require.Equal(t, first, h.expect("SIP/2.0 200"))
		h.seq += 2
		h.sendRegister(auth, lines...) // the same credentials in another request
		h.expect("SIP/2.0 401")
	})
}

func TestAPhoneThatStumblesOverSHA256IsOfferedMD5(t *testing.T) {
	play(t, agents, Config{}, func(s *stage) {
		h := s.handset("192.0.2.7:5060", "8001", "secret")
		offered := func(more ...string) int {
			h.sendRegister("", more...)
			return len(fields(h.expect("SIP/2.0 401"), "WWW-Authenticate"))
		}
		require.Equal(t, 2, offered())
		h.seq--
		require.Equal(t, 2, offered(), "a repetition")
		require.Equal(t, 1, offered(), "it came back with nothing")
		old := s.handset("192.0.2.8:5060", "8002", "other")
		h = old
		require.Equal(t, 1, offered("User-Agent: baresip v1.0.0 (x86_64/linux)"))
		able := s.handset("192.0.2.9:5060", "8002", "other")
		h = able
		for range 3 { // it asks without credentials each time, and then has them
			h.challenge = "" // register expects both
			require.Contains(t, h.register("Contact: <sip:8002@192.0.2.9>;expires=60"), "SIP/2.0 200")
		}
	})
}

// The answers differ in nothing but the nonce.
func TestAnUnknownUserLooksLikeAWrongPassword(t *testing.T) {
	play(t, agents, Config{}, func(s *stage) {
		look := func(addr, user string) (string, string) {
			h := s.handset(addr, user, "guess")
			h.sendRegister("")
			first := h.expect("SIP/2.0 401")
			h.challenge = fields(first, "WWW-Authenticate")[1]
			h.sendRegister(h.authorization())
			return first, h.expect("SIP/2.0 401")
		}
		plain := func(m, user, addr string) string {
			var out []string
			for line := range strings.SplitSeq(m, "\r\n") {
				if i := strings.Index(line, `nonce="`); i >= 0 {
					j := strings.Index(line[i+7:], `"`)
					line = line[:i] + line[i+7+j:]
				}
				if strings.HasPrefix(line, "To:") {
					line, _, _ = strings.Cut(line, ";tag=")
				}
				out = append(out, strings.NewReplacer(user, "USER", addr, "ADDR").Replace(line))
			}
			return strings.Join(out, "\n")
		}
		a1, a2 := look("192.0.2.7:5060", "8001")
		b1, b2 := look("192.0.2.8:5060", "9999")
		require.Equal(t, plain(a1, "8001", "192.0.2.7"), plain(b1, "9999", "192.0.2.8"))
		require.Equal(t, plain(a2, "8001", "192.0.2.7"), plain(b2, "9999", "192.0.2.8"))
		require.Zero(t, s.ua.Stats().Transactions)
	})
}

func TestAnAccountThatIsRemovedLosesItsBinding(t *testing.T) {
	play(t, agents, Config{}, func(s *stage) {
		h := s.handset("192.0.2.7:5060", "8001", "secret")
		require.Contains(t, h.register("Contact: <sip:8001@192.0.2.7>"), "SIP/2.0 200")
		s.registration(t)
		require.NoError(t, s.ua.Reload(&Peers{Trunks: telecom, Accounts: agents.Accounts[1:]}))
		require.Equal(t, "removed", s.registration(t).Reason)
		require.False(t, s.ua.Registered("8001"))
		require.ErrorIs(t, s.ua.Reload(&Peers{Accounts: []Account{{ID: "a", Contact: "nonsense:::"}}}), ErrAddress)
	})
}

func TestAFixedContactNeedsNoRegistration(t *testing.T) {
	peers := Peers{Trunks: telecom, Accounts: []Account{{ID: "8001", Password: "secret", Contact: "sip:8001@10.9.0.1:7001"}}}
	play(t, peers, Config{}, func(s *stage) {
		require.True(t, s.ua.Registered("8001"))
		p := s.peer("10.9.0.1:7001")
		c, inv := s.ring(p, Dial{Account: "8001"})
		require.True(t, strings.HasPrefix(inv, "INVITE sip:8001@10.9.0.1:7001 "))
		p.reply(inv, "603 Decline", "x")
		p.expect("ACK ")
		require.Equal(t, 21, c.next(t, Failed).Cause.Q850)
		p.invite("a1") // a phone that calls must prove itself
		res := p.expect("SIP/2.0 401")
		require.Len(t, fields(res, "WWW-Authenticate"), 2)
		p.ack(res, "a1")
		require.Empty(t, s.arrivals)
	})
}

func TestARegistrationIsKeptAndGivenBack(t *testing.T) {
	sw := floor(t, Config{}, Account{ID: "8001", Password: "secret"})
	p := newStation(t, Config{}, nil)
	ctx, cancel := context.WithCancel(context.Background())
	require.ErrorIs(t, p.ua.Register(ctx, RegisterRequest{Registrar: "sip:" + sw.at("udp"), Account: "8001", Password: "wrong"}),
		ErrRegistration)
	require.NoError(t, p.ua.Register(ctx, RegisterRequest{Registrar: "sip:" + sw.at("udp"), Account: "8001",
		Password: "secret", Expires: time.Second})) // raised to the registrar's least
	require.True(t, sw.registration(t).Registered)
	cancel()
	require.Equal(t, "unregistered", sw.registration(t).Reason)
}

func TestACutConnectionIsAnUnreachablePhone(t *testing.T) {
	sw := floor(t, Config{}, Account{ID: "8001", Password: "secret"})
	p := phoneOf(t, sw, "8001", "secret", "tcp")
	require.True(t, sw.registration(t).Registered)
	require.Equal(t, 1, sw.ua.Stats().Connections)
	p.close()
	require.False(t, sw.registration(t).Registered)
	require.Eventually(t, func() bool { return sw.ua.Stats().Connections == 0 }, time.Minute, time.Millisecond)
}
