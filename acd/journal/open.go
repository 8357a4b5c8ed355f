package journal

import (
	"fmt"
	"time"

	"go.uber.org/zap"
)

// Open makes the journal ready for appending, after it has repaired what a
// crash left. It fails when the folder can't be read or another process has
// it (ErrLocked); never for what lies in the folder.
func Open(cfg Config) (*Journal, error) {
	cfg = cfg.withDefaults()
	fs := cfg.FS
	if fs == nil {
		var err error
		if fs, err = Disk(cfg.Dir); err != nil {
			return nil, err
		}
	}
	lock, err := fs.Lock(lockName)
	if err != nil {
		return nil, fmt.Errorf("journal: open: %w", err)
	}
	if total, err := fs.Total(); err == nil {
		cfg = cfg.fitted(total)
	}
	spare, spareErr := adoptSpare(fs, cfg.SegmentBytes)
	found, err := recoverFolder(fs, spareErr != nil)
	if err != nil {
		if spareErr == nil {
			spare.Close()
		}
		lock.Close()
		return nil, err
	}

	j := &Journal{
		cfg: cfg, fs: fs, log: cfg.Log, id: found.id, lock: lock,
		wake: make(chan struct{}, 1), done: make(chan struct{}),
		next: found.next, synced: found.next - 1, short: spareErr != nil,
		changed: make(chan struct{}), rest: rest{alarm: time.NewTimer(time.Hour)}, segments: found.segments,
	}
	j.w = writer{
		spare: spare, spareTried: time.Now(), retry: cfg.Retry,
		seg: found.resume.seg, file: found.resume.file, off: found.resume.off, room: found.resume.room,
	}
	if found.repair.any() {
		j.log.Warn("journal repaired", zap.Any("repair", found.repair))
		j.Append(*j.own(Repaired, found.repair))
	}
	if j.short {
		j.log.Error("no room for the journal's next segment: only call records are kept", zap.Error(spareErr))
	}
	go j.run()
	return j, nil
}

// adoptSpare takes over the spare segment of the last run, or makes one. On a
// full disk the old one is the only one there is, whatever its size.
func adoptSpare(fs FS, bytes int64) (File, error) {
	f, err := fs.Open(spareName)
	if err == nil {
		size, err := f.Size()
		if err == nil && size >= segmentMin && (f.Allocate(max(size, bytes)) == nil || f.Allocate(size) == nil) {
			return f, nil
		}
		f.Close()
	}
	return makeSpare(fs, bytes)
}
