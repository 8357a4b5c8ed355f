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
	AgentEndWrapUp                       // the agent ends after-call work
	AgentFile                            // Disposition: what the last call came to
)

var agentInputNames = [...]string{"start", "reach", "lose", "wish", "phase", "leg-open", "leg-over", "deadline", "end-wrap-up", "file"}

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
	Client string      // of Call, with any Phase
	Queue  string      // the same
	After  *AfterCall  // the same; nil: nothing is asked
	Rona   *Rona       // with PhaseFree; nil: DefaultRona
	File   Disposition // with AgentFile
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
		if a.Fixed && a.ReadyOnRegister && a.wish == WishOffline && !a.restored {
			a.wish = WishReady
		}
	case AgentReach:
		a.reach(in.Cause)
	case AgentLose:
		a.silent = in.Cause == PhoneSilent
		a.reachable = a.Fixed && !a.silent
		a.fresh = true
	case AgentWish:
		a.want(in)
	case AgentPhase:
		out = a.enter(now, in, out)
	case AgentLegOpen:
		a.legs++
	case AgentLegOver:
		if a.legs == 0 {
			a.unexpected++
			break
		}
		a.legs--
	case AgentDeadline:
		out = a.expire(now, out)
	case AgentEndWrapUp:
		a.endWrapUp()
	case AgentFile:
		if a.MayFile(in.Call, in.File.Code) != nil {
			a.unexpected++
			break
		}
		out = a.file(in.File, cause, out)
	}
	return a.settle(now, in, cause, out)
}

// reach: a phone that registers anew logs its agent in, unless the agent had
// chosen a break. A break that the switch imposed because the phone did not
// answer ends: the phone has just proved that it is there.
func (a *Agent) reach(why Cause) {
	was, restored := a.reachable, a.restored
	a.reachable, a.silent, a.restored = true, false, false
	if was || !a.ReadyOnRegister || restored || why == PhoneHeard {
		return // after our own restart a phone that registers has not begun anew, nor has one that answers again
	}
	if a.wish == WishOffline || a.wish == WishNotReady && a.imposed && a.reason != Forgotten {
		a.beReady()
		a.fresh = true
	}
}

// beReady ends whatever kept the agent away.
func (a *Agent) beReady() {
	a.wish, a.reason, a.backAt, a.imposed = WishReady, "", 0, false
	if !a.keepCount {
		a.misses = 0
	}
}

// expire ends what has run its time.
func (a *Agent) expire(now Instant, out []AgentAction) []AgentAction {
	if a.backAt != 0 && now.Mono >= a.backAt {
		// Nobody has said so: the count goes on.
		a.wish, a.reason, a.backAt, a.imposed = WishReady, "", 0, false
	}
	if a.wrapUntil != 0 && now.Mono >= a.wrapUntil {
		out = a.wrapUpOver(out)
	}
	return out
}

func (a *Agent) want(in AgentInput) {
	if in.Wish == WishReady {
		a.fresh = a.fresh || a.wish != WishReady
		a.beReady()
		return
	}
	a.wish, a.reason, a.backAt, a.imposed = in.Wish, "", 0, false
	if in.Wish == WishNotReady {
		a.reason = in.Reason
	}
}

// enter takes a call's word for what it does with the agent.
func (a *Agent) enter(now Instant, in AgentInput, out []AgentAction) []AgentAction {
	if in.Phase != PhaseFree {
		out = a.fileDefault(out) // of the call before
		a.phase, a.call, a.wrapUntil = in.Phase, in.Call, 0
		a.offered = false // the queue has given it away
		if in.Phase >= PhaseTalking {
			a.misses = 0
			a.work(in)
		}
		return out
	}
	if a.phase != PhaseFree && a.call != in.Call {
		a.unexpected++ // a call that this agent no longer has lets go of it
		return out
	}
	a.offered = false
	was := a.phase
	a.phase = PhaseFree
	if in.Cause == Internal {
		a.fresh = true // the fault may have come when the queue had it serve already
	}
	switch was {
	case PhaseTalking, PhaseHeld, PhaseOutbound:
		a.fresh = true
		return a.wrapUp(now, in.WrapUp, out)
	default:
		a.missed(now, in.Rona, in.Cause)
	}
	return out
}

// settle derives the state anew and says what changed.
func (a *Agent) settle(now Instant, in AgentInput, cause Cause, out []AgentAction) []AgentAction {
	s, reason := a.derive()
	fresh := false
	if ready := s == AgentReady; ready != a.offered {
		if ready {
			out = append(out, AgentAction{Do: AgentOffer, Fresh: a.fresh})
			fresh, a.fresh = a.fresh, false
		} else if in.Kind != AgentPhase {
			out = append(out, AgentAction{Do: AgentWithold})
		}
		a.offered = ready
	}
	if s == a.state && reason == a.shown && in.Kind != AgentStart {
		return out
	}
	e := Event{Kind: AgentChanged, Agent: a.ID, State: s.String(), Was: a.state.String(), Reason: reason,
		Cause: string(cause), Call: a.call, Seconds: now.Sub(a.since).Seconds(), Fresh: fresh}
	if e.Cause == "" {
		e.Cause = in.Kind.String()
	}
	a.state, a.shown, a.since = s, reason, now
	// The change is written down before the queue can act on it.
	return append([]AgentAction{{Do: AgentNote, Note: &e}}, out...)
}
