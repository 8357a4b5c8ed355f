package acd

// An agent's own call: a person or a program has it call somebody. The agent
// is the primary one from the beginning, and who is called has the caller's
// end; once the two talk, it is a conversation like any other.

// ownCall begins it. Where the phone has not dialled itself it is rung first.
func (c *Call) ownCall(now Instant, in CallInput, out []CallAction) []CallAction {
	c.arrived = now
	c.agent, c.callee, c.own, c.fetched = in.Seat, in.Target, true, !in.Line
	c.phonesOpen++
	out = c.note(out, Event{Kind: CallArrived, From: c.From, Number: c.Number, Trunk: c.Trunk, Agent: c.agent.Agent, Site: c.agent.Site,
		Version: c.Plan.Version, Direction: c.Plan.Direction, Reason: in.By})
	out = append(out, CallAction{Do: DoAgent, Seat: c.agent, Phase: PhaseOutbound})
	if in.Line {
		c.to(Dialling)
		return c.dial(now, out)
	}
	c.to(Summoning)
	c.reserved, c.ringDeadline = now, now.Mono+c.Plan.RingTimeout
	return append(out, CallAction{Do: DoRing, Seat: c.agent, Party: AgentParty})
}

// dial calls who is wanted.
func (c *Call) dial(now Instant, out []CallAction) []CallAction {
	c.callerOpen = true
	c.reserved, c.ringDeadline = now, now.Mono+c.ringFor(c.callee)
	out = c.note(out, Event{Kind: CallDialled, Agent: c.agent.Agent, Number: c.Number})
	return append(out, CallAction{Do: DoHear}, CallAction{Do: DoDial, Seat: c.callee})
}

// stepSummoning: the phone of the agent who wants to call is rung.
func (c *Call) stepSummoning(now Instant, in CallInput, out []CallAction) []CallAction {
	switch in.Kind {
	case InputAgentAnswer:
		c.to(Dialling)
		c.segment(Segment{Kind: "ring", Agent: c.agent.Agent, Site: c.agent.Site, Cause: "answered"}, c.reserved, now)
		return c.dial(now, out)
	case InputAgentFail:
		return c.giveUpOwn(now, in, in.Cause, AgentParty, out)
	case InputAgentOver:
		return out // its failure came first
	case InputDeadline:
		if now.Mono < c.ringDeadline {
			return out
		}
		return c.giveUpOwn(now, CallInput{Status: 480, Q850: 19}, NoAnswer, SystemParty, out)
	case InputRelease:
		return c.giveUpOwn(now, in, in.Cause, SystemParty, out)
	case InputAgentRinging, InputHold, InputResume:
		return out
	default:
		c.unexpected++
		return out
	}
}

// stepDialling: who is wanted is being called.
func (c *Call) stepDialling(now Instant, in CallInput, out []CallAction) []CallAction {
	switch in.Kind {
	case InputCalleeRinging:
		if c.callee.Agent != "" {
			out = append(out, CallAction{Do: DoAgent, Seat: c.callee, Phase: PhaseRinging})
		}
		if !c.fetched {
			out = append(out, CallAction{Do: DoRingLeg, Party: AgentParty, Status: in.Status})
		}
		return out
	case InputCalleeAnswer:
		return c.calleeAnswered(now, out)
	case InputCallerOver:
		return c.giveUpOwn(now, in, dialCause(in), CallerParty, out)
	case InputAgentOver:
		if in.Party != AgentParty {
			return out
		}
		return c.giveUpOwn(now, in, AgentHangup, AgentParty, out)
	case InputDeadline:
		if now.Mono < c.ringDeadline {
			return out
		}
		return c.giveUpOwn(now, CallInput{Status: 480, Q850: 19}, NoAnswer, SystemParty, out)
	case InputMediaTimeout:
		return c.giveUpOwn(now, CallInput{Q850: 41, Status: 480}, MediaTimeout, SystemParty, out)
	case InputNoMedia:
		return c.giveUpOwn(now, noMedia(in), NoMedia, SystemParty, out)
	case InputRelease:
		return c.giveUpOwn(now, in, in.Cause, SystemParty, out)
	case InputHold, InputResume:
		c.noteHold(in)
		return append(out, CallAction{Do: DoHear})
	case InputAgentRinging:
		return out
	default:
		c.unexpected++
		return out
	}
}

func (c *Call) calleeAnswered(now Instant, out []CallAction) []CallAction {
	c.to(Talking)
	c.ringDeadline, c.answered = 0, true
	c.segment(Segment{Kind: "dial", Agent: c.agent.Agent, Site: c.agent.Site, With: c.Number, Cause: "answered"}, c.reserved, now)
	if !c.fetched {
		out = append(out, CallAction{Do: DoPickUp, Party: AgentParty})
	}
	if c.callee.Agent != "" {
		out = append(out, CallAction{Do: DoAgent, Seat: c.callee, Phase: PhaseTalking})
	}
	out = c.note(out, Event{Kind: CallAnswered})
	return c.connect(now, out)
}

// giveUpOwn ends an agent's own call that came to nothing. There is no
// after-call work.
func (c *Call) giveUpOwn(now Instant, in CallInput, why Cause, by Party, out []CallAction) []CallAction {
	seat := c.agent
	kind := "dial"
	if c.state == Summoning {
		kind = "ring"
	}
	c.segment(Segment{Kind: kind, Agent: seat.Agent, Site: seat.Site, With: c.Number, Cause: string(why)}, c.reserved, now)
	if by != AgentParty {
		out = append(out, CallAction{Do: DoHangupAgent, Seat: seat, Party: AgentParty, Cause: why, Status: failStatus(in), Q850: in.Q850})
	}
	out = c.free(seat, why, 0, out)
	return c.release(now, withCause(in, why), by, out)
}

// dialCause reads why somebody who was called did not come.
func dialCause(in CallInput) Cause {
	if in.Cause != "" {
		return in.Cause
	}
	return Rejected
}

// CalledBy says that a call which has not arrived yet is an agent's: it is let
// go when the call ends.
func (c *Call) CalledBy(seat Seat) { c.callee = seat }
