// Package acd decides. It holds the vocabulary of the switch (events, records,
// views) and the pure state machines of a call and of an agent: Step(now,
// event) gives actions, and there is no I/O, clock, goroutine or log in here.
//
// It knows clients, queues, agents and calls. It must not know SIP headers,
// RTP packets or file formats; package exchange carries its actions out.
package acd
