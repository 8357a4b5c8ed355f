package acd

import (
	"fmt"
	"time"
)

// CallState is where a call stands.
//
//	                       offer                answered
//	arriving ─────▶ waiting ─────▶ ringing ────────────────▶ talking
//	                  ▲ │            │ │ declined, rang out    │
//	                  │ │            │ │                       │
//	                  └─┼────────────┘ │                       │
//	                    │ gone, full   │ gone                  │ hang-up
//	                    ▼              ▼                       ▼
//	                   ending ◀──────────────────────────────────
//	                     │ all legs over
//	                     ▼
//	                    over
type CallState uint8

const (
	Arriving CallState = iota // not yet arrived
	Waiting                   // in the queue, no agent
	Ringing                   // an agent is reserved and its phone is rung
	Talking                   // media runs between caller and agent
	Ending                    // released; legs are still being taken down
	Over                      // nothing of it is left; it takes no input
)

var callStateNames = [...]string{"arriving", "waiting", "ringing", "talking", "ending", "over"}

func (s CallState) String() string {
	if int(s) < len(callStateNames) {
		return callStateNames[s]
	}
	return fmt.Sprintf("CallState(%d)", uint8(s))
}

// callMoves lists the legal transitions; to panics on any other, since it can
// only be a fault of this package.
var callMoves = map[CallState][]CallState{
	Arriving: {Waiting, Ending},
	Waiting:  {Ringing, Ending},
	Ringing:  {Waiting, Talking, Ending},
	Talking:  {Ending},
	Ending:   {Over},
	Over:     {},
}

// Call is the state machine of one call from its INVITE to its record. It is
// pure: Step changes it and appends what is to be done. One goroutine owns it.
type Call struct {
	ID     string
	From   string
	Number string
	Trunk  string
	Plan   CallPlan

	state CallState
	agent Seat // reserved, ringing or talking; zero otherwise

	arrived   Instant
	queued    Instant // t_off of the queue it is in
	reserved  Instant // t_res of the offer in progress
	connected Instant // t_ans
	heldSince Instant
	heldBy    [2]bool // by caller, by agent

	ringDeadline time.Duration // 0: none. Invariant: set exactly while ringing
	waitDeadline time.Duration // 0: none. Invariant: set only while waiting or ringing

	callerOpen bool // the caller's dialog is not over yet
	agentsOpen int  // dialogs to agents' phones that are not over yet

	answered   bool // the caller's leg was answered
	recorded   bool
	record     CDR
	unexpected int
}

// Seat is an agent at a site.
type Seat struct{ Agent, Site string }

// NewCall makes a call that has not arrived yet.
func NewCall(id, from, number, trunk string, plan CallPlan) *Call {
	return &Call{ID: id, From: from, Number: number, Trunk: trunk, Plan: plan}
}

// State is where the call stands.
func (c *Call) State() CallState { return c.state }

// Seat is the agent the call is offered to or talks with; zero when none.
func (c *Call) Seat() Seat { return c.agent }

// Held reports whether either side has put the other on hold.
func (c *Call) Held() bool { return c.heldBy[0] || c.heldBy[1] }

// Unexpected counts inputs that made no sense in the state they met.
func (c *Call) Unexpected() int { return c.unexpected }

// Deadline is when Step wants InputDeadline, on the monotonic clock; 0: never.
func (c *Call) Deadline() time.Duration {
	if c.ringDeadline != 0 && (c.waitDeadline == 0 || c.ringDeadline < c.waitDeadline) {
		return c.ringDeadline
	}
	return c.waitDeadline
}

// to is the only writer of the state.
func (c *Call) to(s CallState) {
	for _, legal := range callMoves[c.state] {
		if legal == s {
			c.state = s
			return
		}
	}
	panic(fmt.Sprintf("acd: call %s cannot go from %s to %s", c.ID, c.state, s))
}

// Step takes one input and appends the actions that follow from it, in the
// order in which they are to be carried out.
func (c *Call) Step(now Instant, in CallInput, out []CallAction) []CallAction {
	out = c.noteLegs(in, out)
	switch c.state {
	case Arriving:
		out = c.stepNew(now, in, out)
	case Waiting:
		out = c.stepWaiting(now, in, out)
	case Ringing:
		out = c.stepRinging(now, in, out)
	case Talking:
		out = c.stepTalking(now, in, out)
	case Ending:
		out = c.stepEnding(in, out)
	default:
		c.unexpected++
	}
	if c.state == Ending && !c.callerOpen && c.agentsOpen == 0 {
		c.to(Over)
		out = append(out, CallAction{Do: DoClose})
	}
	return out
}

// noteLegs keeps count of the dialogs that stand; everything else about them
// is for the states.
func (c *Call) noteLegs(in CallInput, out []CallAction) []CallAction {
	switch in.Kind {
	case InputCallerOver:
		c.callerOpen = false
	case InputAgentOver:
		if c.agentsOpen > 0 {
			c.agentsOpen--
		}
	}
	return out
}
