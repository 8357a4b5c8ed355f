package api

import (
	"context"
	"io"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"

	"switchroom/acd"
	"switchroom/acd/journal"
	"switchroom/acd/report"
	"switchroom/acd/store"
	"switchroom/acd/webhook"
	"switchroom/configs"
)

// Config is what the interface is made of. Zero fields that are not called
// necessary may stay so.
type Config struct {
	Switch  Switch           // necessary
	Records Records          // necessary
	Journal *journal.Journal // necessary

	// Tokens are those of the configuration in force; asked for at every
	// request. Necessary.
	Tokens func() []configs.Token

	// Level is the service level by which a queue is judged today.
	Level func(queue string) report.Level

	// Audio opens the sound of a recording or ErrNotFound (fs.ErrNotExist
	// serves as well).
	Audio func(id string) (io.ReadSeekCloser, error)

	// Custody keeps and deletes recordings; nil: there are no such routes.
	Custody Custody

	// Stamp fills in time, monotonic time and boot of audit entries; by
	// default the wall clock alone.
	Stamp func(*acd.Event)

	// Webhooks are those of the configuration and how far they are.
	Webhooks func() []webhook.Status

	// Samples are further Prometheus series, read at every scrape.
	Samples func() []Sample

	// Collectors are registered beside the interface's own.
	Collectors []prometheus.Collector

	// Version of the program, for the OpenAPI document.
	Version string

	// Location is where days begin; default the machine's zone.
	Location *time.Location

	Log *zap.Logger
}

// Records is the past, as *store.Store knows it.
type Records interface {
	CDRs(context.Context, store.Filter) (store.Page[acd.CDR], error)
	CDR(ctx context.Context, id string) (acd.CDR, error)
	Recordings(context.Context, store.Filter) (store.Page[store.Recording], error)
	Recording(ctx context.Context, id string) (store.Recording, error)
	Deletion(ctx context.Context, id string) (store.Deletion, error)
	Offers(ctx context.Context, call string) ([]store.Offer, error)
	Today(ctx context.Context, from, now time.Time, level func(queue string) report.Level) (map[string]report.Counts, error)
	Fill(ctx context.Context, b *report.Builder, client string, now time.Time) error
	Status() store.Status
	Renew()
}

var _ Records = (*store.Store)(nil)

func (c Config) withDefaults() Config {
	if c.Level == nil {
		c.Level = func(string) report.Level {
			return report.Level{Within: 20 * time.Second, Short: report.ShortAbandon}
		}
	}
	if c.Audio == nil {
		c.Audio = func(string) (io.ReadSeekCloser, error) { return nil, ErrNotFound }
	}
	if c.Stamp == nil {
		c.Stamp = func(ev *acd.Event) { ev.Time = time.Now().UTC() }
	}
	if c.Location == nil {
		c.Location = localZone()
	}
	if c.Webhooks == nil {
		c.Webhooks = func() []webhook.Status { return nil }
	}
	if c.Log == nil {
		c.Log = zap.NewNop()
	}
	return c
}
