package journal

import (
	"fmt"
	"time"

	"go.uber.org/zap"
)

// spareEvery is how often a missing spare segment is tried again.
const spareEvery = time.Second

// writer is the state of the writer goroutine; nobody else touches it while
// that runs.
type writer struct {
	seg   *segment // being written to; nil: the next write begins one
	file  File     // of seg
	off   int64    // end of what was written to it
	room  int64    // its size: no write goes beyond
	spare File     // the next segment; nil when there was no room for one
	buf   []byte   // records of one write
	idle  []entry  // an emptied batch, for its memory

	spareTried time.Time     // when a spare was last made, or could not be
	retry      time.Duration // pause after the next failure
	giveUp     time.Time     // once closing: when to stop trying
	closeErr   error         // read after done is closed
}

// run is the life of the writer goroutine.
func (j *Journal) run() {
	defer close(j.done)
	for {
		batch, ok := j.collect()
		if !ok {
			break
		}
		if left := j.commit(batch); left > 0 {
			j.w.closeErr = fmt.Errorf("%w: %d events lost", ErrClosed, left)
			break
		}
	}
	j.finish()
}

// collect waits until it is time for a sync and takes all that is pending.
// False when the journal is closing and nothing is left.
func (j *Journal) collect() (batch []entry, ok bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for {
		now := time.Now()
		until := now.Add(time.Hour)
		switch {
		case len(j.pending) > 0 && (j.closing || !j.due().After(now)):
			batch, j.pending = j.pending, j.w.idle
			j.urgent = false
			return batch, true
		case j.closing:
			return nil, false
		case len(j.pending) > 0:
			until = j.due()
		case j.w.spare == nil:
			until = now.Add(spareEvery)
		}
		j.sleep(until)
		if j.w.spare == nil && time.Since(j.w.spareTried) >= spareEvery {
			j.mu.Unlock()
			j.keepSpare()
			j.mu.Lock()
		}
	}
}

// commit makes the batch durable, however often that takes. It gives up only
// when the journal is closing, and says how many entries were left then.
func (j *Journal) commit(batch []entry) (left int) {
	rest := batch
	for len(rest) > 0 {
		n, err := j.write(rest)
		if err != nil {
			j.abandon(err)
			if !j.pause() {
				return len(rest)
			}
			continue
		}
		j.advance(rest[:n])
		rest = rest[n:]
	}
	clear(batch)
	j.w.idle = batch[:0]
	if j.w.spare == nil && time.Since(j.w.spareTried) >= spareEvery {
		j.keepSpare()
	}
	return 0
}

// write puts as many entries as fit into the current segment and syncs them.
func (j *Journal) write(batch []entry) (n int, err error) {
	w := &j.w
	if w.seg != nil && w.off+recordBytes(len(batch[0].payload)+20) > w.room {
		j.seal()
	}
	if w.seg == nil {
		if err := j.beginSegment(batch[0].seq); err != nil {
			return 0, err
		}
	}
	w.buf = w.buf[:0]
	durable := j.Synced()
	var payload []byte
	for _, e := range batch {
		payload = appendNumbered(payload[:0], e)
		if n > 0 && w.off+int64(len(w.buf))+recordBytes(len(payload)) > w.room {
			break
		}
		w.buf = appendRecord(w.buf, record{e.seq, durable, formEvent, payload}, w.seg.head.salt)
		n++
	}
	if _, err := w.file.WriteAt(w.buf, w.off); err != nil {
		return 0, fmt.Errorf("journal: write segment: %w", err)
	}
	if err := w.file.Sync(); err != nil {
		return 0, fmt.Errorf("journal: sync segment: %w", err)
	}
	w.off += int64(len(w.buf))
	if cap(w.buf) > payloadMax {
		w.buf = nil // one large burst must not hold its memory for ever
	}
	return n, nil
}

// advance tells everybody that the entries are safe.
func (j *Journal) advance(done []entry) {
	j.w.retry = j.cfg.Retry
	j.mu.Lock()
	j.rest.last = time.Now()
	for _, e := range done {
		j.bytes -= len(e.payload)
	}
	recovered := j.fault != nil
	j.fault = nil
	j.synced = done[len(done)-1].seq
	j.w.seg.limit = j.w.off
	j.syncs++
	j.signal()
	j.mu.Unlock()
	if recovered {
		j.log.Info("journal writes again")
	}
}

// signal wakes all who wait for a change. Under mu.
func (j *Journal) signal() {
	j.keep()
	close(j.changed)
	j.changed = make(chan struct{})
}

// pause waits before the next try. False when the journal is closing and has
// tried long enough.
func (j *Journal) pause() bool {
	until := time.Now().Add(j.w.retry)
	j.w.retry = min(2*j.w.retry, 2*time.Second)
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		j.mu.Lock()
		closing := j.closing
		j.mu.Unlock()
		now := time.Now()
		if closing {
			if j.w.giveUp.IsZero() {
				j.w.giveUp = now.Add(j.cfg.CloseWithin)
			}
			if !now.Before(j.w.giveUp) {
				return false
			}
		}
		if !now.Before(until) {
			return true
		}
		timer.Reset(until.Sub(now))
		select {
		case <-j.wake:
		case <-timer.C:
		}
	}
}

// finish ends the journal's life.
func (j *Journal) finish() {
	if j.w.seg != nil {
		j.seal()
	}
	if j.w.spare != nil {
		j.w.spare.Close()
	}
	j.mu.Lock()
	j.rest.alarm.Stop()
	j.closed = true
	j.signal()
	j.mu.Unlock()
	if err := j.lock.Close(); err != nil {
		j.log.Warn("journal lock not given back", zap.Error(err))
	}
}
