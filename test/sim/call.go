package main

import (
	"fmt"
	"time"

	"switchroom/acd"
	"switchroom/queue"
)

// leg is a phone that a call rings or has.
type leg struct {
	agent    *agent // nil: a number outside
	offer    queue.Offer
	rung     bool
	answered bool
	over     bool
}

// call is one call with its machine.
type call struct {
	w     *world
	id    string
	core  *acd.Call
	line  *line
	seat  *queue.Call
	guide acd.Guide
	next  acd.Exit // what it is told on its way out

	agent, from *leg
	people      map[string]*agent

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

// newCall has a caller dial one of the numbers.
func (w *world) newCall() {
	q := pick(w, w.queues...)
	w.born++
	c := &call{w: w, id: fmt.Sprint("c", w.born), line: q, people: map[string]*agent{}, arrival: w.now, declined: map[*agent]bool{}}
	plan := q.plan
	switch {
	case q.closed:
		plan.Led, c.next = acd.Closed, acd.Exit{Say: []string{"closed"}}
	case w.chance(0.1):
		plan.Led = acd.InMenu
	default:
		room := q.take()
		if room == nil {
			if !q.plan.ExitFull {
				return // refused: it never was a call
			}
			plan.Led, c.next = acd.QueueFull, q.full
			break
		}
		c.line, c.counted, plan = room, true, room.plan
	}
	c.core = acd.NewCall(c.id, "138", "400", "telecom", plan)
	w.calls = append(w.calls, c)
	w.byID[c.id] = c
	w.figures.calls++
	c.step(acd.CallInput{Kind: acd.InputArrive})
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

func (c *call) hangsUp() {
	if !c.callerGone {
		c.callerGone = true
		c.step(acd.CallInput{Kind: acd.InputCallerOver})
	}
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
	for _, d := range deeds {
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
	}
}

// hearOffer is exchange.call.hearOffer.
func (c *call) hearOffer(o queue.Offer) {
	if c.closed || c.core.State() != acd.Waiting || o.Call != c.seat {
		return
	}
	a := o.AgentOwner.(*agent)
	c.agent = &leg{agent: a, offer: o}
	c.people[a.id] = a
	c.step(acd.CallInput{Kind: acd.InputOffer, Seat: acd.Seat{Agent: a.id}, Decision: &acd.Decision{}})
}

// connected is what the two do with each other.
func (c *call) connected() {
	w := c.w
	c.talked = true
	c.owed = c.owed || c.core.Plan.Record
	w.figures.talks++
	c.in(w.about(2*time.Minute), "caller hangs up", c.hangsUp)
	if l := c.agent; l != nil {
		c.in(w.about(3*time.Minute), "agent hangs up", func() { c.legEnds(l, acd.CallInput{}) })
	}
	if w.chance(0.2) {
		who := pick(w, acd.CallerParty, acd.AgentParty)
		c.in(w.about(20*time.Second), "hold", func() { c.step(acd.CallInput{Kind: acd.InputHold, Party: who}) })
		c.in(w.about(40*time.Second), "resume", func() { c.step(acd.CallInput{Kind: acd.InputResume, Party: who}) })
	}
	if w.chance(0.02) {
		c.in(w.about(time.Minute), "media lost", func() {
			c.step(acd.CallInput{Kind: acd.InputMediaTimeout, Party: pick(w, acd.CallerParty, acd.AgentParty)})
		})
	}
	if w.chance(0.15) {
		c.in(w.about(30*time.Second), "transfer", func() {
			to := pick(w, w.agents...)
			if c.core.State() == acd.Talking && c.core.Seat().Agent != to.id {
				c.step(acd.CallInput{Kind: acd.InputTransfer, Target: acd.Seat{Agent: to.id}, By: "sim"})
			}
		})
	}
	if w.chance(0.05) {
		c.in(w.about(30*time.Second), "to a queue", func() {
			q := pick(w, w.queues...)
			if c.core.State() != acd.Talking || q.inside >= q.room {
				return
			}
			q.inside++
			c.line, c.counted = q, true
			c.carryOutAll(c.core.ToQueue(w.instant(), q.plan, "sim", nil))
		})
	}
}
