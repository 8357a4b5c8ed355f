package acd

// toTalking connects caller and agent. The queue hears of it first: from then
// on nobody else can have this call or this agent.
func (c *Call) toTalking(now Instant, out []CallAction) []CallAction {
	c.to(Talking)
	c.connected = now
	c.ringDeadline, c.waitDeadline = 0, 0
	c.segment(Segment{Kind: "ring", Agent: c.agent.Agent, Site: c.agent.Site, Queue: c.Plan.Queue, Cause: "answered"}, c.reserved, now)
	c.segment(Segment{Kind: "queue", Queue: c.Plan.Queue, Cause: "answered"}, c.queued, now)
	out = append(out, CallAction{Do: DoAccept, Seat: c.agent})
	if !c.answered {
		c.answered = true
		out = append(out, CallAction{Do: DoAnswer})
		out = c.note(out, Event{Kind: CallAnswered})
	}
	out = append(out, CallAction{Do: DoConnect, Seat: c.agent})
	if c.Plan.Record {
		c.recorded = true
		out = append(out, CallAction{Do: DoRecord, Seat: c.agent})
	}
	out = c.note(out, Event{Kind: CallConnected, Agent: c.agent.Agent, Site: c.agent.Site, Queue: c.Plan.Queue, Seconds: now.Sub(c.queued).Seconds()})
	return append(out, CallAction{Do: DoAgent, Seat: c.agent, Phase: PhaseTalking})
}

// stepTalking: the two are connected.
func (c *Call) stepTalking(now Instant, in CallInput, out []CallAction) []CallAction {
	switch in.Kind {
	case InputCallerOver:
		return c.endTalk(now, in, talkCause(in, CallerHangup), CallerParty, out)
	case InputAgentOver:
		if !in.Current {
			return out // a phone that rang for this call before
		}
		return c.endTalk(now, in, talkCause(in, AgentHangup), AgentParty, out)
	case InputMediaTimeout:
		return c.endTalk(now, CallInput{Q850: 41}, MediaTimeout, SystemParty, out)
	case InputNoMedia:
		return c.endTalk(now, noMedia(in), NoMedia, SystemParty, out)
	case InputRelease:
		return c.endTalk(now, in, in.Cause, SystemParty, out)
	case InputHold:
		return c.hold(now, in.Party, out)
	case InputResume:
		return c.resume(now, in.Party, out)
	case InputAgentRinging, InputDeadline:
		return out // late provisional responses and timers mean nothing any more
	default:
		c.unexpected++
		return out
	}
}

func (c *Call) hold(now Instant, by Party, out []CallAction) []CallAction {
	i := sideOf(by)
	if c.heldBy[i] {
		return out
	}
	if !c.Held() {
		c.heldSince = now
	}
	c.heldBy[i] = true
	out = append(out, CallAction{Do: DoHoldMusic, Party: by}, CallAction{Do: DoMark, Party: by, Cause: "hold"})
	out = c.note(out, Event{Kind: CallHeld, Agent: c.agent.Agent, Side: string(by)})
	return append(out, CallAction{Do: DoAgent, Seat: c.agent, Phase: PhaseHeld})
}

func (c *Call) resume(now Instant, by Party, out []CallAction) []CallAction {
	i := sideOf(by)
	if !c.heldBy[i] {
		return out
	}
	c.heldBy[i] = false
	out = append(out, CallAction{Do: DoMark, Party: by, Cause: "resume"})
	out = c.note(out, Event{Kind: CallResumed, Agent: c.agent.Agent, Side: string(by)})
	if c.Held() {
		// The other side still holds: the one who is back hears that.
		return append(out, CallAction{Do: DoHoldMusic, Party: otherParty(by)})
	}
	c.closeHold(now)
	return append(out, CallAction{Do: DoRebridge}, CallAction{Do: DoAgent, Seat: c.agent, Phase: PhaseTalking})
}

func (c *Call) closeHold(now Instant) {
	if c.heldSince.IsZero() {
		return
	}
	c.segment(Segment{Kind: "hold", Agent: c.agent.Agent, Site: c.agent.Site}, c.heldSince, now)
	c.heldSince = Instant{}
}

// endTalk releases a connected call.
func (c *Call) endTalk(now Instant, in CallInput, why Cause, by Party, out []CallAction) []CallAction {
	c.closeHold(now)
	c.heldBy = [2]bool{}
	seat := c.agent
	c.segment(Segment{Kind: "talk", Agent: seat.Agent, Site: seat.Site, Queue: c.Plan.Queue, Cause: string(why)}, c.connected, now)
	if c.recorded {
		out = append(out, CallAction{Do: DoStopRecord, Cause: why})
	}
	if by != AgentParty {
		out = append(out, CallAction{Do: DoHangupAgent, Seat: seat, Cause: why, Q850: in.Q850})
	}
	// The agent before the record: whoever waits for this agent should not
	// wait for a disk.
	out = append(out, CallAction{Do: DoAgent, Seat: seat, Phase: PhaseFree, Cause: why, WrapUp: c.Plan.WrapUp})
	return c.release(now, withCause(in, why), by, out)
}

func talkCause(in CallInput, usual Cause) Cause {
	if in.Cause == SignalLost || in.Cause == NoMedia || in.Cause == Internal {
		return in.Cause
	}
	return usual
}

func otherParty(p Party) Party {
	if p == AgentParty {
		return CallerParty
	}
	return AgentParty
}

func sideOf(p Party) int {
	if p == AgentParty {
		return 1
	}
	return 0
}
