// Package exchange runs calls. It wires the rooms that know nothing of one
// another (queue, sip, media, recording) to the pure state machines of package
// acd: what those rooms report becomes an input, what the state machine wants
// done becomes a deed.
//
// One goroutine owns each call, with a bounded inbox that the other rooms'
// goroutines post to and never wait on. An agent has no goroutine: its state
// machine sits behind a mutex of its own, which only that agent's calls, phone
// and timers ever meet. The queue is matched by whichever goroutine made a
// match possible, so nothing here dispatches.
//
// What a call keeps from the configuration is fixed in its acd.CallPlan when
// it arrives; a reload swaps the plan that new calls get.
//
// # Conversations
//
// Legs are kept by their roles (roles.go), which the state machine gives and
// takes; arrange.go makes what is heard what it says. All legs of a conversation
// share one media session, so nothing is moved when a caller is handed on, and one
// recording, which is the caller's: what is said behind its back, in a
// consultation or a whisper, is on no tape.
//
// An agent who is wanted by name, past the queue, is claimed (claim.go): the
// queue gives it up first, so that no call has an agent that another has. What a
// phone dials is a code (feature.go, keys.go, phonecall.go), a colleague, a queue
// or a number outside (destination.go), where its dial rights lead; in a call,
// dialling on another line is a consultation, also of a queue, in which the agent
// has a place of the conversation's (stay.go). Codes of a call work as keys pressed
// during it and dialled on another line:
//
//	*40  the second party takes the caller      *41N#  hands the caller to N
//	*42N#  consults N                           *43  all three talk
//	*44  lets the second party go               *45  leaves the other two
//	*61 *62 *63 *64  a supervisor listens, whispers, barges in, takes over;
//	    dialled, with the agent's id behind
//	*65Q  pulls the call that has waited longest in queue Q
//	*66A *67A *68A  makes agent A ready, not ready, logs it out
//
// inspect.go looks every few seconds for what contradicts itself or outlives its
// limit.
//
// The package must not know HTTP, file formats or RTP; SIP it knows only as
// legs that ring, answer, hold and end.
package exchange
