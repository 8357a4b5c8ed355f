package acd

import "time"

// CallPlan is what the configuration said about a call when it arrived. A call
// keeps its plan to the end, whatever is reloaded meanwhile.
type CallPlan struct {
	Client      string
	Queue       string // "" for an agent's own call
	Direction   string // inbound, outbound, internal
	Strategy    string
	Version     string        // configuration's version
	AnswerFirst bool          // answer on entering the queue; else early media until an agent answers
	RingTimeout time.Duration // an offer not answered by then is a RONA
	DialTimeout time.Duration // how long an outside party may be called
	WrapUp      time.Duration // after-call work of the agent
	MaxWait     time.Duration // 0: for ever
	MaxTalk     time.Duration // from the first connection on; 0: for ever
	Overflow    string        // queue that takes calls over at MaxWait or when full; "" none
	Led         Cause         // prompts have the call first, for that reason; "": they have not
	ExitFull    bool          // a full queue asks the exchange where the call goes (DoExit)
	ExitExpired bool          // and so does one in which it has waited MaxWait
	Record      bool          // from the moment of connection
	After       *AfterCall    // what is asked of the agent afterwards
	Rona        *Rona         // what becomes of an agent who does not take it
}
