package media

import "time"

var epoch = time.Now()

// Now returns the engine's monotonic clock in nanoseconds. It has nothing to
// do with the wall clock; only differences mean something.
func Now() int64 { return int64(time.Since(epoch)) }
