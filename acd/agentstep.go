package acd

import "time"

// AgentInputKind names what happened to an agent.
type AgentInputKind uint8

const (
	AgentStart     AgentInputKind = iota // the switch has begun, or the agent was added
	AgentReach                           // the phone registered anew
	AgentLose                            // the binding expired or was removed
	AgentWish                            // Wish, Reason: by feature code, API or policy
	AgentPhase                           // a call does something: Phase, Call; WrapUp and Cause with PhaseFree
	AgentLegOpen                         // a dialog to the phone began
	AgentLegOver                         // one ended
	AgentDeadline                        // Deadline has come
	AgentEndWrapUp                       // after-call work ended early
)

var agentInputNames = [...]string{"start", "reach", "lose", "wish", "phase", "leg-open", "leg-over", "deadline", "end-wrap-up"}

func (k AgentInputKind) String() string { return agentInputNames[k] }

// AgentInput is one thing that happened to an agent.
type AgentInput struct {
	Kind   AgentInputKind
	Wish   Wish
	Reason string
	Phase  Phase
	Call   string
	Cause  Cause
	WrapUp time.Duration
}

// AgentDeed names what is to be done for an agent.
type AgentDeed uint8

const (
	AgentOffer   AgentDeed = iota // the queue may offer it calls: Fresh says that its idle time starts now
	AgentWithold                  // the queue must not
	AgentNote                     // append Note to the journal
)

// AgentAction is one thing to do for an agent.
type AgentAction struct {
	Do    AgentDeed
	Fresh bool
	Note  *Event
}

// Step takes one input and appends what follows from it.
func (a *Agent) Step(now Instant, in AgentInput, out []AgentAction) []AgentAction {
	cause := in.Cause
	switch in.Kind {
	case AgentStart:
		if a.Fixed && a.ReadyOnRegister && a.wish == WishOffline {
			a.wish = WishReady
		}
	case AgentReach:
		a.reach()
	case AgentLose:
		a.reachable = a.Fixed
		a.fresh = true
	case AgentWish:
		a.want(in)
	case AgentPhase:
		a.enter(now, in)
	case AgentLegOpen:
		a.legs++
	case AgentLegOver:
		if a.legs == 0 {
			a.unexpected++
			break
		}
		a.legs--
	case AgentDeadline:
		a.expire(now)
	case AgentEndWrapUp:
		a.wrapUntil = 0
	}
	return a.settle(now, in, cause, out)
}

// reach: a phone that registers anew logs its agent in, unless the agent had
// chosen a break. A break that the switch imposed because the phone did not
// answer ends: the phone has just proved that it is there.
func (a *Agent) reach() {
	was := a.reachable
	a.reachable = true
	if was || !a.ReadyOnRegister {
		return
	}
	if a.wish == WishOffline || a.wish == WishNotReady && isPenalty(a.reason) {
		a.wish, a.reason, a.backAt = WishReady, "", 0
		a.fresh = true
	}
}

// expire ends what has run its time.
func (a *Agent) expire(now Instant) {
	if a.wrapUntil != 0 && now.Mono >= a.wrapUntil {
		a.wrapUntil = 0
	}
	if a.backAt != 0 && now.Mono >= a.backAt {
		a.wish, a.reason, a.backAt = WishReady, "", 0
	}
}

// isPenalty tells breaks that the switch imposed from those people chose.
func isPenalty(reason string) bool { return penalty(Cause(reason)) >= 0 }

func (a *Agent) want(in AgentInput) {
	if in.Wish == WishReady && a.wish != WishReady {
		a.fresh = true
	}
	a.wish, a.reason, a.backAt = in.Wish, "", 0
	if in.Wish == WishNotReady {
		a.reason = in.Reason
	}
}

// enter takes a call's word for what it does with the agent.
func (a *Agent) enter(now Instant, in AgentInput) {
	if in.Phase != PhaseFree {
		a.phase, a.call, a.wrapUntil = in.Phase, in.Call, 0
		a.offered = false // the queue has given it away
		return
	}
	if a.phase != PhaseFree && a.call != in.Call {
		a.unexpected++ // a call that this agent no longer has lets go of it
		return
	}
	a.offered = false
	talked := a.phase == PhaseTalking || a.phase == PhaseHeld
	a.phase = PhaseFree
	switch {
	case talked:
		a.fresh = true
		if in.WrapUp > 0 {
			a.wrapUntil = now.Mono + in.WrapUp
		}
	case a.wish == WishReady && penalty(in.Cause) >= 0:
		// The agent is taken out, or every call would ring there first.
		a.wish, a.reason, a.fresh = WishNotReady, string(in.Cause), true
		if d := penalty(in.Cause); d > 0 {
			a.backAt = now.Mono + d
		}
	}
}

// penalty is the break that a declined offer imposes on the agent: 0 is one
// that only the agent ends, negative none at all. Nobody was there (RONA) or
// somebody refused: a person has to say that it is over. A phone that was busy
// with another call or out of reach is tried again by itself, and so is one that
// was not rung because the switch had no port for it.
func penalty(why Cause) time.Duration {
	switch why {
	case NoAnswer, Rejected:
		return 0
	case Busy:
		return 15 * time.Second
	case Unreachable:
		return 30 * time.Second
	case NoMedia:
		return time.Second // until a port may be free; the phone was never asked
	}
	return -1
}

// settle derives the state anew and says what changed.
func (a *Agent) settle(now Instant, in AgentInput, cause Cause, out []AgentAction) []AgentAction {
	s, reason := a.derive()
	if ready := s == AgentReady; ready != a.offered {
		if ready {
			out = append(out, AgentAction{Do: AgentOffer, Fresh: a.fresh})
			a.fresh = false
		} else if in.Kind != AgentPhase {
			out = append(out, AgentAction{Do: AgentWithold})
		}
		a.offered = ready
	}
	if s == a.state && reason == a.shown && in.Kind != AgentStart {
		return out
	}
	e := Event{Kind: AgentChanged, Agent: a.ID, State: s.String(), Was: a.state.String(), Reason: reason,
		Cause: string(cause), Call: a.call, Seconds: now.Sub(a.since).Seconds()}
	if e.Cause == "" {
		e.Cause = in.Kind.String()
	}
	a.state, a.shown, a.since = s, reason, now
	// The change is written down before the queue can act on it.
	return append([]AgentAction{{Do: AgentNote, Note: &e}}, out...)
}
