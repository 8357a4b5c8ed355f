package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"switchroom/acd"
	"switchroom/acd/api"
	"switchroom/acd/store"
	"switchroom/configs"
	"switchroom/recording"

	"go.uber.org/zap"
)

// custody lets the API keep and delete recordings, and writes into the journal
// what became of them.
type custody struct {
	*Server
}

func (c custody) Kept(id string) (api.Kept, error) {
	k, err := c.recordings.Kept(id)
	if err != nil {
		return api.Kept{}, refused(err)
	}
	out := api.Kept{Form: k.Form, Size: k.Size, SHA256: k.SHA256}
	h, held, err := c.recordings.Held(id)
	if err != nil {
		return api.Kept{}, err
	}
	if held {
		out.Hold = &api.Hold{Who: h.Who, Why: h.Why, At: api.Moment(h.At)}
	}
	return out, nil
}

func (c custody) File(id string) (io.ReadSeekCloser, api.Kept, error) {
	f, k, err := c.recordings.File(id)
	if err != nil {
		return nil, api.Kept{}, refused(err)
	}
	return f, api.Kept{Form: k.Form, Size: k.Size, SHA256: k.SHA256}, nil
}

func (c custody) Hold(ctx context.Context, id, client, who, why string) error {
	if err := c.recordings.LegalHold(id, who, why); err != nil {
		return refused(err)
	}
	return c.journalHold(ctx, acd.RecordingHeld, id, client, who, why)
}

func (c custody) Release(ctx context.Context, id, client, who, why string) error {
	if err := c.recordings.Release(id, who, why); err != nil {
		return refused(err)
	}
	return c.journalHold(ctx, acd.RecordingReleased, id, client, who, why)
}

func (c custody) journalHold(ctx context.Context, kind acd.Kind, id, client, who, why string) error {
	detail, err := json.Marshal(map[string]string{"who": who})
	if err != nil {
		return err
	}
	return c.note(ctx, acd.Event{Kind: kind, Call: id, Client: client, Reason: why, Detail: detail})
}

func (c custody) Erase(ctx context.Context, id, who, why string) (store.Deletion, error) {
	cert, err := c.recordings.Erase(id, who, why)
	if err != nil {
		return store.Deletion{}, refused(err)
	}
	d := store.Deletion{ID: cert.ID, Client: cert.Client, Root: cert.Root, Rule: cert.Rule, Who: cert.Who, At: cert.At}
	return d, c.deliver(ctx)
}

func (c custody) TrustClock(context.Context) (time.Time, error) {
	d, err := c.recordings.TrustClock()
	return d.Calendar, err
}

// archived writes down that a recording's file has another form now.
func (s *Server) archived(m recording.Meta, k recording.Kept) {
	detail, err := json.Marshal(map[string]any{"id": m.ID, "size": k.Size, "sha256": k.SHA256})
	if err != nil {
		s.log.Error("archived recording cannot be written down", zap.String("call", m.CallID), zap.Error(err))
		return
	}
	ev := acd.Event{Kind: acd.RecordingArchived, Call: m.CallID, Client: m.Client, Queue: m.Queue, Reason: k.Form, Detail: detail}
	s.exchange.Stamp(&ev)
	s.journal.Append(ev)
}

// refused turns the recordings' refusals into the API's.
func refused(err error) error {
	switch {
	case errors.Is(err, recording.ErrNotFound):
		return api.ErrNotFound
	case errors.Is(err, recording.ErrHeld):
		return fmt.Errorf("%w: a legal hold lies on the recording; it is lifted first", api.ErrConflict)
	case errors.Is(err, recording.ErrEncrypted):
		return fmt.Errorf("%w: the recording is encrypted for the owners of keys that the switch does not have; "+
			"its file is at /file, and `switchroom recordings export --identity KEYFILE` opens it", api.ErrConflict)
	case errors.Is(err, recording.ErrOpen):
		return fmt.Errorf("%w: the call is still being recorded", api.ErrConflict)
	}
	return err
}

// note writes an entry into the journal, safe when it returns.
func (s *Server) note(ctx context.Context, ev acd.Event) error {
	s.exchange.Stamp(&ev)
	_, err := s.journal.AppendSync(ctx, ev)
	return err
}

// deliver writes the certificates that the journal does not have yet.
func (s *Server) deliver(ctx context.Context) error {
	return s.recordings.Deliver(func(cert recording.Certificate) error {
		detail, err := json.Marshal(cert)
		if err != nil {
			return err
		}
		return s.note(ctx, acd.Event{Kind: acd.RecordingDeleted, Call: cert.ID, Client: cert.Client, Reason: cert.Rule, Detail: detail})
	})
}

// sweepFirst is how long after the start recordings are first looked at.
const sweepFirst = 10 * time.Second

// sweeping deletes what is past its time, again and again until ctx ends.
func (s *Server) sweeping(ctx context.Context) {
	timer := time.NewTimer(min(sweepFirst, s.exchange.Config().Recording.Sweep))
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		cfg := s.exchange.Config()
		before := s.recordings.Stats().Deleted
		if err := s.sweep(ctx, cfg); err != nil && ctx.Err() == nil {
			s.log.Error("recordings' retention could not be applied", zap.Error(err))
		}
		if n := s.recordings.Stats().Deleted - before; n > 0 {
			s.log.Info("recordings deleted, past their retention", zap.Uint64("recordings", n))
		}
		timer.Reset(cfg.Recording.Sweep)
	}
}

func (s *Server) sweep(ctx context.Context, cfg *configs.Config) error {
	shortest := cfg.Recording.Retention
	for _, c := range cfg.Clients {
		if c.Retention > 0 {
			shortest = min(shortest, c.Retention)
		}
	}
	for _, q := range cfg.Queues {
		if q.Retention > 0 {
			shortest = min(shortest, q.Retention)
		}
	}
	err := s.recordings.Expire(ctx, recording.Retention{Keep: cfg.Kept, Shortest: shortest, Delay: cfg.Recording.DeletionDelay})
	return errors.Join(err, s.deliver(ctx))
}
