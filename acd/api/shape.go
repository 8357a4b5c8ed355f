package api

import (
	"encoding/json"
	"time"

	"switchroom/acd"
	"switchroom/acd/store"
)

// The shapes of answers. They are the product's interface: fields are added
// and never renamed. Lists are never null.

// List is a list of all there is.
type List[T any] struct {
	Items []T `json:"items"`
}

// Page is a part of a longer list, newest first.
type Page[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next" doc:"cursor of the next page, empty on the last one"`
}

// Agent is one agent as it stands now.
type Agent struct {
	ID         string         `json:"id"`
	Name       string         `json:"name"`
	Site       string         `json:"site"`
	Skills     map[string]int `json:"skills"`
	State      string         `json:"state" doc:"offline, not-ready, ready, reserved, ringing, talking, held, wrap-up, outbound"`
	Reason     string         `json:"reason"`
	Since      Moment         `json:"since"`
	Registered bool           `json:"registered"`
	CallID     string         `json:"call_id"`
	Phone      string         `json:"phone" doc:"the account of the phone that it sits at, its own or another"`
	Owes       bool           `json:"disposition_owed" doc:"its last call must still be filed before after-call work can end"`
	Team       string         `json:"team"`
	Supervisor bool           `json:"supervisor" doc:"may take part in calls of its team and clients"`
	DialLocked bool           `json:"dial_locked" doc:"it asked too often for numbers that it may not call, and calls nobody outside for a while"`
}

func agentOf(v acd.AgentView) Agent {
	if v.Skills == nil {
		v.Skills = map[string]int{}
	}
	return Agent{v.ID, v.Name, v.Site, v.Skills, v.State, v.Reason, Moment(v.Since), v.Registered, v.CallID, v.Phone, v.Owes, v.Team, v.Supervisor, v.DialLocked}
}

// Call is one live call.
type Call struct {
	ID       string  `json:"id"`
	Client   string  `json:"client"`
	Queue    string  `json:"queue"`
	From     string  `json:"from"`
	Number   string  `json:"number"`
	Trunk    string  `json:"trunk"`
	State    string  `json:"state"`
	Agent    string  `json:"agent"`
	Site     string  `json:"site"`
	Started  Moment  `json:"started"`
	Queued   *Moment `json:"queued"`
	Answered *Moment `json:"answered"`
	Waited   float64 `json:"waited" doc:"seconds in queue so far, or until the agent answered"`

	Direction  string `json:"direction" doc:"inbound, outbound, internal"`
	Outside    string `json:"outside" doc:"the outside party in the agent's place"`
	Second     string `json:"second" doc:"who or which queue is consulted, or the third in a conference"`
	Stage      string `json:"stage" doc:"of the second party: waiting (for one of a queue), called, joined, conference"`
	Supervisor string `json:"supervisor" doc:"whose phone takes part"`
	Mode       string `json:"mode" doc:"listen, whisper, barge"`
	// Recording is how the recording stands.
	Recording string `json:"recording" doc:"on, paused, notice (it begins when the caller has heard of it), or empty for none"`
}

func callOf(v acd.CallView) Call {
	return Call{v.ID, v.Client, v.Queue, v.From, v.Number, v.Trunk, v.State, v.Agent, v.Site,
		Moment(v.Started), moment(v.Queued), moment(v.Answered), v.Waited,
		v.Direction, v.Outside, v.Second, v.Stage, v.Supervisor, v.Mode, v.Recording}
}

// CDR is the record of one finished conversation.
type CDR struct {
	ID           string        `json:"id"`
	Direction    string        `json:"direction" doc:"inbound, outbound, internal"`
	Client       string        `json:"client"`
	Queue        string        `json:"queue"`
	From         string        `json:"from"`
	Number       string        `json:"number"`
	Trunk        string        `json:"trunk"`
	Agent        string        `json:"agent" doc:"the last one that talked"`
	Site         string        `json:"site"`
	Started      Moment        `json:"started"`
	Queued       *Moment       `json:"queued"`
	Answered     *Moment       `json:"answered"`
	Ended        Moment        `json:"ended"`
	Waited       float64       `json:"waited" doc:"seconds in queue"`
	Talked       float64       `json:"talked" doc:"seconds connected, hold included"`
	Held         float64       `json:"held" doc:"seconds on hold"`
	Duration     float64       `json:"duration" doc:"seconds from arrival to release, by a clock that no step touches"`
	Cause        string        `json:"cause"`
	Side         string        `json:"side" doc:"who ended it: caller, agent, system"`
	Q850         int           `json:"q850"`
	Recording    string        `json:"recording" doc:"id of its recording, or empty"`
	ClockStepped bool          `json:"clock_stepped" doc:"the wall clock was set during the call: its times don't add up, its durations do"`
	Segments     []acd.Segment `json:"segments"`
	Version      string        `json:"version" doc:"of the configuration"`
	Quality      []acd.Quality `json:"quality" doc:"how each side's sound arrived"`
	// Null until its agent, or the time for it, has filed the call.
	Disposition *acd.Disposition `json:"disposition" doc:"what the call came to"`
	Attempts    []acd.Attempt    `json:"attempts" doc:"the trunks that a call out was tried on, in order; empty for a call in"`
}

func cdrOf(c acd.CDR) CDR {
	if c.Segments == nil {
		c.Segments = []acd.Segment{}
	}
	if c.Quality == nil {
		c.Quality = []acd.Quality{}
	}
	return CDR{c.ID, c.Direction, c.Client, c.Queue, c.From, c.Number, c.Trunk, c.Agent, c.Site,
		Moment(c.Started), moment(c.Queued), moment(c.Answered), Moment(c.Ended),
		c.Waited, c.Talked, c.Held, c.Duration, c.Cause, c.Side, c.Q850, c.Recording, c.ClockStepped, c.Segments, c.Version, c.Quality,
		c.Disposition, append([]acd.Attempt{}, c.Attempts...)}
}

// Recording is one finished recording.
type Recording struct {
	ID        string          `json:"id"`
	CallID    string          `json:"call_id"`
	Client    string          `json:"client"`
	Queue     string          `json:"queue"`
	Agent     string          `json:"agent"`
	AgentName string          `json:"agent_name"`
	Site      string          `json:"site"`
	From      string          `json:"from"`
	Number    string          `json:"number"`
	Trunk     string          `json:"trunk"`
	Started   Moment          `json:"started"`
	Length    float64         `json:"length" doc:"seconds"`
	Size      int64           `json:"size" doc:"bytes of the WAV"`
	SHA256    string          `json:"sha256" doc:"of the WAV"`
	Format    string          `json:"format" doc:"ulaw, alaw, pcm16"`
	Cause     string          `json:"cause" doc:"why it ended"`
	Paused    float64         `json:"paused" doc:"seconds that were left out"`
	Encrypted bool            `json:"encrypted" doc:"for the owners of keys that the switch has not; size and sha256 are then of the encrypted file"`
	File      *Kept           `json:"file,omitempty" doc:"the file as it is kept, and what holds it; not in lists"`
	Marks     json.RawMessage `json:"marks,omitempty" doc:"pauses, holds and their like"`
	Segments  json.RawMessage `json:"segments,omitempty" doc:"who served when"`
}

func recordingOf(r store.Recording) Recording {
	return Recording{r.ID, r.CallID, r.Client, r.Queue, r.Agent, r.AgentName, r.Site, r.From, r.Number, r.Trunk,
		Moment(r.Started), r.Length, r.Size, r.SHA256, r.Format, r.Cause, r.Paused,
		len(r.Encryption) > 0, nil, r.Marks, r.Segments}
}

// Offered is one offer of a call to an agent, with the reasons for it.
type Offered struct {
	Time       Moment  `json:"time"`
	Agent      string  `json:"agent"`
	Outcome    string  `json:"outcome" doc:"connected, no-answer, busy, rejected, unreachable, caller-gone; empty while it rings"`
	Seq        uint64  `json:"seq" doc:"order in which offers took effect"`
	Ring       int     `json:"ring" doc:"index of the ring in force"`
	Trigger    string  `json:"trigger" doc:"what made the match possible"`
	Strategy   string  `json:"strategy"`
	Considered int     `json:"considered" doc:"agents the ring could have had"`
	NotReady   int     `json:"not_ready" doc:"excluded: not available"`
	NoQueue    int     `json:"no_queue" doc:"excluded: do not serve the queue"`
	NoSite     int     `json:"no_site" doc:"excluded: sit elsewhere"`
	NoSkill    int     `json:"no_skill" doc:"excluded: a skill is missing or too low"`
	Declined   int     `json:"declined" doc:"excluded: declined this call just before"`
	Waiting    int     `json:"waiting" doc:"calls of the same need that were waiting"`
	Waited     float64 `json:"waited" doc:"seconds the call had waited"`
	Score      float64 `json:"score" doc:"seconds: the wait and the head start of the priority"`
	Idle       float64 `json:"idle" doc:"seconds the agent had been available"`
	SiteCost   int     `json:"site_cost" doc:"place of the agent's site in the ring's list, 0 the nearest"`
	SkillSum   int     `json:"skill_sum" doc:"sum of the agent's levels in the skills asked for"`
	Term       float64 `json:"term" doc:"what the strategy compared, the smaller goes first: share of time in service, calls taken, place in the list or in the round, less skill_sum"`
	Version    string  `json:"version" doc:"of the configuration"`

	RunnersUp []acd.RunnerUp `json:"runners_up" doc:"who else was available and would have been next, best first; at most three"`
}

func offeredOf(at time.Time, agent, outcome string, d acd.Decision) Offered {
	return Offered{Moment(at), agent, outcome, d.Seq, d.Ring, d.Trigger, d.Strategy, d.Considered,
		d.NotReady, d.NoQueue, d.NoSite, d.NoSkill, d.Declined, d.Waiting, d.Waited, d.Score, d.Idle,
		d.SiteCost, d.SkillSum, d.Term, d.Version, append([]acd.RunnerUp{}, d.RunnersUp...)}
}

// State is the switch in one glance.
type State struct {
	Status
	Started Moment       `json:"started"`
	Journal JournalState `json:"journal"`
	Store   StoreState   `json:"store"`
}

// JournalState is the journal's part of State.
type JournalState struct {
	Next    uint64 `json:"next" doc:"the number the next event gets"`
	Synced  uint64 `json:"synced" doc:"every event up to here is safe"`
	Oldest  uint64 `json:"oldest" doc:"no event before this one is kept"`
	Pending int    `json:"pending" doc:"bytes that wait for the disk"`
	Refused uint64 `json:"refused" doc:"events turned away for lack of room"`
	Bytes   int64  `json:"bytes"`
	Short   bool   `json:"short" doc:"the disk is full: only call records are kept"`
	Fault   string `json:"fault"`
}

// StoreState is the index's part of State.
type StoreState struct {
	Behind uint64 `json:"behind" doc:"events not indexed yet"`
	Poison uint64 `json:"poison" doc:"events that made no sense"`
	Fault  string `json:"fault"`

	Database string  `json:"database" doc:"sqlite or postgres"`
	Lag      float64 `json:"lag" doc:"seconds for which it has been behind"`
	Since    *Moment `json:"since" doc:"when the fault began"`
	Building bool    `json:"building" doc:"it is made anew, and lists and reports wait for it"`
}
