package journal

import (
	"time"

	"go.uber.org/zap"

	"switchroom/acd"
)

// Kinds of the journal's own events.
const (
	// Gap says that events were turned away; Detail is a Missing.
	Gap acd.Kind = "journal.gap"

	// Repaired says that Open found damage; Detail is a Repair.
	Repaired acd.Kind = "journal.repaired"
)

// Missing is the Detail of a Gap.
type Missing struct {
	Events uint64    `json:"events"` // how many were turned away
	Since  time.Time `json:"since"`  // the first of them
	Why    string    `json:"why"`    // memory, space
}

// Config says where and how a journal is kept. Zero fields take the defaults.
type Config struct {
	// Dir is the folder. FS, when set, is used in its place.
	Dir string
	FS  FS

	// SegmentBytes is the size of a segment and at the same time of the
	// reserve that call records have on a full disk: twice that much room is
	// taken from the start. Default 64 MB; at most a sixteenth of the disk, so
	// that a small one is not the journal's alone; at least 64 KB.
	SegmentBytes int64

	// CommitEvery is the longest time an event waits for its sync while
	// nobody asks for it; default and maximum 50 ms.
	CommitEvery time.Duration

	// Share is how far apart syncs are that somebody waits for, so that many
	// who commit at about the same time share one; at most CommitEvery, default
	// none.
	Share time.Duration

	// MaxPending is how many bytes of events may wait for the disk; essential
	// ones may use as much again. Default 8 MB.
	MaxPending int

	// Retry is the pause after a failed write; default 100 ms, doubled up to
	// 2 s.
	Retry time.Duration

	// CloseWithin is how long Close keeps trying a disk that fails; default
	// 5 s.
	CloseWithin time.Duration

	// Essential says which kinds are taken when room is short. Default:
	// call.record, recording.sealed, switch.started, switch.stopped.
	Essential func(acd.Kind) bool

	// Stamp fills in time, monotonic time and boot of the journal's own
	// events; by default the wall clock alone.
	Stamp func(*acd.Event)

	Log *zap.Logger
}

func (c Config) withDefaults() Config {
	if c.SegmentBytes == 0 {
		c.SegmentBytes = 64 << 20
	}
	c.SegmentBytes = max(c.SegmentBytes, segmentMin)
	if c.CommitEvery <= 0 || c.CommitEvery > 50*time.Millisecond {
		c.CommitEvery = 50 * time.Millisecond
	}
	c.Share = min(max(c.Share, 0), c.CommitEvery)
	if c.MaxPending == 0 {
		c.MaxPending = 8 << 20
	}
	if c.Retry == 0 {
		c.Retry = 100 * time.Millisecond
	}
	if c.CloseWithin == 0 {
		c.CloseWithin = 5 * time.Second
	}
	if c.Essential == nil {
		c.Essential = essential
	}
	if c.Stamp == nil {
		c.Stamp = func(ev *acd.Event) { ev.Time = time.Now() }
	}
	if c.Log == nil {
		c.Log = zap.NewNop()
	}
	return c
}

// fitted is the configuration for a disk of so many bytes.
func (c Config) fitted(total int64) Config {
	const share = 16
	c.SegmentBytes = max(min(c.SegmentBytes, total/share&^(pageBytes-1)), segmentMin)
	return c
}

func essential(k acd.Kind) bool {
	switch k {
	case acd.CallRecord, acd.RecordingSealed, acd.SwitchStarted, acd.SwitchStopped, Gap, Repaired:
		return true
	}
	return false
}

// payloadLimit is the longest event the segments can hold.
func (c Config) payloadLimit() int {
	return int(min(payloadMax, c.SegmentBytes-dataOffset-recordHead-recordAlign))
}
