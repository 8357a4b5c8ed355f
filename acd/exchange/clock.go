package exchange

import (
	"time"

	"switchroom/acd"
)

// clock gives both times of one reading. The monotonic one counts from the
// clock's birth, so a step of the wall clock moves no interval.
type clock struct{ born time.Time }

func newClock() clock { return clock{born: time.Now()} }

func (c clock) now() acd.Instant {
	t := time.Now()
	return acd.Instant{Mono: t.Sub(c.born), Wall: t.UTC().Round(0)}
}

func (c clock) mono() int64 { return int64(time.Since(c.born)) }
