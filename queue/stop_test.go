package queue

import (
	"flag"
	"math/rand/v2"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var patience = flag.Duration("patience", 30*time.Second, "how long without progress means none")

// TestOneStoppedGoroutineStopsNobodyElse parks one goroutine at each hooked
// point, in the middle of whatever operation it is in, and demands that the
// others go on entering, serving and changing; then lets it go and demands
// that nothing was left undone.
func TestOneStoppedGoroutineStopsNobodyElse(t *testing.T) {
	for p := range points {
		for round := range 2 {
			stopAt(t, p, uint64(round), 1)
		}
	}
}

// TestFiveStoppedGoroutinesStopNobodyElse parks five at once, at points
// drawn at random.
func TestFiveStoppedGoroutinesStopNobodyElse(t *testing.T) {
	for seed := range uint64(10) {
		stopAt(t, -1, 100+seed, 5)
	}
}

func stopAt(t *testing.T, p point, seed uint64, victims int32) {
	room := 200
	if seed%2 == 1 || p == atAvailable {
		room = 4 + int(victims) // agents wait more often than calls
	}
	s := newStorm(seed, 12, 8, 200_000, room)
	s.crew = 2 + int(victims) // enough of each kind are left
	r := rand.New(rand.NewPCG(seed, uint64(p)))
	skip := atomic.Int64{} // the first time is often the same place: let some pass
	skip.Store(int64(r.IntN(40)))
	var parked, released atomic.Int32
	gate := make(chan struct{})
	s.e.hook = func(at point) {
		if (p < 0 || at == p) && parked.Load() < victims && skip.Add(-1) < 0 && parked.Add(1) <= victims {
			<-gate
			released.Add(1)
			return
		}
		if rand.IntN(16) == 0 {
			runtime.Gosched()
		}
	}
	done := make(chan struct{})
	go func() { defer close(done); s.run(seed) }()
	wait := func(what string, ok func() bool) {
		for end := time.Now().Add(*patience); !ok(); time.Sleep(50 * time.Microsecond) {
			if time.Now().After(end) {
				buf := make([]byte, 1<<16)
				t.Fatalf("point %d seed %d: no progress: %s\n%s", p, seed, what, buf[:runtime.Stack(buf, true)])
			}
		}
	}
	wait("the point is never reached", func() bool { return parked.Load() >= victims })
	entered, served := s.next.Load(), s.served.Load()
	wait("with a goroutine stopped", func() bool {
		return s.next.Load() > entered+100 && s.served.Load() > served+20
	})
	require.Zero(t, released.Load())
	s.next.Store(int64(len(s.calls)))
	s.stop.Store(true)
	close(gate)
	select {
	case <-done:
	case <-time.After(*patience):
		t.Fatalf("point %d seed %d: the storm does not end", p, seed)
	}
	select {
	case f := <-s.faults:
		t.Fatalf("point %d seed %d: %s", p, seed, f)
	default:
	}
	s.e.Tick()
	quiet(t, s.e)
}

// halted is an engine whose first goroutine to come to a point stops there.
type halted struct {
	*Engine
	offers chan Offer
	at     chan struct{} // closed when it has stopped
	gate   chan struct{} // close to let it go
}

func haltedAt(p point) *halted {
	h := &halted{offers: make(chan Offer, 4), at: make(chan struct{}), gate: make(chan struct{})}
	h.Engine = New(Options{Offer: func(o Offer) { h.offers <- o }, Now: func() int64 { return 100 * second }})
	var once atomic.Bool
	h.hook = func(at point) {
		if at == p && once.CompareAndSwap(false, true) {
			close(h.at)
			<-h.gate
		}
	}
	return h
}

// claimed gives an engine with an agent whose Ready stands still after it has
// claimed a call that is then abandoned.
func claimed(t *testing.T, behind ...*Call) (*halted, AgentID, ClassID, chan bool) {
	h := haltedAt(atClaimed)
	k, err := h.AddClass(Need{})
	require.NoError(t, err)
	a, err := h.AddAgent(Profile{}, nil)
	require.NoError(t, err)
	first := &Call{Class: k, Arrival: 1}
	require.NoError(t, h.Enter(first))
	for _, c := range behind {
		c.Class = k
		require.NoError(t, h.Enter(c))
	}
	done := make(chan bool)
	go func() { done <- h.Ready(a) }()
	<-h.at
	_, offered, ok := h.Abandon(first)
	require.True(t, ok && !offered)
	return h, a, k, done
}

func (h *halted) end(t *testing.T, done chan bool) {
	close(h.gate)
	require.True(t, <-done)
	require.Empty(t, h.offers)
	quiet(t, h.Engine)
}

func TestWhoUndoesAClaimLooksForAnotherCall(t *testing.T) {
	second := &Call{Arrival: 2}
	h, a, _, done := claimed(t, second)
	require.False(t, h.NotReady(a), "it is in the offer of the second call by now")
	require.Same(t, second, (<-h.offers).Call)
	h.end(t, done)
}

func TestAnArrivalGetsAnAgentWhoseClaimFailed(t *testing.T) {
	h, _, k, done := claimed(t)
	c := &Call{Class: k, Arrival: 2}
	require.NoError(t, h.Enter(c))
	require.Equal(t, 1, len(h.offers), "the claim was for a call that is gone")
	require.Same(t, c, (<-h.offers).Call)
	h.end(t, done)
}

func TestAnArrivalGetsTheLongestIdleThoughItsClaimFailed(t *testing.T) {
	h, a, k, done := claimed(t)
	b, err := h.AddAgent(Profile{}, nil)
	require.NoError(t, err)
	require.True(t, h.Ready(b))
	require.NoError(t, h.Enter(&Call{Class: k, Arrival: 2}))
	require.Equal(t, 1, len(h.offers))
	require.Equal(t, a, (<-h.offers).Agent, "the call it was claimed for is gone")
	h.end(t, done)
}

// The top knows the call, the key does not yet: whoever looks for an agent for
// it must neither go in circles nor pass it over. The key that the second call
// leaves warrants a ring that does not admit the agent.
func TestACallInSightIsMatchedThoughItsEnterStandsStill(t *testing.T) {
	h := haltedAt(atTop)
	k, err := h.AddClass(Need{Rings: []Ring{{Sites: []Site{1}}, {After: time.Minute}}})
	require.NoError(t, err)
	a, err := h.AddAgent(Profile{Site: 2}, nil)
	require.NoError(t, err)
	first := &Call{Class: k, Arrival: 1}
	done := make(chan bool)
	go func() { done <- h.Enter(first) == nil }()
	<-h.at
	require.True(t, h.Ready(a))
	require.NoError(t, h.Enter(&Call{Class: k, Arrival: 100 * second}))
	require.Equal(t, 1, len(h.offers))
	require.Same(t, first, (<-h.offers).Call)
	h.end(t, done)
}

func TestAnIndexEntryWrittenLateIsTheRightOne(t *testing.T) {
	h := haltedAt(points) // nowhere yet
	_, err := h.AddClass(Need{Rings: []Ring{{Sites: []Site{2}}}})
	require.NoError(t, err)
	a, err := h.AddAgent(Profile{Site: 3}, nil)
	require.NoError(t, err)
	var once atomic.Bool
	h.hook = func(p point) {
		if p == atLinked && once.CompareAndSwap(false, true) {
			close(h.at)
			<-h.gate
		}
	}
	done := make(chan bool)
	go func() { done <- h.ChangeAgent(a, Profile{Site: 1}) == nil }()
	<-h.at // it is about to write that the class does not admit the agent
	require.NoError(t, h.ChangeAgent(a, Profile{Site: 2}))
	h.end(t, done)
}

// The profile is in force, the index not brought up to date, when the one who
// changes it stands still.
func TestAChangedAgentIsJudgedByItsProfileThoughTheIndexIsLate(t *testing.T) {
	h := haltedAt(atChanged)
	old, err := h.AddClass(Need{Rings: []Ring{{Sites: []Site{1}}}})
	require.NoError(t, err)
	now, err := h.AddClass(Need{Rings: []Ring{{Sites: []Site{2}}}})
	require.NoError(t, err)
	a, err := h.AddAgent(Profile{Site: 1}, nil)
	require.NoError(t, err)
	require.True(t, h.Ready(a))
	done := make(chan bool)
	go func() { done <- h.ChangeAgent(a, Profile{Site: 2}) == nil }()
	<-h.at
	require.NoError(t, h.Enter(&Call{Class: old}))
	require.Empty(t, h.offers, "it sits elsewhere by now")
	c := &Call{Class: now}
	require.NoError(t, h.Enter(c))
	require.Equal(t, 1, len(h.offers))
	require.Same(t, c, (<-h.offers).Call)
	h.end(t, done)
}
