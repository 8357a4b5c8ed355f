package baseline

import (
	"time"

	"switchroom/queue"
)

func (e *core) enter(c *Call) error {
	k := int(c.Class)
	if k < 0 || k >= len(e.classes) || e.classes[k].retired {
		return queue.ErrNoClass
	}
	if e.inside == e.limit {
		return queue.ErrFull
	}
	if c.state != outside {
		return queue.ErrReused
	}
	e.inside++
	e.entries++
	e.classes[k].inside++
	c.entry, c.state, c.ahead = e.entries, waiting, len(e.classes[k].heap)
	e.push(c)
	e.settle(k, queue.Arrival, e.now())
	return nil
}

// ready makes an agent available, with a new idle time if anew is set, one
// who serves only if ends is set.
func (e *core) ready(a int32, anew, ends bool) bool {
	s := e.seats[a]
	switch e.state[a] {
	case available:
		return true
	case ringing, gone:
		return false
	case serving:
		if !ends {
			return false
		}
	}
	now := e.now()
	if e.state[a] == serving {
		s.busy += now - s.busyAt
	}
	if anew || s.order == 0 {
		e.orders++
		s.order, s.idleAt = e.orders, now
	}
	e.order[a] = s.order
	e.set(a, available)
	e.matchAgent(a, queue.FreedAgent, nil, 1, now)
	return true
}

func (e *core) notReady(a int32) bool {
	if e.state[a] == available {
		e.set(a, idle)
	}
	return e.state[a] == idle
}

// stands tells whether an offer can still be answered.
func (e *core) stands(o Offer) bool { return o.Call.state == offered && o.Call.seq == o.Seq }

func (e *core) accept(o Offer) bool {
	if !e.stands(o) {
		return false
	}
	now, s, k := e.now(), e.seats[o.Agent], e.classes[o.Call.Class]
	s.calls++
	s.busyAt = now
	k.waits.add(now-o.Call.Arrival, o.Call.ahead)
	e.leave(o.Call)
	e.release(o.Agent, serving)
	return true
}

func (e *core) decline(o Offer) bool {
	if !e.stands(o) {
		return false
	}
	c := o.Call
	c.declined[c.declines%remembered] = o.Agent + 1
	c.declines++
	c.state = waiting
	e.release(o.Agent, idle)
	e.push(c)
	e.settle(int(c.Class), queue.Declined, e.now())
	return true
}

func (e *core) abandon(c *Call) (agent int32, was, ok bool) {
	switch c.state {
	case waiting:
		e.remove(c)
		e.leave(c)
		return -1, false, true
	case offered:
		e.leave(c)
		e.release(c.agent, idle)
		return c.agent, true, true
	}
	return -1, false, false
}

func (e *core) leave(c *Call) {
	c.state = ended
	e.inside--
	e.classes[c.Class].inside--
}

// release moves an agent out of its offer.
func (e *core) release(a int32, to uint8) {
	e.seats[a].call = nil
	e.set(a, to)
	if e.seats[a].leaving {
		e.set(a, gone)
		e.relink(a)
	}
}

// trial is what tick settled a class for last.
type trial struct {
	entry uint64
	ring  int
}

// tick opens the rings that are due, by the oldest call of each class.
func (e *core) tick() {
	for k := range e.classes {
		for e.head[k] != none {
			cl := e.classes[k]
			h, now := cl.heap[0], e.now()
			t := trial{h.entry, cl.ring(now - h.Arrival)}
			if t.ring == 0 || t == cl.tried {
				break
			}
			cl.tried = t
			e.settle(k, queue.RingOpened, now)
		}
	}
}

// waits are the last accepted calls of a class.
type waits struct {
	n  uint32
	at [64]struct {
		ms    uint32
		ahead uint32
	}
}

func (w *waits) add(waited int64, ahead int) {
	s := &w.at[w.n%uint32(len(w.at))]
	s.ms, s.ahead = uint32(max(waited, 0)/int64(time.Millisecond)), uint32(ahead)
	w.n++
}

// gauges reads how many calls of a class wait, and for how long the oldest.
func (e *core) gauges(k int) (n int, oldest int64, perRing []int) {
	c, now := e.classes[k], e.now()
	perRing = make([]int, len(c.need.Rings))
	for _, x := range c.heap {
		oldest = max(oldest, now-x.Arrival)
		perRing[c.ring(now-x.Arrival)]++
	}
	return len(c.heap), oldest, perRing
}
