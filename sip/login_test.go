package sip

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/icholy/digest"
	"github.com/stretchr/testify/require"
)

// branch is a trunk without a fixed address, beside one that has.
func branch() Peers {
	return Peers{Trunks: []Trunk{telecom[0], {ID: "branch", Username: "branch", Password: "secret", Channels: 1}}}
}

// proof answers a 401 as another implementation does.
func proof(t *testing.T, res, method, uri, user, password string) string {
	t.Helper()
	for _, value := range fields(res, "WWW-Authenticate") {
		c, err := digest.ParseChallenge(value)
		require.NoError(t, err)
		if c.Algorithm != "SHA-256" {
			continue
		}
		cred, err := digest.Digest(c, digest.Options{Method: method, URI: uri, Username: user, Password: password, Count: 1, Cnonce: "c"})
		require.NoError(t, err)
		return "Authorization: " + cred.String()
	}
	t.Fatal("no SHA-256 challenge")
	return ""
}

const dialledURI = "sip:4008001234@10.0.0.1"

func TestATrunkWithoutAnAddressProvesItselfAndIsThatTrunk(t *testing.T) {
	play(t, branch(), Config{}, func(s *stage) {
		p := s.peer("203.0.113.5:5060")
		p.invite("a1")
		res := p.expect("SIP/2.0 401")
		require.Zero(t, s.ua.Stats().Transactions, "no memory before the proof")
		p.ack(res, "a1")
		p.send(p.ask("INVITE", dialledURI, "a2", 2, "<"+dialledURI+">", proof(t, res, "INVITE", dialledURI, "branch", "secret"),
			"P-Asserted-Identity: <tel:+49891>", "", string(offerSDP))...)
		p.expect("SIP/2.0 100")
		c := s.arrival(t)
		require.Equal(t, "branch", c.invite.Trunk)
		require.Equal(t, "+49891", c.invite.From.Number, "it is trusted as a trunk is")
		require.Equal(t, 1, s.ua.ChannelsInUse("branch"))
		require.NoError(t, c.leg.Answer(answerSDP))
		ok := p.expect("SIP/2.0 200")
		p.ack(ok, "a3")
		c.next(t, Confirmed)

		other := s.peer("203.0.113.6:5060") // a second call: its channel is taken, and the proof is owed anew
		other.invite("b1")
		other.ack(other.expect("SIP/2.0 401"), "b1")
		p.bye(ok, 3)
		c.next(t, Ended)
		require.Equal(t, 0, s.ua.ChannelsInUse("branch"))

		p.send(p.ask("OPTIONS", dialledURI, "o1", 9, "<"+dialledURI+">")...)
		res = p.expect("SIP/2.0 401")
		p.send(p.ask("OPTIONS", dialledURI, "o2", 10, "<"+dialledURI+">", proof(t, res, "OPTIONS", dialledURI, "branch", "secret"))...)
		p.expect("SIP/2.0 200")
	})
}

func TestWrongCredentialsOfATrunkAreRefusedAndGuessingIsEnded(t *testing.T) {
	play(t, branch(), Config{}, func(s *stage) {
		p := s.peer("203.0.113.5:5060")
		p.invite("a0")
		res := p.expect("SIP/2.0 401")
		same := ""
		for i := 1; i < 10; i++ {
			user := []string{"branch", "nobody", "8001"}[i%3] // known, unknown and an account's name
			p.send(p.ask("INVITE", dialledURI, fmt.Sprint("a", i), i+1, "<"+dialledURI+">", proof(t, res, "INVITE", dialledURI, user, "wrong"))...)
			res = p.expect("SIP/2.0 401")
			plain := strings.Join(strings.Fields(blank(res)), " ")
			if same == "" {
				same = plain
			}
			require.Equal(t, same, plain, "the same answer for whoever it claims to be")
		}
		require.Empty(t, s.arrivals)
		require.Zero(t, s.ua.Stats().Transactions)
	})
	play(t, branch(), Config{}, func(s *stage) {
		p := s.peer("203.0.113.5:5060")
		p.invite("a0")
		res := p.expect("SIP/2.0 401")
		for i := 1; i < 10; i++ {
			p.send(p.ask("INVITE", dialledURI, fmt.Sprint("a", i), i+1, "<"+dialledURI+">", proof(t, res, "INVITE", dialledURI, "branch", "wrong"))...)
			res = p.expect("SIP/2.0 401")
		}
		p.send(p.ask("INVITE", dialledURI, "a10", 11, "<"+dialledURI+">", proof(t, res, "INVITE", dialledURI, "branch", "wrong"))...)
		require.Equal(t, "600", field(p.expect("SIP/2.0 403"), "Retry-After"))
		p.send(p.ask("INVITE", dialledURI, "a11", 12, "<"+dialledURI+">", proof(t, res, "INVITE", dialledURI, "branch", "secret"))...)
		p.silent(time.Minute)
		s.mu.Lock()
		require.Equal(t, []string{"203.0.113.5:5060 100"}, s.guesses)
		s.mu.Unlock()
		other := s.peer("203.0.113.6:5060") // the true one elsewhere still gets through
		other.invite("b1")
		res = other.expect("SIP/2.0 401")
		other.send(other.ask("INVITE", dialledURI, "b2", 2, "<"+dialledURI+">", proof(t, res, "INVITE", dialledURI, "branch", "secret"), "", string(offerSDP))...)
		other.expect("SIP/2.0 100")
		c := s.arrival(t)
		c.leg.Reject(486, 0)
		other.ack(other.expect("SIP/2.0 486"), "b2")
		c.next(t, Ended)
	})
}

// blank is a response without what each one has of its own.
func blank(res string) string {
	var kept []string
	for line := range strings.SplitSeq(res, "\r\n") {
		name, value, _ := strings.Cut(line, ":")
		switch name {
		case "Via", "CSeq":
			continue
		case "To":
			line, _, _ = strings.Cut(line, ";tag=")
		case "WWW-Authenticate":
			a, _, _ := strings.Cut(value, "nonce=")
			_, b, _ := strings.Cut(value, "qop=")
			line = name + a + b
		}
		kept = append(kept, line)
	}
	return strings.Join(kept, "\r\n")
}

func TestStrangersGetWhatIsConfigured(t *testing.T) {
	methods := func(s *stage, p *peer) {
		for i, m := range []string{"INVITE", "OPTIONS", "SUBSCRIBE", "MESSAGE", "BYE", "REFER"} {
			p.send(p.ask(m, dialledURI, fmt.Sprint("m", i), i+1, "<"+dialledURI+">")...)
		}
	}
	play(t, Peers{}, Config{}, func(s *stage) {
		p := s.peer("203.0.113.5:5060")
		methods(s, p)
		p.silent(time.Minute)
		require.EqualValues(t, 6, s.ua.Stats().Counters["dropped_stranger"])
	})
	peers := Peers{Admission: Admission{Refuse: true, Deny: []netip.Prefix{netip.MustParsePrefix("203.0.113.128/25"), netip.MustParsePrefix("10.0.0.7/32")},
		Phones: []netip.Prefix{netip.MustParsePrefix("10.9.0.0/16")}}, Accounts: []Account{{ID: "8001", Password: "x"}}}
	play(t, peers, Config{}, func(s *stage) {
		p := s.peer("203.0.113.5:5060")
		methods(s, p)
		got := map[string]int{}
		for m := p.receive(time.Second); m != ""; m = p.receive(time.Second) {
			got[m[:11]]++
		}
		require.Equal(t, map[string]int{"SIP/2.0 403": 4}, got, "what we do not speak is not worth a word to them")
		register := func(p *peer) {
			p.send(p.ask("REGISTER", "sip:10.0.0.1", "r", 1, "<sip:8001@10.0.0.1>")...)
		}
		register(p)
		p.expect("SIP/2.0 403")
		home := s.peer("10.9.0.1:5060")
		register(home)
		home.expect("SIP/2.0 401")
		for _, denied := range []string{"203.0.113.200:5060", "10.0.0.7:5060"} { // the second within a trunk's network
			p := s.peer(denied)
			methods(s, p)
			p.silent(time.Second)
		}
		require.EqualValues(t, 12, s.ua.Stats().Counters["dropped_denied"])
		for range int(2 * introductionBurst) { // refusals have a budget
			methods(s, p)
		}
		n := 0
		for p.receive(time.Millisecond) != "" {
			n++
		}
		require.LessOrEqual(t, n, int(introductionBurst))
		require.Zero(t, s.ua.Stats().Transactions)
	})
}

func TestAPhoneGoneMadLosesItsShareAndNotItsCalls(t *testing.T) {
	peers := Peers{Trunks: telecom, Accounts: []Account{{ID: "8001", Contact: "sip:8001@10.9.0.1"}, {ID: "8002", Contact: "sip:8002@10.9.0.2"}}}
	play(t, peers, Config{}, func(s *stage) {
		p := s.peer("10.9.0.1:5060")
		c, inv := s.ring(p, Dial{Account: "8001"})
		p.reply(inv, "200 OK", "x", "", string(answerSDP))
		p.expect("ACK ")
		c.next(t, Answered)
		for range int(crowdBurst) + 500 {
			p.send(p.ask("OPTIONS", "sip:10.0.0.1", "o", 1, "<sip:10.0.0.1>")...)
			p.receive(time.Microsecond)
		}
		for p.receive(time.Millisecond) != "" {
			continue
		}
		require.Positive(t, s.ua.Stats().Counters["dropped_throttled"])
		other := s.peer("10.9.0.2:5060")
		other.send(other.ask("OPTIONS", "sip:10.0.0.1", "o", 1, "<sip:10.0.0.1>")...)
		other.expect("SIP/2.0 200")
		p.send("BYE sip:10.0.0.1 SIP/2.0", "Via: SIP/2.0/UDP 10.9.0.1:5060;branch=z9hG4bKz", "Max-Forwards: 70", "From: "+field(inv, "To")+";tag=x",
			"To: "+field(inv, "From"), "Call-ID: "+field(inv, "Call-ID"), "CSeq: 9 BYE")
		p.expect("SIP/2.0 200")
		c.next(t, Ended)
	})
}
