package calendar

import (
	"crypto/rand"
	"time"
)

var (
	born = time.Now()
	name = rand.Text()
)

// process is the clock of this process alone.
func process() (boot string, up time.Duration) { return "process " + name, time.Since(born) }
