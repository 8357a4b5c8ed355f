package exchange

import (
	"switchroom/acd"
	"switchroom/media"
	"switchroom/sip"

	"go.uber.org/zap"
)

// hearCaller: the caller's leg says something.
func (c *call) hearCaller(e sip.Event) {
	switch e.Kind {
	case sip.Confirmed, sip.Reanswered:
		if !c.caller.agreed {
			c.agreeLate(c.caller, e.SDP)
		}
	case sip.Offered:
		c.reoffered(c.caller, e.SDP)
	case sip.Referred:
		// A trunk has no business transferring our calls (RFC 3515 leaves it
		// to policy); the leg has refused it.
	case sip.Ended, sip.Failed:
		if c.caller.closeLeg() {
			c.step(acd.CallInput{Kind: acd.InputCallerOver, Cause: legCause(e.Cause), Q850: e.Cause.Q850, Status: e.Status})
		}
	}
}

// hearAgent: a leg to an agent's phone says something. Legs of offers that are
// history still end, and nothing else they say matters.
func (c *call) hearAgent(p *party, e sip.Event) {
	current := p == c.agent
	switch e.Kind {
	case sip.Progress:
		if current && !p.rang {
			p.rang = true
			c.step(acd.CallInput{Kind: acd.InputAgentRinging})
		}
	case sip.Answered:
		if current {
			c.agentAnswered(p, e.SDP)
		}
	case sip.Reanswered:
		if !p.agreed {
			c.agreeLate(p, e.SDP)
		}
	case sip.Offered:
		c.reoffered(p, e.SDP)
	case sip.Failed, sip.Ended:
		if !p.closeLeg() {
			return
		}
		if current && c.core.State() == acd.Ringing {
			c.step(acd.CallInput{Kind: acd.InputAgentFail, Cause: declineCause(e), Q850: e.Cause.Q850, Status: e.Status})
		}
		c.dropMedia(p)
		c.step(acd.CallInput{Kind: acd.InputAgentOver, Current: current, Cause: legCause(e.Cause), Q850: e.Cause.Q850, Status: e.Status})
	}
}

// agentAnswered: 200 from the phone. An answer that cannot be understood is a
// phone that cannot be talked to.
func (c *call) agentAnswered(p *party, body []byte) {
	if err := p.acceptAnswer(body); err != nil {
		c.log.Warn("answer refused", zap.String("agent", p.agent.id), zap.Error(err))
		p.leg.Hangup(sip.Cause{Q850: 88, SIP: 488, Side: sip.LocalSide})
		c.step(acd.CallInput{Kind: acd.InputAgentFail, Cause: acd.Unreachable, Status: 488})
		return
	}
	p.answered = true
	c.step(acd.CallInput{Kind: acd.InputAgentAnswer})
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
	if p.held == wasHeld || p != c.caller && p != c.agent {
		return
	}
	kind := acd.InputHold
	if !p.held {
		kind = acd.InputResume
	}
	c.step(acd.CallInput{Kind: kind, Party: p.role})
}

// hearMedia: the media engine says something.
func (c *call) hearMedia(e media.Event) {
	if e.Kind != media.Timeout {
		return
	}
	who := acd.CallerParty
	if c.agent != nil && e.Leg == c.agent.media {
		who = acd.AgentParty
	}
	c.step(acd.CallInput{Kind: acd.InputMediaTimeout, Party: who})
}

// MediaEvent posts what the engine says; it is called on the engine's loop.
func (c *call) MediaEvent(e media.Event) {
	c.inbox.put(message{kind: fromMedia, media: e})
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

// declineCause reads a phone's refusal. Busy is a phone in another call; a
// refusal is a person's (or a policy's) no; the rest never reached anybody. A
// phone that is temporarily unavailable (480, RFC 3261 21.4.18) says of itself
// that it cannot be reached, not that somebody refused.
func declineCause(e sip.Event) acd.Cause {
	switch e.Status {
	case 486, 600:
		return acd.Busy
	case 403, 433, 603, 607, 608:
		return acd.Rejected
	}
	return acd.Unreachable
}
