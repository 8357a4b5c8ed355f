package chaos

import (
	"flag"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

var (
	seeds = flag.Int("seeds", 2, "how many seeds to run")
	first = flag.Uint64("first", 3, "the first of them")
	calls = flag.Int("calls", 150, "calls in each")
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestEverythingIsAsBeforeAfterAStorm(t *testing.T) {
	n, c := *seeds, *calls
	if testing.Short() {
		n, c = 1, 40
	}
	for i := range n {
		seed := *first + uint64(i)
		t.Run(fmt.Sprint(seed), func(t *testing.T) { storm(t, seed, c) })
	}
}

// storm runs one seed. Every third is stopped in the middle.
func storm(t *testing.T, seed uint64, calls int) {
	w := newWorld(t, seed)
	for _, p := range w.phones {
		p.register(true)
	}
	calm, doubting := make(chan struct{}), sync.WaitGroup{}
	doubting.Go(func() { w.doubts(calm) })
	sides := w.attack(calls, 40*time.Millisecond)
	if seed%3 == 0 {
		w.stop()
	} else {
		w.drains(sides)
		w.recovers()
		w.stop()
	}
	close(calm)
	doubting.Wait()
	w.audit()
	w.close()
	require.Empty(t, w.faults)
	for _, e := range w.logs.All() {
		if e.Message == "call records are not safe in time" {
			continue // a slow disk is the machine's affair, and the records are there all the same
		}
		t.Errorf("error log: %s %v", e.Message, e.ContextMap())
	}
}
