package sip

import (
	"sync/atomic"
	"time"
)

const (
	// lateAt is a lateness of timers that shows too little processor for the work,
	// and lateFor how long all of them must come that late: a shorter time may be a
	// pause of the whole machine, after which there is time again.
	lateAt  = 500 * time.Millisecond
	lateFor = time.Second
)

// pace finds out that the process does not get done what it has to: its timers
// come late. Then new calls get 503 with Retry-After, before they cost anything,
// and those that are up keep what processor there is. It watches the timers that
// there are, so an idle switch is not woken by it. note is called by the timers'
// goroutine alone, over by any.
type pace struct {
	since time.Time    // that they come late; zero: they do not
	until atomic.Int64 // overloaded until then, in Unix nanoseconds
}

// note takes how late a timer came; true when an overload begins.
func (p *pace) note(now time.Time, lateness time.Duration) (begins bool) {
	switch {
	case lateness < lateAt:
		p.since = time.Time{}
	case p.since.IsZero():
		p.since = now
	case now.Sub(p.since) >= lateFor:
		begins = !p.over(now)
		p.until.Store(now.Add(lateFor).UnixNano())
	}
	return begins
}

// over tells whether there is too much to do.
func (p *pace) over(now time.Time) bool { return now.UnixNano() < p.until.Load() }

// overloaded tells whether new calls are to be refused.
func (ua *UA) overloaded(now time.Time) bool {
	return ua.pendingCalls.Load() >= int64(ua.cfg.MaxCallsPending) || ua.pace.over(now)
}
