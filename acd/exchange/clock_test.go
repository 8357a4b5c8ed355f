package exchange

import (
	"sync/atomic"
	"testing"
	"time"

	"switchroom/acd"
	"switchroom/sip"

	"github.com/stretchr/testify/require"
)

// The wall clock is set while calls are up: an hour forward, an hour back, and a
// hundred times by a second. No call, ring or break ends by it, and no duration
// knows of it; the records say that it happened.
func TestStepsOfTheWallClockMoveNoDurationAndEndNothing(t *testing.T) {
	for _, step := range []struct {
		name  string
		by    time.Duration
		times int
	}{{"an hour forward", time.Hour, 1}, {"an hour back", -time.Hour, 1}, {"a second back, again and again", -time.Second, 100}} {
		t.Run(step.name, func(t *testing.T) {
			t.Parallel()
			var shift atomic.Int64
			legs := make(chan *ear, 8)
			phone := newPeer(t, "127.0.0.1", answers(legs))
			carrier := newPeer(t, "127.0.0.2", nobody)
			r := newRig(t, setting{agents: agentAt("8001", phone.contact("8001")), queue: "record: never, max_wait: 30m",
				wall: func() time.Time { return time.Now().Add(time.Duration(shift.Load())) }})
			r.state("8001", "ready", "")
			began := time.Now()
			leg, caller := r.dial(carrier)
			caller.await(t, sip.Answered)
			r.state("8001", "talking", "")
			waits, waiter := r.dial(carrier)
			waiter.await(t, sip.Answered)
			require.Eventually(t, func() bool { return r.book.count(acd.CallQueued) == 2 }, 5*time.Second, time.Millisecond)
			for range step.times {
				shift.Add(int64(step.by))
				time.Sleep(5 * time.Millisecond)
			}
			require.Eventually(t, func() bool { return r.book.count(acd.ClockStepped) > 0 }, 10*time.Second, 5*time.Millisecond)
			time.Sleep(200 * time.Millisecond)
			v, _ := r.Agent("8001")
			require.Equal(t, "talking", v.State)
			require.Len(t, r.Calls(), 2)
			for _, c := range r.Calls() {
				require.Less(t, c.Waited, time.Since(began).Seconds()+0.1)
				require.GreaterOrEqual(t, c.Waited, 0.0)
			}
			waits.Hangup(bye)
			leg.Hangup(bye)
			r.idle()
			took := time.Since(began).Seconds()
			moved := 0.0
			for _, e := range r.book.of(acd.ClockStepped) {
				moved += e.Seconds
			}
			require.InDelta(t, step.by.Seconds()*float64(step.times), moved, 2)
			records := r.book.of(acd.CallRecord)
			require.Len(t, records, 2)
			for _, e := range records {
				require.True(t, e.CDR.ClockStepped)
				require.Greater(t, e.CDR.Duration, 0.2)
				require.Less(t, e.CDR.Duration, took)
				require.LessOrEqual(t, e.CDR.Waited+e.CDR.Talked, e.CDR.Duration+0.01)
				require.GreaterOrEqual(t, e.CDR.Waited, 0.0)
			}
		})
	}
}
