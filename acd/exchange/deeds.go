package exchange

import (
	"context"
	"errors"

	"switchroom/acd"
	"switchroom/media"
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
	case acd.DoInherit:
		c.inherit()
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
			if d.Note.Cause == string(acd.Consulting) {
				d.Note.Arrival = c.asked.arrival
			}
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
		return c.enter(d.Party)
	case acd.DoAbandon:
		c.outcome(string(acd.Abandoned))
		c.leaveQueue(d.Party)
	case acd.DoAccept:
		c.outcome("connected")
		c.outside(c.stayOf(d.Party))
		if p := c.offered(d.Party); !c.x.queue.Accept(p.offer) {
			c.x.violation("call %s was connected with agent %s, but the queue had given neither to the other", c.core.ID, p.agent.id)
		}
	case acd.DoDecline:
		c.outcome(string(d.Cause))
		if p := c.offered(d.Party); !c.x.queue.Decline(p.offer) {
			c.x.violation("agent %s declined call %s, but the queue had not offered it", p.agent.id, c.core.ID)
		}
	case acd.DoOverflow:
		c.overflow(now, d.Queue)
	}
	return acd.CallInput{}, false
}

// someoneEntered wakes the goroutine that opens rings, if it rests: a call
// waits whose rings widen.
func (x *Exchange) someoneEntered() {
	if x.waiting.Add(1) > 1 {
		return
	}
	select {
	case x.entered <- struct{}{}:
	default:
	}
}

// offered is the party that the queue has offered the call to.
func (c *call) offered(role acd.Party) *party {
	if role == acd.SecondParty {
		return c.second
	}
	return c.agent
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
		c.crewIs()
		if c.agent != nil && c.agent.agent == a {
			c.agent = nil
		}
	}
	terms := d.Plan
	switch asked := c.core.Asked(); {
	case terms != nil:
	case d.Party == acd.SecondParty && asked != nil:
		terms = asked
	default:
		terms = &c.core.Plan
	}
	a.step(acd.AgentInput{Kind: acd.AgentPhase, Phase: d.Phase, Call: c.core.ID, Cause: d.Cause, WrapUp: d.WrapUp,
		Client: c.core.Plan.Client, Queue: terms.Queue, After: terms.After, Rona: terms.Rona})
}
