package exchange

import (
	"context"
	"errors"

	"switchroom/acd"
	"switchroom/media"
	"switchroom/queue"
	"switchroom/sip"

	"go.uber.org/zap"
)

// carryOut does one deed. What it could not do comes back as an input.
func (c *call) carryOut(now acd.Instant, d acd.CallAction) (acd.CallInput, bool) {
	switch d.Do {
	case acd.DoProgress, acd.DoAnswer, acd.DoReject, acd.DoHangupCaller:
		return c.toCaller(d)
	case acd.DoRing, acd.DoCancelRing, acd.DoHangupAgent, acd.DoRingLeg, acd.DoPickUp:
		return c.toPhone(d)
	case acd.DoDial:
		return c.dial(d.Seat)
	case acd.DoMove:
		c.move(d)
	case acd.DoRefer:
		c.tellReferrer(d.Status)
	case acd.DoMusic, acd.DoConnect, acd.DoHear:
		c.toMedia(now, d)
	case acd.DoLead:
		c.begins(d.Cause)
	case acd.DoExit:
		c.exits(d.Cause)
	case acd.DoEnter, acd.DoAbandon, acd.DoAccept, acd.DoDecline, acd.DoOverflow:
		return c.toQueue(now, d)
	case acd.DoRecord, acd.DoMark, acd.DoServe, acd.DoStopRecord:
		c.toRecording(now, d)
	case acd.DoAgent:
		c.toAgent(d)
	case acd.DoNote:
		if d.Note.Kind == acd.CallQueued {
			d.Note.Arrival = c.arrival
		}
		c.x.note(now, *d.Note)
	case acd.DoSettle:
		d.CDR.Quality, d.CDR.Attempts = c.quality(), c.attempts
		c.x.settle(context.Background(), d.CDR)
		c.settled.Store(true)
		c.answerBye() // once its record is safe
	case acd.DoClose:
		c.session.Close()
	}
	return acd.CallInput{}, false
}

// toCaller answers, refuses or releases the caller's leg.
func (c *call) toCaller(d acd.CallAction) (acd.CallInput, bool) {
	var err error
	switch d.Do {
	case acd.DoProgress:
		err = c.progressCaller()
	case acd.DoAnswer:
		err = c.answerCaller()
	case acd.DoReject:
		if c.caller.dialled { // CANCEL
			c.caller.leg.Hangup(sip.Cause{Q850: 16, Text: string(d.Cause), Side: sip.LocalSide})
			break
		}
		c.caller.leg.Reject(d.Status, 0)
	case acd.DoHangupCaller:
		// The status is for an INVITE whose 200 could not be made.
		c.caller.leg.Hangup(sip.Cause{Q850: max(d.Q850, 16), SIP: d.Status, Text: string(d.Cause), Side: sip.LocalSide})
	}
	switch {
	case err == nil:
		return acd.CallInput{}, false
	case errors.Is(err, sip.ErrState):
		return acd.CallInput{}, false // CANCEL was faster; its event is on its way
	case errors.Is(err, media.ErrNoPorts):
		return acd.CallInput{Kind: acd.InputNoMedia, Status: 503}, true
	default:
		c.log.Info("no common media with the caller", zap.Error(err))
		return acd.CallInput{Kind: acd.InputNoMedia, Status: 488}, true
	}
}

func (c *call) progressCaller() error {
	if c.invite.SDP == nil {
		return c.caller.leg.Ring(180, nil) // nothing to answer yet
	}
	body, err := c.caller.answerTo(c.invite.SDP)
	if err != nil {
		return err
	}
	return c.caller.leg.Ring(183, body)
}

func (c *call) answerCaller() error {
	c.caller.answeredNow()
	if c.caller.agreed {
		return c.caller.leg.Answer(c.caller.body) // as promised with the 183
	}
	var body []byte
	var err error
	if c.invite.SDP == nil {
		body, err = c.caller.offering(media.PCMU)
	} else {
		body, err = c.caller.answerTo(c.invite.SDP)
	}
	if err != nil {
		return err
	}
	return c.caller.leg.Answer(body)
}

// toMedia says who hears whom.
func (c *call) toMedia(now acd.Instant, d acd.CallAction) {
	switch d.Do {
	case acd.DoMusic:
		if c.caller.media != nil {
			c.play(c.caller, acd.Music)
		}
		c.enters(now)
	case acd.DoConnect:
		c.quiet()
		c.connects()
	case acd.DoHear:
		c.quiet()
		c.arrange(false)
	}
}

// dropMedia gives the port pair of a phone that is done with back.
func (c *call) dropMedia(p *party) {
	if p.media != nil {
		p.heard = p.media.Stats()
		c.session.RemoveLeg(p.media)
		p.media = nil
	}
}

// toQueue tells the queue.
func (c *call) toQueue(now acd.Instant, d acd.CallAction) (acd.CallInput, bool) {
	switch d.Do {
	case acd.DoEnter:
		if !c.counted && !c.queue.take() {
			return acd.CallInput{Kind: acd.InputFull}, true
		}
		c.seat = &queue.Call{Class: c.queue.class, Arrival: c.arrival, Owner: c}
		c.counted, c.queued = true, true
		c.x.someoneEntered()
		if err := c.x.queue.Enter(c.seat); err != nil {
			c.outside()
			c.log.Warn("queue refused a call", zap.String("queue", c.core.Plan.Queue), zap.Error(err))
			return acd.CallInput{Kind: acd.InputFull}, true
		}
	case acd.DoAbandon:
		c.outcome(string(acd.Abandoned))
		c.leaveQueue()
	case acd.DoAccept:
		c.outcome("connected")
		c.outside()
		if !c.x.queue.Accept(c.agent.offer) {
			c.x.violation("call %s was connected with agent %s, but the queue had given neither to the other", c.core.ID, c.agent.agent.id)
		}
	case acd.DoDecline:
		c.outcome(string(d.Cause))
		if !c.x.queue.Decline(c.agent.offer) {
			c.x.violation("agent %s declined call %s, but the queue had not offered it", c.agent.agent.id, c.core.ID)
		}
	case acd.DoOverflow:
		c.overflow(now, d.Queue)
	}
	return acd.CallInput{}, false
}

// someoneEntered wakes the goroutine that opens rings, if it rests.
func (x *Exchange) someoneEntered() {
	if x.waiting.Add(1) > 1 {
		return
	}
	select {
	case x.entered <- struct{}{}:
	default:
	}
}

// outside notes that the call has no place in its queue any more.
func (c *call) outside() {
	if c.counted {
		c.queue.leave()
	}
	if c.queued {
		c.x.waiting.Add(-1)
	}
	c.counted, c.queued = false, false
}

// leaveQueue takes the call out of the queue. An agent whom the queue had
// just reserved for it, and whom the call never heard of, goes back as if
// nothing had been.
func (c *call) leaveQueue() {
	entered := c.queued
	c.outside()
	if !entered {
		return
	}
	ticket, offered, ok := c.x.queue.Abandon(c.seat)
	if !ok || !offered || c.agent != nil {
		return // nobody was reserved, or the call has an agent and tells it itself
	}
	if a := c.x.agents.byTicket(ticket); a != nil {
		a.step(acd.AgentInput{Kind: acd.AgentPhase, Phase: acd.PhaseFree, Call: c.core.ID, Cause: acd.CallerGone})
	}
}

// overflow moves the call to the queue that takes it over, or keeps it where
// it is when a reload has removed that queue.
func (c *call) overflow(now acd.Instant, id string) {
	p := c.x.plan.Load()
	q := p.queues[id]
	if q == nil {
		q = p.queues[c.core.Plan.Queue]
	}
	if q == nil {
		c.deeds = c.core.Step(now, acd.CallInput{Kind: acd.InputRelease, Cause: acd.MaxWait, Status: 480}, c.deeds[:0])
		c.carryOutAll(now)
		return
	}
	c.queue = q
	c.deeds = c.core.Overflow(now, p.callPlan(q, c.core.Plan.Client), c.deeds[:0])
	c.carryOutAll(now)
}

// toAgent tells an agent what this call does with it. Once it is free, the
// two are through with each other, though its leg may still have to end. One
// whom the call did not get is not told.
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
	}
	a.step(acd.AgentInput{Kind: acd.AgentPhase, Phase: d.Phase, Call: c.core.ID, Cause: d.Cause, WrapUp: d.WrapUp,
		Client: c.core.Plan.Client, Queue: c.core.Plan.Queue, After: c.core.Plan.After, Rona: c.core.Plan.Rona})
}
