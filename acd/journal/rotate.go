package journal

import (
	"fmt"
	"time"

	"go.uber.org/zap"
)

// beginSegment makes the spare the current segment and a new spare after it.
// The segment's name is durable before its first record is written.
func (j *Journal) beginSegment(base uint64) error {
	if j.w.spare == nil {
		spare, err := makeAnySpare(j.fs, j.cfg.SegmentBytes)
		if err != nil {
			return err
		}
		j.w.spare = spare
	}
	file := j.w.spare
	room, err := file.Size()
	if err != nil {
		return fmt.Errorf("journal: begin segment: %w", err)
	}
	j.w.spare = nil // whatever happens below, it is not one any more

	head := newHeader(base, j.id)
	name := segmentName(base)
	err = head.write(file)
	if err == nil {
		err = file.Sync()
	}
	if err == nil {
		err = j.fs.Rename(spareName, name)
	}
	if err == nil {
		err = j.fs.Sync()
	}
	if err != nil {
		file.Close()
		return fmt.Errorf("journal: begin segment: %w", err)
	}
	j.w.file, j.w.off, j.w.room = file, dataOffset, room
	j.w.seg = &segment{name: name, head: head, limit: dataOffset}
	j.mu.Lock()
	if n := len(j.segments); n > 0 && j.segments[n-1].name == name {
		j.segments = j.segments[: n-1 : n-1] // abandoned before it held anything; replaced
	}
	j.segments = append(j.segments, j.w.seg)
	j.mu.Unlock()
	j.keepSpare()
	return nil
}

// seal ends the current segment, whose records are all synced. It gives back
// the room that was not used, but for the last segment that a full disk has:
// the next run goes on in that one.
func (j *Journal) seal() {
	if j.w.spare != nil {
		err := j.w.file.Truncate(j.w.off)
		if err == nil {
			err = j.w.file.Sync()
		}
		if err != nil {
			j.log.Warn("journal segment not trimmed", zap.Error(err))
		}
	}
	j.w.file.Close()
	j.w.seg, j.w.file = nil, nil
}

// abandon leaves the current segment after a failed write. What a failed sync
// left in it can't be trusted, not even after another sync that succeeds: the
// kernel may have dropped the pages. All that was not acknowledged is written
// again, to a new segment, whose first number ends this one.
func (j *Journal) abandon(err error) {
	j.mu.Lock()
	first := j.fault == nil
	j.fault = err
	j.mu.Unlock()
	if first {
		j.log.Error("journal can't write", zap.Error(err))
	}
	if j.w.seg == nil {
		return
	}
	if err := j.w.file.Truncate(j.w.seg.limit); err != nil {
		j.log.Warn("journal segment not trimmed", zap.Error(err))
	}
	j.w.file.Close()
	j.w.seg, j.w.file = nil, nil
}

// keepSpare makes the spare segment if there is room for it, and notes when
// there is not.
func (j *Journal) keepSpare() {
	spare, err := makeSpare(j.fs, j.cfg.SegmentBytes)
	j.w.spare, j.w.spareTried = spare, time.Now()
	short := err != nil
	j.mu.Lock()
	changed := j.short != short
	j.short = short
	j.mu.Unlock()
	switch {
	case changed && short:
		j.log.Error("no room for the journal's next segment: only call records are kept", zap.Error(err))
	case changed:
		j.log.Info("room for the journal's next segment again")
	}
}

// makeAnySpare is makeSpare when there is no segment left at all: then a
// small one is better than none.
func makeAnySpare(fs FS, bytes int64) (File, error) {
	for {
		f, err := makeSpare(fs, bytes)
		if err == nil || bytes == segmentMin {
			return f, err
		}
		bytes = max(bytes/4, segmentMin)
	}
}

// makeSpare allocates a segment's room under the spare's name.
func makeSpare(fs FS, bytes int64) (File, error) {
	f, err := fs.Create(spareName)
	if err != nil { // a torn one of an earlier run or try
		fs.Remove(spareName)
		if f, err = fs.Create(spareName); err != nil {
			return nil, fmt.Errorf("journal: make spare segment: %w", err)
		}
	}
	err = f.Allocate(bytes)
	if err == nil {
		err = f.Sync()
	}
	if err != nil {
		f.Close()
		fs.Remove(spareName)
		return nil, fmt.Errorf("journal: make spare segment: %w", err)
	}
	return f, nil
}
