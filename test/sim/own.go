package main

import (
	"time"

	"switchroom/acd"
)

// calls has the agent call somebody, as exchange.phoneDials does: a colleague, a
// number outside or a queue; or a program has it call.
func (a *agent) calls() {
	w := a.w
	if a.dead {
		return
	}
	if w.chance(0.2) {
		a.callsQueue(pick(w, w.queues...))
		return
	}
	c := w.makeCall(w.queues[0])
	to, ok := c.somebody()
	if !ok || to.Agent == a.id {
		return
	}
	if why, _ := a.claim(c.id, acd.PhaseOutbound); why != "" {
		return
	}
	c.people[a.id] = a
	line := w.chance(0.7)
	if line {
		l := &leg{agent: a, dialledIn: true, own: true}
		c.legs[acd.AgentParty] = l
		l.opens()
	}
	w.figures.own++
	plan := acd.CallPlan{Client: "courier", Direction: acd.DirectionOut, Version: "sim", RingTimeout: 20 * time.Second, DialTimeout: 30 * time.Second,
		WrapUp: pick(w, 0, 10*time.Second), Record: w.chance(0.5), MaxTalk: pick(w, 0, 5*time.Minute)}
	c.begins(a.id, plan, acd.CallInput{Kind: acd.InputDial, Seat: acd.Seat{Agent: a.id}, Target: to, Line: line})
	c.in(w.about(time.Minute), "agent gives up", func() {
		if l := c.legs[acd.AgentParty]; l != nil {
			c.legEnds(l, acd.CallInput{})
		}
	})
}

// callsQueue has the agent wait in a queue like any caller.
func (a *agent) callsQueue(q *line) {
	c := a.w.makeCall(q)
	if why, _ := a.claim(c.id, acd.PhaseOutbound); why != "" {
		return
	}
	room := q.take()
	if room == nil {
		a.step(acd.AgentInput{Kind: acd.AgentPhase, Phase: acd.PhaseFree, Call: c.id, Cause: acd.CallerGone})
		return
	}
	c.line, c.counted, c.people[a.id] = room, true, a
	l := &leg{agent: a, dialledIn: true, answered: true}
	c.legs[acd.CallerParty] = l
	l.opens()
	c.begins(a.id, room.plan, acd.CallInput{Kind: acd.InputArrive})
	c.in(a.w.about(time.Minute), "gives up", c.hangsUp)
}
