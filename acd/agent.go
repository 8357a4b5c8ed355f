package acd

import (
	"fmt"
	"time"
)

// Phase is what calls do with an agent.
type Phase uint8

const (
	PhaseFree     Phase = iota // nothing
	PhaseReserved              // an offer was made, the phone is not rung yet
	PhaseRinging               // the phone rings
	PhaseTalking               // connected
	PhaseHeld                  // connected, one side on hold
	PhaseOutbound              // the agent's own call
)

var phaseNames = [...]string{"free", "reserved", "ringing", "talking", "held", "outbound"}

func (p Phase) String() string {
	if int(p) < len(phaseNames) {
		return phaseNames[p]
	}
	return fmt.Sprintf("Phase(%d)", uint8(p))
}

// AgentState is what an agent is seen to do. It is derived, never set: from
// what calls do with the agent (Phase, open dialogs), after-call work, whether
// the phone can be reached, and what the agent wishes, in this order.
//
//	phase not free            reserved, ringing, talking, held, outbound
//	after-call work runs      wrap-up
//	phone out of reach        offline
//	wish                      offline, not-ready, ready
//
// A change of wish during an offer or a call so takes effect after it.
type AgentState uint8

const (
	AgentOffline AgentState = iota
	AgentNotReady
	AgentReady
	AgentReserved
	AgentRinging
	AgentTalking
	AgentHeld
	AgentWrapUp
	AgentOutbound
)

var agentStateNames = [...]string{"offline", "not-ready", "ready", "reserved", "ringing", "talking", "held", "wrap-up", "outbound"}

func (s AgentState) String() string {
	if int(s) < len(agentStateNames) {
		return agentStateNames[s]
	}
	return fmt.Sprintf("AgentState(%d)", uint8(s))
}

// Wish is what the agent, or somebody on its behalf, wants between calls.
type Wish uint8

const (
	WishOffline  Wish = iota // logged out
	WishNotReady             // a break, with a reason
	WishReady
)

// ParseWish reads the three words of the API: ready, not-ready, offline.
func ParseWish(s string) (Wish, bool) {
	switch s {
	case "ready":
		return WishReady, true
	case "not-ready":
		return WishNotReady, true
	case "offline":
		return WishOffline, true
	}
	return 0, false
}

var phaseStates = [...]AgentState{PhaseReserved: AgentReserved, PhaseRinging: AgentRinging,
	PhaseTalking: AgentTalking, PhaseHeld: AgentHeld, PhaseOutbound: AgentOutbound}

// Agent is the state machine of one agent. It is pure; whoever owns it
// serialises its Steps.
type Agent struct {
	ID              string
	ReadyOnRegister bool
	Fixed           bool // a fixed contact: reachable without a registration

	reachable bool
	silent    bool // the phone was asked whether it is there, and is not
	restored  bool // a memo has told what the agent wishes
	wish      Wish
	reason    string // why not ready
	phase     Phase
	call      string // the call of the phase, or of the after-call work
	legs      int    // dialogs to the phone that are not over
	wrapUntil time.Duration
	backAt    time.Duration // when a break the switch imposed ends by itself; 0: never
	imposed   bool          // the switch took the agent out, nobody asked for it
	misses    int           // offers in a row that it missed and that count
	keepCount bool          // only an answered call ends that count

	fresh bool // the idle clock starts anew when next ready

	worked workedCall // the call it talks in or talked in last

	state   AgentState
	shown   string // reason that belongs to state
	since   Instant
	offered bool // Invariant: the queue may offer calls exactly while set

	unexpected int
}

// NewAgent makes an agent that is offline, or, with a fixed contact and
// ReadyOnRegister, about to be ready at its first Step.
func NewAgent(id string, fixed, readyOnRegister bool, now Instant) *Agent {
	a := &Agent{ID: id, Fixed: fixed, ReadyOnRegister: readyOnRegister, since: now, fresh: true}
	a.reachable = fixed
	return a
}

// State is what the agent is seen to do, since when and why.
func (a *Agent) State() (AgentState, string, Instant) { return a.state, a.shown, a.since }

// Reachable reports whether the phone can be rung.
func (a *Agent) Reachable() bool { return a.reachable }

// Call is the call the agent is busy with, or "".
func (a *Agent) Call() string {
	if a.state >= AgentReserved {
		return a.call
	}
	return ""
}

// Idle reports that no call, dialog or after-call work holds the agent.
func (a *Agent) Idle() bool { return a.phase == PhaseFree && a.legs == 0 && a.wrapUntil == 0 }

// Unexpected counts inputs that made no sense.
func (a *Agent) Unexpected() int { return a.unexpected }

// Deadline is when after-call work or an imposed break ends by itself; 0:
// neither runs.
func (a *Agent) Deadline() time.Duration {
	if a.wrapUntil != 0 && (a.backAt == 0 || a.wrapUntil < a.backAt) {
		return a.wrapUntil
	}
	return a.backAt
}

// Derived is the state as it follows from everything else. It differs from
// [Agent.State] by a fault of this package alone.
func (a *Agent) Derived() (AgentState, string) { return a.derive() }

// derive is the state as a function of everything else.
func (a *Agent) derive() (AgentState, string) {
	switch {
	case a.phase != PhaseFree:
		return phaseStates[a.phase], ""
	case a.wrapUntil != 0:
		return AgentWrapUp, ""
	case a.legs > 0:
		// The call is gone but its dialog is still being taken down: not
		// free yet, and nothing new to show.
		if a.state >= AgentReserved {
			return a.state, ""
		}
		return AgentRinging, ""
	case !a.reachable:
		if a.wish == WishOffline {
			return AgentOffline, ""
		}
		if a.silent {
			return AgentOffline, "unreachable"
		}
		return AgentOffline, "unregistered"
	case a.wish == WishReady:
		return AgentReady, ""
	case a.wish == WishNotReady:
		return AgentNotReady, a.reason
	default:
		return AgentOffline, ""
	}
}

// LastCall is the call the agent is or was last busy with, or "".
func (a *Agent) LastCall() string { return a.call }

// Bound reports whether a call has the agent, not only a dialog that still ends.
func (a *Agent) Bound() bool { return a.phase != PhaseFree }

// Unbound reports whether a call may be given to the agent by name, past the
// queue: no call has it and no dialog to its phone stands. What it wishes does
// not matter to a colleague who calls.
func (a *Agent) Unbound() bool { return a.phase == PhaseFree && a.legs == 0 }
