package main

import (
	"fmt"
	"time"

	"switchroom/acd"
	"switchroom/queue"
)

// call is one call with its machine.
type call struct {
	w     *world
	id    string
	core  *acd.Call
	line  *line
	seat  *queue.Call
	guide acd.Guide
	next  acd.Exit // what it is told on its way out

	legs   map[acd.Party]*leg // by the role that each has now; the caller's only where an agent is at that end
	people map[string]*agent

	arrival    time.Duration
	counted    bool
	queued     bool
	callerGone bool // its dialog is over, or about to be
	timer      *event
	guiding    *event
	hops       int

	ending          time.Duration // since when it has been released; 0: it has not
	talked          bool
	entry           int  // its number among all entries of calls
	owed            bool // a recording: it talked in a queue that has them
	records, stops  int
	settled, closed bool
	declined        map[*agent]bool // who has had an offer of it come to nothing
}

// arrives has a caller dial the number of a queue. led: prompts may have it
// first.
func (w *world) arrives(q *line, menu bool) *call {
	c := w.makeCall(q)
	plan := q.plan
	switch {
	case q.closed:
		plan.Led, c.next = acd.Closed, acd.Exit{Say: []string{"closed"}}
	case menu:
		plan.Led = acd.InMenu
	default:
		room := q.take()
		if room == nil {
			if !q.plan.ExitFull {
				return nil // refused: it never was a call
			}
			plan.Led, c.next = acd.QueueFull, q.full
			break
		}
		c.line, c.counted, plan = room, true, room.plan
	}
	c.begins("138", plan, acd.CallInput{Kind: acd.InputArrive})
	return c
}

func (w *world) makeCall(q *line) *call {
	w.born++
	return &call{w: w, id: fmt.Sprint("c", w.born), line: q, people: map[string]*agent{}, legs: map[acd.Party]*leg{},
		arrival: w.now, declined: map[*agent]bool{}}
}

// begins admits a call.
func (c *call) begins(from string, plan acd.CallPlan, in acd.CallInput) {
	w := c.w
	c.core = acd.NewCall(c.id, from, "400", "telecom", plan)
	if a := c.person(acd.CallerParty); a != nil {
		c.core.CalledBy(acd.Seat{Agent: a.id})
	}
	w.calls = append(w.calls, c)
	w.byID[c.id] = c
	w.figures.calls++
	c.step(in)
}

// newCall has a caller dial one of the numbers.
func (w *world) newCall() {
	c := w.arrives(pick(w, w.queues...), w.chance(0.1))
	if c == nil {
		return
	}
	c.in(w.about(90*time.Second), "has had enough", func() {
		if !c.talked {
			c.hangsUp()
		}
	})
	if w.chance(0.05) {
		c.in(w.about(time.Minute), "presses a key", func() {
			if c.core.State() == acd.Waiting {
				c.leaves(acd.Escaped, acd.Exit{Queue: pick(w, w.queues...).id})
			}
		})
	}
	if w.chance(0.02) {
		c.in(w.about(time.Minute), "is released", func() {
			c.step(acd.CallInput{Kind: acd.InputRelease, Cause: pick(w, acd.Supervisor, acd.Internal), Status: 480, Q850: 16})
		})
	}
	if w.chance(0.05) {
		c.in(w.about(20*time.Second), "is pulled", c.isPulled)
	}
}

// take finds a place in the queue, or in the one that it overflows to.
func (q *line) take() *line {
	for _, l := range []*line{q, q.overflow} {
		if l == nil {
			continue
		}
		if l.inside < l.room {
			l.inside++
			return l
		}
		if l.plan.ExitFull {
			return nil
		}
	}
	return nil
}

// in has something happen to the call, if it is there by then.
func (c *call) in(d time.Duration, what string, do func()) *event {
	return c.w.in(d, c.id+" "+what, func() {
		if !c.closed {
			do()
		}
	})
}

// step is exchange.call.step.
func (c *call) step(in acd.CallInput) {
	if c.closed {
		return
	}
	was := c.core.State()
	c.carryOutAll(c.core.Step(c.w.instant(), in, nil))
	if now := c.core.State(); now != was {
		c.w.say("%s %s -> %s by %s %s", c.id, was, now, in.Kind, in.Cause)
	}
}

func (c *call) carryOutAll(deeds []acd.CallAction) {
	var next []acd.CallInput
	for _, d := range c.w.mutated(deeds) {
		if in, ok := c.carryOut(d); ok {
			next = append(next, in)
		}
	}
	for _, in := range next {
		c.step(in)
	}
	c.setTimer()
}

func (c *call) setTimer() {
	c.w.drop(c.timer)
	c.timer = nil
	if at := c.core.Deadline(); at != 0 && !c.closed {
		c.timer = c.w.in(at-c.w.now, c.id+" deadline", func() { c.timer = nil; c.step(acd.CallInput{Kind: acd.InputDeadline}) })
		c.timer.kind = timer
	}
}

// hearOffer is exchange.call.hearOffer.
func (c *call) hearOffer(o queue.Offer) {
	if c.closed || c.core.State() != acd.Waiting || o.Call != c.seat && !c.w.is(staleOffer) {
		return
	}
	a := o.AgentOwner.(*agent)
	c.legs[acd.AgentParty] = &leg{agent: a, offer: o}
	c.people[a.id] = a
	c.step(acd.CallInput{Kind: acd.InputOffer, Seat: acd.Seat{Agent: a.id}, Decision: &acd.Decision{}})
}
