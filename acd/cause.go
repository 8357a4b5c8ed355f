package acd

// Cause is why a call, an offer or a state ended, in the product's own words;
// it appears in records and reports.
type Cause string

const (
	CallerHangup Cause = "caller-hangup" // the caller released a connected call
	AgentHangup  Cause = "agent-hangup"  // the agent did
	Abandoned    Cause = "abandoned"     // the caller hung up while waiting or ringing
	MaxWait      Cause = "max-wait"      // waited as long as the queue allows
	QueueFull    Cause = "queue-full"    // the queue had no place
	Overflowed   Cause = "overflow"      // moved on to another queue
	MediaTimeout Cause = "media-timeout" // no RTP and no RTCP from a side that owed it
	NoMedia      Cause = "no-media"      // offer and answer found no common ground, or no port was free
	SignalLost   Cause = "signal-lost"   // the peer stopped answering (lost ACK, timed-out dialog)
	Supervisor   Cause = "supervisor"    // released by a person or program over the API
	Drained      Cause = "drained"       // the switch was stopped and its patience ended
	System       Cause = "system"        // cut off by a crash
	Internal     Cause = "internal"      // a fault of our own; counted, and this call's alone

	NoAnswer    Cause = "no-answer"   // RONA: the offer rang out
	Busy        Cause = "busy"        // 486, 600: the phone has another call
	Rejected    Cause = "rejected"    // 603, 403 and their like: the agent refused
	Unreachable Cause = "unreachable" // no binding, no response, 480, 5xx
	CallerGone  Cause = "caller-gone" // an offer ended because its caller hung up
)

// Party is one side of a conversation, as records name it.
type Party string

const (
	CallerParty Party = "caller"
	AgentParty  Party = "agent"
	SystemParty Party = "system"
)
