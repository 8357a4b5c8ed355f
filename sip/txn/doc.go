// Package txn holds the transaction state machines of RFC 3261 section 17 as
// amended by RFC 6026 (Accepted, timers L and M), RFC 4320 and RFC 4321
// (non-INVITE). It is pure: no socket, clock, goroutine, log or message type.
// Bytes go in with an event and come out with an action; time is a parameter.
//
// One goroutine owns a Transaction. It calls Step with what happened, carries
// out the actions in their order, and calls Step with Due once Deadline has
// passed. A Transaction in state Terminated is inert and is to be forgotten.
//
// Dialogs, the retransmission of a 2xx by the transaction user (see Repeat for
// that), CANCEL's effect on a call and the choice of transport are not its own.
package txn
