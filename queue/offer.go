package queue

// Trigger is what made a match possible.
type Trigger uint8

const (
	Arrival      Trigger = iota // the call entered
	FreedAgent                  // the agent became available
	RingOpened                  // a ring of the call opened
	Declined                    // the call came back from another agent
	Redefinition                // a class or a profile was changed
)

var triggerNames = [...]string{"arrival", "freed-agent", "ring-opened", "decline", "redefinition"}

// String gives the trigger's name as journals write it.
func (t Trigger) String() string {
	if int(t) < len(triggerNames) {
		return triggerNames[t]
	}
	return "unknown"
}

// Why says how a match came about: the state as the deciding goroutine saw it.
//
// Considered agents are those whom the ring in force admits; of these NotReady
// were not available and Declined had declined this very call and stood back
// behind one who had not. NoQueue, NoSite and NoSkill are the agents whom the
// ring does not admit, each counted once, under the first reason in this order.
type Why struct {
	Considered, NotReady, NoQueue, NoSite, NoSkill, Declined int

	Score    int64 // ns: Priority*HeadStart + Waited
	Waited   int64 // ns since the call's Arrival
	Idle     int64 // ns since the agent became available
	SiteCost int   // place of the agent's site in the ring's list, 0 the nearest
	SkillSum int   // sum of the agent's levels in the skills asked for
	Waiting  int   // calls of the class that were waiting, this one among them
	From     uint8 // Trigger
}

// Offer is one match: this call for this agent. The callback's receiver keeps
// it and gives it back to Accept or Decline.
type Offer struct {
	Call       *Call
	Agent      AgentID
	AgentOwner any    // what AddAgent was given
	Seq        uint64 // offers ordered by Seq are in the order in which they took effect
	Ring       int    // index of the ring in force
	Why        Why
}
