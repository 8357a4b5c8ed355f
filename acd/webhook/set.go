package webhook

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	"switchroom/acd"
	"switchroom/acd/journal"
	"switchroom/configs"

	"go.uber.org/zap"
)

// Config is what a Set is made of. All fields are necessary.
type Config struct {
	Dir     string // where places are kept
	Journal *journal.Journal
	// Hooks are those of the configuration in force.
	Hooks func() []configs.Webhook
	// Shape makes an event's JSON as others are shown it; false: they are not.
	Shape func(ev *acd.Event, client string) ([]byte, bool)
	// Passed hears of an event that was given up.
	Passed func(hook, client string, seq uint64, why string)
	Log    *zap.Logger
}

// Set is all webhooks of a switch.
type Set struct {
	cfg  Config
	poke chan struct{}
	// transport, when it is set, takes the place of the network: a test's.
	transport http.RoundTripper

	mu      sync.Mutex
	at      map[string]*working
	order   []string
	stopped map[string]string // webhooks that could not begin, and why
}

// working is a webhook that runs.
type working struct {
	*hook
	stop  context.CancelFunc
	ended chan struct{}
}

// New makes a set; nothing is sent before Run.
func New(cfg Config) (*Set, error) {
	if err := os.MkdirAll(cfg.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("webhook: %w", err)
	}
	return &Set{cfg: cfg, poke: make(chan struct{}, 1), at: map[string]*working{}, stopped: map[string]string{}}, nil
}

// Reload has Run look at the configuration again.
func (s *Set) Reload() {
	select {
	case s.poke <- struct{}{}:
	default:
	}
}

// Run serves until ctx ends. It returns nil.
func (s *Set) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		again := (<-chan time.Time)(nil)
		if !s.apply(ctx, s.cfg.Hooks()) {
			again = time.After(retryBegin)
		}
		select {
		case <-ctx.Done():
		case <-s.poke:
		case <-again:
		}
	}
	s.mu.Lock()
	all := s.at
	s.at = map[string]*working{}
	s.mu.Unlock()
	for _, w := range all {
		w.end()
	}
	return nil
}

// retryBegin is how long a webhook that could not begin, for want of a file or
// of room, stands still before it is tried again.
const retryBegin = 10 * time.Second

// apply begins, changes and ends webhooks as the configuration says. One whose
// text did not change goes on as it is; one that changed goes on from its place.
// False: one could not begin.
func (s *Set) apply(ctx context.Context, hooks []configs.Webhook) bool {
	s.mu.Lock()
	was := s.at
	next, order, stopped := map[string]*working{}, []string{}, map[string]string{}
	for _, c := range hooks {
		if w := was[c.ID]; w != nil && reflect.DeepEqual(w.cfg, c) {
			next[c.ID] = w
		}
	}
	s.mu.Unlock()
	for id, w := range was {
		if next[id] == nil {
			w.end()
		}
	}
	for _, c := range hooks {
		order = append(order, c.ID)
		if next[c.ID] != nil {
			continue
		}
		w, err := s.begin(ctx, c)
		if err != nil {
			stopped[c.ID] = err.Error()
			if s.stopped[c.ID] != err.Error() {
				s.cfg.Log.Error("webhook cannot begin", zap.String("webhook", c.ID), zap.Error(err))
			}
			continue
		}
		next[c.ID] = w
	}
	s.mu.Lock()
	s.at, s.order, s.stopped = next, order, stopped
	s.mu.Unlock()
	if err := s.forget(order); err != nil {
		s.cfg.Log.Warn("places of webhooks that are no more", zap.Error(err))
	}
	return len(stopped) == 0
}

func (s *Set) begin(ctx context.Context, c configs.Webhook) (*working, error) {
	h, err := s.newHook(c)
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(ctx)
	w := &working{hook: h, stop: stop, ended: make(chan struct{})}
	go func() {
		defer close(w.ended)
		h.run(ctx)
	}()
	return w, nil
}

func (w *working) end() {
	w.stop()
	<-w.ended
}

// forget removes the places of webhooks that the configuration no longer has:
// one that comes back begins with what happens then.
func (s *Set) forget(known []string) error {
	names, err := filepath.Glob(filepath.Join(s.cfg.Dir, "*.json"))
	if err != nil {
		return err
	}
	for _, name := range names {
		if id := strings.TrimSuffix(filepath.Base(name), ".json"); !slices.Contains(known, id) {
			err = errors.Join(err, (&cursor{path: name}).remove())
		}
	}
	return err
}

// Status lists the webhooks in the order of the configuration.
func (s *Set) Status() []Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := []Status{}
	for _, id := range s.order {
		switch w := s.at[id]; {
		case w != nil:
			all = append(all, w.status())
		default:
			all = append(all, Status{ID: id, State: "stopped", Fault: s.stopped[id]})
		}
	}
	return all
}

// Needed is the lowest number of the journal that a webhook is not done with;
// 0 when there is none.
func (s *Set) Needed() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	low := uint64(0)
	for _, w := range s.at {
		if n := w.next(); low == 0 || n < low {
			low = n
		}
	}
	return low
}
