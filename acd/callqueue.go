package acd

// requeue puts a caller whom nobody has any more into its queue again, with
// the arrival time that it had: it goes before all who came later.
func (c *Call) requeue(now Instant, why Cause, out []CallAction) []CallAction {
	c.to(Waiting)
	c.agent, c.queued, c.inQueue, c.waitDeadline = Seat{}, now, true, 0
	if c.Plan.MaxWait > 0 {
		c.waitDeadline = now.Mono + c.Plan.MaxWait
	}
	out = append(out, CallAction{Do: DoHear}, CallAction{Do: DoMusic})
	out = c.note(out, Event{Kind: CallQueued, Queue: c.Plan.Queue, Cause: string(why)})
	return append(out, CallAction{Do: DoEnter})
}

// ToQueue hands the caller of a talk to a queue, whose plan the exchange gives
// and in which it has found a place. The agent has done its part. The call's
// history stays; whether its age counts in the new queue is the exchange's.
func (c *Call) ToQueue(now Instant, plan CallPlan, by string, out []CallAction) []CallAction {
	if c.state != Talking || c.second.stage != NoSecond {
		c.unexpected++
		return append(out, CallAction{Do: DoRefer, Status: 491})
	}
	old, terms := c.agent, c.Plan
	c.closeTalk(now, Transferred)
	out = c.note(out, Event{Kind: CallTransferring, Agent: old.Agent, Queue: plan.Queue, Reason: by})
	out = append(out, CallAction{Do: DoRefer, Status: 200})
	c.holding[roleAgent], c.own = false, false
	out = c.dismissBy(&terms, old, Transferred, true, false, out)
	out = c.note(out, Event{Kind: CallTransferred, Agent: old.Agent, Queue: plan.Queue, Cause: string(Transferred)})
	c.adopt(plan)
	return c.requeue(now, Transferred, out)
}

// pull hands a waiting caller to somebody by name. Should that fail, it goes
// back to its place.
func (c *Call) pull(now Instant, in CallInput, out []CallAction) []CallAction {
	if in.Target == (Seat{}) {
		c.unexpected++
		return out
	}
	out = append(out, CallAction{Do: DoAbandon})
	c.segment(Segment{Kind: "queue", Queue: c.Plan.Queue, Cause: string(Pulled)}, c.queued, now)
	out = c.note(out, Event{Kind: CallLeft, Queue: c.Plan.Queue, Cause: string(Pulled), Seconds: now.Sub(c.queued).Seconds(), Reason: in.By})
	c.endWait(now)
	c.waitDeadline = 0
	c.to(Handing)
	c.hand = handing{fromQ: true}
	c.agent, c.reserved = in.Target, now
	c.ringDeadline = now.Mono + c.ringFor(in.Target)
	c.phonesOpen++
	if in.Line {
		out = append(out, CallAction{Do: DoMove, Party: SupervisorParty, To: AgentParty}, CallAction{Do: DoPickUp, Party: AgentParty})
		return c.handed(now, out)
	}
	out = append(out, CallAction{Do: DoHear})
	return append(out, CallAction{Do: DoRing, Seat: in.Target, Party: AgentParty})
}

// pickUp hands a caller to somebody whose phone has called for it while another
// is rung: that one is let off, and has missed nothing.
func (c *Call) pickUp(now Instant, in CallInput, out []CallAction) []CallAction {
	if !in.Line || in.Target == (Seat{}) {
		c.unexpected++
		return out
	}
	out = append(out, CallAction{Do: DoCancelRing, Seat: c.agent, Party: AgentParty, Cause: Pulled})
	return c.pull(now, in, c.decline(now, Pulled, out))
}

// Joined counts a phone's leg that takes the place of another leg of the same
// agent's: nothing else changes.
func (c *Call) Joined() { c.phonesOpen++ }
