package acd

import (
	"fmt"
	"time"
)

// CallState is where a call stands. Package doc says what a conversation is.
//
//	                       offer                answered
//	arriving ─────▶ waiting ─────▶ ringing ────────────────▶ talking
//	  │   │           ▲ │ ▲          │ │ declined, rang out  ▲ │ │ ▲
//	  │   │           │ │ │          │ │                     │ │ │ │ failed
//	  │   │           └─┼─┼──────────┘ │             answered│ │ │ │
//	  │   │             │ └────────────┼──────────────────── handing
//	  │   │ summon      │  to a queue, │ gone   transferred  ▲ │ │
//	  │   ▼             │  failed      │          or pulled  │ │ │
//	  │ summoning       │ gone, full   │                     │ │ │ hang-up
//	  │   │ answered    └──────┐       │      ┌──────────────┘ │ │
//	  ▼   ▼         answered   │       │      │                │ │
//	dialling ───▶ talking      ▼       ▼      ▼                ▼ │
//	  │                       ending ◀─────────────────────────┘
//	  └─────────────────────▶  │ all legs over
//	                           ▼
//	                          over
//
// A call that arrives, waits or is handed on may be led instead, by a menu or
// by what it is told on its way out: from there it waits, is handed to a number
// outside, or ends.
type CallState uint8

const (
	Arriving  CallState = iota // not yet arrived
	Waiting                    // in the queue, no agent
	Ringing                    // an agent is reserved and its phone is rung
	Talking                    // media runs between caller and agent
	Summoning                  // an agent's own call: its phone is rung first
	Dialling                   // an agent's own call: the other side is called
	Handing                    // the caller is being handed to somebody, who is rung
	Led                        // prompts have the caller: a menu, or why nobody comes
	Ending                     // released; legs are still being taken down
	Over                       // nothing of it is left; it takes no input
)

var callStateNames = [...]string{"arriving", "waiting", "ringing", "talking", "summoning", "dialling", "handing", "led", "ending", "over"}

func (s CallState) String() string {
	if int(s) < len(callStateNames) {
		return callStateNames[s]
	}
	return fmt.Sprintf("CallState(%d)", uint8(s))
}

// callMoves lists the legal transitions; to panics on any other, since it can
// only be a fault of this package.
var callMoves = map[CallState][]CallState{
	Arriving:  {Waiting, Led, Summoning, Dialling, Ending},
	Waiting:   {Ringing, Handing, Led, Ending},
	Ringing:   {Waiting, Talking, Ending},
	Talking:   {Handing, Waiting, Ending},
	Summoning: {Dialling, Ending},
	Dialling:  {Talking, Ending},
	Handing:   {Talking, Waiting, Ending},
	Led:       {Waiting, Handing, Ending},
	Ending:    {Over},
	Over:      {},
}

// Call is the state machine of one conversation from its INVITE to its record.
// It is pure: Step changes it and appends what is to be done. One goroutine
// owns it.
type Call struct {
	ID     string
	From   string
	Number string
	Trunk  string
	Plan   CallPlan

	state  CallState
	agent  Seat // the primary one: reserved, ringing or talking; zero otherwise
	callee Seat // who is at the caller's end of an agent's own call
	second second
	watch  watch
	hand   handing

	arrived   Instant
	queued    Instant // t_off of the queue it is in, or was in last
	reserved  Instant // t_res of the offer in progress
	connected Instant // t_ans: when the first agent had it
	talkSince Instant // the primary agent of now
	heldSince Instant
	holding   [roles]bool   // whose phone holds us
	parked    bool          // the agent consults on the line on which it has the caller
	talked    time.Duration // of talks that are over
	failedAt  Instant       // a transfer of the primary agent's came to nothing
	waited    time.Duration // of waits that are over
	inQueue   bool          // a wait runs: since queued

	talkDeadline time.Duration // 0: none. Invariant: set only once somebody has talked
	ringDeadline time.Duration // 0: none. Invariant: set exactly while ringing, summoning, dialling or handing
	ledDeadline  time.Duration // 0: none. Invariant: set exactly while led
	ledFor       Cause         // why it is, or was last
	waitDeadline time.Duration // 0: none. Invariant: set only while waiting or ringing

	callerOpen bool // the caller's dialog is not over yet
	phonesOpen int  // other dialogs that are not over yet

	answered   bool // the caller's leg was answered
	own        bool // an agent's own call: the agent made it
	fetched    bool // and the agent's phone was rung for it
	recorded   bool
	taping     bool // its recording runs
	record     CDR
	unexpected int
}

// Seat is who is at one end of a conversation: an agent at a site, or an
// outside party by its number.
type Seat struct{ Agent, Site, Number string }

// Who names the seat for people: the agent's id or the number.
func (s Seat) Who() string {
	if s.Agent != "" {
		return s.Agent
	}
	return s.Number
}

// NewCall makes a call that has not arrived yet.
func NewCall(id, from, number, trunk string, plan CallPlan) *Call {
	return &Call{ID: id, From: from, Number: number, Trunk: trunk, Plan: plan}
}

// State is where the call stands.
func (c *Call) State() CallState { return c.state }

// Seat is the agent the call is offered to or talks with; zero when none.
func (c *Call) Seat() Seat { return c.agent }

// Held reports whether caller and agent are kept apart by a hold of either, or
// by a consultation on the caller's line.
func (c *Call) Held() bool {
	return c.holding[roleCaller] || c.holding[roleAgent] || c.parked
}

// Unexpected counts inputs that made no sense in the state they met.
func (c *Call) Unexpected() int { return c.unexpected }

// Deadline is when Step wants InputDeadline, on the monotonic clock; 0: never.
func (c *Call) Deadline() time.Duration {
	var first time.Duration
	if c.state == Talking {
		first = c.talkDeadline
	}
	for _, d := range [...]time.Duration{c.ringDeadline, c.waitDeadline, c.ledDeadline, c.second.deadline, c.watch.deadline} {
		if d != 0 && (first == 0 || d < first) {
			first = d
		}
	}
	return first
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
	c.noteLegs(in)
	switch {
	case c.state < Ending && c.aside(in):
		out = c.stepAside(now, in, out)
	default:
		out = c.stepMain(now, in, out)
	}
	if c.state == Ending && !c.callerOpen && c.phonesOpen == 0 {
		c.to(Over)
		out = append(out, CallAction{Do: DoClose})
	}
	return out
}

// stepMain is for caller and primary agent.
func (c *Call) stepMain(now Instant, in CallInput, out []CallAction) []CallAction {
	if in.Kind == InputDeadline && c.state < Ending {
		out = c.asideDeadline(now, out)
	}
	switch c.state {
	case Arriving:
		return c.stepNew(now, in, out)
	case Waiting:
		return c.stepWaiting(now, in, out)
	case Ringing:
		return c.stepRinging(now, in, out)
	case Talking:
		return c.stepTalking(now, in, out)
	case Summoning:
		return c.stepSummoning(now, in, out)
	case Dialling:
		return c.stepDialling(now, in, out)
	case Handing:
		return c.stepHanding(now, in, out)
	case Led:
		return c.stepLed(now, in, out)
	case Ending:
		return c.stepEnding(in, out)
	default:
		c.unexpected++
		return out
	}
}

// noteLegs keeps count of the dialogs that stand, and of who holds whom;
// everything else about them is for the states.
func (c *Call) noteLegs(in CallInput) {
	switch in.Kind {
	case InputCallerOver:
		c.callerOpen = false
	case InputAgentOver:
		if c.phonesOpen > 0 {
			c.phonesOpen--
		}
	}
}
