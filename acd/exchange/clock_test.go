package exchange

import (
	"math"
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
			_, phone, carrier := oneDesk(t)
			r := newRig(t, setting{agents: agentAt("8001", phone.contact("8001")), queue: "record: never, max_wait: 30m",
				wall: func() time.Time { return time.Now().Add(time.Duration(shift.Load())) }})
			r.state("8001", "ready", "")
			began := time.Now()
			leg, caller := r.dial(carrier)
			caller.await(t, sip.Answered)
			r.state("8001", "talking", "")
			waits, waiter := r.dial(carrier)
			waiter.await(t, sip.Answered)
			require.Eventually(t, func() bool { return r.book.count(acd.CallQueued) == 2 }, soon, time.Millisecond)
			for range step.times {
				shift.Add(int64(step.by))
				time.Sleep(5 * time.Millisecond)
			}
			// What is left untold is no more than a single step may be.
			require.Eventually(t, func() bool {
				moved := 0.0
				for _, e := range r.book.of(acd.ClockStepped) {
					moved += e.Seconds
				}
				return math.Abs(step.by.Seconds()*float64(step.times)-moved) <= stepAtLeast.Seconds()+0.1
			}, 30*time.Second, 5*time.Millisecond)
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

// However the wall clock's steps fall between the looks at it, all of them are
// told of but for what is less than a step; slewing is never taken for one.
func TestStepsOfTheWallClockAreToldWhole(t *testing.T) {
	at := func(mono, wall time.Duration) acd.Instant {
		return acd.Instant{Mono: mono, Wall: time.Unix(1767600000, 0).Add(wall)}
	}
	for _, looks := range []int{1, 3, 7, 100} {
		var w wallWatch
		require.Zero(t, w.step(at(0, 0)))
		told, shift := time.Duration(0), time.Duration(0)
		for i := 1; i <= 100; i++ {
			shift -= time.Second
			if i%(100/looks) == 0 {
				now := time.Duration(i) * time.Millisecond
				told += w.step(at(now, now+shift))
			}
		}
		now := 200 * time.Millisecond
		told += w.step(at(now, now+shift))
		require.InDelta(t, -100, told.Seconds(), 1.001, "%d looks", looks)
	}
	var w wallWatch
	for s := range 10 * 3600 {
		mono := time.Duration(s) * time.Second
		require.Zero(t, w.step(at(mono, mono-mono/2000)), "a clock that is slewed")
	}
	require.InDelta(t, 3600, w.step(at(10*time.Hour, 11*time.Hour-18*time.Second)).Seconds(), 0.01)
}
