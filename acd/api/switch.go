package api

import (
	"context"
	"errors"
	"time"

	"switchroom/acd"
)

var (
	// ErrNotFound says that there is no such agent, call, queue or recording.
	ErrNotFound = errors.New("api: not found")

	// ErrConflict says that the thing is there but is in no state in which
	// what was asked can be done; its wrapped text is shown to the asker.
	ErrConflict = errors.New("api: not possible now")
)

// Switch is the running switch as the interface needs it. Its methods are
// called from many goroutines at once and return copies.
type Switch interface {
	// Agents, Queues and Calls list what there is, in the order of
	// configuration; calls by id.
	Agents() []acd.AgentView
	Agent(id string) (acd.AgentView, bool)
	Queues() []acd.QueueView
	Queue(id string) (acd.QueueView, bool)
	Calls() []acd.CallView
	Call(id string) (acd.CallView, bool)

	// SetAgentState makes the agent ready, not-ready or offline; by names
	// who asked. ErrNotFound, or an error that wraps ErrConflict.
	SetAgentState(id, state, reason, by string) error

	// HangUp releases a live call with all its legs; by names who asked.
	// ErrNotFound when the call is over or never was.
	HangUp(id, by string) error

	// Decisions are the offers a live call was part of, oldest first.
	Decisions(call string) ([]Decision, bool)

	// Ladder is what is kept of the SIP messages of a call, live or over, oldest
	// first; nil when nothing is.
	Ladder(call string) []SIPMessage

	// Reload reads the configuration again and puts it in force whole or not
	// at all. diff says what changed, one line a change. The error is
	// configs.Faults when the text is at fault; the old configuration then
	// still runs.
	Reload(ctx context.Context) (diff []string, err error)

	// Ready says whether new calls are taken; when not, Status says why.
	Ready() bool
	Status() Status

	Floor
	Steering

	// Invariants counts what must be zero on an idle switch.
	Invariants() Invariants
}

// Status is the switch in one glance.
type Status struct {
	Version  string    `json:"version" doc:"the program's version"`
	Config   string    `json:"config" doc:"version of the configuration in force"`
	Boot     string    `json:"boot" doc:"id of this run of the process"`
	Started  time.Time `json:"started"`
	State    string    `json:"state" doc:"starting, running, draining, stopped"`
	Faults   []string  `json:"faults" doc:"what is wrong now, in words; empty when all is well"`
	Calls    int       `json:"calls"`
	Waiting  int       `json:"waiting"`
	Agents   int       `json:"agents"`
	Ready    int       `json:"ready"`
	Channels []Channel `json:"channels" doc:"use of each trunk"`
}

// Channel is the use of one trunk.
type Channel struct {
	Trunk string `json:"trunk"`
	State string `json:"state"`
	InUse int    `json:"in_use"`
	Out   int    `json:"out" doc:"of those in use, calls out"`
	Limit int    `json:"limit"`
	Rests bool   `json:"rests" doc:"it asked not to be called for a moment, or was silent too often"`

	Registration *TrunkRegistration `json:"registration,omitempty" doc:"ours at the trunk's registrar, if we keep one"`
}

// TrunkRegistration is our registration at a trunk's registrar.
type TrunkRegistration struct {
	State     string     `json:"state" doc:"registering, registered, retrying, denied, withdrawn"`
	Registrar string     `json:"registrar,omitempty" doc:"in use, or asked last"`
	Until     *time.Time `json:"until,omitempty" doc:"when it ends unless it is refreshed"`
	Next      *time.Time `json:"next,omitempty" doc:"the next attempt"`
	Status    int        `json:"status,omitempty" doc:"of the last failure"`
	Reason    string     `json:"reason,omitempty" doc:"of the last failure"`
	Failures  int        `json:"failures" doc:"in a row"`
}

// Invariants are the counts a test compares after the last call: all of them
// go back to what they were before the first.
type Invariants struct {
	Goroutines   int            `json:"goroutines"`
	Files        int            `json:"files" doc:"open file descriptors"`
	Ports        int            `json:"ports" doc:"RTP ports in use"`
	Sessions     int            `json:"sessions" doc:"media sessions"`
	Legs         int            `json:"legs" doc:"SIP legs"`
	Transactions int            `json:"transactions"`
	Timers       int            `json:"timers"`
	Calls        int            `json:"calls"`
	Waiting      int            `json:"waiting"`
	Recordings   int            `json:"recordings" doc:"open recordings"`
	Admitted     uint64         `json:"admitted" doc:"calls admitted since the start"`
	Records      uint64         `json:"records" doc:"call records written since the start"`
	Agents       map[string]int `json:"agents" doc:"agents by state"`
	HeapBytes    uint64         `json:"heap_bytes"`
	Violations   []string       `json:"violations" doc:"what contradicts itself, in words"`
}

// Decision is one offer of a call to an agent, and why it was this agent.
type Decision struct {
	Time    time.Time `json:"time"`
	Agent   string    `json:"agent"`
	Outcome string    `json:"outcome" doc:"connected, no-answer, busy, rejected, unreachable, abandoned; empty while it rings"`
	acd.Decision
}
