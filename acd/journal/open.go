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
	found, err := recoverFolder(fs)
	if err != nil {
		lock.Close()
		return nil, err
	}

	j := &Journal{
		cfg: cfg, fs: fs, log: cfg.Log, id: found.id, lock: lock,
		wake: make(chan struct{}, 1), done: make(chan struct{}),
		next: found.next, synced: found.next - 1,
		changed: make(chan struct{}), segments: found.segments,
	}
	j.w = writer{timer: time.NewTimer(time.Hour), retry: cfg.Retry}
	j.adoptSpare()
	if found.repair.any() {
		j.log.Warn("journal repaired", zap.Any("repair", found.repair))
		j.Append(*j.own(Repaired, found.repair))
	}
	go j.run()
	return j, nil
}

// adoptSpare takes over the spare segment of the last run, or makes one. On a
// full disk the old one is the only one there is.
func (j *Journal) adoptSpare() {
	f, err := j.fs.Open(spareName)
	if err == nil {
		size, sizeErr := f.Size()
		if sizeErr == nil && size == j.cfg.SegmentBytes && f.Allocate(size) == nil {
			j.w.spare = f
			return
		}
		f.Close()
	}
	j.keepSpare()
}
