package acd

import "time"

// Mode is how a supervisor takes part in a call.
type Mode string

const (
	Listen  Mode = "listen"  // hears all, unheard
	Whisper Mode = "whisper" // and is heard by the agent alone
	Barge   Mode = "barge"   // and by everybody
)

// ParseMode reads a mode's name.
func ParseMode(s string) (Mode, bool) {
	switch m := Mode(s); m {
	case Listen, Whisper, Barge:
		return m, true
	}
	return "", false
}

// watch is the supervisor of a conversation; there is one at a time. Its
// leaving ends nothing.
type watch struct {
	seat     Seat
	by       string // who asked
	mode     Mode
	up       bool // its phone has answered
	since    Instant
	deadline time.Duration // 0: none. Invariant: set exactly while its phone is rung
}

// Watcher is the supervisor that takes part, and how; zero: none.
func (c *Call) Watcher() (Seat, Mode) { return c.watch.seat, c.watch.mode }

// stepWatch is for the supervisor's leg.
func (c *Call) stepWatch(now Instant, in CallInput, out []CallAction) []CallAction {
	w := &c.watch
	switch {
	case in.Kind == InputWatch:
		return c.startWatch(now, in, out)
	case w.seat == (Seat{}):
		if in.Kind != InputAgentOver {
			c.unexpected++
		}
		return out
	}
	switch in.Kind {
	case InputAgentAnswer:
		if w.up {
			return out
		}
		return c.watching(now, out)
	case InputAgentFail, InputAgentOver:
		return c.unwatch(now, in.Cause, append(out, CallAction{Do: DoMove, Party: SupervisorParty}))
	case InputMediaTimeout, InputNoMedia, InputUnwatch:
		out = append(out, CallAction{Do: DoHangupAgent, Seat: w.seat, Party: SupervisorParty, Cause: in.Cause}, CallAction{Do: DoMove, Party: SupervisorParty})
		return c.unwatch(now, in.Cause, out)
	case InputMode:
		return c.changeMode(now, in, out)
	case InputTakeOver:
		return c.takeOver(now, in, out)
	case InputHold, InputResume:
		if c.noteHold(in) {
			out = append(out, CallAction{Do: DoHear})
		}
		return out
	case InputAgentRinging:
		if w.up {
			return out // overtaken by the answer
		}
		return append(out, CallAction{Do: DoAgent, Seat: w.seat, Phase: PhaseRinging})
	default:
		c.unexpected++
		return out
	}
}

// startWatch lets a supervisor in whose leg is there, or rings its phone.
func (c *Call) startWatch(now Instant, in CallInput, out []CallAction) []CallAction {
	if c.state != Talking || c.watch.seat != (Seat{}) || in.Seat.Agent == "" || in.Seat.Agent == c.agent.Agent || in.Seat.Agent == c.second.seat.Agent {
		c.unexpected++
		if in.Line {
			c.phonesOpen++
			out = append(out, CallAction{Do: DoHangupAgent, Party: SupervisorParty, Status: 486, Cause: Busy}, CallAction{Do: DoMove, Party: SupervisorParty})
		}
		return out
	}
	c.watch = watch{seat: in.Seat, by: in.By, mode: in.Mode}
	c.phonesOpen++
	if in.Line {
		return c.watching(now, append(out, CallAction{Do: DoPickUp, Party: SupervisorParty}))
	}
	c.watch.deadline = now.Mono + c.Plan.RingTimeout
	return append(out, CallAction{Do: DoRing, Seat: in.Seat, Party: SupervisorParty})
}

// watching: the supervisor is there.
func (c *Call) watching(now Instant, out []CallAction) []CallAction {
	w := &c.watch
	w.up, w.since, w.deadline = true, now, 0
	out = c.noteWatch(SuperviseStarted, 0, out)
	return append(out, CallAction{Do: DoHear}, CallAction{Do: DoMark, Party: SupervisorParty, Cause: Cause(w.mode)},
		CallAction{Do: DoAgent, Seat: w.seat, Phase: PhaseTalking})
}

// noteWatch writes down who did what to whom, for the audit.
func (c *Call) noteWatch(k Kind, seconds float64, out []CallAction) []CallAction {
	w := &c.watch
	return c.note(out, Event{Kind: k, Agent: c.agent.Agent, Site: c.agent.Site, Queue: c.Plan.Queue, Number: w.seat.Agent, State: string(w.mode), Reason: w.by, Seconds: seconds})
}

// changeMode: one audit entry ends, another begins.
func (c *Call) changeMode(now Instant, in CallInput, out []CallAction) []CallAction {
	w := &c.watch
	if _, ok := ParseMode(string(in.Mode)); !ok || w.mode == in.Mode {
		return out
	}
	if !w.up {
		w.mode, w.by = in.Mode, in.By
		return out
	}
	out = c.closeWatch(now, "mode", out)
	w.mode, w.by, w.since = in.Mode, in.By, now
	out = c.noteWatch(SuperviseStarted, 0, out)
	return append(out, CallAction{Do: DoHear}, CallAction{Do: DoMark, Party: SupervisorParty, Cause: Cause(w.mode)})
}

// closeWatch writes down the end of a stretch of supervision.
func (c *Call) closeWatch(now Instant, why Cause, out []CallAction) []CallAction {
	w := &c.watch
	c.segment(Segment{Kind: "supervise", Agent: c.agent.Agent, Site: c.agent.Site, With: w.seat.Agent, Mode: string(w.mode), Cause: string(why)}, w.since, now)
	return c.noteWatch(SuperviseStopped, now.Sub(w.since).Seconds(), out)
}

// unwatch forgets the supervisor.
func (c *Call) unwatch(now Instant, why Cause, out []CallAction) []CallAction {
	seat, up := c.watch.seat, c.watch.up
	if up {
		out = c.closeWatch(now, why, out)
	}
	c.watch = watch{}
	c.holding[roleSupervisor] = false
	if up && c.state < Ending {
		out = append(out, CallAction{Do: DoHear})
	}
	return c.free(seat, why, 0, out)
}

// takeOver puts the supervisor in the agent's place. A consultation that the
// agent had begun ends with it.
func (c *Call) takeOver(now Instant, in CallInput, out []CallAction) []CallAction {
	if c.state != Talking || !c.watch.up {
		c.unexpected++
		return out
	}
	if c.second.stage != NoSecond {
		out = c.abort(now, CallInput{Cause: TakenOver}, out)
	}
	old, next := c.agent, c.watch.seat
	held := c.holding[roleSupervisor]
	out = c.closeWatch(now, TakenOver, out)
	c.watch = watch{}
	c.holding[roleSupervisor] = false
	c.closeTalk(now, TakenOver)
	out = c.note(out, Event{Kind: CallTransferred, Agent: old.Agent, Number: next.Agent, Cause: string(TakenOver), Reason: in.By})
	out = c.dismiss(old, TakenOver, true, false, out)
	out = append(out, CallAction{Do: DoMove, Party: SupervisorParty, To: AgentParty})
	return c.succeed(now, next, held, out)
}
