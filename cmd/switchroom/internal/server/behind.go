package server

import (
	"context"
	"encoding/json"
	"path/filepath"
	"strings"
	"time"

	"switchroom/acd"
	"switchroom/acd/api"
	"switchroom/acd/journal"
	"switchroom/acd/webhook"
	"switchroom/configs"

	"go.uber.org/zap"
)

// sweepEvery is how often the journal throws away what is too old.
const sweepEvery = time.Hour

// sweepJournal throws away what the journal need not keep any more. The clock is read
// from the beginning, so that it can be trusted a day later.
func (s *Server) sweepJournal(ctx context.Context) {
	var calendar journal.Calendar
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		cfg := s.exchange.Config().Journal
		swept, err := s.journal.Retain(ctx, journal.Retention{All: limited(cfg.Retention), Records: limited(cfg.Records),
			Keep: keptLonger, Needed: s.needed(), Patience: cfg.Patience}, &calendar, s.exchange.Now())
		switch {
		case err != nil && ctx.Err() == nil:
			s.log.Error("journal cannot be swept", zap.Error(err))
		case swept != journal.Swept{}:
			s.log.Info("journal swept", zap.Any("segments", swept))
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// limited is a retention in the journal's words: 0 is for ever.
func limited(d time.Duration) time.Duration {
	if d == configs.Forever {
		return 0
	}
	return d
}

// needed is the lowest number that a projection or a webhook has not had.
func (s *Server) needed() uint64 {
	low := max(s.store.Status().Next, 1)
	if n := s.webhooks.Needed(); n > 0 {
		low = min(low, n)
	}
	return low
}

// keptLonger says which entries are records: what calls came to, the fate of
// recordings, who looked at what, which configuration was in force, and what
// the journal and the clock went through. They are what evidence rests on.
func keptLonger(k acd.Kind) bool {
	switch k {
	case acd.CallRecord, acd.CallFiled, acd.SwitchStarted, acd.SwitchStopped:
		return true
	}
	for _, begin := range []string{"recording.", "audit.", "config.", "journal.", "webhook.", "clock."} {
		if strings.HasPrefix(string(k), begin) {
			return true
		}
	}
	return false
}

// openWebhooks makes the programs known that are told what happens.
func (s *Server) openWebhooks(cfg *configs.Config) error {
	var err error
	s.webhooks, err = webhook.New(webhook.Config{
		Dir: filepath.Join(cfg.Data, "webhooks"), Journal: s.journal, Shape: api.Told, Passed: s.passed,
		Hooks: func() []configs.Webhook { return s.exchange.Config().Webhooks },
		Log:   s.log.Named("webhook"),
	})
	return err
}

// passed writes down that a webhook's receiver did not take an event.
func (s *Server) passed(hook, client string, seq uint64, why string) {
	detail, err := json.Marshal(map[string]any{"webhook": hook, "event": seq})
	if err != nil {
		return
	}
	ev := acd.Event{Kind: "webhook.passed", Client: client, Reason: why, Detail: detail}
	s.exchange.Stamp(&ev)
	s.journal.Append(ev)
}

// webhookSamples are one webhook's series.
func webhookSamples(w webhook.Status) []api.Sample {
	one := func(name, help string, counter bool, v float64) api.Sample {
		return api.Sample{Name: name, Help: help, Counter: counter, Labels: []string{"webhook"}, Values: []string{w.ID}, Value: v}
	}
	age := 0.0
	if !w.Oldest.IsZero() {
		age = max(time.Since(w.Oldest), 0).Seconds()
	}
	up := 1.0
	if w.Fault != "" {
		up = 0
	}
	return []api.Sample{
		one("switchroom_webhook_up", "1: the last try went well.", false, up),
		one("switchroom_webhook_lag_events", "Events that the receiver was not told yet.", false, float64(w.Lag)),
		one("switchroom_webhook_lag_seconds", "Age of the event that waits longest.", false, age),
		one("switchroom_webhook_delivered_total", "Events that the receiver took.", true, float64(w.Delivered)),
		one("switchroom_webhook_failures_total", "Tries that failed.", true, float64(w.Failed)),
		one("switchroom_webhook_passed_total", "Events given up.", true, float64(w.Passed)),
	}
}
