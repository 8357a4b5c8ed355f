package exchange

import (
	"switchroom/acd"
	"switchroom/media"
	"switchroom/sip"

	"go.uber.org/zap"
)

// hearCaller: the leg at the caller's end says something. In an agent's own
// call it is one of ours out.
func (c *call) hearCaller(e sip.Event) {
	p := c.caller
	switch e.Kind {
	case sip.Progress:
		c.calleeRings(p, e)
	case sip.Answered:
		c.calleeAnswered(p, e)
	case sip.Confirmed, sip.Reanswered:
		if !p.agreed {
			c.agreeLate(p, e.SDP)
		}
	case sip.Offered:
		c.reoffered(p, e.SDP)
	case sip.Digit:
		c.told(p, e)
	case sip.Referred:
		// A trunk has no business transferring our calls (RFC 3515 leaves it
		// to policy), and its leg has refused it; nor has an agent who was
		// called by another.
		c.refuseRefer(p)
	case sip.Ended, sip.Failed:
		if p.closeLeg() {
			in := acd.CallInput{Kind: acd.InputCallerOver, Cause: legCause(e.Cause), Q850: e.Cause.Q850, Status: e.Status}
			if p.dialled && !p.answered {
				if in.Cause = p.declineCause(e); in.Cause == acd.NoAnswer {
					in.Status = 480 // whoever's clock it was by
				}
			}
			c.step(in)
		}
	}
}

// hearPhone: a leg other than the caller's says something. Legs that have no
// role any more still end, and nothing else they say matters.
func (c *call) hearPhone(p *party, e sip.Event) {
	role := c.roleOf(p)
	switch e.Kind {
	case sip.Progress:
		if role != "" && !p.rang && !p.answered {
			p.rang = true
			c.step(acd.CallInput{Kind: acd.InputAgentRinging, Party: role, Status: e.Status})
		}
	case sip.Answered:
		c.phoneAnswered(p, role, e.SDP)
	case sip.Confirmed, sip.Reanswered:
		if !p.agreed && (e.Kind == sip.Reanswered || p.dialledIn) {
			c.agreeLate(p, e.SDP)
		}
	case sip.Offered:
		c.reoffered(p, e.SDP)
	case sip.Digit:
		c.told(p, e)
	case sip.Referred:
		c.referred(p, e)
	case sip.Failed, sip.Ended:
		if p.closeLeg() {
			c.phoneOver(p, e)
		}
	}
}

// phoneOver: the dialog of a phone has ended, or never came to be.
func (c *call) phoneOver(p *party, e sip.Event) {
	if role := c.roleOf(p); role != "" && !p.answered && !p.dialledIn {
		c.step(acd.CallInput{Kind: acd.InputAgentFail, Party: role, Cause: p.declineCause(e), Q850: e.Cause.Q850, Status: e.Status})
	}
	c.dropMedia(p)
	c.step(acd.CallInput{Kind: acd.InputAgentOver, Party: c.roleOf(p), Cause: legCause(e.Cause), Q850: e.Cause.Q850, Status: e.Status})
}

// phoneAnswered: 200 from somebody who was rung. An answer that cannot be
// understood is a phone that cannot be talked to; one that comes when nobody
// waits for it any more is ended.
func (c *call) phoneAnswered(p *party, role acd.Party, body []byte) {
	if role == "" {
		p.leg.Hangup(sip.Cause{Q850: 16, Side: sip.LocalSide})
		return
	}
	if err := p.acceptAnswer(body); err != nil {
		c.log.Warn("answer refused", zap.String("who", p.seat.Who()), zap.Error(err))
		p.leg.Hangup(sip.Cause{Q850: 88, SIP: 488, Side: sip.LocalSide})
		c.step(acd.CallInput{Kind: acd.InputAgentFail, Party: role, Cause: acd.Unreachable, Status: 488})
		return
	}
	p.answered = true
	c.step(acd.CallInput{Kind: acd.InputAgentAnswer, Party: role})
	c.heldAnew(p, false) // some answer with a hold
}

// agreeLate: the answer to a late offer of ours came in the ACK, or the ACK
// came without the answer that it owes (RFC 3261 13.2.1). It may hold or
// resume as an offer does.
func (c *call) agreeLate(p *party, body []byte) {
	wasHeld := p.held
	if body == nil && p.peers != nil {
		p.agreed = true // a change that was not finished changes nothing
		return
	}
	if err := p.acceptAnswer(body); err != nil {
		c.log.Warn("answer refused", zap.String("party", string(p.role)), zap.Error(err))
		c.step(acd.CallInput{Kind: acd.InputNoMedia})
		return
	}
	c.heldAnew(p, wasHeld)
}

// reoffered: the peer wants a change, most often hold. Without a body it asks
// us for an offer (RFC 3261 14.2), to which the answer comes with its ACK.
func (c *call) reoffered(p *party, offer []byte) {
	var body []byte
	var err error
	wasHeld := p.held
	if offer == nil {
		p.agreed = false
		body, err = p.offering(p.codec())
	} else {
		body, err = p.answerTo(offer)
	}
	if err != nil {
		c.log.Info("change refused", zap.String("party", string(p.role)), zap.Error(err))
		if err := p.leg.RefuseOffer(488); err != nil {
			c.log.Debug("refusing a change", zap.Error(err))
		}
		return
	}
	if err := p.leg.AcceptOffer(body); err != nil {
		c.log.Info("accepting a change", zap.Error(err))
		return
	}
	c.heldAnew(p, wasHeld)
}

// heldAnew: the peer has held us, or taken us back, if that has changed.
func (c *call) heldAnew(p *party, wasHeld bool) {
	role := c.roleOf(p)
	if p.held == wasHeld || role == "" {
		return
	}
	kind := acd.InputHold
	if !p.held {
		kind = acd.InputResume
	}
	c.step(acd.CallInput{Kind: kind, Party: role})
}

// hearMedia: the media engine says something.
func (c *call) hearMedia(e media.Event) {
	if e.Kind == media.Fault { // the engine has told the log where
		c.x.faulted()
		c.step(acd.CallInput{Kind: acd.InputRelease, Cause: acd.Internal, Status: 500, Q850: 41})
		return
	}
	p := c.withLeg(func(p *party) bool { return p.media == e.Leg })
	if p == nil {
		return
	}
	switch e.Kind {
	case media.Timeout:
		if p.agent != nil { // before the agent is free: the queue is not to offer it anything
			c.x.ua.Doubt(p.agent.phoneNow())
		}
		c.step(acd.CallInput{Kind: acd.InputMediaTimeout, Party: c.roleOf(p)})
	case media.Digit:
		c.pressed(p, e.Digit)
	case media.PlayEnded:
		c.played(e)
	case media.ForeignPackets:
		c.x.attacked(c, e)
	}
}

// MediaEvent posts what the engine says; it is called on the engine's loop.
func (c *call) MediaEvent(e media.Event) {
	c.inbox.put(message{kind: fromMedia, media: &e})
}

// legCause is empty for an ordinary end and otherwise what went wrong.
func legCause(cause sip.Cause) acd.Cause {
	switch {
	case cause.Side != sip.SystemSide:
		return ""
	case cause.SIP == 488: // an offer of ours was never answered
		return acd.NoMedia
	default:
		return acd.SignalLost
	}
}

// declineCause reads a refusal. Busy is a phone in another call; a refusal is a
// person's (or a policy's) no; the rest never reached anybody. From outside,
// 480 and 408 are an unanswered ring.
func (p *party) declineCause(e sip.Event) acd.Cause {
	switch e.Status {
	case 486, 600:
		return acd.Busy
	case 408, 480, 487:
		if p.agent == nil {
			return acd.NoAnswer
		}
		if e.Status == 480 {
			return acd.Rejected
		}
	case 403, 433, 603, 607, 608:
		return acd.Rejected
	}
	return acd.Unreachable
}
