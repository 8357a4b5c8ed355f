package store

import (
	"context"
	"errors"
	"io"
	"time"

	"go.uber.org/zap"

	"switchroom/acd/journal"
)

// lookEvery is how often Run looks whether the database is still there while
// nothing happens.
const lookEvery = 5 * time.Second

// Run folds the journal into the database until ctx ends, and goes on after
// every failure. It returns nil.
func (s *Store) Run(ctx context.Context) error {
	defer s.drop()
	for ctx.Err() == nil {
		err := s.follow(ctx)
		if errors.Is(err, journal.ErrClosed) {
			break
		}
		if err != nil && ctx.Err() == nil {
			s.failed(err)
			pause(ctx, s.cfg.Retry, s.poke)
		}
	}
	return nil
}

// pause waits for d, or for somebody who is in a hurry.
func pause(ctx context.Context, d time.Duration, hurry chan struct{}) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-hurry:
	case <-t.C:
	}
}

// follow opens the database, made anew if need be, and folds until something
// fails, a rebuild is asked for or the database is gone.
func (s *Store) follow(ctx context.Context) error {
	defer s.drop()
	db, err := s.openOrMake(ctx)
	if err != nil {
		return err
	}
	f := newFold(s.live, func(seq uint64) bool { return s.refused[seq] })
	if err := f.load(ctx, db); err != nil {
		return errors.Join(err, db.close())
	}
	s.tally.Lock()
	if s.today != nil && s.today.next != db.next {
		s.today = nil // what it has counted is not what the tables hold
	}
	s.tally.Unlock()
	s.mu.Lock()
	s.db = db
	s.mu.Unlock()
	s.reached(db.next, 0)

	r := s.cfg.Journal.Read(db.next)
	defer r.Close()
	found := db.next > 1 || s.cfg.Recordings == nil
	for {
		more, err := s.foldBatch(ctx, db, f, r)
		if err != nil {
			return err
		}
		if !more && !found {
			found = true
			if err := s.fillUp(ctx, db); err != nil {
				return err
			}
		}
		if !more && s.building.CompareAndSwap(true, false) {
			s.log.Info("projection is made", zap.Uint64("next", db.next))
			s.reached(r.Position(), 0)
		}
		if s.asked() {
			return nil
		}
		if !db.there() {
			s.building.Store(true)
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
			pause(ctx, s.cfg.Gather, s.hurry)
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

// drop stops asking the present database.
func (s *Store) drop() {
	s.mu.Lock()
	db := s.db
	s.db = nil
	s.mu.Unlock()
	if db == nil {
		return
	}
	if err := db.close(); err != nil {
		s.log.Warn("database not closed", zap.Error(err))
	}
}

// openOrMake opens the database; one that can't be gone on with is made anew.
func (s *Store) openOrMake(ctx context.Context) (*database, error) {
	j := s.cfg.Journal
	s.state.Lock()
	wanted, asked := s.wanted, s.wanted > s.rebuilt
	s.state.Unlock()
	db, err := openDatabase(ctx, &s.cfg, j.ID(), j.Synced())
	switch {
	case err == nil && asked:
		err = errors.Join(db.wipe(ctx), db.close())
	case err != nil && s.unusable(err):
		s.log.Warn("projection is made anew", zap.Error(err))
		err = s.wipe(ctx)
	case asked && errors.Is(err, errForeign): // by an administrator's word
		err = s.wipe(ctx)
	case err != nil:
		return nil, err
	default:
		return db, nil
	}
	if err != nil {
		return nil, err
	}
	s.building.Store(true)
	s.reached(1, 0)
	if db, err = openDatabase(ctx, &s.cfg, j.ID(), j.Synced()); err != nil {
		return nil, err
	}
	s.state.Lock()
	s.rebuilt = wanted
	s.moved()
	s.state.Unlock()
	return db, nil
}

// unusable says whether the error lies in what the database holds, so that
// another try with the same would end the same way.
func (s *Store) unusable(err error) bool {
	if s.cfg.URL != "" {
		return judgePostgres(err) == broken
	}
	return judgeSQLite(err) == broken
}

// wipe takes the tables away without having been able to open them.
func (s *Store) wipe(ctx context.Context) error {
	if s.cfg.URL == "" {
		return removeSQLite(s.cfg.Path)
	}
	db, err := openPostgres(ctx, s.cfg.URL)
	if err != nil {
		return err
	}
	return errors.Join(db.wipe(ctx), db.close())
}

// foldBatch folds what is there, up to a batch, in one transaction. more says
// that the batch was full.
func (s *Store) foldBatch(ctx context.Context, db *database, f *fold, r *journal.Reader) (more bool, err error) {
	f.begin(db.next)
	size := s.cfg.Batch
	if db.next < s.careful {
		size = 1
	}
	n := 0
	for ; n < size; n++ {
		rec, err := r.NextRecord()
		if err == io.EOF {
			break
		}
		if err != nil {
			return false, err
		}
		s.foldOne(f, rec)
	}
	next := r.Position()
	if n == 0 {
		s.reached(next, 0)
		return false, nil
	}
	b := f.finish(next)
	if err := s.commit(ctx, db, b); err != nil {
		if db.judge(err) == refused {
			return false, s.isolate(b, err)
		}
		return false, err
	}
	return n == size, nil
}

// foldOne folds an event; one that makes no sense is passed over, or it would
// stop all that come after it.
func (s *Store) foldOne(f *fold, rec journal.Record) {
	if err := f.take(rec); err != nil {
		f.batch.poison++
		s.log.Error("event can't be projected", zap.Uint64("seq", rec.Seq), zap.Error(err))
	}
}

// isolate finds the event of a batch that the database does not take: one by
// one they are tried again, and the one that fails alone is passed over.
func (s *Store) isolate(b *batch, err error) error {
	if b.next-b.from == 1 || b.from < s.careful {
		for seq := b.from; seq < b.next; seq++ {
			s.refused[seq] = true
		}
		return err
	}
	s.careful = b.next
	return err
}

// commit writes a batch, and tells those who watch. Queries see its rows at the
// moment at which its calls are no longer live.
func (s *Store) commit(ctx context.Context, db *database, b *batch) error {
	ctx, cancel := context.WithTimeout(ctx, s.cfg.Within)
	defer cancel()
	err := b.commit(ctx, db, func(commit func() error) error {
		s.commits.Lock()
		defer s.commits.Unlock()
		if err := commit(); err != nil {
			return err
		}
		s.tally.Lock()
		defer s.tally.Unlock()
		s.live.committed(b.next)
		if s.today != nil {
			s.today.take(b)
		}
		return nil
	})
	if err != nil {
		return err
	}
	db.next = b.next
	s.reached(b.next, b.poison)
	return nil
}
