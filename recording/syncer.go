package recording

import (
	"context"
	"errors"
	"maps"
	"path"
	"slices"
	"time"

	"switchroom/media"
	"switchroom/recording/disk"
	"switchroom/recording/wav"

	"go.uber.org/zap"
)

// syncing is the syncer: once a second one sync for all that was written, and
// the JSON of what changed.
func (s *Store) syncing(ctx context.Context) {
	ticker := time.NewTicker(s.cfg.Sync)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		s.sync()
		s.measure()
		s.lookAtKeys()
	}
}

// draft is a JSON on its way: its recorder's draft lock is held.
type draft struct {
	r    *Recorder
	file disk.File
}

// sync makes durable what is written by now.
func (s *Store) sync() {
	s.mu.Lock()
	recorders := slices.Collect(maps.Values(s.open))
	dirs := slices.Sorted(maps.Keys(s.dirs))
	clear(s.dirs)
	s.mu.Unlock()

	s.shutting.RLock()
	var files []disk.File
	var safe []safeLength
	var firsts []disk.File
	for _, r := range recorders {
		if first := r.takeFirstMeta(); first != nil {
			firsts = append(firsts, first)
		}
		f := r.file.Load()
		if f == nil {
			continue
		}
		length := r.length.Load()
		files = append(files, f.File)
		safe = append(safe, safeLength{f.handle, length})
	}
	drafts, err := s.drafts(recorders)
	for _, d := range drafts {
		files = append(files, d.file)
	}
	files = append(append(files, firsts...), s.log.Files()...)
	if len(files)+len(dirs) == 0 {
		s.shutting.RUnlock()
		return
	}
	began := media.Now()
	err = errors.Join(err, s.files.Sync(files, dirs))
	s.stats.syncNs.Store(media.Now() - began)
	s.stats.syncs.Add(1)
	s.shutting.RUnlock()
	for _, f := range firsts {
		f.Close()
	}

	s.replace(drafts, err == nil)
	if err == nil {
		err = s.log.Synced()
	}
	if err != nil {
		s.stats.syncErrors.Add(1)
		s.alarms.set(SyncFailed, true, err.Error())
		s.unsynced(recorders, dirs)
		return
	}
	s.alarms.set(SyncFailed, false, "")
	s.mu.Lock()
	defer s.mu.Unlock()
	s.safe = append(s.safe, safe...)
}

// drafts writes the JSON of the recordings that changed.
func (s *Store) drafts(recorders []*Recorder) ([]draft, error) {
	var drafts []draft
	var errs []error
	for _, r := range recorders {
		r.draft.Lock()
		b, err := r.takeChanged()
		if b == nil {
			r.draft.Unlock()
			continue
		}
		var f disk.File
		if err == nil {
			f, err = writeDraft(s.files, r.name, b)
		}
		if err != nil {
			r.draft.Unlock()
			r.touch()
			errs = append(errs, err)
			continue
		}
		drafts = append(drafts, draft{r, f})
	}
	return drafts, errors.Join(errs...)
}

// takeChanged returns the JSON when it is to be written anew, else nil.
func (r *Recorder) takeChanged() ([]byte, error) {
	if r.sealing {
		return nil, nil
	}
	r.mu.Lock()
	changed := r.changed
	r.changed = false
	r.mu.Unlock()
	if !changed {
		return nil, nil
	}
	return encodeMeta(r.view())
}

// touch has the JSON written anew.
func (r *Recorder) touch() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.changed = true
}

// replace puts the synced drafts in place, or has them written again.
func (s *Store) replace(drafts []draft, synced bool) {
	for _, d := range drafts {
		err := d.file.Close()
		if synced && err == nil {
			err = s.files.Rename(d.r.name.draft(), d.r.name.meta())
		}
		d.r.draft.Unlock()
		if !synced || err != nil {
			d.r.touch()
		}
		s.touch(d.r.name.dir)
	}
}

// unsynced has the next sync cover the directories again, and tells in each
// recording's marks that the disk reported an error: the system may have
// dropped what it could not write, and reports that once only.
func (s *Store) unsynced(recorders []*Recorder, dirs []string) {
	for _, dir := range dirs {
		s.touch(dir)
	}
	for _, r := range recorders {
		r.touch()
		if r.file.Load() != nil && !r.tainted.Swap(true) {
			r.Mark(Mark{Kind: MarkSync, Who: CauseSystem})
		}
	}
}

// touch has the next sync cover a directory, and those above it the first time.
func (s *Store) touch(dir string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dirs[dir] = struct{}{}
	if _, known := s.days[dir]; known {
		return
	}
	s.days[dir] = struct{}{}
	for up := path.Dir(dir); ; up = path.Dir(up) {
		s.dirs[up] = struct{}{}
		if up == "." || up == "/" {
			return
		}
	}
}

// measure looks at the free space and sets the watermark's alarms.
func (s *Store) measure() {
	free, total, err := s.files.Free()
	if err != nil {
		s.zlog.Error("free space unknown", zap.Error(err))
		return
	}
	s.stats.free.Store(int64(free))
	s.stats.total.Store(int64(total))
	share := 100 * float64(free) / max(float64(total), 1)
	full := share < s.cfg.FreeMin || free < s.cfg.FreeMinOctets
	s.full.Store(full)
	s.alarms.set(DiskLow, share < s.cfg.FreeLow, "free space is low")
	s.alarms.set(DiskFull, full, "free space below the watermark: recordings are refused")
}

// watch raises the alarm of a writer that waits for the disk: it is not there
// to say so itself.
func (s *Store) watch(ctx context.Context) {
	const slow = time.Second
	ticker := time.NewTicker(slow)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		beat := s.beat.Load()
		s.alarms.set(Slow, beat != 0 && media.Now()-beat > int64(slow), "the writer waits for the disk")
	}
}

// abandon gives up a recording that has nowhere to go.
func (s *Store) abandon(r *Recorder) {
	r.closed.Store(true)
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.open, r.name.id)
	s.writing = slices.DeleteFunc(s.writing, func(o *Recorder) bool { return o == r })
}

// lengthOf returns the seconds of sound in a file of size octets.
func lengthOf(size int64, f wav.Format) float64 {
	return instants((size - int64(f.HeaderSize())) / int64(f.Block()))
}
