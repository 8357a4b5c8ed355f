package queue

import "time"

// Gauges is how one class stands, for wallboards and announcements. The
// values are read one after another while the engine runs on.
type Gauges struct {
	Waiting      int   // calls waiting; offered ones don't count
	Oldest       int64 // ns that the oldest of them has waited, 0 if none waits
	PerRing      []int // waiting calls by the ring in force for them
	ExpectedWait Quantiles
}

// Quantiles say how long a call that enters now may expect to wait, judged by
// the waits of the calls accepted last, scaled by the calls that wait and the
// agents that work now. Samples 0: nothing is known yet.
type Quantiles struct {
	P50, P80, P95 time.Duration
	Samples       int
}
