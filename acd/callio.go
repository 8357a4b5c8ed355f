package acd

import "time"

// InputKind names what happened to a call.
type InputKind uint8

const (
	InputArrive       InputKind = iota // the INVITE was admitted
	InputOffer                         // the queue reserved Seat for it; Decision
	InputAgentRinging                  // 180 or 183 from the agent's phone
	InputAgentAnswer                   // 200 from the agent's phone
	InputAgentFail                     // the offer's dialog failed: Cause no-answer, busy, rejected, unreachable
	InputAgentOver                     // a dialog to an agent's phone is over. Current: it was the one in use
	InputCallerOver                    // the caller's dialog is over: BYE, CANCEL, time-out; Cause
	InputHold                          // Party put the other side on hold
	InputResume                        // Party took it back
	InputMediaTimeout                  // Party's media has stopped
	InputNoMedia                       // negotiation failed or no port was free
	InputFull                          // the queue had no place
	InputRelease                       // released from outside: Cause supervisor, drained, internal
	InputDeadline                      // the moment Deadline named has come
)

var inputNames = [...]string{"arrive", "offer", "agent-ringing", "agent-answer", "agent-fail", "agent-over",
	"caller-over", "hold", "resume", "media-timeout", "no-media", "full", "release", "deadline"}

func (k InputKind) String() string { return inputNames[k] }

// CallInput is one thing that happened to a call. Fields that the kind does
// not name are zero.
type CallInput struct {
	Kind     InputKind
	Seat     Seat
	Decision *Decision
	Party    Party
	Cause    Cause
	Q850     int
	Status   int  // SIP status behind the cause, 0: none
	Current  bool // InputAgentOver: the dialog was that of the agent in Seat
}

// Deed names what is to be done for a call.
type Deed uint8

const (
	DoProgress     Deed = iota // early media towards the caller (183)
	DoAnswer                   // answer the caller (200)
	DoReject                   // refuse the caller's INVITE: Status, RetryAfter
	DoMusic                    // music on hold to the caller
	DoEnter                    // enter the queue
	DoAbandon                  // leave the queue
	DoRing                     // send an INVITE to Seat's phone
	DoCancelRing               // stop ringing Seat's phone: CANCEL; Cause
	DoAccept                   // tell the queue that Seat answered
	DoDecline                  // give the offer back to the queue; Cause says what becomes of the agent
	DoConnect                  // media between caller and Seat; stops music
	DoRecord                   // start the recording
	DoMark                     // mark the recording: Cause hold, resume; Party
	DoHoldMusic                // music to the side that Party put on hold
	DoRebridge                 // end of hold: media between the two again
	DoHangupCaller             // BYE, or whatever its dialog's state asks for
	DoHangupAgent              // the same for Seat's dialog
	DoStopRecord               // seal the recording
	DoAgent                    // tell Seat's agent: Phase, WrapUp, Cause
	DoOverflow                 // move to queue Queue, keeping the arrival time
	DoNote                     // append Note to the journal
	DoSettle                   // append CDR to the journal and wait until it is safe
	DoClose                    // nothing is left: free what the call holds
)

var deedNames = [...]string{"progress", "answer", "reject", "music", "enter", "abandon", "ring", "cancel-ring",
	"accept", "decline", "connect", "record", "mark", "hold-music", "rebridge", "hangup-caller", "hangup-agent",
	"stop-record", "agent", "overflow", "note", "settle", "close"}

func (d Deed) String() string { return deedNames[d] }

// CallAction is one thing to do for a call.
type CallAction struct {
	Do         Deed
	Seat       Seat
	Phase      Phase
	Party      Party
	Cause      Cause
	Q850       int
	Status     int
	RetryAfter time.Duration
	WrapUp     time.Duration
	Queue      string
	Note       *Event
	CDR        *CDR
}
