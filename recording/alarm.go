package recording

import (
	"fmt"
	"sync"
	"time"
)

// Trouble is a kind of thing that can be wrong with the keeping of sound.
type Trouble uint8

const (
	// DiskLow: the free space is below Config.FreeLow.
	DiskLow Trouble = iota
	// DiskFull: it is below Config.FreeMin; Start refuses.
	DiskFull
	// WriteFailed: sound could not be written.
	WriteFailed
	// SyncFailed: what was written could not be made durable.
	SyncFailed
	// SealFailed: a recording could not be finished; it is tried again.
	SealFailed
	// Slow: the writer has been waiting for the disk for over a second.
	Slow
	// Dropping: frames had no room in their ring and were dropped.
	Dropping
	// KeyMissing: there is no key to encrypt for; Start refuses.
	KeyMissing
	// ArchiveFailed: a recording's file could not be archived; it stays as it
	// is and is tried again.
	ArchiveFailed
	// ClockDoubted: the wall clock is ahead of the time that has passed.
	ClockDoubted

	troubles
)

// String returns the trouble's name.
func (t Trouble) String() string {
	switch t {
	case DiskLow:
		return "disk_low"
	case DiskFull:
		return "disk_full"
	case WriteFailed:
		return "write_failed"
	case SyncFailed:
		return "sync_failed"
	case SealFailed:
		return "seal_failed"
	case Slow:
		return "slow"
	case Dropping:
		return "dropping"
	case KeyMissing:
		return "key_missing"
	case ArchiveFailed:
		return "archive_failed"
	case ClockDoubted:
		return "clock_doubted"
	}
	return fmt.Sprintf("Trouble(%d)", uint8(t))
}

// Alarm tells that a trouble began or ended.
type Alarm struct {
	Trouble Trouble
	Raised  bool
	Text    string // what was seen; constant per trouble but for an error's text
	Since   time.Time
}

// alarms remembers which troubles there are, so that each is told once.
type alarms struct {
	now  func() time.Time
	tell func(Alarm)

	mu    sync.Mutex
	since [troubles]time.Time // zero: all is well
	text  [troubles]string
}

// set raises or clears a trouble; only a change is told.
func (a *alarms) set(t Trouble, raised bool, text string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if raised == !a.since[t].IsZero() {
		return
	}
	since := a.now()
	if !raised {
		since, a.since[t] = a.since[t], time.Time{}
	} else {
		a.since[t], a.text[t] = since, text
	}
	if a.tell != nil {
		a.tell(Alarm{Trouble: t, Raised: raised, Text: text, Since: since})
	}
}

// standing lists the alarms that are raised.
func (a *alarms) standing() []Alarm {
	a.mu.Lock()
	defer a.mu.Unlock()
	var all []Alarm
	for t := range troubles {
		if !a.since[t].IsZero() {
			all = append(all, Alarm{Trouble: t, Raised: true, Text: a.text[t], Since: a.since[t]})
		}
	}
	return all
}

// active lists the troubles there are.
func (a *alarms) active() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	var names []string
	for t := range troubles {
		if !a.since[t].IsZero() {
			names = append(names, t.String())
		}
	}
	return names
}
