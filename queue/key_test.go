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
