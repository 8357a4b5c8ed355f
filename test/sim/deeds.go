package main

import (
	"time"

	"switchroom/acd"
	"switchroom/queue"
)

// carryOut does one deed as the exchange does.
func (c *call) carryOut(d acd.CallAction) (acd.CallInput, bool) {
	w := c.w
	if w.mutates(d) {
		return acd.CallInput{}, false
	}
	switch d.Do {
	case acd.DoHangupCaller, acd.DoReject:
		if !c.callerGone {
			c.callerGone = true
			c.in(w.between(0, 200*time.Millisecond), "caller's dialog ends", func() { c.step(acd.CallInput{Kind: acd.InputCallerOver}) })
		}
	case acd.DoEnter, acd.DoAbandon, acd.DoAccept, acd.DoDecline, acd.DoOverflow:
		return c.toQueue(d)
	case acd.DoRing:
		return c.ring(d)
	case acd.DoCancelRing, acd.DoHangupAgent:
		if l := c.at(d.Party); l != nil && l.rung {
			c.letGo(l)
		}
	case acd.DoMove:
		c.move(d)
	case acd.DoConnect:
		c.connected()
	case acd.DoRecord:
		c.records++
		w.figures.recordings++
	case acd.DoStopRecord:
		c.stops++
	case acd.DoAgent:
		c.toAgent(d)
	case acd.DoLead:
		c.leads()
	case acd.DoExit:
		c.outside()
		c.leaves(d.Cause, pick(w, c.line.full, c.line.expired))
	case acd.DoSettle:
		if c.settled {
			w.fail("%s has two records", c.id)
		}
		c.settled = true
		c.checkRecord(d.CDR)
	case acd.DoClose:
		c.closed = true
		w.forget(c)
	}
	return acd.CallInput{}, false
}

func (c *call) slot(p acd.Party) **leg {
	switch p {
	case acd.AgentParty, "":
		return &c.agent
	case acd.FromParty:
		return &c.from
	}
	return nil
}

func (c *call) at(p acd.Party) *leg {
	if s := c.slot(p); s != nil {
		return *s
	}
	return nil
}

func (c *call) roleOf(l *leg) acd.Party {
	switch l {
	case c.agent:
		return acd.AgentParty
	case c.from:
		return acd.FromParty
	}
	return "gone"
}

func (c *call) move(d acd.CallAction) {
	from := c.slot(d.Party)
	if from == nil || *from == nil {
		return
	}
	l := *from
	*from = nil
	if d.To != "" {
		if to := c.slot(d.To); to != nil {
			*to = l
		}
	}
}

// ring calls the phone of who was reserved, or claims somebody by name.
func (c *call) ring(d acd.CallAction) (acd.CallInput, bool) {
	l := c.at(d.Party)
	if l == nil || l.offer.Call == nil || l.rung {
		l = &leg{}
		*c.slot(d.Party) = l
		if d.Seat.Agent != "" {
			if a := c.people[d.Seat.Agent]; a != nil {
				l.agent = a
			} else {
				for _, a := range c.w.agents {
					if a.id == d.Seat.Agent {
						l.agent = a
					}
				}
				if why, status := l.agent.claim(c.id); why != "" {
					l.agent, l.over = nil, true
					c.in(0, "nobody was rung", func() { c.step(acd.CallInput{Kind: acd.InputAgentOver}) })
					return acd.CallInput{Kind: acd.InputAgentFail, Party: d.Party, Cause: why, Status: status}, true
				}
				c.people[l.agent.id] = l.agent
			}
		}
	}
	l.rung = true
	if l.agent != nil {
		l.agent.step(acd.AgentInput{Kind: acd.AgentLegOpen})
	}
	c.phoneRings(l)
	return acd.CallInput{}, false
}

// phoneRings is what a phone and who sits at it do with an INVITE.
func (c *call) phoneRings(l *leg) {
	w := c.w
	fail := func(d time.Duration, why acd.Cause, status int) {
		c.in(d, "phone refuses: "+string(why), func() {
			if !l.answered {
				c.legEnds(l, acd.CallInput{Cause: why, Status: status})
			}
		})
	}
	if l.agent != nil && l.agent.dead {
		fail(w.between(time.Second, 5*time.Second), acd.Unreachable, 408)
		return
	}
	c.in(w.between(10*time.Millisecond, 500*time.Millisecond), "phone rings", func() {
		if !l.over && c.roleOf(l) != "gone" {
			c.step(acd.CallInput{Kind: acd.InputAgentRinging, Party: c.roleOf(l), Status: 180})
		}
	})
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

func (c *call) answers(l *leg) {
	if l.over || l.answered {
		return
	}
	role := c.roleOf(l)
	if role == "gone" { // the answer crossed our CANCEL
		c.letGo(l)
		return
	}
	l.answered = true
	c.step(acd.CallInput{Kind: acd.InputAgentAnswer, Party: role})
}

// letGo ends a leg of ours: its dialog is over a moment later.
func (c *call) letGo(l *leg) {
	c.in(c.w.between(0, 300*time.Millisecond), "phone's dialog ends", func() { c.legEnds(l, acd.CallInput{}) })
}

// legEnds is exchange.call.phoneOver.
func (c *call) legEnds(l *leg, in acd.CallInput) {
	if l.over || c.closed {
		return
	}
	l.over = true
	if l.agent != nil {
		l.agent.step(acd.AgentInput{Kind: acd.AgentLegOver})
	}
	if role := c.roleOf(l); role != "gone" && !l.answered {
		why := in.Cause
		if why == "" {
			why = acd.Unreachable
		}
		c.step(acd.CallInput{Kind: acd.InputAgentFail, Party: role, Cause: why, Status: in.Status})
	}
	role := c.roleOf(l)
	if role == "gone" {
		role = ""
	}
	c.step(acd.CallInput{Kind: acd.InputAgentOver, Party: role})
}

func (c *call) toAgent(d acd.CallAction) {
	a := c.people[d.Seat.Agent]
	if a == nil {
		return
	}
	if d.Phase == acd.PhaseFree {
		delete(c.people, a.id)
		if c.agent != nil && c.agent.agent == a {
			c.agent = nil
		}
		if !c.talked {
			c.declined[a] = true
		}
	}
	a.step(acd.AgentInput{Kind: acd.AgentPhase, Phase: d.Phase, Call: c.id, Cause: d.Cause, WrapUp: d.WrapUp,
		Client: c.core.Plan.Client, Queue: c.core.Plan.Queue, After: c.core.Plan.After, Rona: c.core.Plan.Rona})
	if d.Phase == acd.PhaseFree && d.WrapUp > 0 {
		a.worksUp()
	}
}

// toQueue is exchange.call.toQueue.
func (c *call) toQueue(d acd.CallAction) (acd.CallInput, bool) {
	w := c.w
	switch d.Do {
	case acd.DoEnter:
		if !c.counted {
			if c.line.inside >= c.line.room {
				return acd.CallInput{Kind: acd.InputFull}, true
			}
			c.line.inside++
		}
		c.seat = &queue.Call{Class: c.line.class, Arrival: int64(c.arrival), Owner: c}
		c.counted, c.queued = true, true
		clear(c.declined)
		w.entries++
		c.entry = w.entries
		if err := w.engine.Enter(c.seat); err != nil {
			w.fail("%s cannot enter: %v", c.id, err)
		}
	case acd.DoAbandon:
		c.leaveQueue()
	case acd.DoAccept:
		c.outside()
		if !w.engine.Accept(c.agent.offer) {
			w.fail("%s was connected with %s, whom the queue had not given it", c.id, c.agent.agent.id)
		}
	case acd.DoDecline:
		if !w.engine.Decline(c.agent.offer) {
			w.fail("%s declined %s, which the queue had not offered", c.agent.agent.id, c.id)
		}
	case acd.DoOverflow:
		if q := w.lineOf(d.Queue); q != nil {
			c.outside()
			c.line = q
			c.carryOutAll(c.core.Overflow(w.instant(), q.plan, nil))
		}
	}
	return acd.CallInput{}, false
}

func (c *call) outside() {
	if c.counted {
		c.line.inside--
	}
	c.counted, c.queued = false, false
}

func (c *call) leaveQueue() {
	entered := c.queued
	c.outside()
	if !entered {
		return
	}
	ticket, offered, ok := c.w.engine.Abandon(c.seat)
	if !ok || !offered || c.agent != nil {
		return
	}
	for _, a := range c.w.agents {
		if a.ticket == ticket {
			a.step(acd.AgentInput{Kind: acd.AgentPhase, Phase: acd.PhaseFree, Call: c.id, Cause: acd.CallerGone})
		}
	}
}
