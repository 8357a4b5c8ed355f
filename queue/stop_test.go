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

// TestWhoUndoesAClaimLooksForAnotherCall stops an agent's Ready after its
// claim, lets the claimed call go, and has another goroutine come across the
// claim: the agent must get the next call though its own Ready stands still.
func TestWhoUndoesAClaimLooksForAnotherCall(t *testing.T) {
	offers := make(chan Offer, 4)
	e := New(Options{Offer: func(o Offer) { offers <- o }})
	gate, at := make(chan struct{}), make(chan struct{})
	var once atomic.Bool
	e.hook = func(p point) {
		if p == atClaimed && once.CompareAndSwap(false, true) {
			close(at)
			<-gate
		}
	}
	k, err := e.AddClass(Need{})
	require.NoError(t, err)
	a, err := e.AddAgent(Profile{}, nil)
	require.NoError(t, err)
	first, second := &Call{Class: k, Arrival: 1}, &Call{Class: k, Arrival: 2}
	require.NoError(t, e.Enter(first))
	require.NoError(t, e.Enter(second))
	done := make(chan bool)
	go func() { done <- e.Ready(a) }()
	<-at
	_, offered, ok := e.Abandon(first)
	require.True(t, ok && !offered)
	require.False(t, e.NotReady(a), "it is in the offer of the second call by now")
	require.Same(t, second, (<-offers).Call)
	close(gate)
	require.True(t, <-done)
	require.Empty(t, offers)
	quiet(t, e)
}
