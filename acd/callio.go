package acd

import "time"

// InputKind names what happened to a call.
type InputKind uint8

const (
	InputArrive       InputKind = iota // the INVITE was admitted
	InputOffer                         // the queue reserved Seat for it; Decision
	InputAgentRinging                  // 180 or 183 from the phone rung as Party
	InputAgentAnswer                   // 200 from it
	InputAgentFail                     // it could not be had: Cause no-answer, busy, rejected, unreachable; Status
	InputAgentOver                     // the dialog of Party is over; Party "": of a phone that was rung before
	InputCallerOver                    // the caller's dialog is over: BYE, CANCEL, time-out; Cause
	InputHold                          // Party put the other side on hold
	InputResume                        // Party took it back
	InputMediaTimeout                  // Party's media has stopped
	InputNoMedia                       // negotiation failed or no port was free
	InputFull                          // the queue had no place
	InputRelease                       // released from outside: Cause supervisor, drained, internal
	InputDeadline                      // the moment Deadline named has come

	// An agent's own call.
	InputDial          // Seat wants to talk to Target; Line: its leg is there, else its phone is rung first
	InputCalleeRinging // who is called rings; Status 180, or 183 with early media
	InputCalleeAnswer  // and has answered

	// A second party.
	InputConsult  // the agent wants to talk to Target first; Line: on a line of its own
	InputComplete // the consulted party takes the agent's place
	InputMerge    // all three talk
	InputAbort    // the consulted party is let go
	InputTransfer // the caller is handed to Target unasked; By

	// A supervisor.
	InputWatch    // Seat listens in; Mode, By; Line: its leg is there, else its phone is rung
	InputMode     // it goes over to Mode; By
	InputTakeOver // it takes the agent's place
	InputUnwatch  // it leaves
	InputPull     // a waiting call is handed to Target; By; Line: its leg is there, as the supervisor's, and the call may be ringing

	// Prompts.
	InputGuide   // the caller is led from now on; Cause
	InputSend    // it goes to Target, a number outside; Cause
	InputDismiss // it has heard all there is; Cause
)

var inputNames = [...]string{"arrive", "offer", "agent-ringing", "agent-answer", "agent-fail", "agent-over",
	"caller-over", "hold", "resume", "media-timeout", "no-media", "full", "release", "deadline",
	"dial", "callee-ringing", "callee-answer", "consult", "complete", "merge", "abort", "transfer",
	"watch", "mode", "take-over", "unwatch", "pull", "guide", "send", "dismiss"}

func (k InputKind) String() string { return inputNames[k] }

// CallInput is one thing that happened to a call. Fields that the kind does
// not name are zero.
type CallInput struct {
	Kind     InputKind
	Seat     Seat
	Target   Seat
	Decision *Decision
	Party    Party // "" is the agent for a ring, an answer or a failure
	Cause    Cause
	Q850     int
	Status   int  // SIP status behind the cause, 0: none
	Line     bool // a leg that the phone has opened itself is there
	Mode     Mode
	By       string // who asked, for records
}

// Deed names what is to be done for a call.
type Deed uint8

const (
	DoProgress     Deed = iota // early media towards the caller (183)
	DoAnswer                   // answer the caller (200)
	DoReject                   // refuse the caller's INVITE: Status, RetryAfter
	DoMusic                    // music on hold to the caller
	DoEnter                    // enter the queue; with Party second: the one that the agent consults, and so for what follows
	DoAbandon                  // leave it
	DoRing                     // send an INVITE to Seat, which gets the role Party; an agent whom no queue has reserved for the call is claimed first
	DoCancelRing               // stop ringing Party: CANCEL; Cause
	DoAccept                   // tell the queue that Seat answered
	DoDecline                  // give the offer back to the queue; Cause says what becomes of the agent
	DoConnect                  // media between caller and Seat; stops music
	DoRecord                   // start the recording
	DoMark                     // mark the recording: Cause hold, resume; Party
	DoHear                     // who hears whom has changed: see Hearing
	DoHangupCaller             // BYE, or whatever its dialog's state asks for
	DoHangupAgent              // the same for the dialog of Party; Status for one that was not answered
	DoStopRecord               // seal the recording
	DoAgent                    // tell Seat's agent: Phase, WrapUp, Cause
	DoOverflow                 // move to queue Queue, keeping the arrival time
	DoNote                     // append Note to the journal
	DoSettle                   // append CDR to the journal and wait until it is safe
	DoClose                    // nothing is left: free what the call holds

	DoDial    // claim and call Seat for an agent's own call: it gets the caller's role
	DoRingLeg // tell the phone that opened Party that it rings: Status
	DoPickUp  // answer the phone that opened Party
	DoMove    // the leg of Party has the role To from now on; To "": none
	DoRefer   // tell the phone that asked for a transfer how it goes: Status
	DoLead    // prompts have the caller; Cause
	DoExit    // the queue does not keep the call: find where it goes; Cause
	DoInherit // the place in the consulted queue is the caller's from now on
	DoServe   // Seat serves the call from now on: a new segment of the recording
)

var deedNames = [...]string{"progress", "answer", "reject", "music", "enter", "abandon", "ring", "cancel-ring",
	"accept", "decline", "connect", "record", "mark", "hear", "hangup-caller", "hangup-agent",
	"stop-record", "agent", "overflow", "note", "settle", "close", "dial", "ring-leg", "pick-up", "move", "refer", "lead", "exit", "inherit", "serve"}

func (d Deed) String() string { return deedNames[d] }

// CallAction is one thing to do for a call.
type CallAction struct {
	Do         Deed
	Seat       Seat
	Phase      Phase
	Party      Party
	To         Party
	Cause      Cause
	Q850       int
	Status     int
	RetryAfter time.Duration
	WrapUp     time.Duration
	Queue      string
	Plan       *CallPlan // DoAgent: the terms on which it has served; nil: the call's
	Note       *Event
	CDR        *CDR
}
