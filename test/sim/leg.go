package main

import (
	"time"

	"switchroom/acd"
	"switchroom/queue"
)

// leg is a phone that a call rings or has, or that has called in.
type leg struct {
	agent     *agent // nil: a number outside
	offer     queue.Offer
	rung      bool // an INVITE was sent
	rang      bool // and a 180 has come
	dialledIn bool // it called us
	opened    bool // its agent counts a dialog
	answered  bool
	over      bool
	own       bool // it leads an agent's own call
}

// roles are all that a leg can have.
var roles = [...]acd.Party{acd.CallerParty, acd.AgentParty, acd.LineParty, acd.SecondParty, acd.SupervisorParty, acd.FromParty}

// roleOf is the role that a leg has now; "" when it is history.
func (c *call) roleOf(l *leg) acd.Party {
	for _, r := range roles {
		if c.legs[r] == l {
			return r
		}
	}
	return ""
}

// person is the agent in a role; nil: nobody, or somebody outside.
func (c *call) person(r acd.Party) *agent {
	if l := c.legs[r]; l != nil {
		return l.agent
	}
	return nil
}

// role reads a deed's party: "" is the agent.
func role(p acd.Party) acd.Party {
	if p == "" {
		return acd.AgentParty
	}
	return p
}

func (c *call) move(d acd.CallAction) {
	l := c.legs[d.Party]
	if l == nil {
		return
	}
	delete(c.legs, d.Party)
	if d.To != "" {
		c.legs[d.To] = l
	}
}

// opens counts the dialog with the phone's agent.
func (l *leg) opens() {
	if l.agent != nil {
		l.opened = true
		l.agent.dialogs++
		l.agent.step(acd.AgentInput{Kind: acd.AgentLegOpen})
	}
}

// shuts notes, once, that the dialog is over.
func (l *leg) shuts() bool {
	if l.over {
		return false
	}
	l.over = true
	if l.opened {
		l.agent.dialogs--
		l.agent.step(acd.AgentInput{Kind: acd.AgentLegOver})
	}
	return true
}

// ring calls the phone of who was reserved, or claims somebody by name.
func (c *call) ring(d acd.CallAction) (acd.CallInput, bool) {
	r := role(d.Party)
	l := c.legs[r]
	if l == nil || l.offer.Call == nil || l.rung {
		l = &leg{}
		c.legs[r] = l
		if d.Seat.Agent != "" {
			a, why, status := c.claims(d.Seat.Agent)
			if why != "" {
				l.over = true
				c.soon(0, "nobody was rung", nil, func() { c.step(acd.CallInput{Kind: acd.InputAgentOver}) })
				return acd.CallInput{Kind: acd.InputAgentFail, Party: d.Party, Cause: why, Status: status}, true
			}
			l.agent = a
		}
		l.own = c.core.State() == acd.Summoning
	}
	l.rung = true
	l.opens()
	c.phoneRings(l)
	return acd.CallInput{}, false
}

// claims is exchange.call.claim.
func (c *call) claims(id string) (*agent, acd.Cause, int) {
	if a := c.people[id]; a != nil {
		return a, "", 0
	}
	a := c.w.agentOf(id)
	if why, status := a.claim(c.id, acd.PhaseReserved); why != "" {
		return nil, why, status
	}
	c.people[id] = a
	return a, "", 0
}

// dial calls who is at the caller's end of an agent's own call.
func (c *call) dial(to acd.Seat) (acd.CallInput, bool) {
	l := &leg{}
	c.legs[acd.CallerParty] = l
	if to.Agent != "" {
		a, why, status := c.claims(to.Agent)
		if why != "" {
			l.over, c.callerGone = true, true
			return acd.CallInput{Kind: acd.InputCallerOver, Cause: why, Status: status}, true
		}
		l.agent = a
	}
	l.rung = true
	l.opens()
	c.phoneRings(l)
	return acd.CallInput{}, false
}

// phoneRings is what a phone and who sits at it do with an INVITE.
func (c *call) phoneRings(l *leg) {
	w := c.w
	if w.plot != nil {
		w.plot.rings(c, l)
		return
	}
	fail := func(d time.Duration, why acd.Cause, status int) {
		c.in(d, "phone refuses: "+string(why), func() { c.refuses(l, why, status) })
	}
	if l.agent != nil && l.agent.dead {
		fail(w.between(time.Second, 5*time.Second), acd.Unreachable, 408)
		return
	}
	c.in(w.between(10*time.Millisecond, 500*time.Millisecond), "phone rings", func() { c.alerts(l) })
	switch w.dice.IntN(12) {
	case 0:
		fail(w.between(0, 3*time.Second), acd.Rejected, 603)
	case 1:
		fail(w.between(0, time.Second), acd.Busy, 486)
	case 2:
		fail(w.between(0, time.Second), acd.Unreachable, 480)
	case 3: // nobody is there
	default:
		c.in(w.about(4*time.Second), "phone answers", func() { c.answers(l) })
	}
}

// alerts: 180 from a phone.
func (c *call) alerts(l *leg) {
	r := c.roleOf(l)
	switch {
	case l.over || r == "" || l.rang:
	case r == acd.CallerParty:
		l.rang = true
		c.step(acd.CallInput{Kind: acd.InputCalleeRinging, Status: 180})
	default:
		l.rang = true
		c.step(acd.CallInput{Kind: acd.InputAgentRinging, Party: r, Status: 180})
	}
}

func (c *call) refuses(l *leg, why acd.Cause, status int) {
	if l.answered || l.over {
		return
	}
	c.legEnds(l, acd.CallInput{Cause: why, Status: status})
}

// answers: 200 from a phone.
func (c *call) answers(l *leg) {
	if l.over || l.answered {
		return
	}
	r := c.roleOf(l)
	if r == "" && !c.w.is(lateAnswer) { // the answer crossed our CANCEL
		c.letGo(l)
		return
	}
	l.answered = true
	if r == acd.CallerParty {
		c.step(acd.CallInput{Kind: acd.InputCalleeAnswer})
		return
	}
	c.step(acd.CallInput{Kind: acd.InputAgentAnswer, Party: role(r)})
	if w := c.w; w.plot == nil && (r == acd.SecondParty || r == acd.SupervisorParty) {
		c.in(w.about(2*time.Minute), string(r)+" hangs up", func() { c.legEnds(l, acd.CallInput{}) })
	}
}

// letGo ends a leg of ours: its dialog is over a moment later.
func (c *call) letGo(l *leg) {
	c.soon(300*time.Millisecond, "phone's dialog ends", l, func() { c.legEnds(l, acd.CallInput{}) })
}

// legEnds is exchange.call.phoneOver, and hearCaller for that end.
func (c *call) legEnds(l *leg, in acd.CallInput) {
	if c.closed {
		return
	}
	if c.roleOf(l) == acd.CallerParty {
		if in.Cause == "" && !l.answered && !l.dialledIn {
			in.Cause = acd.Unreachable
		}
		c.callerOver(in)
		return
	}
	if !l.shuts() {
		return
	}
	if r := c.roleOf(l); r != "" && !l.answered && !l.dialledIn {
		why := in.Cause
		if why == "" {
			why = acd.Unreachable
		}
		c.step(acd.CallInput{Kind: acd.InputAgentFail, Party: r, Cause: why, Status: in.Status})
	}
	c.step(acd.CallInput{Kind: acd.InputAgentOver, Party: c.roleOf(l)})
}

// hangsUp: the caller has.
func (c *call) hangsUp() {
	if !c.callerGone {
		c.callerGone = true
		c.callerOver(acd.CallInput{})
	}
}

// released lets the caller go, whose dialog is over a moment later.
func (c *call) released() {
	if !c.callerGone {
		c.callerGone = true
		c.soon(200*time.Millisecond, "caller's dialog ends", nil, func() { c.callerOver(acd.CallInput{}) })
	}
}

func (c *call) callerOver(in acd.CallInput) {
	c.callerGone = true
	if l := c.legs[acd.CallerParty]; l != nil && !l.shuts() {
		return
	}
	in.Kind = acd.InputCallerOver
	c.step(in)
}
