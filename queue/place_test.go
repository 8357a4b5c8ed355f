package queue

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// Places move from shelf to shelf while one goroutine looks at them in turn.
// It finds each without one, though at no instant all were: that is not full.
func TestFullMeansThatAtOneInstantNoPlaceWasFree(t *testing.T) {
	e := New(Options{MaxWaiting: 2})
	first, second := e.takePlace(0), e.takePlace(0)
	e.places.give(0, first)
	moved := false
	e.hook = func(p point) {
		if p == atEmpty && !moved { // the look begins at shelf 1 and ends with shelf 0
			moved = true
			e.places.give(1, second)
			require.Equal(t, first, e.takePlace(0))
		}
	}
	require.Equal(t, second, e.takePlace(1))
	require.True(t, moved)
	e.hook = nil
	require.Equal(t, -1, e.takePlace(3))
}

// Whoever is about to take a place is overtaken by others who take it, and the
// one below it, and give the first back: that one may be taken, the other not.
func TestAPlaceThatWasTakenMeanwhileIsNotTakenAgain(t *testing.T) {
	const n = 1000
	e := New(Options{MaxWaiting: n})
	var taken [n]sync.Mutex
	var wg sync.WaitGroup
	faults := make(chan int, n)
	for g := range 4 {
		wg.Go(func() {
			for round := range 3000 {
				i, k := e.takePlace(round%2), e.takePlace(round%2)
				for _, one := range []int{i, k} {
					if one < 0 || !taken[one].TryLock() {
						faults <- one
						return
					}
				}
				taken[i].Unlock()
				e.places.give(g%2, i)
				taken[k].Unlock()
				e.places.give(0, k)
			}
		})
	}
	wg.Wait()
	require.Empty(t, faults)
}
