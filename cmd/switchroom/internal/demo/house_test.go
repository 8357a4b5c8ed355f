package demo

import (
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestNoCallBeginsOnceTheWorkIsFinished(t *testing.T) {
	t.Parallel()
	for range 200 {
		var w work
		var begun, ended atomic.Int32
		var sockets sync.WaitGroup
		for range 4 { // calls come in while somebody hangs up for good
			sockets.Go(func() {
				if w.begin(func() { ended.Add(1) }) {
					begun.Add(1)
				}
			})
		}
		w.finish()
		atEnd := ended.Load()
		sockets.Wait()
		require.Equal(t, begun.Load(), atEnd, "who was let in was waited for")
		require.False(t, w.begin(func() { t.Error("nobody is let in any more") }))
	}
}
