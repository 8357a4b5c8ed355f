package acd

import (
	"encoding/json"
	"time"
)

// Kind names what an Event says happened. Kinds are written to disk by name:
// a name is never reused for another meaning.
type Kind string

const (
	// The switch itself.
	SwitchStarted Kind = "switch.started" // Version: the configuration in force
	SwitchStopped Kind = "switch.stopped" // Cause: why
	ConfigLoaded  Kind = "config.loaded"  // Version; Detail: the differences
	ConfigRouting Kind = "config.routing" // Version; Detail: what of the configuration decides who gets which call, in parts
	ConfigRefused Kind = "config.refused" // Reason
	ClockStepped  Kind = "clock.stepped"  // Seconds: by how much the wall clock moved against the monotonic one

	// A call. Call is set on every one of them.
	CallArrived   Kind = "call.arrived"   // From, Number, Trunk, Client, Queue
	CallRefused   Kind = "call.refused"   // Status, Cause: refused before it was anybody's call
	CallAnswered  Kind = "call.answered"  // the caller's leg was answered (200 sent)
	CallQueued    Kind = "call.queued"    // Queue: enters it (t_off); Arrival; Cause consult: its agent does, who consults it
	CallOffered   Kind = "call.offered"   // Agent, Decision: an agent is reserved for it (t_res)
	CallRinging   Kind = "call.ringing"   // Agent: the INVITE left towards the phone (t_ring)
	CallDeclined  Kind = "call.declined"  // Agent, Cause: no-answer, busy, rejected, unreachable
	CallConnected Kind = "call.connected" // Agent, Seconds waited: media runs between caller and agent (t_ans)
	CallHeld      Kind = "call.held"      // Agent or "" (the caller) put the other on hold
	CallResumed   Kind = "call.resumed"
	CallAttempted Kind = "call.attempt" // Trunk, Number, Status, Cause, Reason, Seconds: a call out was tried on a trunk; Detail: the Attempt
	CallLeft      Kind = "call.left"    // Queue, Cause: leaves the queue without an agent: abandoned, max-wait, overflow
	CallEnded     Kind = "call.ended"   // Cause, Side, Status: the caller was released (t_end)

	// Agents' own calls, transfers and supervision.
	CallDialled        Kind = "call.dialled"         // Agent, Number: an agent's own call goes out
	CallTransferring   Kind = "call.transferring"    // Agent, Number (who to) or Queue; Reason: who asked, when not the agent
	CallTransferred    Kind = "call.transferred"     // Agent: whose caller it was; Number or Queue: whose it is; Cause
	CallTransferFailed Kind = "call.transfer-failed" // Agent, Cause, Status
	CallConsulting     Kind = "call.consulting"      // Agent, Number: a second party is called; or Queue: is waited for
	CallConsulted      Kind = "call.consulted"       // Agent, Number: and has answered; Site: where; Queue: whose agent it is
	CallConsultEnded   Kind = "call.consult-ended"   // Agent, Number, Cause: it is gone, the caller is back
	CallMerged         Kind = "call.merged"          // Agent, Number: three talk
	CallMoved          Kind = "call.moved"           // Agent, Side: the agent has the call, in that role, at another phone or line than before
	SuperviseStarted   Kind = "supervise.started"    // Agent: of the call; Number: the supervisor's phone; State: mode; Reason: who asked
	SuperviseStopped   Kind = "supervise.stopped"    // the same; Seconds: how long
	SuperviseDid       Kind = "supervise.did"        // Agent or Call; State: pull, priority, state, hang-up; Reason: who; Detail

	// A call's record: the folded result, written and synced before the end
	// of the call is acknowledged to its peers.
	CallRecord Kind = "call.record" // CDR

	// What a call came to, as its agent says, during it or after its record.
	CallFiled Kind = "call.disposition" // Agent, Reason: the code, Was: the one before, Cause: by what, Disposition

	// A SIP dialog, so that the next start can end what a crash leaves up at
	// the peers. Dialog is set; they concern nobody but the switch itself.
	DialogUp   Kind = "dialog.up"   // Detail: what a BYE needs; again when the way to the peer changed
	DialogOver Kind = "dialog.over" // Status: of the peer's answer, when a restart ended it; Cause

	// An agent.
	AgentChanged Kind = "agent.state" // Agent, State, Was, Reason, Cause, Call, Fresh

	// A recording.
	RecordingStarted Kind = "recording.started"
	RecordingMarked  Kind = "recording.marked" // Reason, Cause: pause, resume, hold and their like
	RecordingSealed  Kind = "recording.sealed" // Detail: the recording's metadata
	RecordingFailed  Kind = "recording.failed" // Reason
	// What becomes of it later. Detail: who and, of a deletion, the certificate.
	RecordingHeld     Kind = "recording.held"     // Reason: why it may not be deleted
	RecordingReleased Kind = "recording.released" // Reason: why that is over
	RecordingArchived Kind = "recording.archived" // Reason: the form its file has now; Detail: size and hash
	RecordingDeleted  Kind = "recording.deleted"  // Reason: the rule; Detail: id, root, time, rule

	// Somebody guesses passwords, and is not listened to for a while.
	Guessing Kind = "security.guessing" // Reason: from where; Agent: whose

	// An agent who asked again and again for numbers outside that it may not call
	// calls none for a while. Agent, Number: the last; Reason, Seconds: how long.
	DialLocked   Kind = "security.dial-locked"
	DialUnlocked Kind = "security.dial-unlocked" // Agent, Reason: who ended it, or time

	// A trunk.
	TrunkState        Kind = "trunk.state"        // Trunk, State
	TrunkRegistration Kind = "trunk.registration" // Trunk, State, Status, Reason: ours at its registrar
)

// Event is one entry of the journal: what happened, to whom and when. It is a
// flat record in which a kind uses the fields it needs, so that a reader of
// one version can skip what a later one added.
//
// Seq is the entry's number in the journal and is set by it. Time is the wall
// clock, Mono the nanoseconds of the monotonic clock since the process began
// (all intervals come from it), Boot tells the processes apart.
type Event struct {
	Seq  uint64    `json:"seq"`
	Time time.Time `json:"time"`
	Mono int64     `json:"mono"`
	Boot string    `json:"boot,omitempty"`
	Kind Kind      `json:"kind"`

	Call   string `json:"call,omitempty"`
	Agent  string `json:"agent,omitempty"`
	Queue  string `json:"queue,omitempty"`
	Client string `json:"client,omitempty"`
	Site   string `json:"site,omitempty"`
	Trunk  string `json:"trunk,omitempty"`
	From   string `json:"from,omitempty"`
	Number string `json:"number,omitempty"`

	State   string  `json:"state,omitempty"`
	Was     string  `json:"was,omitempty"`
	Reason  string  `json:"reason,omitempty"`
	Cause   string  `json:"cause,omitempty"`
	Side    string  `json:"side,omitempty"`
	Status  int     `json:"status,omitempty"`
	Seconds float64 `json:"seconds,omitempty"`
	Version string  `json:"version,omitempty"`

	// Arrival is when a call came, on Mono's clock: its place among those that
	// wait. Fresh says that an agent's idle time begins anew with this state.
	Arrival int64 `json:"arrival,omitempty"`
	Fresh   bool  `json:"fresh,omitempty"`

	// Dialog names a SIP dialog, within one run of the process.
	Dialog string `json:"dialog,omitempty"`

	Direction string `json:"direction,omitempty"` // of a call that arrives

	Decision *Decision `json:"decision,omitempty"`
	// Disposition is what a call came to.
	Disposition *Disposition    `json:"disposition,omitempty"`
	CDR         *CDR            `json:"cdr,omitempty"`
	Detail      json.RawMessage `json:"detail,omitempty"`
}

// Decision says why an offer went to this agent.
type Decision struct {
	Seq        uint64  `json:"seq"`        // order in which offers took effect
	Ring       int     `json:"ring"`       // index of the ring in force
	Trigger    string  `json:"trigger"`    // arrival, freed-agent, ring-opened, decline, redefinition
	Strategy   string  `json:"strategy"`   // the queue's
	Considered int     `json:"considered"` // agents the ring could have had
	NotReady   int     `json:"not_ready"`  // excluded: not available
	NoQueue    int     `json:"no_queue"`   // excluded: do not serve the queue
	NoSite     int     `json:"no_site"`    // excluded: sit elsewhere
	NoSkill    int     `json:"no_skill"`   // excluded: a skill is missing or its level too low
	Declined   int     `json:"declined"`   // excluded: declined this call just before
	Waiting    int     `json:"waiting"`    // calls of the same need that were waiting
	Waited     float64 `json:"waited"`     // s, the call's age at the decision
	Score      float64 `json:"score"`      // s, age plus the head start of its priority
	Idle       float64 `json:"idle"`       // s, how long the agent had been available
	SiteCost   int     `json:"site_cost"`  // place of the agent's site in the ring's list, 0 the nearest
	SkillSum   int     `json:"skill_sum"`  // sum of the agent's levels in the skills asked
	Term       float64 `json:"term"`       // what the strategy compared, see RunnerUp
	Version    string  `json:"version"`    // configuration's version

	// RunnersUp are those to whom the call would have gone in this agent's
	// place, best first, at most three.
	RunnersUp []RunnerUp `json:"runners_up,omitempty"`
}

// RunnerUp is an agent who was available, too, when an offer went to another.
//
// The one who has not declined the call goes before one who has, then the
// smaller SiteCost, then the strategy's term, then the longer Idle. Term is, by
// strategy, and the smaller goes first:
//
//	longest-idle    0
//	best-skill      less skill_sum
//	least-occupied  share of its time in service, 0 to 1
//	round-robin     places in the round behind the chosen one
//	fewest-calls    calls taken since it was added
//	top-down        place in the list, from 0
type RunnerUp struct {
	Agent    string  `json:"agent"`
	Ring     int     `json:"ring"`               // the first that admits it
	Idle     float64 `json:"idle"`               // s
	SiteCost int     `json:"site_cost"`          // as in Decision
	SkillSum int     `json:"skill_sum"`          // as in Decision
	Term     float64 `json:"term"`               // what the strategy compared
	Declined bool    `json:"declined,omitempty"` // it declined this call before
}
