package acd

import "time"

// toTalking connects caller and agent. The queue hears of it first: from then
// on nobody else can have this call or this agent.
func (c *Call) toTalking(now Instant, out []CallAction) []CallAction {
	c.to(Talking)
	c.ringDeadline, c.waitDeadline = 0, 0
	c.segment(Segment{Kind: "ring", Agent: c.agent.Agent, Site: c.agent.Site, Queue: c.Plan.Queue, Cause: "answered"}, c.reserved, now)
	c.segment(Segment{Kind: "queue", Queue: c.Plan.Queue, Cause: "answered"}, c.queued, now)
	c.endWait(now)
	out = append(out, CallAction{Do: DoAccept, Seat: c.agent})
	return c.connect(now, out)
}

// connect lets caller and primary agent talk: the first time, or again after a
// transfer.
func (c *Call) connect(now Instant, out []CallAction) []CallAction {
	if !c.answered {
		c.answered = true
		out = append(out, CallAction{Do: DoAnswer})
		out = c.note(out, Event{Kind: CallAnswered})
	}
	c.talkSince = now
	first := c.connected.IsZero()
	if first {
		c.connected = now
		if c.Plan.MaxTalk > 0 {
			c.talkDeadline = now.Mono + c.Plan.MaxTalk
		}
	}
	if c.Held() { // somebody held before there was anybody to be held
		c.heldSince = now
	}
	out = append(out, CallAction{Do: DoConnect, Seat: c.agent})
	switch {
	case c.recorded:
		out = append(out, CallAction{Do: DoServe, Seat: c.agent})
	case c.Plan.Record: // also of a queue that the call came to later
		c.recorded, c.taping = true, true
		out = append(out, CallAction{Do: DoRecord, Seat: c.agent})
	}
	if first && c.Held() {
		out = append(out, CallAction{Do: DoMark, Party: c.holder(), Cause: "hold"})
	}
	out = c.note(out, Event{Kind: CallConnected, Agent: c.agent.Agent, Site: c.agent.Site, Number: c.agent.Number, Queue: c.Plan.Queue, Seconds: c.sinceQueued(now)})
	return c.tellAgent(out)
}

// tellAgent tells the primary agent what the call is doing with it.
func (c *Call) tellAgent(out []CallAction) []CallAction {
	if c.agent.Agent == "" {
		return out
	}
	phase := PhaseTalking
	switch {
	case c.Held():
		phase = PhaseHeld
	case c.own:
		phase = PhaseOutbound
	}
	return append(out, CallAction{Do: DoAgent, Seat: c.agent, Phase: phase})
}

// stepTalking: the two are connected.
func (c *Call) stepTalking(now Instant, in CallInput, out []CallAction) []CallAction {
	switch in.Kind {
	case InputCallerOver:
		return c.endTalk(now, in, talkCause(in, CallerHangup), CallerParty, out)
	case InputAgentOver:
		if in.Party != AgentParty {
			return out // a phone that rang for this call before
		}
		return c.agentGone(now, in, out)
	case InputMediaTimeout:
		return c.endTalk(now, CallInput{Q850: 41}, MediaTimeout, SystemParty, out)
	case InputNoMedia:
		return c.endTalk(now, noMedia(in), NoMedia, SystemParty, out)
	case InputRelease:
		return c.endTalk(now, in, in.Cause, SystemParty, out)
	case InputHold:
		return c.hold(now, in, out)
	case InputResume:
		return c.resume(now, in, out)
	case InputTransfer:
		return c.transfer(now, in, out)
	case InputDeadline:
		if c.talkDeadline == 0 || now.Mono < c.talkDeadline {
			return out
		}
		return c.endTalk(now, CallInput{Q850: 41}, MaxTalk, SystemParty, out)
	case InputAgentRinging, InputCalleeRinging:
		return out // late provisional responses mean nothing any more
	default:
		c.unexpected++
		return out
	}
}

// noteHold keeps who holds whom; true when that has changed.
func (c *Call) noteHold(in CallInput) bool {
	r, ok := roleOf[in.Party]
	on := in.Kind == InputHold
	if !ok || c.holding[r] == on {
		return false
	}
	c.holding[r] = on
	return true
}

func (c *Call) hold(now Instant, in CallInput, out []CallAction) []CallAction {
	was := c.Held()
	if !c.noteHold(in) {
		return out
	}
	if !was {
		c.heldSince = now
	}
	out = append(out, CallAction{Do: DoHear}, CallAction{Do: DoMark, Party: in.Party, Cause: "hold"})
	out = c.note(out, Event{Kind: CallHeld, Agent: c.agent.Agent, Side: string(in.Party)})
	return c.tellAgent(out)
}

func (c *Call) resume(now Instant, in CallInput, out []CallAction) []CallAction {
	if !c.noteHold(in) {
		return out
	}
	out = append(out, CallAction{Do: DoHear}, CallAction{Do: DoMark, Party: in.Party, Cause: "resume"})
	out = c.note(out, Event{Kind: CallResumed, Agent: c.agent.Agent, Side: string(in.Party)})
	if c.Held() {
		return out // the other side still holds: the one who is back hears that
	}
	c.closeHold(now)
	return c.tellAgent(out)
}

// closeHold ends the stretch of hold that may be running.
func (c *Call) closeHold(now Instant) {
	if c.heldSince.IsZero() {
		return
	}
	c.segment(Segment{Kind: "hold", Agent: c.agent.Agent, Site: c.agent.Site}, c.heldSince, now)
	c.heldSince = Instant{}
}

// holder is who holds, for the mark.
func (c *Call) holder() Party {
	if c.holding[roleCaller] {
		return CallerParty
	}
	return AgentParty
}

// closeTalk ends the primary agent's stretch.
func (c *Call) closeTalk(now Instant, why Cause) {
	c.closeHold(now)
	c.segment(Segment{Kind: "talk", Agent: c.agent.Agent, Site: c.agent.Site, With: c.agent.Number, Queue: c.Plan.Queue, Cause: string(why)}, c.talkSince, now)
	c.talked += now.Sub(c.talkSince)
	c.talkSince = Instant{}
}

// endTalk releases a connected call.
func (c *Call) endTalk(now Instant, in CallInput, why Cause, by Party, out []CallAction) []CallAction {
	seat := c.agent
	c.closeTalk(now, why)
	c.holding, c.parked = [roles]bool{}, false
	out = c.stopRecord(why, out)
	if by != AgentParty {
		out = append(out, CallAction{Do: DoHangupAgent, Seat: seat, Party: AgentParty, Cause: why, Q850: in.Q850})
	}
	// The agent before the record: whoever waits for this agent should not
	// wait for a disk.
	out = c.free(seat, why, c.Plan.WrapUp, out)
	return c.release(now, withCause(in, why), by, out)
}

// stopRecord ends the recording that may run.
func (c *Call) stopRecord(why Cause, out []CallAction) []CallAction {
	if !c.taping {
		return out
	}
	c.taping = false
	return append(out, CallAction{Do: DoStopRecord, Cause: why})
}

// free lets an agent go; nobody has to be told of an outside party.
func (c *Call) free(seat Seat, why Cause, wrapUp time.Duration, out []CallAction) []CallAction {
	if seat.Agent == "" {
		return out
	}
	return append(out, CallAction{Do: DoAgent, Seat: seat, Phase: PhaseFree, Cause: why, WrapUp: wrapUp})
}

func talkCause(in CallInput, usual Cause) Cause {
	if in.Cause == SignalLost || in.Cause == NoMedia || in.Cause == Internal {
		return in.Cause
	}
	return usual
}
