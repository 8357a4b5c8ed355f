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
// The package must not know HTTP, file formats or RTP; SIP it knows only as
// legs that ring, answer, hold and end.
package exchange
