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
	work    []*work
	running sync.WaitGroup

	mu   sync.Mutex
	errs []error
}

// open runs a user agent; w has the calls on it. The agent outlives the
// demonstration's context, so that calls can be hung up when that ends.
func (h *house) open(ua *sip.UA, w *work) {
	ctx, cancel := context.WithCancel(context.Background())
	h.cancels = append(h.cancels, cancel)
	h.work = append(h.work, w)
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
		w.finish()
	}
	for _, cancel := range h.cancels {
		cancel()
	}
	h.running.Wait()
	return errors.Join(h.errs...)
}

// work is the calls that a user agent runs.
type work struct {
	mu      sync.Mutex
	over    bool
	running sync.WaitGroup
}

// begin runs a call; false when the work is over.
func (w *work) begin(run func()) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.over {
		w.running.Go(run)
	}
	return !w.over
}

// finish lets no call begin any more and waits for those that run. A call may
// still come out of the socket while somebody hangs up for good.
func (w *work) finish() {
	w.mu.Lock()
	w.over = true
	w.mu.Unlock()
	w.running.Wait()
}
