package store

import (
	"context"
	"errors"
	"sync"
	"time"

	"go.uber.org/zap"

	"switchroom/acd/journal"
)

var (
	// ErrUnavailable says that there is no database to ask now.
	ErrUnavailable = errors.New("store: not available now")

	// ErrNotFound says that no such thing is known.
	ErrNotFound = errors.New("store: not found")

	// ErrCursor says that a cursor was not one of ours.
	ErrCursor = errors.New("store: not a cursor")
)

// Config says what is projected where. Zero fields take the defaults.
type Config struct {
	Path    string // of the SQLite file
	Journal *journal.Journal

	// Recordings walks over the metadata of all finished recordings on disk.
	// A file that is made anew is filled up with those that the journal does
	// not know any more. nil: the journal alone.
	Recordings func(yield func(Recording) error) error

	// Batch is how many events one transaction folds at most; default 2000.
	Batch int

	// Gather is how long what has just happened may be unknown to the file, so
	// that more of it goes into one transaction; default not at all.
	Gather time.Duration

	// Retry is the pause after a failure; default 1 s.
	Retry time.Duration

	Log *zap.Logger
}

// Store is the projection of one journal.
type Store struct {
	cfg Config
	log *zap.Logger

	// mu guards which database is asked: it is held for reading during a
	// query and for writing while the file is replaced.
	mu sync.RWMutex
	db *database // nil: none

	state   sync.Mutex // guards what follows
	next    uint64     // the lowest number not folded yet
	lastErr error
	poison  uint64        // events that could not be folded
	wanted  uint64        // rebuilds asked for
	rebuilt uint64        // of those, how many were begun
	changed chan struct{} // closed and replaced when next moves
	poke    chan struct{} // capacity 1: Run is to look at wanted
}

// New gives a store that answers once Run works.
func New(cfg Config) *Store {
	if cfg.Batch <= 0 {
		cfg.Batch = 2000
	}
	if cfg.Retry <= 0 {
		cfg.Retry = time.Second
	}
	if cfg.Log == nil {
		cfg.Log = zap.NewNop()
	}
	return &Store{cfg: cfg, log: cfg.Log, changed: make(chan struct{}), poke: make(chan struct{}, 1)}
}

// Status is the projection in one glance.
type Status struct {
	Next   uint64 // the lowest event not folded yet
	Behind uint64 // events that are safe in the journal and not folded yet
	Poison uint64 // events that made no sense and were passed over
	Fault  error  // why it does not get on; nil when it does
}

// Status may be called at any time.
func (s *Store) Status() Status {
	safe := s.cfg.Journal.Synced()
	s.state.Lock()
	defer s.state.Unlock()
	st := Status{Next: s.next, Poison: s.poison, Fault: s.lastErr}
	if safe >= s.next {
		st.Behind = safe - max(s.next, 1) + 1
	}
	return st
}

// Rebuild throws the file away and waits until it has been made again from
// the whole journal. Run must be running.
func (s *Store) Rebuild(ctx context.Context) error {
	s.state.Lock()
	s.wanted++
	mine := s.wanted
	s.state.Unlock()
	select {
	case s.poke <- struct{}{}:
	default:
	}
	for {
		s.state.Lock()
		begun, changed := s.rebuilt >= mine, s.changed
		s.state.Unlock()
		if begun {
			break
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return s.CaughtUp(ctx, s.cfg.Journal.Synced())
}

// CaughtUp waits until the event of that number and all before it are folded.
func (s *Store) CaughtUp(ctx context.Context, seq uint64) error {
	for {
		s.state.Lock()
		done, changed := s.next > seq, s.changed
		s.state.Unlock()
		if done {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// reached notes how far the fold has come.
func (s *Store) reached(next uint64, poison uint64) {
	s.state.Lock()
	defer s.state.Unlock()
	s.next = next
	s.poison += poison
	s.lastErr = nil
	s.signal()
}

// signal wakes all who wait for a change. Under state.
func (s *Store) signal() {
	close(s.changed)
	s.changed = make(chan struct{})
}
