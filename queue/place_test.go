package queue

import (
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

// Whoever is about to take a place is overtaken by others who take it and the
// one below it and give the first back: what lay below is not what he saw.
func TestAPlaceThatIsBackOnItsShelfLiesOnAnother(t *testing.T) {
	e := New(Options{MaxWaiting: 3})
	var all [3]int
	for i := range all {
		all[i] = e.takePlace(0)
	}
	for _, i := range all {
		e.places.give(0, i)
	}
	taken := map[int]bool{}
	e.hook = func(p point) {
		if p == atTaking {
			e.hook = nil
			require.Equal(t, all[2], e.takePlace(0))
			require.Equal(t, all[1], e.takePlace(0))
			taken[all[1]] = true
			e.places.give(0, all[2])
		}
	}
	for range 2 {
		i := e.takePlace(0)
		require.False(t, taken[i], "place %d is taken twice", i)
		taken[i] = true
	}
	require.Equal(t, -1, e.takePlace(0))
}
