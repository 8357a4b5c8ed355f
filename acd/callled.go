package acd

import "time"

// A caller is led while prompts have it: a menu chooses its queue, or it is
// told why nobody will come. What is said and which key was pressed is the
// exchange's; here the call's way is decided on.

// ledAtMost bounds how long a caller may be led. Menus end by themselves; this
// is for what never should be.
const ledAtMost = 15 * time.Minute

// arriveLed takes in a call that prompts have first.
func (c *Call) arriveLed(now Instant, out []CallAction) []CallAction {
	c.arrived, c.callerOpen, c.answered = now, true, true
	out = c.note(out, Event{Kind: CallArrived, From: c.From, Number: c.Number, Trunk: c.Trunk, Queue: c.Plan.Queue, Version: c.Plan.Version, Direction: c.Plan.Direction})
	out = append(out, CallAction{Do: DoAnswer})
	out = c.note(out, Event{Kind: CallAnswered})
	return c.lead(now, c.Plan.Led, out)
}

// lead gives the caller to the prompts. It is answered first: nobody listens to
// early media to its end.
func (c *Call) lead(now Instant, why Cause, out []CallAction) []CallAction {
	out = c.leaveWait(now, why, out)
	c.to(Led)
	c.ledFor, c.ledDeadline = why, now.Mono+ledAtMost
	if !c.answered {
		c.answered = true
		out = append(out, CallAction{Do: DoAnswer})
		out = c.note(out, Event{Kind: CallAnswered})
	}
	return append(out, CallAction{Do: DoHear}, CallAction{Do: DoLead, Cause: why})
}

// leaveWait takes a call that waits out of its queue.
func (c *Call) leaveWait(now Instant, why Cause, out []CallAction) []CallAction {
	c.ledDeadline = 0
	if !c.inQueue {
		return out
	}
	c.waitDeadline = 0
	return c.quitQueue(now, why, out)
}

// Route sends a call that waits or is led to a queue, whose plan the exchange
// gives. It keeps the time of its arrival.
func (c *Call) Route(now Instant, why Cause, plan CallPlan, out []CallAction) []CallAction {
	if c.state != Waiting && c.state != Led {
		c.unexpected++
		return out
	}
	out = c.leaveWait(now, why, out)
	if c.state == Led {
		c.to(Waiting)
	}
	if plan.Client == "" {
		plan.Client = c.Plan.Client
	}
	plan.Direction = c.Plan.Direction
	c.Plan, c.queued, c.inQueue = plan, now, true
	if plan.MaxWait > 0 {
		c.waitDeadline = now.Mono + plan.MaxWait
	}
	if plan.AnswerFirst && !c.answered {
		c.answered = true
		out = append(out, CallAction{Do: DoAnswer})
		out = c.note(out, Event{Kind: CallAnswered})
	}
	out = append(out, CallAction{Do: DoHear}, CallAction{Do: DoMusic})
	out = c.note(out, Event{Kind: CallQueued, Queue: plan.Queue, Cause: string(why)})
	return append(out, CallAction{Do: DoEnter})
}

// send hands a caller to a number outside. When that is not to be had, one who
// waited waits again, and one who was led is let go.
func (c *Call) send(now Instant, in CallInput, out []CallAction) []CallAction {
	if in.Target == (Seat{}) {
		c.unexpected++
		return out
	}
	waited := c.inQueue
	out = c.leaveWait(now, in.Cause, out)
	c.to(Handing)
	c.hand = handing{fromQ: waited, final: !waited || in.Cause != Escaped}
	c.agent, c.reserved = in.Target, now
	c.ringDeadline = now.Mono + c.ringFor(in.Target)
	c.phonesOpen++
	out = append(out, CallAction{Do: DoHear})
	return append(out, CallAction{Do: DoRing, Seat: in.Target, Party: AgentParty})
}

// exit has the exchange find where a call goes that its queue will not keep.
func (c *Call) exit(now Instant, why Cause, out []CallAction) []CallAction {
	if why == QueueFull { // it never was in
		c.endWait(now)
		c.segment(Segment{Kind: "queue", Queue: c.Plan.Queue, Cause: string(why)}, c.queued, now)
		out = c.note(out, Event{Kind: CallLeft, Queue: c.Plan.Queue, Cause: string(why), Seconds: now.Sub(c.queued).Seconds()})
	} else {
		out = c.quitQueue(now, why, out)
	}
	c.waitDeadline = 0
	return append(out, CallAction{Do: DoExit, Cause: why})
}

// stepLed: prompts have the caller.
func (c *Call) stepLed(now Instant, in CallInput, out []CallAction) []CallAction {
	switch in.Kind {
	case InputSend:
		return c.send(now, in, out)
	case InputGuide:
		c.ledFor, c.ledDeadline = in.Cause, now.Mono+ledAtMost
		return append(out, CallAction{Do: DoLead, Cause: in.Cause})
	case InputDismiss:
		return c.release(now, CallInput{Cause: in.Cause, Q850: 16}, SystemParty, out)
	case InputDeadline:
		if c.ledDeadline == 0 || now.Mono < c.ledDeadline {
			return out
		}
		return c.release(now, CallInput{Cause: c.ledFor, Q850: 16}, SystemParty, out)
	case InputCallerOver:
		return c.release(now, withCause(in, c.ledCause(in)), CallerParty, out)
	case InputMediaTimeout:
		return c.release(now, CallInput{Cause: MediaTimeout, Q850: 41}, SystemParty, out)
	case InputNoMedia:
		return c.release(now, noMedia(in), SystemParty, out)
	case InputRelease:
		return c.release(now, in, SystemParty, out)
	case InputHold, InputResume:
		c.noteHold(in)
		return out
	case InputAgentOver:
		return out // phones that rang before say that they are done
	default:
		c.unexpected++
		return out
	}
}

// ledCause: a caller who hangs up in a menu has abandoned; one who was told why
// nobody comes has ended the call for that reason.
func (c *Call) ledCause(in CallInput) Cause {
	if c.ledFor == InMenu || in.Cause != "" {
		return abandonCause(in)
	}
	return c.ledFor
}
