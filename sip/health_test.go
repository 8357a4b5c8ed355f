package sip

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestATrunkThatDoesNotAnswerIsLeftUntilItDoes(t *testing.T) {
	peers := Peers{Trunks: []Trunk{telecom[0]}}
	peers.Trunks[0].Ping = 30 * time.Second
	play(t, peers, Config{}, func(s *stage) {
		p := s.peer("10.0.0.9:5060")
		q := p.expect("OPTIONS sip:10.0.0.9:5060 ")
		require.NotEmpty(t, field(q, "Contact"))
		p.reply(q, "404 Not Found", "x") // says that it is there
		dial := func() error {
			_, err := s.ua.Dial(Dial{Trunk: "telecom", URI: "1", Sink: newCall()})
			return err
		}
		time.Sleep(31*time.Second + 60*time.Second)
		require.True(t, s.ua.TrunkUp("telecom"))
		time.Sleep(31 * time.Second) // the third that nobody answered
		require.False(t, s.ua.TrunkUp("telecom"))
		require.ErrorIs(t, dial(), ErrTrunkDown)
		for range 2 {
			for len(p.conn.in) > 0 {
				<-p.conn.in
			}
			require.False(t, s.ua.TrunkUp("telecom"))
			p.reply(p.expect("OPTIONS "), "200 OK", "x")
			for m := p.receive(10 * time.Second); m != ""; m = p.receive(10 * time.Second) {
			}
		}
		require.True(t, s.ua.TrunkUp("telecom"))
		st := s.ua.Stats()
		require.EqualValues(t, 1, st.Counters["trunk_down"])
		require.EqualValues(t, 1, st.Counters["trunk_up"])
		require.Equal(t, []string{"telecom false", "telecom true"}, s.trunks)
		require.NoError(t, s.ua.Reload(&Peers{Trunks: telecom}))
	})
}

func TestATrunkThatIsNoLongerAskedCountsAsUp(t *testing.T) {
	peers := Peers{Trunks: []Trunk{telecom[0]}}
	peers.Trunks[0].Ping = 30 * time.Second
	play(t, peers, Config{}, func(s *stage) {
		time.Sleep(2 * time.Minute)
		require.False(t, s.ua.TrunkUp("telecom"))
		require.NoError(t, s.ua.Reload(&Peers{Trunks: telecom}))
		require.True(t, s.ua.TrunkUp("telecom"))
		require.Equal(t, []string{"telecom false", "telecom true"}, s.trunks)
	})
}

func TestTheCallRateOfATrunkIsCapped(t *testing.T) {
	peers := Peers{Trunks: []Trunk{telecom[0]}}
	peers.Trunks[0].Rate = 2
	play(t, peers, Config{}, func(s *stage) {
		dial := func() error {
			c := newCall()
			l, err := s.ua.Dial(Dial{Trunk: "telecom", URI: "1", Sink: c})
			if err == nil {
				l.Hangup(Cause{})
			}
			return err
		}
		require.NoError(t, dial())
		require.NoError(t, dial())
		require.ErrorIs(t, dial(), ErrRate)
		time.Sleep(time.Second)
		require.NoError(t, dial())
	})
}
