package acd

import "time"

// handing is a transfer without a word: somebody is rung for the caller, and
// the agent who asked for it stands by or has left.
type handing struct {
	from     Seat // who hands the caller on; zero: nobody did
	fromOpen bool // its dialog still stands
	recall   bool // the target is the agent that the caller came from
	fromQ    bool // the caller was pulled out of the queue
	final    bool // there is no way back
	own      bool // from's own call
	held     bool // from's phone holds us
}

// transfer begins a transfer of the caller to Target.
func (c *Call) transfer(now Instant, in CallInput, out []CallAction) []CallAction {
	if in.Target == (Seat{}) { // nothing leads there
		c.failedAt = now
		out = c.note(out, Event{Kind: CallTransferFailed, Agent: c.agent.Agent, Cause: string(in.Cause), Status: in.Status})
		return append(out, CallAction{Do: DoRefer, Status: failStatus(in)})
	}
	if c.second.stage != NoSecond || in.Target.Agent != "" && in.Target.Agent == c.agent.Agent {
		c.unexpected++
		return append(out, CallAction{Do: DoRefer, Status: 491})
	}
	c.phonesOpen++
	out = c.note(out, Event{Kind: CallTransferring, Agent: c.agent.Agent, Number: in.Target.Who(), Reason: in.By})
	out = c.toHanding(now, in.Target, true, out)
	return append(out, CallAction{Do: DoRing, Seat: in.Target, Party: AgentParty})
}

// toHanding sets the primary agent aside for the target, who is called or
// about to be.
func (c *Call) toHanding(now Instant, target Seat, open bool, out []CallAction) []CallAction {
	c.closeHold(now)
	c.hand = handing{from: c.agent, fromOpen: open, own: c.own, held: c.holding[roleAgent]}
	c.parked, c.holding[roleAgent] = false, false
	c.to(Handing)
	to := FromParty
	if !open {
		to = ""
	}
	out = append(out, CallAction{Do: DoMove, Party: AgentParty, To: to})
	c.agent, c.reserved = target, now
	c.ringDeadline = now.Mono + c.ringFor(target)
	out = append(out, CallAction{Do: DoHear})
	if open && c.hand.from.Agent != "" {
		return append(out, CallAction{Do: DoAgent, Seat: c.hand.from, Phase: PhaseHeld})
	}
	if open {
		return out
	}
	return c.fromLeft(now, out)
}

// handToCalled: the agent does not wait until the party it has called for a
// consultation answers.
func (c *Call) handToCalled(now Instant, up bool, out []CallAction) []CallAction {
	s := c.second
	c.toStage(NoSecond)
	c.second = second{}
	out = c.note(out, Event{Kind: CallTransferring, Agent: c.agent.Agent, Number: s.seat.Who()})
	out = c.toHanding(now, s.seat, up, out)
	c.reserved, c.ringDeadline = s.since, s.deadline
	out = append(out, CallAction{Do: DoMove, Party: SecondParty, To: AgentParty})
	if s.line {
		out = append(out, CallAction{Do: DoHangupAgent, Party: LineParty, Cause: Transferred, Status: 487}, CallAction{Do: DoMove, Party: LineParty})
	}
	c.holding[roleLine], c.holding[roleSecond] = false, false
	return out
}

// fromLeft: the agent who hands the caller on has hung up; it has done its
// part.
func (c *Call) fromLeft(now Instant, out []CallAction) []CallAction {
	from := c.hand.from
	c.hand.fromOpen = false
	c.closeTalkOf(now, from, Transferred)
	return c.free(from, Transferred, c.Plan.WrapUp, out)
}

// closeTalkOf ends the stretch of an agent that is not the primary one any
// more.
func (c *Call) closeTalkOf(now Instant, seat Seat, why Cause) {
	target := c.agent
	c.agent = seat
	c.closeTalk(now, why)
	c.agent = target
}

// failureWithin is how long after a transfer has failed the end of the agent's
// dialog is taken for the phone's doing and not for the agent's: some hang up
// whatever becomes of the transfer.
const failureWithin = 2 * time.Second

// hungUpOnFailure reports whether the agent's phone has let go of the caller
// because its transfer failed.
func (c *Call) hungUpOnFailure(now Instant, in CallInput) bool {
	return in.Cause == "" && c.agent.Agent != "" && !c.failedAt.IsZero() && now.Sub(c.failedAt) <= failureWithin
}

// recallAtOnce rings that agent again: the caller is not lost.
func (c *Call) recallAtOnce(now Instant, out []CallAction) []CallAction {
	seat := c.agent
	c.failedAt = Instant{}
	out = c.toHanding(now, seat, false, out)
	c.hand.recall = true
	c.phonesOpen++
	return append(out, CallAction{Do: DoRing, Seat: seat, Party: AgentParty})
}

// stepHanding: the target is being called.
func (c *Call) stepHanding(now Instant, in CallInput, out []CallAction) []CallAction {
	switch in.Kind {
	case InputAgentRinging:
		if in.Party == FromParty {
			return out // overtaken by its answer, long ago
		}
		if c.agent.Agent != "" {
			out = append(out, CallAction{Do: DoAgent, Seat: c.agent, Phase: PhaseRinging})
		}
		return append(out, CallAction{Do: DoRefer, Status: 180})
	case InputAgentAnswer:
		return c.handed(now, out)
	case InputAgentFail:
		return c.handFailed(now, in, out)
	case InputDeadline:
		if now.Mono < c.ringDeadline {
			return out
		}
		out = append(out, CallAction{Do: DoCancelRing, Seat: c.agent, Party: AgentParty, Cause: NoAnswer})
		return c.handFailed(now, CallInput{Cause: NoAnswer, Status: 480}, out)
	case InputAgentOver:
		if in.Party == FromParty && c.hand.fromOpen {
			out = append(out, CallAction{Do: DoMove, Party: FromParty})
			return c.fromLeft(now, out)
		}
		return out
	case InputCallerOver:
		return c.giveUpHanding(now, in, talkCause(in, c.goneCause()), CallerParty, out)
	case InputMediaTimeout:
		if in.Party != CallerParty {
			return out
		}
		return c.giveUpHanding(now, CallInput{Q850: 41}, MediaTimeout, SystemParty, out)
	case InputNoMedia:
		return c.giveUpHanding(now, noMedia(in), NoMedia, SystemParty, out)
	case InputRelease:
		return c.giveUpHanding(now, in, in.Cause, SystemParty, out)
	case InputHold, InputResume:
		if in.Party == FromParty {
			c.hand.held = in.Kind == InputHold
		} else if c.noteHold(in) {
			out = append(out, CallAction{Do: DoHear})
		}
		return out
	case InputTransfer:
		return append(out, CallAction{Do: DoRefer, Status: 491})
	default:
		c.unexpected++
		return out
	}
}

// goneCause: a caller whom nobody has served yet has abandoned.
func (c *Call) goneCause() Cause {
	if c.connected.IsZero() {
		return Abandoned
	}
	return CallerHangup
}

// handed: the target has answered and is the primary agent from now on.
func (c *Call) handed(now Instant, out []CallAction) []CallAction {
	h := c.hand
	c.ringDeadline = 0
	c.ringSegment(now, "answered")
	out = append(out, CallAction{Do: DoRefer, Status: 200})
	if h.from != (Seat{}) && !h.recall {
		out = c.note(out, Event{Kind: CallTransferred, Agent: h.from.Agent, Number: c.agent.Who(), Cause: string(Transferred)})
	}
	if h.fromOpen {
		out = append(out, CallAction{Do: DoHangupAgent, Seat: h.from, Party: FromParty, Cause: Transferred}, CallAction{Do: DoMove, Party: FromParty})
		out = c.fromLeft(now, out)
	}
	c.hand = handing{}
	c.to(Talking)
	return c.succeed(now, c.agent, c.holding[roleAgent], out)
}

func (c *Call) ringSegment(now Instant, why string) {
	c.segment(Segment{Kind: "ring", Agent: c.agent.Agent, Site: c.agent.Site, With: c.agent.Number, Cause: why}, c.reserved, now)
}

// handFailed: the target is not to be had. The caller goes back to the agent
// that it came from, who has stayed or is rung once more, else to the queue.
func (c *Call) handFailed(now Instant, in CallInput, out []CallAction) []CallAction {
	h := c.hand
	out = c.loseTarget(now, in.Cause, out)
	out = append(out, CallAction{Do: DoRefer, Status: failStatus(in)})
	out = c.note(out, Event{Kind: CallTransferFailed, Agent: h.from.Agent, Cause: string(in.Cause), Status: in.Status})
	switch {
	case h.fromOpen:
		c.to(Talking)
		out = append(out, CallAction{Do: DoMove, Party: FromParty, To: AgentParty})
		c.agent, c.own, c.hand = h.from, h.own, handing{}
		c.failedAt = now
		c.holding[roleAgent] = h.held
		if c.Held() {
			c.heldSince = now
		}
		out = append(out, CallAction{Do: DoHear})
		return c.tellAgent(out)
	case h.from.Agent != "" && !h.recall:
		c.hand.recall = true
		c.agent, c.reserved = h.from, now
		c.ringDeadline = now.Mono + c.Plan.RingTimeout
		c.phonesOpen++
		return append(out, CallAction{Do: DoRing, Seat: c.agent, Party: AgentParty})
	case c.Plan.Queue != "" && !h.final:
		c.hand = handing{}
		return c.requeue(now, TransferFails, out)
	}
	c.hand = handing{}
	return c.release(now, withCause(in, in.Cause), SystemParty, out)
}

// loseTarget forgets the party that was called.
func (c *Call) loseTarget(now Instant, why Cause, out []CallAction) []CallAction {
	seat := c.agent
	c.ringSegment(now, string(why))
	c.ringDeadline, c.agent, c.reserved = 0, Seat{}, Instant{}
	c.holding[roleAgent] = false
	out = append(out, CallAction{Do: DoMove, Party: AgentParty})
	return c.free(seat, why, 0, out)
}

// giveUpHanding ends a call while somebody is called for it.
func (c *Call) giveUpHanding(now Instant, in CallInput, why Cause, by Party, out []CallAction) []CallAction {
	h := c.hand
	out = append(out, CallAction{Do: DoCancelRing, Seat: c.agent, Party: AgentParty, Cause: CallerGone})
	out = c.loseTarget(now, CallerGone, out)
	out = append(out, CallAction{Do: DoRefer, Status: 480})
	if h.fromOpen {
		out = append(out, CallAction{Do: DoHangupAgent, Seat: h.from, Party: FromParty, Cause: why})
		out = c.fromLeft(now, out)
	}
	out = c.stopRecord(why, out)
	c.agent, c.hand = h.from, handing{}
	return c.release(now, withCause(in, why), by, out)
}
