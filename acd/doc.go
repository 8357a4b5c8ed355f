// Package acd decides. It holds the vocabulary of the switch (events, records,
// views) and the pure state machines of a call and of an agent: Step(now,
// event) gives actions, and there is no I/O, clock, goroutine or log in here.
//
// It knows clients, queues, agents and calls. It must not know SIP headers,
// RTP packets or file formats; package exchange carries its actions out.
//
// # A conversation
//
// A [Call] is a conversation that owns legs, each in one role ([Party]):
//
//	caller      who called, or was called by an agent; with it the conversation ends
//	agent       the primary agent, one at a time, or an outside party in its place
//	line        the agent's own second line, on which it consults
//	second      who is consulted, or the third in a conference; an agent of a
//	            queue, when it is a queue that is consulted (callask.go)
//	supervisor  who listens, whispers or has barged in; its leaving ends nothing
//	transferor  the agent who is handing the caller on
//
// Three machines share it. [CallState] (call*.go) is about caller and primary
// agent: waiting, ringing, talking, handing, and dialling for an agent's own
// call. [Stage] (callsecond.go, callthird.go) is about the second party: called,
// joined, in conference. The supervisor (callwatch.go) is there or not, in a
// [Mode]. A leg changes its role and never its call: a completed transfer is the
// second party moved into the agent's role, so the recording, the record and the
// caller's leg go on as they were.
//
// Who hears whom is no action of its own but a function of all this,
// [Call.Hearing]: however a conversation came to where it is, it sounds the same.
//
// What may fail ends where it began. A transfer without a word that fails brings
// the caller back to its agent, who has stayed, or is rung again when it has
// left, or whose phone has hung up because of the failure; else to its queue with
// the age that it had; a call without a queue ends. A consultation that fails, or
// that either side ends, leaves the caller with the agent. An agent who leaves a
// conference, or hangs up while it consults on the caller's own line, leaves the
// caller with the second party.
//
// The tables under testdata say for every state and input what is done, and who
// hears whom; -rewrite makes them anew.
package acd
