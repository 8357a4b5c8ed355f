package acd

// stepNew: the call is there and has to be taken in.
func (c *Call) stepNew(now Instant, in CallInput, out []CallAction) []CallAction {
	switch in.Kind {
	case InputDial:
		return c.ownCall(now, in, out)
	case InputArrive:
		if c.Plan.Led != "" {
			return c.arriveLed(now, out)
		}
		c.arrived, c.queued, c.inQueue, c.callerOpen = now, now, true, true
		if c.Plan.MaxWait > 0 {
			c.waitDeadline = now.Mono + c.Plan.MaxWait
		}
		out = c.note(out, Event{Kind: CallArrived, From: c.From, Number: c.Number, Trunk: c.Trunk, Queue: c.Plan.Queue, Version: c.Plan.Version, Direction: c.Plan.Direction})
		c.to(Waiting)
		if c.Plan.AnswerFirst {
			c.answered = true
			out = append(out, CallAction{Do: DoAnswer})
			out = c.note(out, Event{Kind: CallAnswered})
		} else {
			out = append(out, CallAction{Do: DoProgress})
		}
		out = append(out, CallAction{Do: DoMusic})
		out = c.note(out, Event{Kind: CallQueued, Queue: c.Plan.Queue})
		return append(out, CallAction{Do: DoEnter})
	default:
		c.unexpected++
		return out
	}
}

// stepWaiting: music for the caller until the queue has an agent.
func (c *Call) stepWaiting(now Instant, in CallInput, out []CallAction) []CallAction {
	switch in.Kind {
	case InputOffer:
		return c.toRinging(now, in, out)
	case InputCallerOver:
		return c.leaveQueue(now, in, abandonCause(in), out)
	case InputGuide:
		return c.lead(now, in.Cause, out)
	case InputSend:
		return c.send(now, in, out)
	case InputDismiss:
		return c.release(now, CallInput{Cause: in.Cause, Q850: 16}, SystemParty, c.leaveWait(now, in.Cause, out))
	case InputFull:
		if c.Plan.ExitFull {
			return c.exit(now, QueueFull, out)
		}
		if c.Plan.Overflow != "" {
			return c.overflow(now, out)
		}
		c.endWait(now)
		c.segment(Segment{Kind: "queue", Queue: c.Plan.Queue, Cause: string(QueueFull)}, c.queued, now)
		out = c.note(out, Event{Kind: CallLeft, Queue: c.Plan.Queue, Cause: string(QueueFull), Seconds: now.Sub(c.queued).Seconds()})
		return c.release(now, CallInput{Kind: in.Kind, Cause: QueueFull, Status: 486, Q850: 17}, SystemParty, out)
	case InputDeadline:
		if c.waitDeadline == 0 || now.Mono < c.waitDeadline {
			return out
		}
		if c.Plan.ExitExpired {
			return c.exit(now, MaxWait, out)
		}
		if c.Plan.Overflow != "" {
			return c.overflow(now, append(out, CallAction{Do: DoAbandon}))
		}
		return c.leaveQueue(now, CallInput{Kind: in.Kind, Cause: MaxWait, Status: 480, Q850: 19}, MaxWait, out)
	case InputMediaTimeout:
		return c.leaveQueue(now, CallInput{Kind: in.Kind, Cause: MediaTimeout, Q850: 41}, MediaTimeout, out)
	case InputNoMedia:
		return c.leaveQueue(now, noMedia(in), NoMedia, out)
	case InputRelease:
		return c.leaveQueue(now, in, in.Cause, out)
	case InputPull:
		return c.pull(now, in, out)
	case InputHold, InputResume:
		c.noteHold(in) // a caller may hold us too; it counts from the connection on
		return out
	case InputAgentOver:
		return out // phones that rang before say that they are done
	default:
		c.unexpected++
		return out
	}
}

// overflow moves a call that has waited its time to the queue that takes
// over. The exchange gives it that queue's plan; the arrival time stays.
func (c *Call) overflow(now Instant, out []CallAction) []CallAction {
	c.segment(Segment{Kind: "queue", Queue: c.Plan.Queue, Cause: string(Overflowed)}, c.queued, now)
	out = c.note(out, Event{Kind: CallLeft, Queue: c.Plan.Queue, Cause: string(Overflowed), Seconds: now.Sub(c.queued).Seconds()})
	return append(out, CallAction{Do: DoOverflow, Queue: c.Plan.Overflow})
}

// Overflow gives a waiting call the plan of the queue that takes it over and
// asks for its place there. Only one overflow is followed: the second queue's
// own is not, or two full queues would pass a call to and fro for ever.
func (c *Call) Overflow(now Instant, plan CallPlan, out []CallAction) []CallAction {
	if c.state != Waiting {
		c.unexpected++
		return out
	}
	plan.Overflow = ""
	plan.Client, plan.Direction = c.Plan.Client, c.Plan.Direction
	c.Plan, c.queued, c.waitDeadline = plan, now, 0
	if plan.MaxWait > 0 {
		c.waitDeadline = now.Mono + plan.MaxWait
	}
	out = c.note(out, Event{Kind: CallQueued, Queue: plan.Queue, Cause: string(Overflowed)})
	return append(out, CallAction{Do: DoEnter})
}

// leaveQueue ends a call that waits and that no agent is rung for.
func (c *Call) leaveQueue(now Instant, in CallInput, why Cause, out []CallAction) []CallAction {
	out = c.quitQueue(now, why, out)
	return c.release(now, withCause(in, why), partyOf(in), out)
}

// quitQueue takes the call out of the queue without an agent.
func (c *Call) quitQueue(now Instant, why Cause, out []CallAction) []CallAction {
	out = append(out, CallAction{Do: DoAbandon})
	c.endWait(now)
	c.segment(Segment{Kind: "queue", Queue: c.Plan.Queue, Cause: string(why)}, c.queued, now)
	return c.note(out, Event{Kind: CallLeft, Queue: c.Plan.Queue, Cause: string(why), Seconds: now.Sub(c.queued).Seconds()})
}

// noMedia tells a caller whose sound is not ours to carry (Q.850 88,
// incompatible destination) from one for whom no port is free (34, no circuit).
func noMedia(in CallInput) CallInput {
	q := 88
	if in.Status == 503 {
		q = 34
	}
	return CallInput{Kind: in.Kind, Cause: NoMedia, Status: in.Status, Q850: q}
}

func withCause(in CallInput, why Cause) CallInput {
	in.Cause = why
	return in
}

// partyOf is who ended a call that no agent had.
func partyOf(in CallInput) Party {
	if in.Kind == InputCallerOver {
		return CallerParty
	}
	return SystemParty
}

// abandonCause tells a caller who hung up from one whose signalling died.
func abandonCause(in CallInput) Cause {
	if in.Cause == SignalLost || in.Cause == NoMedia || in.Cause == Internal {
		return in.Cause
	}
	return Abandoned
}
