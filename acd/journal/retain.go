package journal

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"go.uber.org/zap"

	"switchroom/acd"
)

// compactName is a segment that is being rewritten.
const compactName = "compact"

// Retention says for how long what is kept. Zero durations mean for ever.
type Retention struct {
	All     time.Duration       // every event
	Records time.Duration       // what Keep chooses, at least as long as All
	Keep    func(acd.Kind) bool // default: the essential kinds of Config

	// Needed is the lowest number that some reader has not had; 0: none waits.
	// A segment with it or a higher one in it stays Patience longer than the
	// times above, and then goes all the same.
	Needed   uint64
	Patience time.Duration
}

// Swept is what Retain did, in segments.
type Swept struct {
	Removed   int
	Compacted int
	Held      int // too old, and kept for a reader
	Unread    int // removed or compacted although a reader had not had all of it
}

// Unread says that segments went before a reader had them; Detail is the
// Swept, Reason how far the reader was.
const Unread acd.Kind = "journal.unread"

// Calendar says whether the wall clock can be trusted with throwing things
// away: only after it has gone along with the monotonic clock for a day. A
// clock that was set makes it wait for another day.
type Calendar struct {
	wall time.Time // of the first reading that all later ones agree with
	mono time.Duration
	last time.Duration
}

const (
	trustAfter = 24 * time.Hour
	driftMax   = time.Minute // a day's slewing by NTP is less
)

// Trusts takes a reading of both clocks.
func (c *Calendar) Trusts(now acd.Instant) bool {
	drift := now.Wall.Sub(c.wall) - (now.Mono - c.mono)
	if c.wall.IsZero() || drift.Abs() > driftMax || now.Mono < c.last {
		c.wall, c.mono = now.Wall.Round(0), now.Mono
	}
	c.last = now.Mono
	return now.Mono-c.mono >= trustAfter
}

// Retain throws away what is older than the policy wants, by whole segments:
// those of which all is too old are removed or rewritten without what need
// not be kept. Numbers stay. A clock that the calendar does not trust yet
// throws nothing away. It takes as long as it takes to read and write those
// segments; appending goes on meanwhile. Not more than one at a time.
func (j *Journal) Retain(ctx context.Context, p Retention, c *Calendar, now acd.Instant) (Swept, error) {
	var all Swept
	if p.Keep == nil {
		p.Keep = j.cfg.Essential
	}
	if !c.Trusts(now) {
		return all, nil
	}
	j.retaining.Lock()
	defer j.retaining.Unlock()
	for i, seg := range j.sealed() {
		if err := ctx.Err(); err != nil {
			return all, err
		}
		if err := j.retainOne(seg, i == all.Removed, p, now.Wall.Sub(seg.until), &all); err != nil {
			return all, fmt.Errorf("journal: retain %s: %w", seg.name, err)
		}
	}
	if all.Unread > 0 {
		ev := j.own(Unread, all)
		ev.Reason = fmt.Sprintf("a reader still needed number %d", p.Needed)
		j.Append(*ev)
		j.log.Error("journal segments went before a reader had them", zap.Int("segments", all.Unread), zap.Uint64("needed", p.Needed))
	}
	return all, nil
}

// retainOne judges one segment. Only the oldest there is is ever removed, so
// that what is kept has no gap.
func (j *Journal) retainOne(seg aged, oldest bool, p Retention, age time.Duration, all *Swept) error {
	remove := p.Records > 0 && age > max(p.Records, p.All) && oldest
	compact := p.All > 0 && age > p.All && seg.head.flags&flagCompacted == 0
	if !remove && !compact {
		return nil
	}
	if p.Needed > 0 && j.end(seg.segment) > p.Needed {
		limit := p.All
		if remove {
			limit = max(p.Records, p.All)
		}
		if age <= limit+p.Patience {
			all.Held++
			return nil
		}
		all.Unread++
	}
	if remove {
		all.Removed++
		return j.removeSegment(seg.segment)
	}
	all.Compacted++
	return j.compact(seg.segment, p.Keep)
}

// aged is a sealed segment and the time at which the one after it began.
type aged struct {
	*segment
	until time.Time
}

// sealed gives the segments that are not written to any more.
func (j *Journal) sealed() []aged {
	j.mu.Lock()
	defer j.mu.Unlock()
	var all []aged
	for i := 0; i+1 < len(j.segments) && !j.closing; i++ {
		all = append(all, aged{j.segments[i], j.segments[i+1].head.created})
	}
	return all
}

func (j *Journal) removeSegment(seg *segment) error {
	j.replace(seg, nil)
	if err := j.fs.Remove(seg.name); err != nil {
		return err
	}
	j.log.Info("journal segment removed", zap.String("segment", seg.name))
	return j.fs.Sync()
}

// replace puts another segment in the place of one; nil: none.
func (j *Journal) replace(old, new *segment) {
	j.mu.Lock()
	defer j.mu.Unlock()
	var all []*segment
	for _, s := range j.segments {
		switch {
		case s != old:
			all = append(all, s)
		case new != nil:
			all = append(all, new)
		}
	}
	j.segments = all
}

// compact rewrites a segment with the kinds to be kept. Until the new file is
// whole and synced the old one is what counts.
func (j *Journal) compact(seg *segment, keep func(acd.Kind) bool) error {
	in, err := j.fs.Open(seg.name)
	if err != nil {
		return err
	}
	defer in.Close()
	if err := j.fs.Remove(compactName); err == nil {
		j.log.Info("journal segment half rewritten was removed")
	}
	out, err := j.fs.Create(compactName)
	if err != nil {
		return err
	}
	defer out.Close()
	next := &segment{name: seg.name, head: newHeader(seg.head.base, j.id)}
	next.head.created, next.head.flags = seg.head.created, seg.head.flags|flagCompacted
	next.limit, err = copyKept(out, next.head, newScanner(in, seg.head, seg.limit), j.end(seg), keep)
	if err == nil {
		err = out.Sync()
	}
	if err != nil {
		return errors.Join(err, j.fs.Remove(compactName))
	}
	if err := j.fs.Rename(compactName, seg.name); err != nil {
		return err
	}
	j.replace(seg, next)
	j.log.Info("journal segment compacted", zap.String("segment", seg.name), zap.Int64("before", seg.limit), zap.Int64("after", next.limit))
	return j.fs.Sync()
}

// end is the number at which the segment after this one begins.
func (j *Journal) end(seg *segment) uint64 {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, s := range j.segments {
		if s.head.base > seg.head.base {
			return s.head.base
		}
	}
	return j.next
}

// copyKept writes the header and the records that are kept, and says where
// they end. What can't be understood is kept.
func copyKept(out File, h header, sc *scanner, end uint64, keep func(acd.Kind) bool) (int64, error) {
	if err := h.write(out); err != nil {
		return 0, err
	}
	off := int64(dataOffset)
	var buf []byte
	flush := func() error {
		_, err := out.WriteAt(buf, off)
		off += int64(len(buf))
		buf = buf[:0]
		return err
	}
	for {
		r, err := sc.next()
		if err == io.EOF || err == nil && r.seq >= end {
			break
		}
		if err != nil {
			return 0, err
		}
		if ev, err := decodeEvent(r); err == nil && r.form == formEvent && !keep(ev.Kind) {
			continue
		}
		r.durable = r.seq - 1
		buf = appendRecord(buf, r, h.salt)
		if len(buf) >= scanBytes {
			if err := flush(); err != nil {
				return 0, err
			}
		}
	}
	err := flush()
	return off, err
}
