package journal

import (
	"context"
	"io"
	"sync"
	"time"

	"go.uber.org/zap"

	"switchroom/acd"
)

// Journal is an open journal. See the package's text for what it promises.
type Journal struct {
	// Constant after Open.
	cfg  Config
	fs   FS
	log  *zap.Logger
	id   ID
	lock io.Closer
	wake chan struct{} // capacity 1: the writer has something to look at
	done chan struct{} // closed when the writer has ended

	// The writer goroutine's own.
	w writer

	retaining sync.Mutex // held while segments are thrown away

	// Below: under mu, which is held for a few stores and never over I/O.
	mu       sync.Mutex
	next     uint64  // the number the next event gets
	pending  []entry // numbered, not yet taken by the writer
	bytes    int     // of everything numbered and not yet synced
	urgent   bool    // someone waits in Commit
	rest     rest
	promises []promise // of Commits that wait, by number
	closing  bool
	closed   bool // the writer has ended: nothing more will be synced
	short    bool // no room for a segment after the current one
	missing  Missing
	refused  uint64
	fault    error // of the last write, nil when it went well
	syncs    uint64
	synced   uint64        // every number up to here is safe or was never used
	changed  chan struct{} // closed and replaced when synced or closed change
	segments []*segment    // oldest first; the last one is being written to
}

// entry is one numbered event on its way to the disk.
type entry struct {
	seq     uint64
	payload []byte
}

// Status is the journal in one glance.
type Status struct {
	Next     uint64 // the number the next event gets
	Synced   uint64 // every number up to here is safe
	Oldest   uint64 // no number below it is kept
	Whole    uint64 // from here on nothing was thrown away
	Pending  int    // bytes that wait for the disk
	Refused  uint64 // events turned away since Open
	Syncs    uint64 // of the disk since Open
	Segments int
	Bytes    int64 // of all segments
	Short    bool  // no room for another segment: only essential events are taken
	Fault    error // of the last write; nil when it went well
}

// ID tells this journal from every other one.
func (j *Journal) ID() ID { return j.id }

// Append numbers the event and returns its number at once; the event is safe
// when Commit of that number returns nil. 0 means that it was turned away
// (ErrRefused) or that the journal is closed. The event must not be changed
// afterwards by way of its pointers before Append has returned, and may be
// after.
func (j *Journal) Append(ev acd.Event) uint64 {
	payload, err := encodeEvent(&ev, j.cfg.payloadLimit())
	if err != nil {
		j.log.Error("event can't be written", zap.String("kind", string(ev.Kind)), zap.Error(err))
	}

	j.mu.Lock()
	defer j.mu.Unlock()
	if j.closing {
		return 0
	}
	if err != nil || !j.room(ev.Kind, len(payload)) {
		j.turnAway(ev.Time)
		return 0
	}
	if j.missing.Events > 0 && !j.short {
		j.tellGap()
	}
	return j.number(payload)
}

// room says whether an event of n bytes may be taken now.
func (j *Journal) room(k acd.Kind, n int) bool {
	limit := j.cfg.MaxPending
	if j.cfg.Essential(k) {
		limit *= 2
	} else if j.short {
		return false
	}
	return j.bytes+n <= limit
}

func (j *Journal) turnAway(at time.Time) {
	j.refused++
	if j.missing.Events++; j.missing.Events > 1 {
		return
	}
	j.missing.Since = at
	j.missing.Why = "memory"
	if j.short {
		j.missing.Why = "space"
	}
}

// tellGap writes down how many events were turned away, before the first one
// that is taken again.
func (j *Journal) tellGap() {
	payload, err := encodeEvent(j.own(Gap, j.missing), j.cfg.payloadLimit())
	if err != nil || j.bytes+len(payload) > 2*j.cfg.MaxPending {
		return
	}
	j.missing = Missing{}
	j.number(payload)
}

// number gives the payload the next number and leaves it to the writer.
func (j *Journal) number(payload []byte) uint64 {
	seq := j.next
	j.next++
	j.pending = append(j.pending, entry{seq, payload})
	j.bytes += len(payload)
	if len(j.pending) == 1 {
		j.hasten() // of later ones the writer learns when it takes them all
	}
	return seq
}

func (j *Journal) poke() {
	select {
	case j.wake <- struct{}{}:
	default:
	}
}

// Commit waits until the event of that number, and so every one before it,
// survives a power cut. Number 0 is ErrRefused. A Commit that ends with ctx
// leaves the event on its way.
func (j *Journal) Commit(ctx context.Context, seq uint64) error {
	if seq == 0 {
		return ErrRefused
	}
	for {
		j.mu.Lock()
		switch {
		case seq <= j.synced:
			j.mu.Unlock()
			return nil
		case seq >= j.next:
			j.mu.Unlock()
			return ErrUnknown
		case j.closed:
			j.mu.Unlock()
			return ErrClosed
		}
		if !j.urgent {
			j.urgent = true
			j.hasten()
		}
		kept := j.await(seq)
		j.mu.Unlock()

		select {
		case <-kept:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// AppendSync is Append and Commit.
func (j *Journal) AppendSync(ctx context.Context, ev acd.Event) (uint64, error) {
	seq := j.Append(ev)
	if seq == 0 {
		j.mu.Lock()
		defer j.mu.Unlock()
		if j.closing {
			return 0, ErrClosed
		}
		return 0, ErrRefused
	}
	return seq, j.Commit(ctx, seq)
}

// Synced is the highest number that is safe.
func (j *Journal) Synced() uint64 {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.synced
}

// Status is for the operator; it costs little.
func (j *Journal) Status() Status {
	j.mu.Lock()
	defer j.mu.Unlock()
	s := Status{
		Next: j.next, Synced: j.synced, Oldest: j.next, Pending: j.bytes,
		Refused: j.refused, Syncs: j.syncs, Segments: len(j.segments),
		Short: j.short, Fault: j.fault,
	}
	if len(j.segments) > 0 {
		s.Oldest = j.segments[0].head.base
	}
	s.Whole = s.Oldest
	for i, seg := range j.segments {
		s.Bytes += seg.limit
		if seg.head.flags&flagCompacted != 0 && i+1 < len(j.segments) {
			s.Whole = j.segments[i+1].head.base
		}
	}
	return s
}

// Close writes and syncs what was appended, and gives the folder free. Events
// that a failing disk did not take within Config.CloseWithin are lost; the
// error then says so. Readers see what was synced and then io.EOF, followers
// ErrClosed. Calling it again is harmless.
func (j *Journal) Close() error {
	j.retaining.Lock()
	defer j.retaining.Unlock()
	j.mu.Lock()
	j.closing = true
	j.poke()
	j.mu.Unlock()
	<-j.done
	return j.w.closeErr
}
