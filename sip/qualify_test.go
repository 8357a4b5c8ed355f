package sip

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// qualified is an account whose phone is asked each ten seconds.
var qualified = Peers{Accounts: []Account{{ID: "8001", Password: "secret", Qualify: 10 * time.Second}}, Trunks: telecom}

// serveFor answers every OPTIONS for a while and counts them.
func (h *handset) serveFor(d time.Duration, status string) (n int) {
	for until := time.Now().Add(d); time.Now().Before(until); {
		m := h.receive(time.Until(until))
		if strings.HasPrefix(m, "OPTIONS ") {
			n++
			h.reply(m, status, "x")
		}
	}
	return n
}

func TestAPhoneThatDiesIsKnownToWithinTwoIntervals(t *testing.T) {
	play(t, qualified, Config{}, func(s *stage) {
		h := s.handset("192.0.2.7:5060", "8001", "secret")
		require.Contains(t, h.register("Contact: <sip:8001@192.0.2.7:5060>;expires=3600"), "SIP/2.0 200")
		require.True(t, s.ua.Answers("8001"))
		require.GreaterOrEqual(t, h.serveFor(time.Minute, "404 Not Found"), 5, "any answer is life")
		require.True(t, s.ua.Answers("8001"))

		time.Sleep(20 * time.Second) // it has died
		require.False(t, s.ua.Answers("8001"))
		require.True(t, s.ua.Registered("8001"), "the binding stands")

		for len(h.conn.in) > 0 {
			<-h.conn.in
		}
		h.serveFor(10*time.Second, "200 OK") // and is back
		require.True(t, s.ua.Answers("8001"))
		require.Equal(t, []string{"8001 false", "8001 true"}, s.phones)
		require.NoError(t, s.ua.Reload(&Peers{Accounts: agents.Accounts, Trunks: telecom}))
	})
}

func TestAPhoneAtAFixedContactIsAskedAsWell(t *testing.T) {
	peers := Peers{Trunks: telecom, Accounts: []Account{{ID: "8001", Contact: "sip:8001@192.0.2.7", Qualify: 5 * time.Second}}}
	play(t, peers, Config{}, func(s *stage) {
		h := s.handset("192.0.2.7:5060", "8001", "secret")
		require.True(t, s.ua.Answers("8001"))
		require.GreaterOrEqual(t, h.serveFor(time.Minute, "200 OK"), 10)
		require.True(t, s.ua.Answers("8001"))
		time.Sleep(20 * time.Second)
		require.False(t, s.ua.Answers("8001"))
		require.NoError(t, s.ua.Reload(&Peers{Trunks: telecom}))
	})
}

func TestAPhoneThatRegistersAnewIsHeardOf(t *testing.T) {
	play(t, qualified, Config{}, func(s *stage) {
		h := s.handset("192.0.2.7:5060", "8001", "secret")
		require.Contains(t, h.register("Contact: <sip:8001@192.0.2.7:5060>;expires=3600"), "SIP/2.0 200")
		time.Sleep(20 * time.Second)
		require.False(t, s.ua.Answers("8001"))
		for len(h.conn.in) > 0 {
			<-h.conn.in
		}
		h.sendRegister(h.authorization(), "Contact: <sip:8001@192.0.2.7:5060>;expires=3600")
		time.Sleep(time.Second)
		require.True(t, s.ua.Answers("8001"))
		require.NoError(t, s.ua.Reload(&Peers{Accounts: agents.Accounts, Trunks: telecom}))
	})
}

func TestAPhoneThatIsNotAskedIsTakenAtItsWord(t *testing.T) {
	play(t, qualified, Config{}, func(s *stage) {
		h := s.handset("192.0.2.7:5060", "8001", "secret")
		require.Contains(t, h.register("Contact: <sip:8001@192.0.2.7:5060>;expires=3600"), "SIP/2.0 200")
		time.Sleep(20 * time.Second)
		require.False(t, s.ua.Answers("8001"))
		never := agents
		require.NoError(t, s.ua.Reload(&never))
		time.Sleep(40 * time.Second) // the last question is repeated that long
		require.True(t, s.ua.Answers("8001"))
		require.Equal(t, []string{"8001 false", "8001 true"}, s.phones)
		for len(h.conn.in) > 0 {
			<-h.conn.in
		}
		require.Zero(t, h.serveFor(time.Minute, "200 OK"))
	})
}

// A phone of which there is doubt is not there until it answers, which it is
// asked to do at once.
func TestAPhoneInDoubtIsAwayUntilItAnswers(t *testing.T) {
	play(t, qualified, Config{}, func(s *stage) {
		h := s.handset("192.0.2.7:5060", "8001", "secret")
		s.ua.Doubt("8001") // it has no place to be asked at: nothing is known of it
		require.Contains(t, h.register("Contact: <sip:8001@192.0.2.7:5060>;expires=3600"), "SIP/2.0 200")
		require.True(t, s.ua.Answers("8001"))
		h.serveFor(time.Minute, "200 OK")
		s.ua.Doubt("8001")
		s.ua.Doubt("nobody")
		require.False(t, s.ua.Answers("8001"))
		require.Positive(t, h.serveFor(time.Second, "200 OK"))
		require.True(t, s.ua.Answers("8001"))

		s.ua.Doubt("8001")
		time.Sleep(5 * time.Minute) // it has died
		require.False(t, s.ua.Answers("8001"))
		for len(h.conn.in) > 0 {
			<-h.conn.in
		}
		h.serveFor(10*time.Second, "200 OK")
		require.True(t, s.ua.Answers("8001"))
		require.Equal(t, []string{"8001 false", "8001 true", "8001 false", "8001 true"}, s.phones)
		require.NoError(t, s.ua.Reload(&Peers{Accounts: agents.Accounts, Trunks: telecom}))
	})
}
