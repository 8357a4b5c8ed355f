//go:build !linux

package calendar

import "time"

// System reads the process's own monotonic clock: without a boot clock what
// passes between two runs counts as an outage.
func System() (boot string, up time.Duration) { return process() }
