package acd

import (
	"fmt"
	"time"
)

// Stage is how far the second party of a conversation has come.
//
//	 ┌──consult──▶ waiting
//	 │ a queue     │ ▲ offer, declined
//	 │             ▼ │
//	none ──consult──▶ called ──answered──▶ joined ──merge──▶ conference
//	 ▲ ▲                │ failed, aborted    │ ▲               │ │
//	 │ └────────────────┘                    │ │               │ │ one of the three
//	 └───────────────────────────────────────┘ │               │ │ has left, or takes
//	 ▲            aborted, complete            │               │ │ the agent's place
//	 └───────────────────────────────────────────────────────────┘
//
// Whatever becomes of it, the caller stays: with the agent, or with the second
// party in the agent's place.
type Stage uint8

const (
	NoSecond     Stage = iota // caller and agent alone
	SecondWaits               // the agent waits in the queue that is to give it one; the caller hears music
	SecondCalled              // it is being called; the caller hears music
	SecondJoined              // agent and second party talk; the caller hears music
	InConference              // all three talk
)

var stageNames = [...]string{"none", "waiting", "called", "joined", "conference"}

func (s Stage) String() string {
	if int(s) < len(stageNames) {
		return stageNames[s]
	}
	return fmt.Sprintf("Stage(%d)", uint8(s))
}

// stageMoves lists the legal transitions of the second party.
var stageMoves = map[Stage][]Stage{
	NoSecond:     {SecondCalled, SecondWaits},
	SecondWaits:  {NoSecond, SecondCalled},
	SecondCalled: {NoSecond, SecondJoined, SecondWaits},
	SecondJoined: {NoSecond, InConference},
	InConference: {NoSecond},
}

// second is the second party of a conversation.
// Invariant: stage is not NoSecond only while the call is Talking.
type second struct {
	stage    Stage
	seat     Seat
	line     bool          // the agent has a leg of its own for it
	since    Instant       // when it was called
	joined   Instant       // when it answered
	merged   Instant       // when the conference began
	deadline time.Duration // 0: none. Invariant: set while called, and while waiting as long as that may last
	plan     *CallPlan     // of the queue that is consulted; nil: somebody by name
	queued   Instant       // when the agent entered that queue
	patience time.Duration // while called for a queue: the deadline of waiting on; 0: none
}

// Stage is how far the second party has come.
func (c *Call) Stage() Stage { return c.second.stage }

// Second is who is consulted, or the third in a conference.
func (c *Call) Second() Seat { return c.second.seat }

// wanted names who or which queue is consulted.
func (s *second) wanted() string {
	if s.seat == (Seat{}) && s.plan != nil {
		return s.plan.Queue
	}
	return s.seat.Who()
}

// toStage is the only writer of the stage.
func (c *Call) toStage(s Stage) {
	for _, legal := range stageMoves[c.second.stage] {
		if legal == s {
			c.second.stage = s
			return
		}
	}
	panic(fmt.Sprintf("acd: call %s cannot go from second party %s to %s", c.ID, c.second.stage, s))
}

// aside reports whether an input is about the second party or a supervisor.
func (c *Call) aside(in CallInput) bool {
	switch in.Kind {
	case InputAgentRinging, InputAgentAnswer, InputAgentFail, InputAgentOver, InputHold, InputResume, InputMediaTimeout, InputNoMedia,
		InputOffer, InputFull:
		return in.Party == LineParty || in.Party == SecondParty || in.Party == SupervisorParty
	case InputConsult, InputComplete, InputMerge, InputAbort, InputWatch, InputMode, InputTakeOver, InputUnwatch:
		return true
	}
	return false
}

func (c *Call) stepAside(now Instant, in CallInput, out []CallAction) []CallAction {
	switch in.Kind {
	case InputWatch, InputMode, InputTakeOver, InputUnwatch:
		return c.stepWatch(now, in, out)
	}
	if in.Party == SupervisorParty {
		return c.stepWatch(now, in, out)
	}
	return c.stepSecond(now, in, out)
}

// asideDeadline: a phone that was called for a consultation or a supervisor
// has rung out.
func (c *Call) asideDeadline(now Instant, out []CallAction) []CallAction {
	if d := c.second.deadline; d != 0 && now.Mono >= d {
		out = c.secondDeadline(now, out)
	}
	if d := c.watch.deadline; d != 0 && now.Mono >= d {
		out = append(out, CallAction{Do: DoCancelRing, Seat: c.watch.seat, Party: SupervisorParty, Cause: NoAnswer})
		out = c.unwatch(now, NoAnswer, append(out, CallAction{Do: DoMove, Party: SupervisorParty}))
	}
	return out
}

// secondDeadline: whoever was called does not answer, or the queue that is
// consulted has nobody for too long.
func (c *Call) secondDeadline(now Instant, out []CallAction) []CallAction {
	if c.second.stage == SecondWaits {
		return c.loseSecond(now, CallInput{Cause: MaxWait, Status: 480}, c.quitAsked(now, MaxWait, out))
	}
	out = append(out, CallAction{Do: DoCancelRing, Seat: c.second.seat, Party: SecondParty, Cause: NoAnswer})
	if c.second.plan != nil {
		return c.declineAsked(now, NoAnswer, out)
	}
	return c.loseSecond(now, CallInput{Cause: NoAnswer, Status: 480}, out)
}

// stepSecond is for the consulted party and the line that the agent has for it.
func (c *Call) stepSecond(now Instant, in CallInput, out []CallAction) []CallAction {
	s := &c.second
	switch {
	case in.Kind == InputConsult:
		return c.consult(now, in, out)
	case s.stage == NoSecond:
		if in.Kind != InputAgentOver { // else it had been let go already
			c.unexpected++
		}
		return out
	case in.Kind == InputHold || in.Kind == InputResume:
		if c.noteHold(in) {
			out = append(out, CallAction{Do: DoHear})
		}
		return out
	case in.Kind == InputMediaTimeout || in.Kind == InputNoMedia:
		// Its dialog's end, which follows, does the rest.
		return append(out, CallAction{Do: DoHangupAgent, Seat: s.seat, Party: in.Party, Cause: MediaTimeout, Q850: 41})
	case in.Kind == InputAgentOver && in.Party == LineParty:
		s.line, c.holding[roleLine] = false, false
		if s.stage == InConference {
			return append(out, CallAction{Do: DoMove, Party: LineParty}, CallAction{Do: DoHear})
		}
		return c.abort(now, CallInput{Cause: Aborted}, append(out, CallAction{Do: DoMove, Party: LineParty}))
	case in.Kind == InputAbort:
		return c.abort(now, CallInput{Cause: Aborted}, out)
	case in.Kind == InputComplete:
		return c.complete(now, in, out)
	}
	switch s.stage {
	case SecondWaits:
		return c.stepWaits(now, in, out)
	case SecondCalled:
		return c.stepCalled(now, in, out)
	case SecondJoined:
		return c.stepJoined(now, in, out)
	default:
		return c.stepConference(now, in, out)
	}
}

// consult begins: the second party is called. On its own line the agent sees
// to the caller's hold itself, as its phone does when it makes a second call;
// otherwise the caller is parked.
func (c *Call) consult(now Instant, in CallInput, out []CallAction) []CallAction {
	if c.state != Talking || c.second.stage != NoSecond || c.agent.Agent == "" {
		return c.refuseConsult(in.Line, out)
	}
	c.toStage(SecondCalled)
	c.second.seat, c.second.line, c.second.since = in.Target, in.Line, now
	c.second.deadline = now.Mono + c.ringFor(in.Target)
	c.phonesOpen++
	if in.Line {
		c.phonesOpen++
	} else {
		out = c.park(now, out)
	}
	out = c.note(out, Event{Kind: CallConsulting, Agent: c.agent.Agent, Number: in.Target.Who()})
	out = append(out, CallAction{Do: DoHear})
	out = c.tellAgent(out)
	return append(out, CallAction{Do: DoRing, Seat: in.Target, Party: SecondParty})
}

// refuseConsult: there is nobody to be put on hold, or somebody is consulted
// already.
func (c *Call) refuseConsult(line bool, out []CallAction) []CallAction {
	c.unexpected++
	if line {
		out = append(out, CallAction{Do: DoHangupAgent, Party: LineParty, Status: 486, Cause: Busy}, CallAction{Do: DoMove, Party: LineParty})
		c.phonesOpen++
	}
	return out
}

// park puts the caller aside while the agent consults on the line on which it
// has the caller.
func (c *Call) park(now Instant, out []CallAction) []CallAction {
	if !c.Held() {
		c.heldSince = now
	}
	c.parked = true
	return append(out, CallAction{Do: DoMark, Party: AgentParty, Cause: "hold"})
}

// ringFor is how long somebody is called: a phone as long as the queue says,
// the world outside a little longer.
func (c *Call) ringFor(s Seat) time.Duration {
	if s.Agent == "" && c.Plan.DialTimeout > 0 {
		return c.Plan.DialTimeout
	}
	return c.Plan.RingTimeout
}

// stepCalled: the second party is being called.
func (c *Call) stepCalled(now Instant, in CallInput, out []CallAction) []CallAction {
	s := &c.second
	switch in.Kind {
	case InputAgentRinging:
		if s.plan != nil {
			out = c.note(out, Event{Kind: CallRinging, Agent: s.seat.Agent, Site: s.seat.Site})
		}
		if s.seat.Agent != "" {
			out = append(out, CallAction{Do: DoAgent, Seat: s.seat, Phase: PhaseRinging, Party: SecondParty})
		}
		if s.line && s.plan == nil {
			out = append(out, CallAction{Do: DoRingLeg, Party: LineParty, Status: 180})
		}
		return out
	case InputAgentAnswer:
		c.toStage(SecondJoined)
		s.joined, s.deadline = now, 0
		queue := ""
		if s.plan != nil {
			queue = s.plan.Queue
			out = c.askedAnswers(now, out)
		} else {
			c.segment(Segment{Kind: "ring", Agent: s.seat.Agent, Site: s.seat.Site, With: s.seat.Number, Cause: "answered"}, s.since, now)
		}
		if s.line && s.plan == nil {
			out = append(out, CallAction{Do: DoPickUp, Party: LineParty})
		}
		out = append(out, CallAction{Do: DoHear}, CallAction{Do: DoMark, Party: SecondParty, Cause: "consult"})
		out = c.note(out, Event{Kind: CallConsulted, Agent: c.agent.Agent, Site: s.seat.Site, Number: s.seat.Who(), Queue: queue, Seconds: now.Sub(s.since).Seconds()})
		if s.seat.Agent != "" {
			out = append(out, CallAction{Do: DoAgent, Seat: s.seat, Phase: PhaseTalking, Party: SecondParty})
		}
		return out
	case InputAgentFail:
		if s.plan != nil {
			return c.declineAsked(now, in.Cause, out)
		}
		return c.loseSecond(now, in, out)
	case InputAgentOver:
		return out // its failure came first
	case InputMerge:
		return out // not before there are three
	default:
		c.unexpected++
		return out
	}
}

// stepJoined: agent and second party talk.
func (c *Call) stepJoined(now Instant, in CallInput, out []CallAction) []CallAction {
	switch in.Kind {
	case InputMerge:
		c.toStage(InConference)
		c.second.merged = now
		was := c.Held()
		c.parked = false
		if was && !c.Held() {
			c.closeHold(now)
			out = append(out, CallAction{Do: DoMark, Party: AgentParty, Cause: "resume"})
		}
		out = append(out, CallAction{Do: DoHear}, CallAction{Do: DoMark, Party: SecondParty, Cause: "conference"})
		out = c.note(out, Event{Kind: CallMerged, Agent: c.agent.Agent, Number: c.second.seat.Who()})
		return c.tellAgent(out)
	case InputAgentOver:
		return c.loseSecond(now, in, out)
	case InputAgentRinging, InputAgentFail:
		return out
	default:
		c.unexpected++
		return out
	}
}

// stepConference: three talk. Whoever leaves, leaves the other two together;
// with the caller the conversation ends.
func (c *Call) stepConference(now Instant, in CallInput, out []CallAction) []CallAction {
	switch in.Kind {
	case InputAgentOver:
		return c.loseSecond(now, in, out)
	case InputAgentRinging, InputAgentFail, InputMerge:
		return out
	default:
		c.unexpected++
		return out
	}
}
