package acd

// toRinging takes an offer: the agent is reserved, its phone is rung.
func (c *Call) toRinging(now Instant, in CallInput, out []CallAction) []CallAction {
	c.to(Ringing)
	c.agent, c.reserved = in.Seat, now
	c.ringDeadline = now.Mono + c.Plan.RingTimeout
	c.phonesOpen++
	out = c.note(out, Event{Kind: CallOffered, Agent: in.Seat.Agent, Site: in.Seat.Site, Queue: c.Plan.Queue, Decision: in.Decision})
	return append(out,
		CallAction{Do: DoAgent, Seat: in.Seat, Phase: PhaseReserved},
		CallAction{Do: DoRing, Seat: in.Seat, Party: AgentParty})
}

// stepRinging: an agent's phone is being rung.
func (c *Call) stepRinging(now Instant, in CallInput, out []CallAction) []CallAction {
	switch in.Kind {
	case InputAgentRinging:
		out = c.note(out, Event{Kind: CallRinging, Agent: c.agent.Agent, Site: c.agent.Site})
		return append(out, CallAction{Do: DoAgent, Seat: c.agent, Phase: PhaseRinging})
	case InputAgentAnswer:
		return c.toTalking(now, out)
	case InputAgentFail:
		return c.decline(now, in.Cause, out)
	case InputDeadline:
		return c.ringingDeadline(now, in, out)
	case InputCallerOver:
		return c.giveUpRinging(now, in, abandonCause(in), out)
	case InputMediaTimeout:
		return c.giveUpRinging(now, CallInput{Kind: in.Kind, Cause: MediaTimeout, Q850: 41}, MediaTimeout, out)
	case InputNoMedia:
		return c.giveUpRinging(now, noMedia(in), NoMedia, out)
	case InputRelease:
		return c.giveUpRinging(now, in, in.Cause, out)
	case InputPull:
		return c.pickUp(now, in, out)
	case InputHold, InputResume:
		c.noteHold(in)
		return out
	case InputAgentOver:
		return out
	default:
		c.unexpected++
		return out
	}
}

// ringingDeadline: the phone rang out, or the caller has waited long enough.
// The longest wait does not cut off a phone that rings: the agent may be about
// to answer, and the ring ends soon by itself.
func (c *Call) ringingDeadline(now Instant, _ CallInput, out []CallAction) []CallAction {
	if now.Mono < c.ringDeadline {
		if c.waitDeadline != 0 && now.Mono >= c.waitDeadline {
			c.waitDeadline = c.ringDeadline
		}
		return out
	}
	seat := c.agent
	out = append(out, CallAction{Do: DoCancelRing, Seat: seat, Party: AgentParty, Cause: NoAnswer})
	return c.decline(now, NoAnswer, out)
}

// decline gives the offer back. The call keeps its arrival time and so its
// place; what becomes of the agent follows from the cause.
func (c *Call) decline(now Instant, why Cause, out []CallAction) []CallAction {
	seat := c.agent
	c.segment(Segment{Kind: "ring", Agent: seat.Agent, Site: seat.Site, Queue: c.Plan.Queue, Cause: string(why)}, c.reserved, now)
	out = c.note(out, Event{Kind: CallDeclined, Agent: seat.Agent, Site: seat.Site, Queue: c.Plan.Queue, Cause: string(why), Seconds: now.Sub(c.reserved).Seconds()})
	c.ringDeadline, c.agent, c.reserved = 0, Seat{}, Instant{}
	c.holding[roleAgent] = false
	c.to(Waiting)
	// The call first, then the agent: were the agent ready before its offer
	// is given back, the same offer could be made to it again at once.
	return append(out,
		CallAction{Do: DoDecline, Seat: seat, Cause: why},
		CallAction{Do: DoAgent, Seat: seat, Phase: PhaseFree, Cause: why})
}

// giveUpRinging ends a call while a phone rings for it.
func (c *Call) giveUpRinging(now Instant, in CallInput, why Cause, out []CallAction) []CallAction {
	seat := c.agent
	out = append(out, CallAction{Do: DoCancelRing, Seat: seat, Party: AgentParty, Cause: CallerGone})
	c.segment(Segment{Kind: "ring", Agent: seat.Agent, Site: seat.Site, Queue: c.Plan.Queue, Cause: string(CallerGone)}, c.reserved, now)
	out = c.note(out, Event{Kind: CallDeclined, Agent: seat.Agent, Site: seat.Site, Queue: c.Plan.Queue, Cause: string(CallerGone), Seconds: now.Sub(c.reserved).Seconds()})
	c.ringDeadline, c.agent, c.reserved = 0, Seat{}, Instant{}
	c.holding[roleAgent] = false
	out = c.quitQueue(now, why, out)
	out = append(out, CallAction{Do: DoAgent, Seat: seat, Phase: PhaseFree, Cause: CallerGone})
	return c.release(now, withCause(in, why), partyOf(in), out)
}
