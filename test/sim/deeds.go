package main

import (
	"switchroom/acd"
	"switchroom/queue"
)

// carryOut does one deed as the exchange does.
func (c *call) carryOut(d acd.CallAction) (acd.CallInput, bool) {
	w := c.w
	switch d.Do {
	case acd.DoHangupCaller, acd.DoReject:
		c.released()
	case acd.DoEnter, acd.DoAbandon, acd.DoAccept, acd.DoDecline, acd.DoOverflow:
		return c.toQueue(d)
	case acd.DoRing:
		return c.ring(d)
	case acd.DoDial:
		return c.dial(d.Seat)
	case acd.DoPickUp:
		if l := c.legs[d.Party]; l != nil {
			l.answered = true
		}
	case acd.DoCancelRing, acd.DoHangupAgent:
		if l := c.legs[role(d.Party)]; l != nil && (l.rung || l.dialledIn) && !l.over {
			c.letGo(l)
		}
	case acd.DoMove:
		c.move(d)
	case acd.DoConnect:
		c.connected()
	case acd.DoRecord, acd.DoServe, acd.DoStopRecord:
		c.toTape(d)
	case acd.DoAgent:
		c.toAgent(d)
	case acd.DoLead:
		c.leads()
	case acd.DoExit:
		c.outside()
		c.leaves(d.Cause, pick(w, c.line.full, c.line.expired))
	case acd.DoNote:
		w.note(*d.Note)
	case acd.DoSettle:
		if c.settled {
			w.fail("%s has two records", c.id)
		}
		c.settled = true
		c.checkRecord(d.CDR)
		w.note(acd.Event{Kind: acd.CallRecord, Call: c.id, CDR: d.CDR})
	case acd.DoClose:
		c.closed = true
		w.forget(c)
	}
	return acd.CallInput{}, false
}

// toTape is exchange.call.toRecording.
func (c *call) toTape(d acd.CallAction) {
	w := c.w
	switch d.Do {
	case acd.DoRecord:
		c.records++
		w.figures.recordings++
		w.note(acd.Event{Kind: acd.RecordingStarted, Call: c.id})
	case acd.DoServe:
		if c.records-c.stops != 1 {
			w.fail("%s goes on with %s and its recording does not", c.id, d.Seat.Who())
		}
	case acd.DoStopRecord:
		c.stops++
	}
}

func (c *call) toAgent(d acd.CallAction) {
	a := c.people[d.Seat.Agent]
	if a == nil {
		return
	}
	if d.Phase == acd.PhaseFree {
		delete(c.people, a.id)
		if c.person(acd.AgentParty) == a {
			delete(c.legs, acd.AgentParty)
		}
		if !c.talked {
			c.declined[a] = true
		}
	}
	a.step(acd.AgentInput{Kind: acd.AgentPhase, Phase: d.Phase, Call: c.id, Cause: d.Cause, WrapUp: d.WrapUp,
		Client: c.core.Plan.Client, Queue: c.core.Plan.Queue, After: c.core.Plan.After, Rona: c.core.Plan.Rona})
	if d.Phase == acd.PhaseFree && d.WrapUp > 0 && c.w.plot == nil {
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
		if l := c.legs[acd.AgentParty]; l == nil || !w.engine.Accept(l.offer) {
			w.fail("%s was connected with somebody whom the queue had not given it", c.id)
		}
	case acd.DoDecline:
		if l := c.legs[acd.AgentParty]; l == nil || !w.engine.Decline(l.offer) {
			w.fail("%s was declined by somebody to whom the queue had not offered it", c.id)
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
	if !ok || !offered || c.legs[acd.AgentParty] != nil {
		return
	}
	for _, a := range c.w.agents {
		if a.ticket == ticket {
			a.step(acd.AgentInput{Kind: acd.AgentPhase, Phase: acd.PhaseFree, Call: c.id, Cause: acd.CallerGone})
		}
	}
}
