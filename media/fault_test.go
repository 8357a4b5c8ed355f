package media

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// clumsy taps and hears, and has a fault when it is told to.
type clumsy struct {
	*journal
	tap, event atomic.Bool
}

func (c *clumsy) Frame(*Frame) {
	if c.tap.Load() {
		panic("a fault of the test's")
	}
}

func (c *clumsy) MediaEvent(e Event) {
	c.journal.MediaEvent(e)
	if c.event.Load() {
		panic("a fault of the test's")
	}
}

// A fault in one call's sound, in its tap, its events or what was asked of it,
// ends that and no other call's, and its ports come back.
func TestAFaultEndsTheSoundOfItsCallAlone(t *testing.T) {
	for name, breaks := range map[string]func(c *clumsy, s *Session, leg *Leg){
		"tap":     func(c *clumsy, s *Session, _ *Leg) { c.tap.Store(true); s.Tap(c) },
		"event":   func(c *clumsy, _ *Session, _ *Leg) { c.event.Store(true) },
		"command": func(_ *clumsy, s *Session, _ *Leg) { s.post(func() { panic("a fault of the test's") }) },
		"player": func(_ *clumsy, s *Session, leg *Leg) {
			s.post(func() { s.loop.begin(leg, play{loop: true}) })
		},
	} {
		t.Run(name, func(t *testing.T) {
			onEachDriver(t, Config{MaxLoops: 1}, func(t *testing.T, e *Engine) {
				other := bridged(t, e, PCMU, PCMU)
				used := e.Stats().PortsInUse
				c := &clumsy{journal: &journal{}}
				s := e.NewSession(c)
				leg, err := s.NewLeg(Agent)
				require.NoError(t, err)
				p := newPhone(t)
				p.to = leg.Local()
				leg.Connect(p.params(PCMU))
				settle(t, s)
				breaks(c, s, leg)
				settle(t, s)
				p.speak(PCMU, 0x31)
				p.speak(PCMU, 0x32)
				c.await(t, Fault, 1)
				other.agent.speak(PCMU, 0x41)
				other.caller.mustHearOctet(0x41)
				other.caller.speak(PCMU, 0x42)
				other.agent.mustHearOctet(0x42)
				s.Close()
				require.Eventually(t, func() bool { return e.Stats().PortsInUse == used }, patience, 5*time.Millisecond)
				require.LessOrEqual(t, len(c.of(Fault)), 1)
			})
		})
	}
}
