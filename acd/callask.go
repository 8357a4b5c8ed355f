package acd

// A queue is consulted as a colleague is: the agent waits in it with music,
// beside its caller, who is on hold, and talks to whom the queue gives it. The
// place is the conversation's. When the agent completes the transfer before
// anybody has answered, the caller inherits it and waits on, or goes on being
// offered; when the agent comes back to the caller, it is given up.

// Consulting is the cause for which a conversation enters a queue that its
// agent consults.
const Consulting Cause = "consult"

// ConsultQueue has the agent of a talk wait in a queue whose plan the exchange
// gives and in which it has found a place. On a line of its own, the agent's
// phone hears music from now on; else the caller is parked.
func (c *Call) ConsultQueue(now Instant, plan CallPlan, line bool, out []CallAction) []CallAction {
	if c.state != Talking || c.second.stage != NoSecond || c.agent.Agent == "" || plan.Queue == "" {
		return c.refuseConsult(line, out)
	}
	plan.Client, plan.Direction = c.Plan.Client, c.Plan.Direction
	c.toStage(SecondWaits)
	c.second.plan, c.second.queued, c.second.line = &plan, now, line
	if plan.MaxWait > 0 {
		c.second.deadline = now.Mono + plan.MaxWait
	}
	if line {
		c.phonesOpen++
		out = append(out, CallAction{Do: DoPickUp, Party: LineParty})
	} else {
		out = c.park(now, out)
	}
	out = c.note(out, Event{Kind: CallConsulting, Agent: c.agent.Agent, Queue: plan.Queue})
	out = append(out, CallAction{Do: DoHear})
	out = c.tellAgent(out)
	out = c.note(out, Event{Kind: CallQueued, Queue: plan.Queue, Cause: string(Consulting)})
	return append(out, CallAction{Do: DoEnter, Party: SecondParty})
}

// Asked is the plan of the queue that the agent consults; nil: of none.
func (c *Call) Asked() *CallPlan { return c.second.plan }

// stepWaits: the agent waits in the queue that it consults.
func (c *Call) stepWaits(now Instant, in CallInput, out []CallAction) []CallAction {
	s := &c.second
	switch in.Kind {
	case InputOffer:
		c.toStage(SecondCalled)
		s.seat, s.since, s.patience = in.Seat, now, s.deadline
		s.deadline = now.Mono + s.plan.RingTimeout
		c.phonesOpen++
		out = c.note(out, Event{Kind: CallOffered, Agent: s.seat.Agent, Site: s.seat.Site, Queue: s.plan.Queue, Decision: in.Decision})
		return append(out, CallAction{Do: DoAgent, Seat: s.seat, Phase: PhaseReserved, Party: SecondParty},
			CallAction{Do: DoRing, Seat: s.seat, Party: SecondParty})
	case InputFull:
		return c.loseSecond(now, CallInput{Cause: QueueFull, Status: 486}, c.quitAsked(now, QueueFull, out))
	case InputMerge, InputAgentRinging, InputAgentFail, InputAgentOver:
		return out // not before there are three; phones that rang before
	default:
		c.unexpected++
		return out
	}
}

// declineAsked gives the offer to an agent of the consulted queue back: the
// agent who asks waits on, in its place.
func (c *Call) declineAsked(now Instant, why Cause, out []CallAction) []CallAction {
	s := &c.second
	out = c.closeOffer(now, why, out)
	seat := s.seat
	c.toStage(SecondWaits)
	s.seat, s.since, s.deadline, s.patience = Seat{}, Instant{}, s.patience, 0
	c.holding[roleSecond] = false
	// The call first, then the agent, as in decline.
	out = append(out, CallAction{Do: DoDecline, Seat: seat, Party: SecondParty, Cause: why},
		CallAction{Do: DoMove, Party: SecondParty}, CallAction{Do: DoHear},
		CallAction{Do: DoAgent, Seat: seat, Phase: PhaseFree, Party: SecondParty, Cause: why})
	if s.deadline != 0 && now.Mono >= s.deadline { // which did not cut the phone off that rang
		return c.secondDeadline(now, out)
	}
	return out
}

// closeOffer writes down that an offer to an agent of the consulted queue is
// over.
func (c *Call) closeOffer(now Instant, why Cause, out []CallAction) []CallAction {
	s := &c.second
	c.segment(Segment{Kind: "ring", Agent: s.seat.Agent, Site: s.seat.Site, Queue: s.plan.Queue, Cause: string(why)}, s.since, now)
	return c.note(out, Event{Kind: CallDeclined, Agent: s.seat.Agent, Site: s.seat.Site, Queue: s.plan.Queue, Cause: string(why), Seconds: now.Sub(s.since).Seconds()})
}

// quitAsked gives the place in the consulted queue up.
func (c *Call) quitAsked(now Instant, why Cause, out []CallAction) []CallAction {
	s := &c.second
	out = append(out, CallAction{Do: DoAbandon, Party: SecondParty})
	c.segment(Segment{Kind: "queue", Queue: s.plan.Queue, Cause: string(why)}, s.queued, now)
	return c.note(out, Event{Kind: CallLeft, Queue: s.plan.Queue, Cause: string(why), Seconds: now.Sub(s.queued).Seconds()})
}

// askedAnswers: somebody of the consulted queue is there. The queue hears of it
// first, as in toTalking.
func (c *Call) askedAnswers(now Instant, out []CallAction) []CallAction {
	s := &c.second
	c.segment(Segment{Kind: "ring", Agent: s.seat.Agent, Site: s.seat.Site, Queue: s.plan.Queue, Cause: "answered"}, s.since, now)
	c.segment(Segment{Kind: "queue", Agent: s.seat.Agent, Site: s.seat.Site, Queue: s.plan.Queue, Cause: "answered"}, s.queued, now)
	return append(out, CallAction{Do: DoAccept, Seat: s.seat, Party: SecondParty})
}

// letSecond lets go of who is consulted, whatever has become of it so far.
func (c *Call) letSecond(now Instant, why Cause, out []CallAction) []CallAction {
	s := &c.second
	switch {
	case s.stage == SecondWaits:
		return c.quitAsked(now, why, out)
	case s.stage != SecondCalled:
		return append(out, CallAction{Do: DoHangupAgent, Seat: s.seat, Party: SecondParty, Cause: why})
	}
	out = append(out, CallAction{Do: DoCancelRing, Seat: s.seat, Party: SecondParty, Cause: why})
	if s.plan == nil {
		return out
	}
	out = c.closeOffer(now, CallerGone, out)
	return c.quitAsked(now, why, out)
}

// inherit gives the caller the place that its agent has in the queue it
// consults: the caller waits there from now on, or is being offered. up: the
// agent's dialog still stands.
func (c *Call) inherit(now Instant, up bool, out []CallAction) []CallAction {
	s, old := c.second, c.agent
	terms := c.Plan
	c.toStage(NoSecond)
	c.second = second{}
	c.closeTalk(now, Transferred)
	out = c.note(out, Event{Kind: CallTransferring, Agent: old.Agent, Queue: s.plan.Queue})
	out = append(out, CallAction{Do: DoRefer, Status: 200})
	out = c.dismissBy(&terms, old, Transferred, up, s.line, out)
	out = c.note(out, Event{Kind: CallTransferred, Agent: old.Agent, Queue: s.plan.Queue, Cause: string(Transferred)})
	held := c.holding[roleSecond]
	c.holding[roleAgent], c.holding[roleLine], c.holding[roleSecond] = false, false, false
	c.own, c.parked = false, false
	c.adopt(*s.plan)
	c.to(Waiting)
	c.agent, c.queued, c.inQueue, c.waitDeadline = Seat{}, s.queued, true, s.deadline
	out = append(out, CallAction{Do: DoInherit})
	if s.stage == SecondCalled {
		c.to(Ringing)
		c.agent, c.reserved, c.ringDeadline, c.waitDeadline = s.seat, s.since, s.deadline, s.patience
		c.holding[roleAgent] = held
		out = append(out, CallAction{Do: DoMove, Party: SecondParty, To: AgentParty})
	}
	return append(out, CallAction{Do: DoHear}, CallAction{Do: DoMusic})
}

// adopt puts the call on the terms of the queue that it goes to; whose call it
// is stays.
func (c *Call) adopt(plan CallPlan) {
	plan.Client, plan.Direction = c.Plan.Client, c.Plan.Direction
	plan.Record = plan.Record || c.recorded
	c.Plan = plan
}
