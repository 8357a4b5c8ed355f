package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"go.uber.org/zap"

	"switchroom/acd"
	"switchroom/acd/journal"
)

// lookEvery is how often Run looks whether the file is still there while
// nothing happens.
const lookEvery = 5 * time.Second

// Run folds the journal into the file until ctx ends, and goes on after every
// failure. It returns nil.
func (s *Store) Run(ctx context.Context) error {
	defer s.drop()
	for ctx.Err() == nil {
		err := s.follow(ctx)
		if ctx.Err() != nil || errors.Is(err, journal.ErrClosed) {
			break
		}
		if err != nil {
			s.failed(err)
			pause(ctx, s.cfg.Retry)
		}
	}
	return nil
}

// failed notes why the fold does not get on, and logs it when it is news.
func (s *Store) failed(err error) {
	s.state.Lock()
	news := s.lastErr == nil || s.lastErr.Error() != err.Error()
	s.lastErr = err
	s.state.Unlock()
	if news {
		s.log.Error("projection stands still", zap.Error(err))
	}
}

func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}

// follow opens the file, made anew if need be, and folds until something
// fails, a rebuild is asked for or the file is gone.
func (s *Store) follow(ctx context.Context) error {
	defer s.drop()
	db, err := s.openOrMake(ctx)
	if err != nil {
		return err
	}
	s.mu.Lock()
	s.db = db
	s.mu.Unlock()
	s.reached(db.next, 0)

	r := s.cfg.Journal.Read(db.next)
	defer r.Close()
	found := db.next > 1 || s.cfg.Recordings == nil
	for {
		more, err := s.foldBatch(ctx, db, r)
		if err != nil {
			return err
		}
		if !more && !found {
			found = true
			if err := s.fillUp(ctx, db); err != nil {
				return err
			}
		}
		if s.asked() {
			return nil
		}
		if !db.there() {
			s.reached(1, 0)
			return nil
		}
		if more {
			continue
		}
		if err := s.await(ctx, r); err != nil {
			return err
		}
		// What happens in the same breath goes into one transaction: a
		// transaction for each call would cost several times its rows.
		if s.cfg.Gather > 0 {
			pause(ctx, s.cfg.Gather)
		}
	}
}

// await returns when there is something to do.
func (s *Store) await(ctx context.Context, r *journal.Reader) error {
	wait, cancel := context.WithTimeout(ctx, lookEvery)
	defer cancel()
	stop := make(chan struct{})
	defer close(stop)
	go func() {
		select {
		case <-s.poke:
			cancel()
		case <-stop:
		}
	}()
	err := r.Wait(wait)
	if err != nil && ctx.Err() == nil && wait.Err() != nil {
		return nil
	}
	return err
}

// asked says whether a rebuild is wanted.
func (s *Store) asked() bool {
	s.state.Lock()
	defer s.state.Unlock()
	return s.wanted > s.rebuilt
}

// drop stops asking the present file.
func (s *Store) drop() {
	s.mu.Lock()
	db := s.db
	s.db = nil
	s.mu.Unlock()
	if db != nil {
		db.close()
	}
}

// openOrMake opens the file; one that can't be gone on with is removed first.
func (s *Store) openOrMake(ctx context.Context) (*database, error) {
	j := s.cfg.Journal
	s.state.Lock()
	wanted, asked := s.wanted, s.wanted > s.rebuilt
	s.state.Unlock()
	if asked {
		if err := removeDatabase(s.cfg.Path); err != nil {
			return nil, err
		}
		s.reached(1, 0)
	}
	db, err := openDatabase(ctx, s.cfg.Path, j.ID(), j.Synced())
	if err != nil && unusable(err) {
		s.log.Warn("projection is made anew", zap.Error(err))
		if err := removeDatabase(s.cfg.Path); err != nil {
			return nil, err
		}
		db, err = openDatabase(ctx, s.cfg.Path, j.ID(), j.Synced())
	}
	if err != nil {
		return nil, err
	}
	s.state.Lock()
	s.rebuilt = wanted
	s.signal()
	s.state.Unlock()
	return db, nil
}

// unusable says whether the error lies in what the file holds, so that
// another try with the same file would end the same way.
func unusable(err error) bool {
	if errors.Is(err, errForm) {
		return true
	}
	text := err.Error()
	for _, sign := range []string{"(11)", "(26)", "malformed", "not a database"} { // CORRUPT, NOTADB
		if strings.Contains(text, sign) {
			return true
		}
	}
	return false
}

// fillUp adds the recordings on disk that the journal has not told of.
func (s *Store) fillUp(ctx context.Context, db *database) error {
	var batch []Recording
	added := 0
	flush := func() error {
		tx, err := db.write.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		defer tx.Rollback()
		f := newFold(ctx, tx)
		defer f.close()
		for _, r := range batch {
			if err := f.index(r, addRecording); err != nil {
				return err
			}
		}
		added += len(batch)
		batch = batch[:0]
		return tx.Commit()
	}
	err := s.cfg.Recordings(func(r Recording) error {
		if r.ID == "" {
			return nil
		}
		if batch = append(batch, r); len(batch) < s.cfg.Batch {
			return ctx.Err()
		}
		return flush()
	})
	if err != nil {
		return fmt.Errorf("store: recordings on disk: %w", err)
	}
	if err := flush(); err != nil {
		return err
	}
	s.log.Info("recordings on disk compared with the journal's", zap.Int("recordings", added))
	return nil
}

// foldBatch folds what is there, up to a batch, in one transaction. more says
// that the batch was full.
func (s *Store) foldBatch(ctx context.Context, db *database, r *journal.Reader) (more bool, err error) {
	ev, err := r.Next()
	if err == io.EOF {
		s.reached(r.Position(), 0)
		return false, nil
	}
	if err != nil {
		return false, err
	}
	tx, err := db.write.BeginTx(ctx, nil)
	if err != nil {
		return false, err
	}
	defer tx.Rollback()
	f := newFold(ctx, tx)
	defer f.close()
	n := 0
	for err == nil {
		if n++; n == s.cfg.Batch {
			more = true
		}
		if err := s.foldOne(f, &ev); err != nil {
			return false, err
		}
		if more {
			break
		}
		ev, err = r.Next()
	}
	if err != nil && err != io.EOF {
		return false, err
	}
	return more, s.commit(tx, f, r.Position())
}

// foldOne folds an event; one that makes no sense is passed over, or it would
// stop all that come after it.
func (s *Store) foldOne(f *fold, ev *acd.Event) error {
	err := f.event(ev)
	if errors.Is(err, errPoison) {
		f.poison++
		s.log.Error("event can't be projected", zap.Uint64("seq", ev.Seq), zap.String("kind", string(ev.Kind)), zap.Error(err))
		return nil
	}
	return err
}

func (s *Store) commit(tx *sql.Tx, f *fold, next uint64) error {
	if err := f.finish(next); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	s.reached(next, f.poison)
	return nil
}
