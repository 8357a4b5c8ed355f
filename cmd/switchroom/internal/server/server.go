package server

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net"
	"os"
	"path/filepath"
	"time"

	"switchroom/acd/api"
	"switchroom/acd/exchange"
	"switchroom/acd/journal"
	"switchroom/acd/store"
	"switchroom/acd/webhook"
	"switchroom/configs"
	"switchroom/recording"

	"github.com/google/uuid"
	"go.uber.org/zap"
	"golang.org/x/sync/errgroup"
)

// Args are what a switch is started with.
type Args struct {
	// Load reads the configuration, at the start and for every reload.
	Load    func() (*configs.Config, error)
	Version string // the program's
	Log     *zap.Logger
}

// Server is an open switch: its sockets are bound and nobody is served before
// Run.
type Server struct {
	log        *zap.Logger
	journal    *journal.Journal
	recordings *recording.Store
	store      *store.Store
	exchange   *exchange.Exchange
	listener   net.Listener
	webhooks   *webhook.Set
	api        *api.Server
}

// Open makes a switch ready. What a crash cut off is mended first.
func Open(ctx context.Context, args Args) (*Server, error) {
	cfg, err := args.Load()
	if err != nil {
		return nil, err
	}
	for _, w := range cfg.Warnings {
		args.Log.Warn("configuration", zap.String("warning", w.String()))
	}
	if err := os.MkdirAll(cfg.Data, 0o700); err != nil {
		return nil, fmt.Errorf("server: data folder: %w", err)
	}
	s := &Server{log: args.Log}
	if err := s.open(ctx, cfg, args); err != nil {
		if s.exchange != nil {
			err = errors.Join(err, s.exchange.Close())
		}
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

func (s *Server) open(ctx context.Context, cfg *configs.Config, args Args) error {
	boot := uuid.Must(uuid.NewV7()).String()
	var err error
	s.journal, err = journal.Open(journal.Config{Dir: filepath.Join(cfg.Data, "journal"), Share: 20 * time.Millisecond, Log: args.Log.Named("journal")})
	if err != nil {
		return fmt.Errorf("server: journal: %w", err)
	}
	dialogs, err := s.mend(ctx, cfg, boot)
	if err != nil {
		return err
	}
	agents, err := exchange.RecoverAgents(s.journal)
	if err != nil {
		return err
	}
	s.exchange, err = exchange.New(cfg, exchange.Parts{Agents: agents, Journal: s.journal, Recordings: s.recordings, Log: args.Log.Named("acd"),
		Load: args.Load, Boot: boot, CutOff: dialogs, Reloaded: func() { s.webhooks.Reload() }, Program: args.Version})
	if err != nil {
		return err
	}
	for _, a := range s.recordings.Alarms() { // what stood before there was anybody to tell
		s.exchange.Alarm(a)
	}
	s.store = store.New(indexConfig(cfg, s.journal, s.recordings, args.Log))
	if err := s.openWebhooks(cfg); err != nil {
		return err
	}
	if s.listener, err = net.Listen("tcp", cfg.HTTP.Listen); err != nil {
		return fmt.Errorf("server: http.listen: %w", err)
	}
	return s.openAPI(cfg, args)
}

// mend opens what a crash may have left unfinished: recordings are closed,
// calls get the records they lack. It returns the dialogs that are still up at
// their peers.
func (s *Server) mend(ctx context.Context, cfg *configs.Config, boot string) ([]exchange.Dialog, error) {
	dir := filepath.Join(cfg.Data, "recordings")
	files, err := soundDisk(dir)
	if err != nil {
		return nil, fmt.Errorf("server: recordings: %w", err)
	}
	s.recordings, err = recording.Open(recording.Config{
		Dir: dir, Files: files, Keys: filepath.Join(cfg.Data, "keys"),
		EncryptTo: cfg.Recording.Encryption.Recipients, EncryptFile: cfg.Recording.Encryption.File,
		Archive: cfg.Recording.Archive.Format, ArchiveAfter: cfg.Recording.Archive.After,
		ArchiveShare: float64(cfg.Recording.Archive.CPU) / 100,
		Archived:     s.archived, // not before Run, as Sealed
		FreeLow:      percent(cfg.Recording.FreeAlarm), FreeMin: percent(cfg.Recording.FreeRefuse),
		Sealed: func(m recording.Meta) { s.exchange.Sealed(m) }, // not before Run, and so not without an exchange
		Alarm: func(a recording.Alarm) {
			if s.exchange != nil {
				s.exchange.Alarm(a)
			}
		},
	}, s.log.Named("recording"))
	if err != nil {
		return nil, fmt.Errorf("server: recordings: %w", err)
	}
	cut, err := s.recordings.Recover(ctx)
	if err != nil {
		return nil, fmt.Errorf("server: closing recordings that were cut off: %w", err)
	}
	last := uint64(0)
	for _, m := range cut {
		if last, err = exchange.NoteSealed(s.journal, boot, m); err != nil {
			return nil, fmt.Errorf("server: recording %s: %w", m.ID, err)
		}
	}
	if last > 0 {
		if err := s.journal.Commit(ctx, last); err != nil { // one sync for all of them
			return nil, fmt.Errorf("server: recordings that were cut off: %w", err)
		}
	}
	left, err := exchange.Recover(ctx, s.journal, boot, func(id string) bool {
		_, err := s.recordings.Kept(id)
		return !errors.Is(err, recording.ErrNotFound)
	})
	if err != nil {
		return nil, err
	}
	if len(cut)+len(left.Records) > 0 {
		s.log.Warn("mended what the last run left unfinished", zap.Int("recordings", len(cut)), zap.Int("calls", len(left.Records)))
	}
	return left.Dialogs, nil
}

// percent is a watermark; for the recordings 0 would be the default, and not
// never.
func percent(n int) float64 { return max(float64(n), math.SmallestNonzeroFloat64) }

// URL is where the API is served.
func (s *Server) URL() string { return "http://" + s.listener.Addr().String() }

// Exchange is the switch's core, for those who stop and reload it.
func (s *Server) Exchange() *exchange.Exchange { return s.exchange }

// Run serves until ctx ends and everything has drained. The exchange goes
// first, then what keeps its records, and the API last, so that a drain can be
// watched to its end.
func (s *Server) Run(ctx context.Context) error {
	behind, stopBehind := context.WithCancel(context.WithoutCancel(ctx))
	defer stopBehind()
	var g errgroup.Group
	g.Go(func() error { return s.ended(behind, "index", s.store.Run(behind)) })
	g.Go(func() error { return s.ended(behind, "webhooks", s.webhooks.Run(behind)) })
	g.Go(func() error { s.sweepJournal(behind); return nil })
	g.Go(func() error { return s.ended(behind, "api", s.serveAPI(behind)) })
	g.Go(func() error { s.sweeping(behind); return nil })
	recorder, stopRecorder := context.WithCancel(context.WithoutCancel(ctx))
	defer stopRecorder()
	recorded := make(chan error, 1)
	go func() { recorded <- s.ended(recorder, "recordings", s.recordings.Run(recorder)) }()
	err := s.exchange.Run(ctx)
	stopRecorder()
	err = errors.Join(err, <-recorded)
	stopBehind()
	return errors.Join(err, g.Wait(), s.close())
}

// ended tells at once of a room that ended before its time: calls go on
// without it, and Run returns the error only when they are over.
func (s *Server) ended(ctx context.Context, room string, err error) error {
	if ctx.Err() == nil {
		s.log.Error("a room has ended, calls go on without it", zap.String("room", room), zap.Error(err))
	}
	return err
}

// close gives back what open took, in the opposite order.
func (s *Server) close() error {
	var err error
	if s.listener != nil {
		if e := s.listener.Close(); e != nil && !errors.Is(e, net.ErrClosed) {
			err = errors.Join(err, e)
		}
	}
	if s.recordings != nil {
		err = errors.Join(err, s.recordings.Close())
	}
	if s.journal != nil {
		err = errors.Join(err, s.journal.Close())
	}
	return err
}
