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
