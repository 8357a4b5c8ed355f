package recording

import (
	"slices"
	"time"
)

// Kinds of marks. Callers may use others; they are kept as they are.
const (
	MarkPause   = "pause"   // no sound is kept from here on
	MarkResume  = "resume"  // sound is kept again
	MarkHold    = "hold"    // Who put the other on hold
	MarkUnhold  = "unhold"  // Who took the other back
	MarkAgent   = "agent"   // another agent serves from here on; Who is their id
	MarkPaused  = "paused"  // the call ended while the recording was paused
	MarkDamaged = "damaged" // found at recovery: the stretch's octets were not those written
	MarkCut     = "cut"     // found at recovery: the file ends before what was synced
	MarkLost    = "lost"    // the metadata was lost and rebuilt from what there was
	MarkLimit   = "limit"   // the file reached the size a WAV can have
	MarkSync    = "sync"    // the disk reported an error on what was written before
)

// CauseSystem is the cause of a recording that the switch itself cut off.
const CauseSystem = "system"

// Mark is something that happened at a moment of the recording.
type Mark struct {
	Kind   string    `json:"kind"`
	Who    string    `json:"who,omitempty"`
	Why    string    `json:"why,omitempty"`
	At     time.Time `json:"at"`     // wall clock
	Offset float64   `json:"offset"` // s from the recording's start, monotonic
}

// Segment is a stretch served by one agent.
type Segment struct {
	Agent     string  `json:"agent"`
	AgentName string  `json:"agent_name,omitempty"`
	Site      string  `json:"site,omitempty"`
	Start     float64 `json:"start"` // s
	End       float64 `json:"end"`   // s; 0 while it lasts
}

// Gap is a stretch that holds silence for a reason other than the parties'.
type Gap struct {
	Start  float64 `json:"start"`  // s
	Length float64 `json:"length"` // s
	Why    string  `json:"why"`    // disk: could not be written; damaged: not what was written, found after a crash
}

const (
	gapDisk    = "disk"
	gapDamaged = "damaged"
)

// SideStats counts one party's packets.
type SideStats struct {
	Side       string `json:"side"`    // caller, agent, other
	Packets    uint64 `json:"packets"` // kept
	Lost       uint64 `json:"lost"`    // never arrived, by sequence number
	Late       uint64 `json:"late"`    // arrived after their place was settled
	Duplicate  uint64 `json:"duplicate"`
	Reordered  uint64 `json:"reordered"` // arrived out of turn, kept
	Dropped    uint64 `json:"dropped"`   // arrived, but the recorder had no room for them
	Sources    uint64 `json:"sources"`   // SSRCs
	Jumps      uint64 `json:"jumps"`     // times the timestamps began anew
	Transcoded uint64 `json:"transcoded"`
}

// Meta describes a recording. It is what stands in the JSON beside the WAV.
// The caller of Start sets who and what; the store sets the rest.
type Meta struct {
	Sealed    bool      `json:"sealed"` // complete, hashed and in the signed chain
	ID        string    `json:"id"`
	CallID    string    `json:"call_id"`
	Client    string    `json:"client"`
	Queue     string    `json:"queue"`
	Agent     string    `json:"agent"` // the last one
	AgentName string    `json:"agent_name"`
	Site      string    `json:"site"`
	From      string    `json:"from"`
	Number    string    `json:"number"`
	Trunk     string    `json:"trunk"`
	Started   time.Time `json:"started"`
	Length    float64   `json:"length"` // s
	Size      int64     `json:"size"`   // octets of the WAV
	SHA256    string    `json:"sha256"` // of the whole WAV; "" until sealed
	Format    string    `json:"format"` // ulaw, alaw, pcm16; "" until the first sound
	Cause     string    `json:"cause"`  // why it ended; "" while it runs

	// Encryption is nil for sound in the clear.
	Encryption *Encryption `json:"encryption,omitempty"`

	Marks    []Mark      `json:"marks"`
	Segments []Segment   `json:"segments"`
	Sides    []SideStats `json:"sides"`
	Gaps     []Gap       `json:"gaps"`
	Paused   float64     `json:"paused"` // s in pause

	// Root is the head of the hash chain over the sound, by which the signed
	// chain vouches for it; Chunks are the SHA-256 of each second, 32 octets
	// each, by which a change is found. Walk leaves Chunks out.
	Root   string `json:"root"`
	Chunks []byte `json:"chunks,omitempty"`
}

// clone returns a copy that shares nothing with m.
func (m Meta) clone() Meta {
	m.Marks = slices.Clone(m.Marks)
	m.Segments = slices.Clone(m.Segments)
	m.Sides = slices.Clone(m.Sides)
	m.Gaps = slices.Clone(m.Gaps)
	m.Chunks = slices.Clone(m.Chunks)
	return m
}
