package chaos

import (
	"math/rand/v2"
	"sync"
	"time"
)

// dice are a seeded source that many goroutines may draw from.
type dice struct {
	mu sync.Mutex
	r  *rand.Rand
}

func newDice(seed, stream uint64) *dice { return &dice{r: rand.New(rand.NewPCG(seed, stream))} }

func (d *dice) n(max int) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.r.IntN(max)
}

func (d *dice) chance(percent int) bool { return d.n(100) < percent }

// upTo is a time below max, to the microsecond.
func (d *dice) upTo(max time.Duration) time.Duration {
	return time.Duration(d.n(int(max/time.Microsecond)+1)) * time.Microsecond
}

func pick[T any](d *dice, of ...T) T { return of[d.n(len(of))] }
