package main

import (
	"time"

	"switchroom/acd"
)

// connected is what the two do with each other.
func (c *call) connected() {
	w := c.w
	c.talked = true
	c.owed = c.owed || c.core.Plan.Record
	w.figures.talks++
	if w.plot != nil {
		return
	}
	c.in(w.about(2*time.Minute), "caller hangs up", c.hangsUp)
	if l := c.legs[acd.AgentParty]; l != nil {
		c.in(w.about(3*time.Minute), "agent hangs up", func() { c.legEnds(l, acd.CallInput{}) })
	}
	if w.chance(0.2) {
		c.holds(pick(w, acd.CallerParty, acd.AgentParty))
	}
	if w.chance(0.02) {
		c.in(w.about(time.Minute), "media lost", func() {
			c.step(acd.CallInput{Kind: acd.InputMediaTimeout, Party: pick(w, acd.CallerParty, acd.AgentParty)})
		})
	}
	for _, may := range []struct {
		p    float64
		what string
		do   func()
	}{{0.12, "transfer", c.transfers}, {0.05, "to a queue", c.toAnother}, {0.15, "consults", c.consults}, {0.12, "is supervised", c.supervised}} {
		if w.chance(may.p) {
			c.in(w.about(30*time.Second), may.what, may.do)
		}
	}
}

func (c *call) holds(who acd.Party) {
	w := c.w
	c.in(w.about(20*time.Second), "hold", func() {
		c.step(acd.CallInput{Kind: acd.InputHold, Party: who})
		c.in(w.about(20*time.Second), "resume", func() { c.step(acd.CallInput{Kind: acd.InputResume, Party: who}) })
	})
}

// alone reports whether caller and agent talk, and nobody else is asked.
func (c *call) alone() bool {
	return c.core.State() == acd.Talking && c.core.Stage() == acd.NoSecond
}

// somebody is an agent who can be called, or a number outside, as
// exchange.canRing judges.
func (c *call) somebody() (acd.Seat, bool) {
	if c.w.chance(0.25) {
		return acd.Seat{Number: "021555"}, true
	}
	a := pick(c.w, c.w.agents...)
	return acd.Seat{Agent: a.id}, c.people[a.id] == nil && a.core.Reachable() && a.core.Unbound()
}

// transfers hands the caller on without a word.
func (c *call) transfers() {
	if to, ok := c.somebody(); ok && c.alone() {
		c.step(acd.CallInput{Kind: acd.InputTransfer, Target: to, By: "sim"})
	}
}

// toAnother hands the caller to a queue that has room.
func (c *call) toAnother() {
	w := c.w
	q := pick(w, w.queues...)
	if !c.alone() || q.inside >= q.room {
		return
	}
	q.inside++
	c.line, c.counted = q, true
	c.carryOutAll(c.core.ToQueue(w.instant(), q.plan, "sim", nil))
}

// isPulled hands a waiting caller to somebody by name.
func (c *call) isPulled() {
	if to, ok := c.somebody(); ok && c.core.State() == acd.Waiting {
		c.step(acd.CallInput{Kind: acd.InputPull, Target: to, By: "sim"})
	}
}

// consults has the agent ask somebody first, on the caller's line or on one of
// its own, and then makes of it what one can.
func (c *call) consults() {
	w, a := c.w, c.person(acd.AgentParty)
	to, ok := c.somebody()
	if !ok || !c.alone() || a == nil || c.core.Seat().Agent != a.id {
		return
	}
	line := w.chance(0.5) && c.legs[acd.LineParty] == nil
	if line {
		c.step(acd.CallInput{Kind: acd.InputHold, Party: acd.AgentParty}) // as the phone does by itself
		l := &leg{agent: a, dialledIn: true}
		c.legs[acd.LineParty] = l
		l.opens()
		c.in(w.about(time.Minute), "line hangs up", func() { c.legEnds(l, acd.CallInput{}) })
	}
	w.figures.consultations++
	c.step(acd.CallInput{Kind: acd.InputConsult, Target: to, Line: line})
	for range 1 + w.dice.IntN(3) {
		what := pick(w, acd.InputComplete, acd.InputMerge, acd.InputMerge, acd.InputAbort)
		c.in(w.about(15*time.Second), what.String(), func() {
			if c.core.State() != acd.Talking || c.core.Stage() == acd.NoSecond || what == acd.InputMerge && c.core.Stage() != acd.SecondJoined {
				return
			}
			if what == acd.InputMerge {
				w.figures.conferences++
			}
			c.step(acd.CallInput{Kind: what})
		})
	}
	c.in(w.about(time.Minute), "resume", func() { c.step(acd.CallInput{Kind: acd.InputResume, Party: acd.AgentParty}) })
}

// supervised lets a supervisor in: its phone is rung, or has called.
func (c *call) supervised() {
	w := c.w
	to, ok := c.somebody()
	if seat, _ := c.core.Watcher(); !ok || to.Agent == "" || c.core.State() != acd.Talking || seat != (acd.Seat{}) {
		return
	}
	in := acd.CallInput{Kind: acd.InputWatch, Seat: to, Mode: pick(w, acd.Listen, acd.Whisper, acd.Barge), By: to.Agent}
	if w.chance(0.5) {
		a, why, _ := c.claims(to.Agent)
		if why != "" {
			return
		}
		l := &leg{agent: a, dialledIn: true}
		c.legs[acd.SupervisorParty] = l
		l.opens()
		in.Line = true
		c.in(w.about(time.Minute), "supervisor hangs up", func() { c.legEnds(l, acd.CallInput{}) })
	}
	w.figures.supervised++
	c.step(in)
	for range w.dice.IntN(3) {
		next := pick(w, acd.CallInput{Kind: acd.InputMode, Mode: pick(w, acd.Listen, acd.Whisper, acd.Barge), By: to.Agent},
			acd.CallInput{Kind: acd.InputTakeOver, By: to.Agent}, acd.CallInput{Kind: acd.InputUnwatch, By: to.Agent})
		c.in(w.about(20*time.Second), next.Kind.String(), func() { c.steers(next) })
	}
}

// steers is what a supervisor who takes part may ask for.
func (c *call) steers(in acd.CallInput) {
	l := c.legs[acd.SupervisorParty]
	if seat, _ := c.core.Watcher(); seat == (acd.Seat{}) || l == nil || c.core.State() != acd.Talking {
		return
	}
	if in.Kind == acd.InputTakeOver && !l.answered {
		return
	}
	c.step(in)
}
