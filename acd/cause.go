package acd

// Cause is why a call, an offer or a state ended, in the product's own words;
// it appears in records and reports.
type Cause string

const (
	CallerHangup Cause = "caller-hangup" // the caller released a connected call
	AgentHangup  Cause = "agent-hangup"  // the agent did
	Abandoned    Cause = "abandoned"     // the caller hung up while waiting or ringing
	MaxWait      Cause = "max-wait"      // waited as long as the queue allows
	MaxTalk      Cause = "max-talk"      // talked as long as the switch allows
	QueueFull    Cause = "queue-full"    // the queue had no place
	Overflowed   Cause = "overflow"      // moved on to another queue
	MediaTimeout Cause = "media-timeout" // no RTP and no RTCP from a side that owed it
	NoMedia      Cause = "no-media"      // offer and answer found no common ground, or no port was free
	SignalLost   Cause = "signal-lost"   // the peer stopped answering (lost ACK, timed-out dialog)
	Supervisor   Cause = "supervisor"    // released by a person or program over the API
	Drained      Cause = "drained"       // the switch was stopped and its patience ended
	System       Cause = "system"        // cut off by a crash
	Internal     Cause = "internal"      // a fault of our own; counted, and this call's alone

	InMenu   Cause = "menu"      // a menu has the caller
	Escaped  Cause = "escape"    // the caller pressed a key to leave the queue
	Closed   Cause = "closed"    // out of hours
	Holiday  Cause = "holiday"   // out of hours, for a holiday
	NoAgents Cause = "no-agents" // nobody who could take the call is logged in

	NoAnswer    Cause = "no-answer"   // RONA: the offer rang out
	Busy        Cause = "busy"        // 486, 600: the phone has another call
	Rejected    Cause = "rejected"    // 603, 403 and their like: the agent refused
	Unreachable Cause = "unreachable" // no binding, no response, 480, 5xx
	CallerGone  Cause = "caller-gone" // an offer ended because its caller hung up

	PhoneSilent Cause = "silent"  // a phone did not answer when it was asked whether it is there
	PhoneHeard  Cause = "answers" // and now it does

	Transferred   Cause = "transferred"    // the agent handed the caller to somebody else
	TakenOver     Cause = "taken-over"     // a supervisor took the agent's place
	Pulled        Cause = "pulled"         // taken out of the queue for somebody by name
	LeftConf      Cause = "left"           // the agent left the others to themselves
	Aborted       Cause = "aborted"        // a consultation was given up
	NotPermitted  Cause = "not-permitted"  // the agent may not dial that
	TransferFails Cause = "transfer-fails" // the call came back from a transfer
)

// Party is one side of a conversation, as records name it, and the role of a
// leg in it.
type Party string

const (
	CallerParty Party = "caller" // who called, or was called by an agent
	AgentParty  Party = "agent"  // the primary agent, or the outside party in its place
	SystemParty Party = "system"

	LineParty       Party = "line"       // the agent's own second line, on which it consults
	SecondParty     Party = "second"     // who is consulted, or the third in a conference
	SupervisorParty Party = "supervisor" // who listens, whispers or has barged in
	FromParty       Party = "transferor" // the agent who is handing the caller on
)

// The roles of legs, for tables by role.
const (
	roleCaller = iota
	roleAgent
	roleLine
	roleSecond
	roleSupervisor
	roleFrom
	roles
)

var roleOf = map[Party]int{CallerParty: roleCaller, AgentParty: roleAgent, LineParty: roleLine,
	SecondParty: roleSecond, SupervisorParty: roleSupervisor, FromParty: roleFrom}

// Directions of a conversation.
const (
	DirectionIn       = "inbound"  // a caller rang in
	DirectionOut      = "outbound" // an agent called out
	DirectionInternal = "internal" // an agent called an agent
)
