package main

import (
	"math"
	"slices"
	"time"

	"switchroom/acd"
)

// forget takes a call that is over out of the world.
func (w *world) forget(c *call) {
	w.drop(c.timer)
	c.timer = nil
	if !c.settled {
		w.fail("%s is over and has no record", c.id)
	}
	if c.queued || c.counted {
		w.fail("%s is over and has a place in queue %s", c.id, c.line.id)
	}
	delete(w.byID, c.id)
	w.calls = slices.DeleteFunc(w.calls, func(d *call) bool { return d == c })
}

// checkRecord: each conversation has its recording, once, and the record says
// so.
func (c *call) checkRecord(r *acd.CDR) {
	w := c.w
	if c.records > 1 {
		w.fail("%s has %d recordings", c.id, c.records)
	}
	if c.records != c.stops {
		w.fail("%s has a recording that does not end", c.id)
	}
	if (r.Recording != "") != (c.records == 1) {
		w.fail("%s: the record says %q of %d recordings", c.id, r.Recording, c.records)
	}
	if c.owed && c.records == 0 {
		w.fail("%s talked and was not recorded", c.id)
	}
	if lasted := (w.now - c.arrival).Seconds(); math.Abs(lasted-r.Duration) > 0.002 {
		w.fail("%s lasted %.3f s, its record says %.3f", c.id, lasted, r.Duration)
	}
	if r.Waited+r.Talked > r.Duration+0.01 {
		w.fail("%s waited %.3f s and talked %.3f, of %.3f", c.id, r.Waited, r.Talked, r.Duration)
	}
}

// check asks what must hold after every step.
func (w *world) check() {
	if w.down {
		return
	}
	for _, a := range w.agents {
		a.part = part{}
	}
	for _, c := range w.calls {
		c.tellParts()
		w.checkCall(c)
	}
	for _, a := range w.agents {
		w.checkAgent(a)
	}
	w.checkIdle()
}

func (w *world) checkAgent(a *agent) {
	state, _, _ := a.core.State()
	if id := a.core.Call(); id != "" && a.core.Bound() {
		if c := w.byID[id]; c == nil {
			w.fail("%s is %s in call %s, which is over", a.id, state, id)
		} else if c.people[a.id] != a {
			w.fail("%s is %s in call %s, which does not know of it", a.id, state, id)
		}
	}
	if p := &a.part; p.other != nil {
		w.fail("%s is connected in %s and in %s", a.id, p.connected.id, p.other.id)
	}
	if at := a.core.Deadline(); (at != 0) != (a.timer != nil && a.timer.index >= 0) {
		w.fail("%s has a deadline at %s and timer %v", a.id, at, a.timer)
	}
	if sum := a.shown + w.now - a.since; math.Abs(float64(sum-(w.now-a.born))) > float64(time.Millisecond) {
		w.fail("%s: its states add up to %s, %s have passed", a.id, sum, w.now-a.born)
	}
	if a.core.Unexpected() > 0 {
		w.fail("%s met something that made no sense", a.id)
	}
	a.checkDerived(state)
}

// zombie is how long a released call may take to be taken down (RFC 3261: timer
// B, D, F of 64 T1).
const zombie = 32 * time.Second

func (w *world) checkCall(c *call) {
	state := c.core.State()
	for id, a := range c.people {
		if state < acd.Ending && !c.hasPart(a) {
			w.fail("%s is %s and keeps %s, who has no part in it", c.id, state, id)
		}
	}
	if c.core.Unexpected() > 0 {
		w.fail("%s met something that made no sense while %s", c.id, state)
	}
	if (c.core.Deadline() != 0) != (c.timer != nil && c.timer.index >= 0) {
		w.fail("%s is %s with deadline %s and timer %v", c.id, state, c.core.Deadline(), c.timer)
	}
	if state == acd.Talking && c.owed && (c.records != 1 || c.stops != 0) {
		w.fail("%s talks, has begun %d recordings and ended %d", c.id, c.records, c.stops)
	}
	switch state {
	case acd.Waiting:
		if !c.queued || w.engine.Position(c.seat) == 0 && !w.inFlight(c) {
			w.fail("%s waits and is in no queue: it is lost", c.id)
		}
	case acd.Ringing:
		if c.legs[acd.AgentParty] == nil || c.core.Deadline() == 0 {
			w.fail("%s is ringing nobody", c.id)
		}
	case acd.Talking:
		if c.queued || c.legs[acd.AgentParty] == nil {
			w.fail("%s talks to nobody, or is in a queue", c.id)
		}
	case acd.Ending:
		if c.ending == 0 {
			c.ending = w.now
		}
		if w.now-c.ending > zombie {
			w.fail("%s was released %s ago and a dialog of it stands", c.id, w.now-c.ending)
		}
	case acd.Led, acd.Handing, acd.Summoning, acd.Dialling:
		if c.core.Deadline() == 0 {
			w.fail("%s is %s without a limit", c.id, state)
		}
	}
}

// hasPart reports whether one of the call's legs is the agent's.
func (c *call) hasPart(a *agent) bool {
	for _, r := range roles {
		if c.person(r) == a {
			return true
		}
	}
	return false
}

// inFlight reports whether an offer of the call is on its way to it.
func (w *world) inFlight(c *call) bool {
	return slices.ContainsFunc(w.offers, func(o made) bool { return o.Call == c.seat })
}

// offered reports whether an offer is on its way to a call that has this agent.
func (w *world) offered(a *agent) bool {
	return slices.ContainsFunc(w.offers, func(o made) bool { return o.AgentOwner == any(a) })
}

// checkIdle: nobody is free beside a call that it may have.
func (w *world) checkIdle() {
	for _, a := range w.agents {
		if state, _, _ := a.core.State(); state != acd.AgentReady || w.offered(a) {
			continue
		}
		for _, c := range w.calls {
			if c.core.State() == acd.Waiting && c.queued && !w.inFlight(c) && !c.declined[a] && c.admits(a, w.now) {
				w.fail("%s is ready beside %s, which waits and may have it", a.id, c.id)
				return
			}
		}
	}
}

// admits reports whether a ring that is open for the call at a moment lets the
// agent have it.
func (c *call) admits(a *agent, now time.Duration) bool {
	for _, r := range c.line.need.Rings {
		if now-c.arrival < r.After {
			continue
		}
		fits := len(r.Sites) == 0 || slices.Contains(r.Sites, a.site)
		for _, s := range r.Skills {
			fits = fits && a.levels[s.Skill] >= s.Level
		}
		if fits {
			return true
		}
	}
	return false
}

// checkOrder: of the calls of one queue that an agent may have, the one that
// has waited longest gets it.
func (w *world) checkOrder(o made) {
	got, a := o.Call.Owner.(*call), o.AgentOwner.(*agent)
	if !got.admits(a, w.now) {
		w.fail("%s was offered to %s, whom no open ring admits", got.id, a.id)
	}
	for _, c := range w.calls {
		if c.line == got.line && c.queued && c.core.State() == acd.Waiting && !w.inFlight(c) && c.seat != o.Call &&
			c.entry <= o.entries && c.arrival < got.arrival && !c.declined[a] && c.admits(a, w.now) && w.engine.Position(c.seat) > 0 {
			w.fail("%s was offered %s, and %s came before it", a.id, got.id, c.id)
		}
	}
}

// checkRest: when all is over nothing is left.
func (w *world) checkRest() {
	if len(w.calls) > 0 {
		w.fail("%d calls are lost, the first of them %s, which is %s", len(w.calls), w.calls[0].id, w.calls[0].core.State())
	}
	for _, q := range w.queues {
		if n := w.engine.Gauges(q.class).Waiting; n != 0 || q.inside != 0 {
			w.fail("queue %s is left with %d calls and %d places taken", q.id, n, q.inside)
		}
	}
	for _, a := range w.agents {
		if state, _, _ := a.core.State(); state >= acd.AgentReserved || !a.core.Idle() {
			w.fail("%s is left %s", a.id, state)
		}
	}
}
