package server

import (
	"context"
	"errors"
	"io"
	"net"

	"switchroom/acd/api"
	"switchroom/acd/report"
	"switchroom/configs"
	"switchroom/recording"
)

// openAPI makes the API over the rooms that are open.
func (s *Server) openAPI(cfg *configs.Config, args Args) error {
	fallback, err := tokens(cfg)
	if err != nil {
		return err
	}
	s.api, err = api.New(api.Config{
		Switch: watched{s.exchange, s.recordings}, Records: s.store, Journal: s.journal,
		Tokens: func() []configs.Token {
			if t := s.exchange.Config().HTTP.Tokens; len(t) > 0 {
				return t
			}
			return fallback
		},
		Level:    s.level,
		Audio:    s.audio,
		Custody:  custody{s},
		Stamp:    s.exchange.Stamp,
		Samples:  s.samples,
		Webhooks: s.webhooks.Status,
		Version:  args.Version,
		Log:      s.log.Named("api"),
	})
	return err
}

func (s *Server) serveAPI(ctx context.Context) error {
	err := s.api.Serve(ctx, s.listener)
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// level is what a queue's service level is judged by.
func (s *Server) level(queue string) report.Level {
	for _, q := range s.exchange.Config().Queues {
		if q.ID == queue {
			return report.Level{Within: q.ServiceLevel.Within, Short: report.ShortAbandon, Target: q.ServiceLevel.Target}
		}
	}
	return report.Level{Short: report.ShortAbandon}
}

// audio opens the sound of a recording.
func (s *Server) audio(id string) (io.ReadSeekCloser, error) {
	sound, _, err := s.recordings.Audio(id)
	if err != nil {
		return nil, refused(err)
	}
	return sound, nil
}

// watched is the exchange with the recordings' part of the invariants.
type watched struct {
	api.Switch
	recordings *recording.Store
}

func (w watched) Invariants() api.Invariants {
	v := w.Switch.Invariants()
	v.Recordings = w.recordings.Stats().Open
	return v
}
