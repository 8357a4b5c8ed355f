package acd

// How a consultation or a conference ends.

// abort lets the second party go: the agent is back with the caller.
func (c *Call) abort(now Instant, in CallInput, out []CallAction) []CallAction {
	return c.loseSecond(now, in, c.letSecond(now, in.Cause, out))
}

// loseSecond: the second party is gone, or was never to be had.
func (c *Call) loseSecond(now Instant, in CallInput, out []CallAction) []CallAction {
	s := c.second
	c.closeSecond(now, in.Cause)
	out = append(out, CallAction{Do: DoMove, Party: SecondParty})
	if s.line {
		out = append(out, CallAction{Do: DoHangupAgent, Party: LineParty, Cause: in.Cause, Status: in.Status}, CallAction{Do: DoMove, Party: LineParty})
	}
	out = append(out, CallAction{Do: DoRefer, Status: failStatus(in)})
	if c.parked {
		c.parked = false
		out = append(out, CallAction{Do: DoMark, Party: AgentParty, Cause: "resume"})
	}
	if !c.Held() {
		c.closeHold(now)
	}
	out = append(out, CallAction{Do: DoHear})
	out = c.note(out, Event{Kind: CallConsultEnded, Agent: c.agent.Agent, Number: s.wanted(), Cause: string(in.Cause), Status: in.Status})
	out = c.free(s.seat, in.Cause, 0, out)
	return c.tellAgent(out)
}

// closeSecond writes down how long there was a second party, and forgets it.
func (c *Call) closeSecond(now Instant, why Cause) {
	s := c.second
	switch s.stage {
	case SecondCalled:
		if s.plan != nil {
			break // closeOffer has told
		}
		c.segment(Segment{Kind: "ring", Agent: s.seat.Agent, Site: s.seat.Site, With: s.seat.Number, Cause: string(why)}, s.since, now)
	case SecondJoined:
		c.segment(Segment{Kind: "consult", Agent: c.agent.Agent, Site: c.agent.Site, With: s.seat.Who(), Cause: string(why)}, s.joined, now)
	case InConference:
		c.segment(Segment{Kind: "consult", Agent: c.agent.Agent, Site: c.agent.Site, With: s.seat.Who(), Cause: "conference"}, s.joined, s.merged)
		c.segment(Segment{Kind: "conference", Agent: c.agent.Agent, Site: c.agent.Site, With: s.seat.Who(), Cause: string(why)}, s.merged, now)
	}
	c.toStage(NoSecond)
	c.second = second{}
	c.holding[roleLine], c.holding[roleSecond] = false, false
}

// complete gives the caller to the second party. One that is still being
// called is handed the caller as in a transfer without a word.
func (c *Call) complete(now Instant, in CallInput, out []CallAction) []CallAction {
	switch {
	case c.second.plan != nil && c.second.stage < SecondJoined:
		return c.inherit(now, true, out)
	case c.second.stage == SecondCalled:
		return c.handToCalled(now, true, out)
	}
	return c.promote(now, Transferred, true, out)
}

// agentGone: the primary agent's phone has ended its dialog. In a conference
// it leaves the others to themselves; one that consults on the caller's own
// line so hands the caller on, as on any desk phone; otherwise it is the end.
func (c *Call) agentGone(now Instant, in CallInput, out []CallAction) []CallAction {
	s := &c.second
	switch {
	case s.stage == InConference:
		return c.promote(now, LeftConf, false, out)
	case s.stage == SecondJoined && !s.line:
		return c.promote(now, Transferred, false, out)
	case s.plan != nil && s.stage < SecondJoined && !s.line:
		return c.inherit(now, false, out)
	case s.stage == SecondCalled && !s.line:
		return c.handToCalled(now, false, out)
	case s.stage == NoSecond && c.hungUpOnFailure(now, in):
		return c.recallAtOnce(now, out)
	}
	return c.endTalk(now, in, talkCause(in, AgentHangup), AgentParty, out)
}

// promote puts the second party in the agent's place, who goes to its
// after-call work. up: the agent's dialog still stands.
func (c *Call) promote(now Instant, why Cause, up bool, out []CallAction) []CallAction {
	old, next, line, terms, plan := c.agent, c.second.seat, c.second.line, c.Plan, c.second.plan
	held := c.holding[roleSecond]
	c.closeSecond(now, why)
	c.closeTalk(now, why)
	out = append(out, CallAction{Do: DoRefer, Status: 200})
	out = c.note(out, Event{Kind: CallTransferred, Agent: old.Agent, Number: next.Who(), Cause: string(why)})
	out = c.dismissBy(&terms, old, why, up, line, out)
	out = append(out, CallAction{Do: DoMove, Party: SecondParty, To: AgentParty})
	if plan != nil {
		c.adopt(*plan)
		out = append(out, CallAction{Do: DoInherit})
	}
	return c.succeed(now, next, held, out)
}

// dismiss lets the primary agent's legs and then the agent go.
func (c *Call) dismiss(old Seat, why Cause, up, line bool, out []CallAction) []CallAction {
	return c.dismissBy(nil, old, why, up, line, out)
}

// dismissBy is dismiss where the call goes over to other terms: the agent's
// after-call work is by those on which it has served.
func (c *Call) dismissBy(terms *CallPlan, old Seat, why Cause, up, line bool, out []CallAction) []CallAction {
	if up {
		out = append(out, CallAction{Do: DoHangupAgent, Seat: old, Party: AgentParty, Cause: why})
	}
	out = append(out, CallAction{Do: DoMove, Party: AgentParty})
	if line {
		out = append(out, CallAction{Do: DoHangupAgent, Seat: old, Party: LineParty, Cause: why}, CallAction{Do: DoMove, Party: LineParty})
	}
	freed := len(out)
	out = c.free(old, why, c.Plan.WrapUp, out)
	for i := range out[freed:] {
		out[freed+i].Plan = terms
	}
	return out
}

// succeed makes next the primary agent of a call that goes on.
func (c *Call) succeed(now Instant, next Seat, held bool, out []CallAction) []CallAction {
	c.agent, c.own, c.parked = next, false, false
	c.holding[roleAgent] = held
	return c.connect(now, out)
}

// dropAside lets the second party and the supervisor of a call that ends go.
func (c *Call) dropAside(now Instant, out []CallAction) []CallAction {
	if s := c.second; s.stage != NoSecond {
		out = c.letSecond(now, CallerGone, out)
		c.closeSecond(now, CallerGone)
		if s.line {
			out = append(out, CallAction{Do: DoHangupAgent, Party: LineParty, Cause: CallerGone, Status: 480})
		}
		out = append(out, CallAction{Do: DoRefer, Status: 480})
		out = c.free(s.seat, CallerGone, 0, out)
	}
	if c.watch.seat != (Seat{}) {
		out = append(out, CallAction{Do: DoHangupAgent, Seat: c.watch.seat, Party: SupervisorParty, Cause: CallerGone})
		out = c.unwatch(now, CallerGone, out)
	}
	return out
}

// failStatus is what a phone that asked for a transfer is told.
func failStatus(in CallInput) int {
	switch {
	case in.Status >= 400:
		return in.Status
	case in.Cause == Busy:
		return 486
	case in.Cause == Rejected:
		return 603
	case in.Cause == Unreachable:
		return 503
	}
	return 480
}
