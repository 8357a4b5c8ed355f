package queue

import (
	"math/bits"
	"time"
)

// Gauges is how one class stands, for wallboards and announcements. The
// values are read one after another while the engine runs on.
type Gauges struct {
	Waiting      int   // calls waiting; offered ones don't count
	Oldest       int64 // ns that the oldest of them has waited, 0 if none waits
	PerRing      []int // waiting calls by the ring in force for them
	ExpectedWait Quantiles
}

// Quantiles say how long a call that enters now may expect to wait, judged by
// the waits of the calls accepted last. Samples 0: nothing is known yet.
type Quantiles struct {
	P50, P80, P95 time.Duration
	Samples       int
}

// Gauges reads how a class stands; all zero if there is no such class. It
// looks at every call of the class and at every agent, and writes nothing
// that the engine reads: ask once a second, not once a call.
func (e *Engine) Gauges(id ClassID) Gauges {
	l := e.laneOf(id)
	if l == nil {
		return Gauges{}
	}
	d := l.def.Load()
	if d == nil {
		return Gauges{}
	}
	now := e.o.Now()
	g := Gauges{PerRing: make([]int, len(d.need.Rings))}
	e.eachWaiting(l, func(arrival int64, _ *Call) {
		g.Waiting++
		g.Oldest = max(g.Oldest, now-arrival)
		g.PerRing[d.ringAt(now-arrival)]++
	})
	ready, working := e.staff(d)
	l.waits.working.Store(int32(working))
	g.ExpectedWait = l.waits.expect(g.Waiting, ready)
	return g
}

// Position gives a waiting call's place in its class, from 1: how many have
// waited longer, and itself. 0: it does not wait. It looks at every call of
// the class.
func (e *Engine) Position(c *Call) int {
	p, x := e.standing(c)
	if p == nil || kindOf(x) != placeWaiting {
		return 0
	}
	me := candidate{place: 0, arrival: c.Arrival, call: c}
	n := 1
	e.eachWaiting(e.laneOfCall(c), func(arrival int64, call *Call) {
		if me.older(arrival, call) {
			n++
		}
	})
	return n
}

// AgentsReady counts the available agents whom the class's last ring admits.
func (e *Engine) AgentsReady(id ClassID) int {
	if l := e.laneOf(id); l != nil {
		if d := l.def.Load(); d != nil {
			ready, _ := e.staff(d)
			return ready
		}
	}
	return 0
}

// staff counts the agents whom the last ring admits: those available, and
// those who work, be it that they are available, in an offer or serving.
func (e *Engine) staff(d *definition) (ready, working int) {
	last := len(d.need.Rings) - 1
	row := d.row(last)
	for wi := range row {
		for b := row[wi].Load(); b != 0; b &= b - 1 {
			col := wi<<6 | bits.TrailingZeros64(b)
			k := kindOf(e.word[col].Load())
			if k < agentAvailable || !d.admits(e.seats[col].in.Load(), last) {
				continue
			}
			working++
			if k == agentAvailable {
				ready++
			}
		}
	}
	return ready, working
}

// eachWaiting calls f for the waiting calls of a lane, in no order.
func (e *Engine) eachWaiting(l *lane, f func(arrival int64, call *Call)) {
	visit := func(cell *cell) {
		c := candidate{place: -1}
		e.considerCell(&c, cell)
		if c.place >= 0 {
			f(c.arrival, c.call)
		}
	}
	for i := range l.own {
		visit(&l.own[i])
	}
	for i := range l.trees {
		if t := l.trees[i].Load(); t != nil {
			t.walk(len(t.level)-1, 0, visit)
		}
	}
}

// walk visits the cells below a node, leaving out what holds no waiting call.
func (t *tree) walk(lv, i int, visit func(*cell)) {
	if nodePlace(t.level[lv][i].Load()) < 0 {
		return
	}
	for j := i << fanBits; j < (i+1)<<fanBits; j++ {
		if lv == 0 {
			visit(&t.cell[j])
		} else {
			t.walk(lv-1, j, visit)
		}
	}
}
