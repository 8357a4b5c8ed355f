package acd

import (
	"math"
	"time"
)

// release lets the caller go and settles the call's record. It comes last in
// every way a call can end, and only once.
func (c *Call) release(now Instant, in CallInput, by Party, out []CallAction) []CallAction {
	c.to(Ending)
	out = c.stopRecord(in.Cause, out)
	out = c.dropAside(now, out)
	out = c.free(c.callee, in.Cause, 0, out)
	c.talkDeadline, c.ringDeadline, c.waitDeadline, c.ledDeadline = 0, 0, 0, 0
	status := in.Status
	out = c.note(out, Event{Kind: CallEnded, Agent: c.agent.Agent, Queue: c.Plan.Queue, Cause: string(in.Cause), Side: string(by), Status: status})
	cdr := c.settle(now, in, by)
	out = append(out, CallAction{Do: DoSettle, CDR: cdr})
	if c.callerOpen {
		if c.answered {
			out = append(out, CallAction{Do: DoHangupCaller, Cause: in.Cause, Q850: in.Q850, Status: in.Status})
		} else {
			out = append(out, CallAction{Do: DoReject, Cause: in.Cause, Status: rejectStatus(in)})
		}
	}
	return out
}

// rejectStatus is the final response to an INVITE that was never answered.
func rejectStatus(in CallInput) int {
	if in.Status >= 400 {
		return in.Status
	}
	if in.Cause == Internal {
		return 500
	}
	return 480
}

// stepEnding: nothing happens any more but legs that end.
func (c *Call) stepEnding(in CallInput, out []CallAction) []CallAction {
	switch in.Kind {
	case InputCallerOver, InputAgentOver:
	case InputOffer:
		// The queue's offer crossed our leaving it; Abandon has already
		// given the agent back, and no phone was rung.
	case InputRelease, InputDeadline, InputMediaTimeout, InputNoMedia, InputHold, InputResume,
		InputAgentRinging, InputAgentAnswer, InputAgentFail, InputFull, InputCalleeRinging, InputCalleeAnswer,
		InputComplete, InputMerge, InputAbort, InputTransfer, InputMode, InputTakeOver, InputUnwatch, InputPull,
		InputGuide, InputSend, InputDismiss:
		// Crossed our release.
	case InputConsult, InputWatch:
		if in.Line { // a phone that has called in meanwhile
			c.phonesOpen++
			party := LineParty
			if in.Kind == InputWatch {
				party = SupervisorParty
			}
			out = append(out, CallAction{Do: DoHangupAgent, Party: party, Status: 481})
		}
	default:
		c.unexpected++
	}
	return out
}

// settle folds the call into its record.
func (c *Call) settle(now Instant, in CallInput, by Party) *CDR {
	r := c.record
	r.ID, r.Client, r.Queue = c.ID, c.Plan.Client, c.Plan.Queue
	r.From, r.Number, r.Trunk, r.Version = c.From, c.Number, c.Trunk, c.Plan.Version
	r.Started, r.Ended = c.arrived.Wall, now.Wall
	r.Duration = seconds(now.Sub(c.arrived))
	r.Cause, r.Side, r.Q850 = string(in.Cause), string(by), in.Q850
	r.ClockStepped = clockStepped(c.arrived, now)
	r.Direction = c.Plan.Direction
	if c.inQueue {
		c.endWait(now)
	}
	if !c.queued.IsZero() {
		q := c.queued.Wall
		r.Queued = &q
	}
	r.Waited = seconds(c.waited)
	if c.own {
		r.Agent, r.Site = c.agent.Agent, c.agent.Site
	}
	if !c.connected.IsZero() {
		a := c.connected.Wall
		r.Answered = &a
		talked := c.talked
		if !c.talkSince.IsZero() { // a call that a fault has ended
			talked += now.Sub(c.talkSince)
		}
		r.Talked = seconds(talked)
		r.Agent, r.Site = c.agent.Agent, c.agent.Site
		if r.Agent == "" {
			r.Agent, r.Site = c.lastAgent()
		}
	}
	for _, s := range r.Segments {
		if s.Kind == "hold" {
			r.Held += s.Length
		}
	}
	r.Held = math.Round(r.Held*1000) / 1000
	if c.recorded {
		r.Recording = c.ID
	}
	if r.Segments == nil {
		r.Segments = []Segment{}
	}
	return &r
}

// lastAgent is the last one that talked, of a call that ended with somebody
// else or nobody.
func (c *Call) lastAgent() (agent, site string) {
	for _, s := range c.record.Segments {
		if s.Kind == "talk" && s.Agent != "" {
			agent, site = s.Agent, s.Site
		}
	}
	return agent, site
}

// endWait adds the time in the queue that the call leaves.
func (c *Call) endWait(now Instant) {
	c.inQueue = false
	c.waited += now.Sub(c.queued)
}

// sinceQueued is the age of the call's last wait, or of an agent's own call.
func (c *Call) sinceQueued(now Instant) float64 {
	if c.queued.IsZero() {
		return now.Sub(c.arrived).Seconds()
	}
	return now.Sub(c.queued).Seconds()
}

// RecordingFailed says that the recording which DoRecord asked for does not
// exist, so that the call's record does not promise it.
func (c *Call) RecordingFailed() { c.recorded, c.taping = false, false }

// RecordingBegan says that there is one, begun later than DoRecord or without
// it.
func (c *Call) RecordingBegan() { c.recorded, c.taping = true, true }

// Recorded reports whether a recording runs.
func (c *Call) Recorded() bool { return c.recorded }

// clockStepped: wall and monotonic clock disagree by more than slewing can do.
func clockStepped(from, to Instant) bool {
	d := to.Wall.Sub(from.Wall) - to.Sub(from)
	return d > time.Second || d < -time.Second
}

func seconds(d time.Duration) float64 { return float64(d.Milliseconds()) / 1000 }

func (c *Call) segment(s Segment, from, to Instant) {
	s.Start, s.Length = seconds(from.Sub(c.arrived)), seconds(to.Sub(from))
	c.record.Segments = append(c.record.Segments, s)
}

// note appends a journal entry; the exchange stamps it.
func (c *Call) note(out []CallAction, e Event) []CallAction {
	e.Call, e.Client = c.ID, c.Plan.Client
	return append(out, CallAction{Do: DoNote, Note: &e})
}

// Abort ends the call out of turn, when a fault of ours has made its ordinary
// end impossible, and gives its record.
func (c *Call) Abort(now Instant, why Cause) *CDR {
	c.state = Over
	c.talkDeadline, c.ringDeadline, c.waitDeadline = 0, 0, 0
	return c.settle(now, CallInput{Cause: why, Q850: 41}, SystemParty)
}
