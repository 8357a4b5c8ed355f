package recording

import (
	"sync/atomic"

	"switchroom/media"
)

// counters are the store's own; each is written by whoever counts.
type counters struct {
	refused, sealed, deleted, archived, saved, dropped, writeErrors, syncErrors, syncs atomic.Uint64
	octets                                                                             atomic.Uint64
	syncNs, lookNs, free, total                                                        atomic.Int64
}

// Stats is the store at one glance.
type Stats struct {
	Open        int      // recordings started and not yet sealed
	Sealed      uint64   // since Open
	Deleted     uint64   // against a certificate, since Open
	Archived    uint64   // files made into another form, since Open
	Saved       uint64   // octets by that
	Refused     uint64   // Starts refused for want of space
	Dropped     uint64   // frames that found no room in their ring
	Octets      uint64   // of sound written
	WriteErrors uint64   // looks at a recording that ended in a failed write
	Syncs       uint64   // group syncs
	SyncErrors  uint64   // of them failed
	SyncSeconds float64  // what the last one took
	LookSeconds float64  // what the writer's last look at the recordings took, or has taken by now
	Free, Total int64    // octets of the file system
	Troubles    []string // alarms that stand
}

// Alarms lists the alarms that stand.
func (s *Store) Alarms() []Alarm { return s.alarms.standing() }

// Stats returns the store's counts. It may be called from any goroutine.
func (s *Store) Stats() Stats {
	s.mu.Lock()
	open := len(s.open)
	s.mu.Unlock()
	c := &s.stats
	look := c.lookNs.Load()
	if began := s.beat.Load(); began != 0 {
		look = max(look, media.Now()-began)
	}
	return Stats{
		Open: open, Sealed: c.sealed.Load(), Deleted: c.deleted.Load(), Archived: c.archived.Load(), Saved: c.saved.Load(), Refused: c.refused.Load(), Dropped: c.dropped.Load(),
		Octets: c.octets.Load(), WriteErrors: c.writeErrors.Load(), Syncs: c.syncs.Load(),
		SyncErrors: c.syncErrors.Load(), SyncSeconds: float64(c.syncNs.Load()) / 1e9, LookSeconds: float64(look) / 1e9,
		Free: c.free.Load(), Total: c.total.Load(), Troubles: s.alarms.active(),
	}
}
