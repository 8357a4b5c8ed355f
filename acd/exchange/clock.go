package exchange

import (
	"time"

	"switchroom/acd"
)

// clock gives both times of one reading. The monotonic one counts from the
// clock's birth, so a step of the wall clock moves no interval.
type clock struct {
	born time.Time
	wall func() time.Time // nil: the same reading's
}

func newClock() clock { return clock{born: time.Now()} }

func (c clock) now() acd.Instant {
	t := time.Now()
	i := acd.Instant{Mono: t.Sub(c.born), Wall: t.UTC().Round(0)}
	if c.wall != nil {
		i.Wall = c.wall().UTC().Round(0)
	}
	return i
}

func (c clock) mono() int64 { return int64(time.Since(c.born)) }

// stepAtLeast is how far the two clocks may part before the wall clock is said
// to have stepped, and slewing how fast it may go otherwise without a word: an
// NTP client slews by 500 parts in a million, some by a thousand.
const (
	stepAtLeast = time.Second
	slewing     = 1000 // monotonic ns for one of the wall clock's
)

// wallWatch finds steps of the wall clock. What is too small to be told of is
// not forgotten: it counts towards the next step, as far as it cannot have been
// slewed away meanwhile.
type wallWatch struct {
	last  acd.Instant
	apart time.Duration // by which the wall clock has moved and nobody was told
}

// step is by how much the wall clock has stepped since it was last told; 0: it
// has not.
func (w *wallWatch) step(now acd.Instant) time.Duration {
	if w.last.IsZero() {
		w.last = now
		return 0
	}
	passed := now.Sub(w.last)
	w.apart += now.Wall.Sub(w.last.Wall) - passed
	w.last = now
	if w.apart > stepAtLeast || w.apart < -stepAtLeast {
		by := w.apart
		w.apart = 0
		return by
	}
	slewed := passed / slewing
	w.apart -= min(max(w.apart, -slewed), slewed)
	return 0
}
