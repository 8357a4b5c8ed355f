package journal

import (
	"context"
	"io"
	"iter"

	"go.uber.org/zap"

	"switchroom/acd"
)

// Reader reads the journal from some number on, up to what is synced, and
// further as more is. It keeps a file open: Close it.
type Reader struct {
	j    *Journal
	next uint64 // the lowest number not read yet

	seg   *segment
	file  File
	sc    *scanner
	end   uint64 // numbers from here on belong to later segments
	after uint64 // base of the last segment read to its end
}

// Read gives a reader that begins with the event numbered from, or with the
// next one that is kept.
func (j *Journal) Read(from uint64) *Reader {
	return &Reader{j: j, next: max(from, 1)}
}

// Follow gives all events from a number on, and then each one as it becomes
// safe, until ctx ends or the journal is closed (ErrClosed). The last pair
// holds the error.
func (j *Journal) Follow(ctx context.Context, from uint64) iter.Seq2[acd.Event, error] {
	return func(yield func(acd.Event, error) bool) {
		r := j.Read(from)
		defer r.Close()
		for {
			ev, err := r.Next()
			if err == io.EOF {
				if err = r.Wait(ctx); err == nil {
					continue
				}
			}
			if !yield(ev, err) || err != nil {
				return
			}
		}
	}
}

// Next gives the next event. io.EOF says that everything that is safe now has
// been read; more may come. After another error the same event is tried again.
func (r *Reader) Next() (acd.Event, error) {
	for {
		rec, err := r.NextRecord()
		if err != nil {
			return acd.Event{}, err
		}
		ev, err := rec.Event()
		if err != nil { // whole, and yet no event: nothing will ever read it
			r.j.log.Error("journal holds an event that can't be read", zap.Uint64("seq", rec.Seq), zap.Error(err))
			continue
		}
		return ev, nil
	}
}

// Record is an event as it lies in the journal.
type Record struct {
	Seq     uint64
	Payload []byte // JSON; valid until the reader moves on
}

// Event decodes the record.
func (r Record) Event() (acd.Event, error) {
	return decodeEvent(record{seq: r.Seq, payload: r.Payload})
}

// NextRecord is Next for those who have no use for most events: it does not
// decode them.
func (r *Reader) NextRecord() (Record, error) {
	for {
		if r.sc == nil {
			if err := r.openSegment(); err != nil {
				return Record{}, err
			}
		}
		rec, err := r.sc.next()
		switch {
		case err == io.EOF:
			if !r.more() {
				return Record{}, io.EOF
			}
			continue
		case err != nil:
			return Record{}, err
		case rec.seq < r.next:
			continue
		case rec.seq >= r.end:
			r.leave()
			continue
		}
		r.next = rec.seq + 1
		if rec.form == formEvent {
			return Record{rec.seq, rec.payload}, nil
		}
	}
}

// Wait returns when Next has more to give, or when it never will (ErrClosed),
// or with ctx. Call it after io.EOF.
func (r *Reader) Wait(ctx context.Context) error {
	for {
		r.j.mu.Lock()
		more, closed, changed := r.j.synced >= r.next, r.j.closed, r.j.changed
		r.j.mu.Unlock()
		if more {
			return nil
		}
		if closed {
			return ErrClosed
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Position is the lowest number that Next has not given yet.
func (r *Reader) Position() uint64 { return r.next }

// Close gives the reader's file back.
func (r *Reader) Close() error {
	if r.file == nil {
		return nil
	}
	err := r.file.Close()
	r.seg, r.file, r.sc = nil, nil, nil
	return err
}

// openSegment finds the segment with the next number in it and opens it.
func (r *Reader) openSegment() error {
	for {
		r.j.mu.Lock()
		seg, limit, end := r.pick()
		if seg == nil {
			r.next = max(r.next, r.j.synced+1)
			r.j.mu.Unlock()
			return io.EOF
		}
		r.j.mu.Unlock()
		f, err := r.j.fs.Open(seg.name)
		if err == nil {
			r.seg, r.file, r.sc, r.end = seg, f, newScanner(f, seg.head, limit), end
			return nil
		}
		if r.j.holds(seg) {
			return err
		}
		// Removed meanwhile: there is another one to pick.
	}
}

// pick gives the last segment that can hold the next number, but none that
// was read before, with the end of what may be read of it and the number at
// which the one after it begins. Under mu.
func (r *Reader) pick() (found *segment, limit int64, end uint64) {
	end = ^uint64(0)
	for _, seg := range r.j.segments {
		if seg.head.base <= r.after {
			continue
		}
		if found != nil && seg.head.base > r.next {
			end = seg.head.base
			break
		}
		found = seg
	}
	if found == nil {
		return nil, 0, end
	}
	return found, found.limit, end
}

// holds says whether the segment is still the journal's.
func (j *Journal) holds(seg *segment) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, s := range j.segments {
		if s == seg {
			return true
		}
	}
	return false
}

// more goes on at the end of what could be read: to what was synced since, or
// to the next segment. False when there is neither.
func (r *Reader) more() bool {
	r.j.mu.Lock()
	limit := r.seg.limit
	segs := r.j.segments
	last := len(segs) == 0 || segs[len(segs)-1].head.base <= r.seg.head.base
	if last && limit <= r.sc.end {
		r.next = max(r.next, r.j.synced+1)
	}
	r.j.mu.Unlock()
	if limit > r.sc.end {
		r.sc.end = limit
		return true
	}
	if last {
		return false
	}
	r.leave()
	return true
}

// leave ends the reading of the current segment.
func (r *Reader) leave() {
	r.after = r.seg.head.base
	r.Close()
}
