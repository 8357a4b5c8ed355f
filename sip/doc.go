// Package sip speaks SIP (RFC 3261) and gives its user legs that ring, answer,
// change their session and end.
//
// It owns sockets, admission of sources, transactions in flight, dialogs, the
// bindings of registered phones, the trunks' channels and offer/answer turns
// (RFC 3264). A body is opaque here: who offers and who answers is known, what
// is offered is not. It must not know clients, skills, queues, media or how a
// call is routed.
//
// # Goroutines
//
// One goroutine reads each UDP socket, one each stream connection (TCP, with TLS
// or without, or WebSocket), one writes each stream connection, one keeps each
// registration of ours, one looks up names and one runs all timers. A
// message is handled whole on the goroutine that read it, so wire order is kept. Core is called there and
// must return at once. Methods of UA and Leg may be called from any goroutine,
// also from within LegEvent: a leg's events are delivered one at a time, in the
// order in which they happened, with no lock held.
//
// # Order of admission
//
// The source address is judged before the message is parsed. An unknown source
// gets no reply and no memory, only a count; it may at most register or prove that
// it is a trunk of no fixed address, within a small budget and without a
// transaction. Every source but a trunk has a budget. A panic while a message is handled
// ends one leg with an internal cause and is counted; the loops go on.
//
// # Calls out
//
// A Dial with Routes is a hunt (hunt.go): one leg after the other over an ordered
// list of trunks and the hosts of each (names.go, package locate), until one takes
// the call or says that the callee cannot be had. Which trunks those are is its
// user's to say.
//
// Start reading at ua.go (what is served), receive.go (a message's way in),
// leg.go (a dialog and its invitation) and timers.go.
package sip
