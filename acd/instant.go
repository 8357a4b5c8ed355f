package acd

import "time"

// Instant is one reading of both clocks. Intervals are differences of Mono,
// which no step of the wall clock touches; Wall is for records that people
// read.
type Instant struct {
	Mono time.Duration // since the process began
	Wall time.Time
}

// Sub is the monotonic time from u to t.
func (t Instant) Sub(u Instant) time.Duration { return t.Mono - u.Mono }

// IsZero reports whether t was never set.
func (t Instant) IsZero() bool { return t.Wall.IsZero() }
