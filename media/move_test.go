package media

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// otherLoop gives the engine a second loop and returns a session on it.
func otherLoop(t *testing.T, e *Engine, events Events) *Session {
	t.Helper()
	e.mu.Lock()
	l, err := e.addLoop()
	e.mu.Unlock()
	require.NoError(t, err)
	s := &Session{engine: e, loop: l, events: events}
	l.sessionCount.Add(1)
	l.post(func() { l.sessions[s] = struct{}{} })
	return s
}

// An attended transfer: the caller of one call and a party of another are
// joined, whichever loops served them.
func TestLegsOfTwoCallsBecomeOneCall(t *testing.T) {
	onEachDriver(t, Config{}, func(t *testing.T, e *Engine) {
		for _, sameLoop := range []bool{true, false} {
			c := bridged(t, e, PCMU, PCMA)
			c.greet()
			events := &journal{}
			s := e.NewSession(events)
			if !sameLoop {
				s = otherLoop(t, e, events)
			}
			leg, err := s.NewLeg(Agent)
			require.NoError(t, err)
			expert := newPhone(t)
			expert.to = leg.Local()
			leg.Connect(expert.params(PCMU))

			heard := &continuity{t: t}
			c.agent.speak(PCMU, 0x02)
			heard.follows(c.caller.mustHear())
			s.Take(c.a)
			tap := &listener{}
			s.Tap(tap)
			s.Bridge(c.a, leg) // asked while the leg may be on its way
			c.a.Connect(c.caller.params(PCMU))
			settleMoved(t, s)
			expert.speak(PCMU, 0x33)
			heard.until(c.caller, 0x33)
			c.caller.speak(PCMU, 0x44)
			expert.mustHearOctet(0x44)
			require.Eventually(t, func() bool { return len(tap.heard()) >= 2 }, patience, time.Millisecond)

			c.agent.speak(PCMU, 0x55)
			require.Nil(t, c.caller.hear(50*time.Millisecond), "the old call is still heard")
			c.session.Close()
			require.Len(t, c.events.await(t, Closed, 1), 1)
			c.events.await(t, SessionClosed, 1)
			c.caller.speak(PCMU, 0x45)
			expert.mustHearOctet(0x45)
			s.Close()
			events.await(t, SessionClosed, 1)
			require.Len(t, events.of(Closed), 2)
		}
		require.Eventually(t, func() bool { return e.Stats().PortsInUse == 0 && e.Stats().Legs == 0 }, patience, time.Millisecond)
	})
}

// settleMoved waits until what was asked of a session that waits for a leg has
// been done.
func settleMoved(t testing.TB, s *Session) {
	t.Helper()
	done := make(chan struct{})
	s.post(func() { close(done) })
	select {
	case <-done:
	case <-time.After(patience):
		require.FailNow(t, "the session stands still")
	}
}

// Whatever ends while a leg is on its way, no port is lost and nobody waits.
func TestMovesMeetEndsInAnyOrder(t *testing.T) {
	onEachDriver(t, Config{}, func(t *testing.T, e *Engine) {
		far := otherLoop(t, e, nil)
		defer far.Close()
		for i := range 200 {
			from, to := e.NewSession(nil), &Session{engine: e, loop: far.loop}
			far.loop.sessionCount.Add(1)
			leg, err := from.NewLeg(Caller)
			require.NoError(t, err)
			ends := []func(){from.Close, to.Close, func() { to.Take(leg) }, func() { from.RemoveLeg(leg) }, func() { from.Take(leg) }}
			for k := range ends {
				ends[(k*3+i)%len(ends)]()
			}
			from.Close()
			to.Close()
		}
		require.Eventually(t, func() bool { return e.Stats().PortsInUse == 0 && e.Stats().Legs == 0 }, patience, time.Millisecond)
		settleMoved(t, far)
	})
}

// What is heard of one party's conversation.
func TestTapOfOnePartyHearsWhatThatPartyHears(t *testing.T) {
	l, caller, agent := deskLoop(t, PCMU, PCMU)
	coach := third(l, caller)
	s := caller.session
	tap := &countingTap{}
	s.tap, s.ear = tap, caller
	says := func(leg *Leg) bool {
		before := tap.frames
		stream(t, l, leg, 0, frameOf(1))()
		return tap.frames > before
	}
	requireHeard := func(why string, want ...*Leg) {
		t.Helper()
		for _, leg := range s.legs {
			leg.in = inbound{}
			wanted := false
			for _, w := range want {
				wanted = wanted || w == leg
			}
			require.Equal(t, wanted, says(leg), "%s: %v", why, leg.side)
		}
	}
	agent.side = Agent
	requireHeard("a bridge", caller, agent)
	l.startPlay(caller, play{clip: clipOf(1, 100), loop: true})
	requireHeard("music", caller)
	l.stopPlay(caller)
	l.arrange(s, []Hears{{coach, []*Leg{caller, agent}}, {agent, []*Leg{caller, coach}}, {caller, []*Leg{agent}}})
	requireHeard("whispering", caller, agent)
	l.arrange(s, []Hears{{coach, []*Leg{caller, agent}}, {agent, []*Leg{caller, coach}}, {caller, []*Leg{agent, coach}}})
	requireHeard("barging in", caller, agent, coach)
	l.arrange(s, []Hears{{coach, []*Leg{agent}}, {agent, []*Leg{coach}}})
	requireHeard("a consultation", caller)
	s.ear = nil
	requireHeard("everybody", caller, agent, coach)
}
