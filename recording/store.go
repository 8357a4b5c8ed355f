package recording

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"sync"
	"sync/atomic"
	"time"

	"switchroom/media"
	"switchroom/recording/calendar"
	"switchroom/recording/disk"
	"switchroom/recording/ledger"
	"switchroom/recording/tail"

	"go.uber.org/zap"
)

// Store keeps recordings below one directory. At most one process may have a
// directory open.
type Store struct {
	// Constant after Open.
	cfg    Config
	files  disk.Files
	zlog   *zap.Logger
	alarms alarms
	ledger *ledger.Ledger
	book   sync.Mutex // guards ledger and custody: the sealer writes it, and whoever holds or deletes

	keyring keyring

	wordsMax int // recordings whose last words are kept at a time

	custody  *custody   // nil until it was asked for
	delivery sync.Mutex // one Deliver at a time

	dating   sync.Mutex // guards calendar; taken before book
	calendar calendar.State

	log *tail.Log // the writer's, but for what tail says others may call

	full  atomic.Bool  // below the watermark
	beat  atomic.Int64 // media.Now at the writer's last look; 0 while it rests
	stats counters

	mu      sync.Mutex
	open    map[string]*Recorder // started and not yet sealed
	writing []*Recorder          // the writer's
	dirs    map[string]struct{}  // whose entries changed since the last sync
	days    map[string]struct{}  // directories whose parents were synced
	safe    []safeLength         // what the last sync made safe, for the writer to note
	ended   []uint32             // handles sealed, for the writer to note
	toSeal  []*Recorder
	closed  bool

	sealKick chan struct{}
	begun    chan struct{} // holds a token when a recording began
	// shutting is held shared while a sync uses the open files, exclusively
	// while one is closed.
	shutting sync.RWMutex
}

type safeLength struct {
	handle uint32
	length int64
}

// Open opens the store below cfg.Dir and makes it, and its signing key, when
// missing. Nothing is written of a recording before Run.
func Open(cfg Config, log *zap.Logger) (*Store, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	files := cfg.Files
	if files == nil {
		if files, err = disk.Open(cfg.Dir); err != nil {
			return nil, fmt.Errorf("recording: %w", err)
		}
	}
	_, _, number, _, err := tail.Read(files)
	if err != nil {
		return nil, fmt.Errorf("recording: %w", err)
	}
	book, err := ledger.Open(files, cfg.Keys, cfg.Now)
	if err != nil {
		return nil, fmt.Errorf("recording: %w", err)
	}
	s := &Store{
		cfg: cfg, files: files, zlog: log, ledger: book, log: tail.New(files, number),
		alarms:   alarms{now: cfg.Now, tell: cfg.Alarm},
		open:     make(map[string]*Recorder),
		dirs:     make(map[string]struct{}),
		days:     make(map[string]struct{}),
		sealKick: make(chan struct{}, 1),
		begun:    make(chan struct{}, 1),
		wordsMax: wordsMax,
		keyring:  keyring{literal: cfg.EncryptTo, file: cfg.EncryptFile},
	}
	s.lookAtKeys()
	s.measure()
	if _, err := s.Clocks(); err != nil {
		log.Error("calendar not kept", zap.Error(err))
	}
	return s, nil
}

// Start begins the recording of the call m.ID, a UUIDv7. Its time line begins
// now; m.Started, when zero, is the wall clock's now. m.Format may hint at the
// format the call will need (ulaw, alaw, pcm16); without it the sound decides.
//
// Errors: ErrID, ErrExists, ErrDiskFull, ErrNoKey, ErrClosed.
func (s *Store) Start(m Meta) (*Recorder, error) { return s.startAt(m, media.Now()) }

// startAt is Start with a time line that begins at a moment of media.Now.
func (s *Store) startAt(m Meta, begin int64) (*Recorder, error) {
	n, ok := nameOf(m.ID)
	if !ok {
		return nil, ErrID
	}
	if s.full.Load() {
		s.stats.refused.Add(1)
		return nil, ErrDiskFull
	}
	if f, err := s.files.Open(n.meta()); err == nil {
		f.Close()
		return nil, fmt.Errorf("%w: %s", ErrExists, n.id)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("recording: start: %w", err)
	}
	r := s.newRecorder(n, m, begin)
	if s.keyring.on() {
		keys := s.keyring.keys.Load()
		if keys == nil {
			s.stats.refused.Add(1)
			return nil, ErrNoKey
		}
		r.tape.keys, r.meta.Encryption = keys, &Encryption{Scheme: vaultScheme, Recipients: keys.Names}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, ErrClosed
	}
	if s.open[n.id] != nil {
		return nil, fmt.Errorf("%w: %s", ErrExists, n.id)
	}
	s.open[n.id] = r
	s.writing = append(s.writing, r)
	select {
	case s.begun <- struct{}{}:
	default:
	}
	return r, nil
}

func (s *Store) newRecorder(n name, m Meta, begin int64) *Recorder {
	m = m.clone()
	m.Sealed, m.Length, m.Size, m.SHA256, m.Root, m.Chunks, m.Cause, m.Encryption = false, 0, 0, "", "", nil, "", nil
	if m.CallID == "" {
		m.CallID = m.ID
	}
	if m.Started.IsZero() {
		m.Started = s.cfg.Now()
	}
	m.Started = m.Started.UTC().Truncate(time.Millisecond)
	if len(m.Segments) == 0 && m.Agent != "" {
		m.Segments = []Segment{{Agent: m.Agent, AgentName: m.AgentName, Site: m.Site}}
	}
	return &Recorder{store: s, name: n, start: begin, ring: newRing(s.cfg.Ring), meta: m}
}

// Run writes, syncs, seals and, if so configured, archives until ctx ends; recordings still open are then
// stopped with cause system. It returns after all of them were sealed, or,
// with an error, when the disk did not let it: the next start's Recover
// finishes those. Call it once.
func (s *Store) Run(ctx context.Context) error {
	s.prepare()
	var workers, writer sync.WaitGroup
	work, stopWork := context.WithCancel(context.WithoutCancel(ctx))
	defer stopWork()
	writer.Go(func() { s.write(ctx) })
	workers.Go(func() { s.syncing(work) })
	workers.Go(func() { s.sealing(work) })
	workers.Go(func() { s.watch(work) })
	workers.Go(s.readCustody)
	if s.cfg.Archive == FormFLAC {
		workers.Go(func() { s.archiving(work) })
	}
	writer.Wait()
	stopWork()
	workers.Wait()
	return s.finish()
}

// prepare begins the tail log. That the disk does not take it is an alarm like
// any other failed write, and no reason not to take calls.
func (s *Store) prepare() {
	if err := s.log.Begin(); err != nil {
		s.alarms.set(WriteFailed, true, err.Error())
	}
	s.touch(".")
}

// finish closes what Run used.
func (s *Store) finish() error {
	s.mu.Lock()
	left := len(s.open)
	s.mu.Unlock()
	err := errors.Join(s.noteEnded(), s.log.End())
	if left > 0 {
		err = errors.Join(fmt.Errorf("recording: %d recordings left to the next start", left), err)
	}
	return err
}

// noteEnded writes to the tail log what the sealer finished after the writer's
// last look.
func (s *Store) noteEnded() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, h := range s.ended {
		s.log.Close(h)
	}
	s.ended = s.ended[:0]
	return s.log.Flush()
}

// Close releases the directory, after Run has returned.
func (s *Store) Close() error {
	_, err := s.Clocks()
	return errors.Join(err, s.ledger.Close(), s.files.Close())
}
