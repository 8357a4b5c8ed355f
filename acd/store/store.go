package store

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"go.uber.org/zap"

	"switchroom/acd/journal"
)

var (
	// ErrUnavailable says that there is no database to ask now.
	ErrUnavailable = errors.New("store: not available now")

	// ErrBuilding is the ErrUnavailable of a database that is being made anew.
	ErrBuilding = fmt.Errorf("%w: it is being made anew", ErrUnavailable)

	// ErrNotFound says that no such thing is known.
	ErrNotFound = errors.New("store: not found")

	// ErrCursor says that a cursor was not one of ours.
	ErrCursor = errors.New("store: not a cursor")

	// ErrOrder says that nothing is sorted that way.
	ErrOrder = errors.New("store: not an order")
)

// Config says what is projected where. Zero fields take the defaults.
type Config struct {
	Path    string // of the SQLite file
	URL     string // of a PostgreSQL database; set: it is used instead of the file
	Journal *journal.Journal

	// Recordings walks over the metadata of all finished recordings on disk.
	// A database that is made anew is filled up with those that the journal
	// does not know any more. nil: the journal alone.
	Recordings func(yield func(Recording) error) error

	// Batch is how many events one transaction folds at most; default 5000.
	Batch int

	// Gather is how long what has just happened may be unknown to the
	// database, so that more of it goes into one transaction; a query does not
	// wait for it. Default not at all.
	Gather time.Duration

	// Retry is the pause after a failure; default 1 s.
	Retry time.Duration

	// Within is how long a transaction or a query may take; default 25 s.
	Within time.Duration

	Log *zap.Logger
}

func (c Config) withDefaults() Config {
	if c.Batch <= 0 {
		c.Batch = 5000
	}
	if c.Retry <= 0 {
		c.Retry = time.Second
	}
	if c.Within <= 0 {
		c.Within = 25 * time.Second
	}
	if c.Log == nil {
		c.Log = zap.NewNop()
	}
	return c
}

// Store is the projection of one journal.
type Store struct {
	cfg  Config
	log  *zap.Logger
	live *live

	// mu guards which database is asked: it is held for reading during a
	// query and for writing while the database is replaced.
	mu sync.RWMutex
	db *database // nil: none

	// commits is held while a batch is committed, and while a query takes its
	// snapshot of tables and live calls together.
	commits sync.Mutex

	// tally guards today (nil: nobody has asked), and that a finished call is
	// either among the live ones or counted. Nothing blocks under it.
	tally sync.Mutex
	today *today

	building atomic.Bool // the tables are made anew, and don't hold everything yet

	refused map[uint64]bool // events that the database does not take; Run's own
	careful uint64          // up to here one event a transaction; Run's own

	state   sync.Mutex // guards what follows
	next    uint64     // the lowest number not folded yet
	folded  time.Time  // when next last moved
	since   time.Time  // when lastErr began; zero: there is none
	lastErr error
	poison  uint64        // events that could not be folded
	wanted  uint64        // rebuilds asked for
	rebuilt uint64        // of those, how many were begun
	changed chan struct{} // closed and replaced when next moves
	poke    chan struct{} // capacity 1: Run is to look at wanted
	hurry   chan struct{} // capacity 1: somebody asks and wants the newest
}

// New gives a store that answers once Run works.
func New(cfg Config) *Store {
	cfg = cfg.withDefaults()
	return &Store{cfg: cfg, log: cfg.Log, live: newLive(), refused: map[uint64]bool{},
		changed: make(chan struct{}), poke: make(chan struct{}, 1), hurry: make(chan struct{}, 1)}
}

// Status is the projection in one glance.
type Status struct {
	Database string        // sqlite or postgres
	Next     uint64        // the lowest event not folded yet
	Behind   uint64        // events that are safe in the journal and not folded yet
	Lag      time.Duration // for how long it has been behind
	Poison   uint64        // events that made no sense and were passed over
	Fault    error         // why it does not get on; nil when it does
	Since    time.Time     // when the fault began
	Building bool          // it is made anew, and queries have to wait for it
}

// Status may be called at any time.
func (s *Store) Status() Status {
	safe := s.cfg.Journal.Synced()
	s.state.Lock()
	defer s.state.Unlock()
	st := Status{Database: sqliteDialect.name, Next: s.next, Poison: s.poison, Fault: s.lastErr, Since: s.since, Building: s.building.Load() || s.wanted > s.rebuilt}
	if s.cfg.URL != "" {
		st.Database = postgresDialect.name
	}
	if safe >= s.next {
		st.Behind = safe - max(s.next, 1) + 1
		if !s.folded.IsZero() {
			st.Lag = time.Since(s.folded)
		}
	}
	return st
}

// Renew has the tables thrown away and made again from the whole journal, and
// from the recordings on disk. Until that is done there is nothing to ask. It
// returns at once; Run must be running.
func (s *Store) Renew() { s.renew() }

func (s *Store) renew() (mine uint64) {
	s.state.Lock()
	s.wanted++
	mine = s.wanted
	s.state.Unlock()
	signal(s.poke)
	return mine
}

// Rebuild is Renew, and waits for its end.
func (s *Store) Rebuild(ctx context.Context) error {
	mine := s.renew()
	if err := s.until(ctx, func() bool { return s.rebuilt >= mine }); err != nil {
		return err
	}
	return s.CaughtUp(ctx, s.cfg.Journal.Synced())
}

// CaughtUp waits until the event of that number and all before it are folded,
// and may be asked for.
func (s *Store) CaughtUp(ctx context.Context, seq uint64) error {
	return s.until(ctx, func() bool { return s.next > seq && !s.building.Load() })
}

// until waits for a condition on what state guards.
func (s *Store) until(ctx context.Context, met func() bool) error {
	for {
		s.state.Lock()
		done, changed := met(), s.changed
		s.state.Unlock()
		if done {
			return nil
		}
		signal(s.hurry)
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// freshFor bounds how long a query waits for what happened before it was
// asked. A fold that is far behind or stands still is not waited for.
const freshFor = 300 * time.Millisecond

// fresh lets a query see what its asker may know of already.
func (s *Store) fresh(ctx context.Context) {
	safe := s.cfg.Journal.Synced()
	s.state.Lock()
	behind, stuck := s.next <= safe, s.lastErr != nil || s.next+uint64(s.cfg.Batch) < safe
	s.state.Unlock()
	if !behind || stuck {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, freshFor)
	defer cancel()
	_ = s.CaughtUp(ctx, safe) // else with what is there
}

// signal tells a channel of capacity 1 that there is something to look at.
func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// reached notes how far the fold has come.
func (s *Store) reached(next uint64, poison uint64) {
	s.state.Lock()
	recovered := s.lastErr != nil
	s.next, s.folded = next, time.Now()
	s.poison += poison
	s.lastErr, s.since = nil, time.Time{}
	s.moved()
	s.state.Unlock()
	if recovered {
		s.log.Info("projection gets on again")
	}
}

// failed notes why the fold does not get on, and logs it when it is news.
func (s *Store) failed(err error) {
	s.state.Lock()
	news := s.lastErr == nil || s.lastErr.Error() != err.Error()
	if s.lastErr == nil {
		s.since = time.Now()
	}
	s.lastErr = err
	s.state.Unlock()
	if news {
		s.log.Error("projection stands still", zap.Error(err))
	}
}

// moved wakes all who wait for a change. Under state.
func (s *Store) moved() {
	close(s.changed)
	s.changed = make(chan struct{})
}
