package queue

import "time"

// Options are an engine's sizes and hooks. Sizes are reserved once.
type Options struct {
	MaxAgents  int // default 1,024, at most MaxAgentsLimit
	MaxClasses int // default 256
	MaxWaiting int // calls in the engine at once, offered ones included; default 4,096, at most MaxWaitingLimit

	// HeadStart is what one level of priority is worth in waiting time.
	// Default 5 minutes.
	HeadStart time.Duration

	// Now gives the time in ns on a clock that never steps back. Default:
	// the time since New.
	Now func() int64

	// Offer receives each match, once, on the goroutine that completed it.
	// It must not block and must not call the engine: hand the offer over
	// and return.
	Offer func(Offer)
}

// What the words of the engine have room for.
const (
	MaxAgentsLimit  = 1 << 16
	MaxClassesLimit = 1 << 16
	MaxWaitingLimit = 1 << 20
)

// withDefaults fills what is zero and clips what is out of range.
func (o Options) withDefaults() Options {
	size := func(n, def, limit int) int {
		if n <= 0 {
			n = def
		}
		return min(n, limit)
	}
	o.MaxAgents = size(o.MaxAgents, 1024, MaxAgentsLimit)
	o.MaxClasses = size(o.MaxClasses, 256, MaxClassesLimit)
	o.MaxWaiting = size(o.MaxWaiting, 4096, MaxWaitingLimit)
	if o.HeadStart <= 0 {
		o.HeadStart = 5 * time.Minute
	}
	if o.Now == nil {
		start := time.Now()
		o.Now = func() int64 { return int64(time.Since(start)) }
	}
	if o.Offer == nil {
		o.Offer = func(Offer) {}
	}
	return o
}
