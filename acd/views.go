package acd

import "time"

// The views are what the switch shows of itself to the API and the shell.
// They are copies: whoever holds one may keep it and read it from anywhere.
// Their JSON names are part of the product's interface.

// AgentView is one agent as it stands now.
type AgentView struct {
	ID         string         `json:"id"`
	Name       string         `json:"name"`
	Site       string         `json:"site"`
	Skills     map[string]int `json:"skills"`
	State      string         `json:"state"`
	Reason     string         `json:"reason"`
	Since      time.Time      `json:"since"`
	Registered bool           `json:"registered"`
	CallID     string         `json:"call_id"`
	Phone      string         `json:"phone"`            // the account of the one it sits at
	Owes       bool           `json:"disposition_owed"` // its last call is still to be filed
	Team       string         `json:"team"`
	Supervisor bool           `json:"supervisor"`
	Clients    []string       `json:"clients,omitempty"` // whom it works for; empty: all
	DialLocked bool           `json:"dial_locked"`       // it asked too often for numbers that it may not call, and calls nobody outside for a while
}

// QueueView is one queue as it stands now; answered, abandoned and
// service_level are today's.
type QueueView struct {
	ID           string  `json:"id"`
	Client       string  `json:"client"`
	Waiting      int     `json:"waiting"`
	LongestWait  float64 `json:"longest_wait"` // s
	AgentsReady  int     `json:"agents_ready"`
	AgentsBusy   int     `json:"agents_busy"`
	Answered     int     `json:"answered"`
	Abandoned    int     `json:"abandoned"`
	ServiceLevel float64 `json:"service_level"` // percent; by the formula the queue names
	Formula      string  `json:"formula"`
}

// CallView is one live call.
type CallView struct {
	ID       string     `json:"id"`
	Client   string     `json:"client"`
	Queue    string     `json:"queue"`
	From     string     `json:"from"`
	Number   string     `json:"number"`
	Trunk    string     `json:"trunk"`
	State    string     `json:"state"`
	Agent    string     `json:"agent"`
	Site     string     `json:"site"`
	Started  time.Time  `json:"started"`
	Queued   *time.Time `json:"queued"`
	Answered *time.Time `json:"answered"`
	Waited   float64    `json:"waited"`  // s in queue so far, or until the agent answered
	Version  string     `json:"version"` // configuration

	Direction  string `json:"direction"`            // inbound, outbound, internal
	Outside    string `json:"outside,omitempty"`    // the outside party in the agent's place
	Second     string `json:"second,omitempty"`     // who is consulted, or the third in a conference
	Stage      string `json:"stage,omitempty"`      // of the second party: called, joined, conference
	Supervisor string `json:"supervisor,omitempty"` // who takes part
	Mode       string `json:"mode,omitempty"`       // listen, whisper, barge
	Recording  string `json:"recording"`            // on, paused, notice: it begins when the caller has heard of it; "": none
}

// CDR is the record of one finished conversation.
type CDR struct {
	ID           string     `json:"id"`        // the call's id
	Direction    string     `json:"direction"` // inbound, outbound, internal
	Client       string     `json:"client"`
	Queue        string     `json:"queue"` // the one it was in last
	From         string     `json:"from"`
	Number       string     `json:"number"`
	Trunk        string     `json:"trunk"`
	Agent        string     `json:"agent"` // the last one that talked
	Site         string     `json:"site"`
	Started      time.Time  `json:"started"`
	Queued       *time.Time `json:"queued"`
	Answered     *time.Time `json:"answered"` // media between caller and agent
	Ended        time.Time  `json:"ended"`
	Waited       float64    `json:"waited"`   // s in queue
	Talked       float64    `json:"talked"`   // s connected, hold included
	Held         float64    `json:"held"`     // s
	Duration     float64    `json:"duration"` // s from arrival to release, monotonic
	Cause        string     `json:"cause"`    // caller-hangup, agent-hangup, abandoned, max-wait, media-timeout, system ...
	Side         string     `json:"side"`     // who ended it: caller, agent, system
	Q850         int        `json:"q850"`
	Recording    string     `json:"recording"` // its id, or ""
	ClockStepped bool       `json:"clock_stepped,omitempty"`
	Segments     []Segment  `json:"segments"`
	Attempts     []Attempt  `json:"attempts,omitempty"` // a call out's trunks, in the order in which they were tried
	Quality      []Quality  `json:"quality,omitempty"`  // of what each side sent us
	Version      string     `json:"version"`            // configuration

	// What the call came to, as its agent says; often filled in after the
	// record was written.
	Disposition *Disposition `json:"disposition,omitempty"`
}

// Quality is how one side's sound arrived.
type Quality struct {
	Side    string  `json:"side"` // caller, agent
	Codec   string  `json:"codec"`
	Packets uint64  `json:"packets"`
	Lost    int64   `json:"lost"`
	Loss    float64 `json:"loss"`   // share, 0 to 1
	Jitter  float64 `json:"jitter"` // s, interarrival (RFC 3550 A.8)
	RTT     float64 `json:"rtt"`    // s; 0: not known
	MOS     float64 `json:"mos"`    // listening quality by the E-model (ITU-T G.107), 1 to 4.41; 0: nothing came
}

// Segment is one stretch of a conversation: waiting in a queue, an offer, a
// talk, a hold, a consultation. Offsets are seconds from the call's start.
type Segment struct {
	Kind   string  `json:"kind"` // queue, ring, dial, talk, hold, consult, conference, supervise
	Agent  string  `json:"agent,omitempty"`
	Site   string  `json:"site,omitempty"`
	With   string  `json:"with,omitempty"` // the number, the consulted party or the supervisor
	Mode   string  `json:"mode,omitempty"` // of a supervisor
	Queue  string  `json:"queue,omitempty"`
	Start  float64 `json:"start"`
	Length float64 `json:"length"`
	Cause  string  `json:"cause,omitempty"` // how it ended
}
