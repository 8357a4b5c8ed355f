package media

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Every test of an engine's behaviour is also run in ticks.
func init() { drivers["ticks"] = newTicking }

// newTicking makes a driver that reads in ticks however little comes.
func newTicking(v6 bool) (driver, error) {
	d, err := newEpoll(v6)
	if err != nil {
		return nil, err
	}
	d.pace.from, d.pace.until = 0, 0
	return d, nil
}

// inTicks tells how a session's loop reads.
func inTicks(t *testing.T, s *Session) bool {
	answer := make(chan bool, 1)
	require.True(t, s.loop.post(func() { answer <- s.loop.io.(*epoll).pace.ticks }))
	return <-answer
}

func TestALoopReadsInTicksAsLongAsMuchComes(t *testing.T) {
	c := bridged(t, startEngine(t, Config{}, defaultDriver), PCMU, PCMU)
	require.False(t, inTicks(t, c.session))
	require.Eventually(t, func() bool {
		for range 2 * ticksFrom {
			c.caller.speak(PCMU, 1)
		}
		return inTicks(t, c.session)
	}, patience, time.Millisecond)
	require.Eventually(t, func() bool { return !inTicks(t, c.session) }, patience, time.Millisecond)
	c.agent.speak(PCMU, 2)
	c.caller.mustHearOctet(2)
}
