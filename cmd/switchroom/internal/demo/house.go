package demo

import (
	"context"
	"errors"
	"sync"

	"switchroom/sip"
)

// house runs user agents and ends them.
type house struct {
	cancels []context.CancelFunc
	work    []*sync.WaitGroup
	running sync.WaitGroup

	mu   sync.Mutex
	errs []error
}

// open runs a user agent; work counts the calls on it. The agent outlives the
// demonstration's context, so that calls can be hung up when that ends.
func (h *house) open(ua *sip.UA, work *sync.WaitGroup) {
	ctx, cancel := context.WithCancel(context.Background())
	h.cancels = append(h.cancels, cancel)
	h.work = append(h.work, work)
	h.running.Go(func() {
		if err := ua.Run(ctx); err != nil {
			h.mu.Lock()
			defer h.mu.Unlock()
			h.errs = append(h.errs, err)
		}
	})
}

// close waits for the calls and ends the agents.
func (h *house) close() error {
	for _, w := range h.work {
		w.Wait()
	}
	for _, cancel := range h.cancels {
		cancel()
	}
	h.running.Wait()
	return errors.Join(h.errs...)
}
