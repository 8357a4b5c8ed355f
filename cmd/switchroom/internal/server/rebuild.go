package server

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"switchroom/acd/journal"
	"switchroom/acd/store"
	"switchroom/configs"
	"switchroom/recording"

	"go.uber.org/zap"
)

// ErrRunning says that a switch has the data folder open.
var ErrRunning = errors.New("server: a switch runs on this data folder")

// Rebuild says how an index was made anew.
type Rebuild struct {
	Events uint64
	Took   time.Duration
}

// RebuildIndex makes the index anew from the journal and the recordings, for a
// switch that is down: ErrRunning when it is not. Without force it refuses to
// when the journal does not hold everything any more. progress is told now and
// then how many events are to go.
func RebuildIndex(ctx context.Context, cfg *configs.Config, force bool, progress func(left uint64), log *zap.Logger) (_ Rebuild, err error) {
	j, err := journal.Open(journal.Config{Dir: filepath.Join(cfg.Data, "journal"), Log: log.Named("journal")})
	if errors.Is(err, journal.ErrLocked) {
		return Rebuild{}, ErrRunning
	}
	if err != nil {
		return Rebuild{}, fmt.Errorf("server: journal: %w", err)
	}
	defer func() { err = errors.Join(err, j.Close()) }()
	if whole := j.Status().Whole; whole > 1 && !force {
		return Rebuild{}, fmt.Errorf("the journal has thrown away entries before number %d: agents' times and decisions of then "+
			"would be lost, and call records older than the journal; --force does it all the same", whole)
	}
	tapes, err := recording.Open(recording.Config{Dir: filepath.Join(cfg.Data, "recordings"), Keys: filepath.Join(cfg.Data, "keys")}, log.Named("recording"))
	if err != nil {
		return Rebuild{}, fmt.Errorf("server: recordings: %w", err)
	}
	defer func() { err = errors.Join(err, tapes.Close()) }()

	s := store.New(indexConfig(cfg, j, tapes, log))
	running, stop := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		s.Run(running)
	}()
	defer func() { stop(); <-ended }()
	began := time.Now()
	done := make(chan error, 1)
	go func() { done <- s.Rebuild(running) }()
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case err := <-done:
			return Rebuild{Events: j.Synced(), Took: time.Since(began)}, err
		case <-tick.C:
			st := s.Status()
			if st.Fault != nil {
				return Rebuild{}, fmt.Errorf("server: index: %w", st.Fault)
			}
			progress(st.Behind)
		}
	}
}

// indexConfig is how the index is kept.
func indexConfig(cfg *configs.Config, j *journal.Journal, tapes *recording.Store, log *zap.Logger) store.Config {
	return store.Config{Path: filepath.Join(cfg.Data, "switchroom.db"), URL: cfg.Database, Journal: j,
		Recordings: onDisk(tapes), Gather: 2 * time.Second, Log: log.Named("store")}
}
