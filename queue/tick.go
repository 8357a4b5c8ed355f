package queue

import "time"

// TickMax is the longest time between two calls of Tick.
const TickMax = 100 * time.Millisecond

// Tick opens the rings that are due and says in how long to call it again,
// at most TickMax. One goroutine calls it.
//
// It looks at the oldest call of each class alone. When that came into its
// ring, agents were looked for; who became available since has looked at it
// himself; and whom it could not have, no younger call can. So there is
// something to do only when the oldest call is another, has come into another
// ring, or has other rings, and 100,000 waiting calls cost what one costs.
func (e *Engine) Tick() (next time.Duration) {
	next = TickMax
	for k := range int(e.classHigh.Load()) {
		if e.keys[k].Load()>>keyVersion != keyNone {
			next = min(next, e.tickLane(&e.lanes[k]))
		}
	}
	return max(next, time.Millisecond)
}

// trial is what Tick settled a lane for last.
type trial struct {
	def   *definition
	entry uint64 // of the oldest call
	ring  int
}

// tickLane settles a lane whose oldest call has come into another ring, and
// gives the time until it comes into the next.
func (e *Engine) tickLane(l *lane) time.Duration {
	for {
		d, h := l.def.Load(), e.head(l)
		if d == nil || h.place < 0 || len(d.need.Rings) == 1 {
			return TickMax
		}
		age := e.o.Now() - h.arrival
		ring := d.ringAt(age)
		if t := (trial{d, h.call.entry, ring}); ring > 0 && l.tried != t {
			l.tried = t
			e.settle(l, RingOpened)
			continue // the oldest may be another now
		}
		if ring+1 < len(d.need.Rings) {
			return d.need.Rings[ring+1].After - time.Duration(age)
		}
		return TickMax
	}
}
