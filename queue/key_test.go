package queue

import (
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

// An abandonment finds the class empty and is about to raise its key to
// "none"; a call enters whose own key is beyond the old one. The raise must
// not take place, though the key says what it said.
func TestARaiseComputedBeforeAnArrivalFails(t *testing.T) {
	h := haltedAt(points)
	k, err := h.AddClass(Need{})
	require.NoError(t, err)
	first := &Call{Class: k, Arrival: second}
	require.NoError(t, h.Enter(first))
	var times atomic.Int32
	h.hook = func(p point) {
		if p == atRaise && times.Add(1) == 1 {
			close(h.at)
			<-h.gate
		}
	}
	done := make(chan bool)
	go func() { _, _, ok := h.Abandon(first); done <- ok }()
	<-h.at
	require.NoError(t, h.Enter(&Call{Class: k, Arrival: 50 * second}))
	h.end(t, done)
	require.EqualValues(t, 1, times.Load(), "the swap took place and had to be taken back")
}

// Who has put a call in sight stands still before it has lowered the class's
// key. Whoever looks for agents for that class lowers it in its place, so that
// an agent who comes takes the call before a younger one of another class.
func TestAKeyIsLoweredForWhoStandsStill(t *testing.T) {
	h := haltedAt(atTop)
	here := Need{Rings: []Ring{{Sites: []Site{1}}}}
	k, err := h.AddClass(here)
	require.NoError(t, err)
	other, err := h.AddClass(here)
	require.NoError(t, err)
	elsewhere, err := h.AddAgent(Profile{Site: 2}, nil)
	require.NoError(t, err)
	require.True(t, h.Ready(elsewhere), "somebody is free, but for nobody here")
	a, err := h.AddAgent(Profile{Site: 1}, nil)
	require.NoError(t, err)
	require.True(t, h.Ready(a) && h.NotReady(a), "a look that finds nobody raises the keys")
	oldest := &Call{Class: k, Arrival: 10 * second}
	done := make(chan bool)
	go func() { done <- h.Enter(oldest) == nil }()
	<-h.at
	require.NoError(t, h.Enter(&Call{Class: k, Arrival: 30 * second}))
	require.NoError(t, h.Enter(&Call{Class: other, Arrival: 20 * second}))
	require.True(t, h.Ready(a))
	require.Same(t, oldest, (<-h.offers).Call)
	h.end(t, done)
}
