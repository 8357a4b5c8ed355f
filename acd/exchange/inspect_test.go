package exchange

import (
	"testing"
	"time"

	"switchroom/acd"

	"github.com/stretchr/testify/require"
)

// later is the same moment, so much later on the monotonic clock.
func (f *floor) later(d time.Duration) acd.Instant {
	now := f.clock.now()
	now.Mono += d
	return now
}

func TestACallThatOutlivesItsDeadlineIsReportedOnce(t *testing.T) {
	f := newFloor(t)
	_, caller, _ := f.talk()
	f.inspect(f.later(time.Minute))
	require.Empty(t, f.Invariants().Violations, "a talk is not late")
	f.inspect(f.later(5 * time.Hour))
	f.inspect(f.later(6 * time.Hour))
	require.Len(t, f.Invariants().Violations, 1)
	require.Contains(t, f.Invariants().Violations[0], "is talking 59m")
	f.mu.Lock()
	f.violations = nil
	f.mu.Unlock()
	caller.leg.Hangup(bye)
	f.record()
}

func TestAnAgentWhomACallHasLeftBehindIsLetGo(t *testing.T) {
	f := newFloor(t)
	a := f.agents.get("8001")
	require.NoError(t, a.claim("a call that never was", acd.PhaseReserved))
	f.state("8001", "reserved", "")
	f.inspect(f.later(time.Second))
	require.Empty(t, f.Invariants().Violations, "it may have just been made")
	f.inspect(f.later(20 * time.Second))
	require.Len(t, f.Invariants().Violations, 1)
	f.state("8001", "ready", "")
	q := f.plan.Load().queues["parcels"]
	require.Equal(t, 1, f.queue.AgentsReady(q.class), "and the queue has it again")
}
