package queue

import (
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestACallThatHasEnteredIsInSightOfTheTop has many goroutines enter and
// abandon in one class that is deep enough for trees. Whenever an Enter has
// returned and the call still waits, the top must name a call at least as old
// and the key must not hide it; whenever an Abandon has returned, the top must
// not name the call.
func TestACallThatHasEnteredIsInSightOfTheTop(t *testing.T) {
	for seed := range uint64(30) {
		e := New(Options{MaxWaiting: 400, MaxClasses: 1, MaxAgents: 1})
		chaos := 2 + int(seed%6)
		e.hook = func(point) {
			if rand.IntN(chaos) == 0 {
				runtime.Gosched()
			}
		}
		k, err := e.AddClass(Need{})
		require.NoError(t, err)
		faults := make(chan string, 100)
		var wg sync.WaitGroup
		for g := range uint64(8) {
			wg.Go(func() { enterAndLeave(e, k, rand.New(rand.NewPCG(seed, g)), faults) })
		}
		wg.Wait()
		select {
		case f := <-faults:
			t.Fatal(f)
		default:
		}
		quiet(t, e)
	}
}

func enterAndLeave(e *Engine, k ClassID, r *rand.Rand, faults chan<- string) {
	fault := func(s string) {
		select {
		case faults <- s:
		default:
		}
	}
	l := e.laneOf(k)
	var mine []*Call
	for range 600 {
		if len(mine) < 10 || len(mine) < 45 && r.IntN(2) == 0 {
			c := &Call{Class: k, Arrival: second - int64(r.IntN(1_000_000_000))}
			if e.Enter(c) != nil {
				fault("there is room for all")
				return
			}
			mine = append(mine, c)

			w := nodePlace(l.top.Load())
			if w < 0 {
				fault("the top is empty beside a waiting call")
			} else if h := e.head(l); h.place < 0 || h.arrival > c.Arrival {
				fault("the top is younger than a waiting call")
			}
			if e.keys[0].Load()>>keyVersion > e.keyOf(c.Arrival) {
				fault("the key hides a waiting call")
			}
			continue
		}
		i := r.IntN(len(mine))
		if r.IntN(3) > 0 { // mostly the oldest: it is what the nodes show
			for j := range mine {
				if mine[j].Arrival < mine[i].Arrival {
					i = j
				}
			}
		}
		c := mine[i]
		place := int(c.place.Load()) - 1
		mine[i] = mine[len(mine)-1]
		mine = mine[:len(mine)-1]
		if _, _, ok := e.Abandon(c); !ok {
			fault("a waiting call could not be abandoned")
		}
		// The place may serve another call by now, but then that one waits.
		if w := l.top.Load(); nodePlace(w) == place && e.places.at[place].call.Load() == nil && l.top.Load() == w {
			fault("the top names a call that is gone")
		}
	}
}

// Whoever takes a call out of a node may be overtaken twice and then leaves,
// for he relies on those who overtake him: each of them leaves a name only if
// that call waits.
func TestACallThatIsGoneIsNamedNoMoreThoughOthersComeBetween(t *testing.T) {
	e := New(Options{})
	k, err := e.AddClass(Need{})
	require.NoError(t, err)
	enter := func(arrival int64) *Call {
		c := &Call{Class: k, Arrival: arrival}
		require.NoError(t, e.Enter(c))
		return c
	}
	for i := range int64(2 * fan) {
		enter(i) // older, in the lane's own cells and below the tree's first node
	}
	gone := enter(20) // the oldest below the second
	var others []*Call
	for i := range int64(3) { // two of which come between
		others = append(others, enter(30+i))
	}
	within := false
	e.hook = func(p point) {
		if p == atRefresh && !within && len(others) > 1 {
			within = true
			_, _, ok := e.Abandon(others[0])
			require.True(t, ok)
			others = others[1:]
			within = false
		}
	}
	_, _, ok := e.Abandon(gone)
	require.True(t, ok)
	require.Len(t, others, 1)
	require.Equal(t, int(others[0].place.Load())-1, nodePlace(e.lanes[0].trees[0].Load().level[0][1].Load()))
	quiet(t, e)
}

// A swap that was made from what its maker saw before the call had ceased to
// wait may still come between and name the call: then who takes it out has to
// try again.
func TestACallThatIsGoneIsNamedNoMoreThoughAnotherSawItWait(t *testing.T) {
	e := New(Options{})
	k, err := e.AddClass(Need{})
	require.NoError(t, err)
	enter := func(arrival int64) *Call {
		c := &Call{Class: k, Arrival: arrival}
		require.NoError(t, e.Enter(c))
		return c
	}
	for i := range int64(2 * fan) {
		enter(i)
	}
	gone, late := enter(20), &Call{Class: k, Arrival: 30}
	saw, between, swapped := make(chan bool), make(chan bool), make(chan bool)
	var n atomic.Int32
	e.hook = func(p point) {
		if p != atRefresh {
			return
		}
		switch n.Add(1) {
		case 1: // the late call's node names the other, which waits
			close(saw)
			<-between
		case 2: // the other is gone, the node computed without it
			close(between)
			<-swapped
		case 3: // and named by the late call's swap
			close(swapped)
		}
	}
	done := make(chan error)
	go func() { done <- e.Enter(late) }()
	<-saw
	_, _, ok := e.Abandon(gone)
	require.True(t, ok)
	require.NoError(t, <-done)
	require.Equal(t, int(late.place.Load())-1, nodePlace(e.lanes[0].trees[0].Load().level[0][1].Load()))
	quiet(t, e)
}
