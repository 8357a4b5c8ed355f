package webhook

import (
	"context"
	"time"

	"go.uber.org/zap"
)

// Status is one webhook in one glance.
type Status struct {
	ID        string
	Client    string
	State     string    // waiting, sending, retrying, stopped
	Next      uint64    // the lowest event not done with
	Lag       uint64    // events that are safe in the journal and not looked at or not done with
	Oldest    time.Time // of the event that waits longest; zero: none
	Delivered uint64    // since it began
	Failed    uint64    // tries since it began
	Passed    uint64    // events given up since it began
	Fault     string    // of the last try; "" when it went well
	Since     time.Time // since when there is a fault
}

// taken notes an event that is on its way.
func (h *hook) taken(seq uint64, at time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.open = append(h.open, outstanding{seq: seq, at: at})
	h.read = seq + 1
}

// looked notes how far the journal was looked at.
func (h *hook) looked(next uint64) {
	h.mu.Lock()
	h.read = next
	h.mu.Unlock()
	h.moved()
}

// done notes that an event is done with.
func (h *hook) done(seq uint64) {
	h.mu.Lock()
	for i := range h.open {
		if h.open[i].seq == seq {
			h.open[i].done = true
			break
		}
	}
	n := 0
	for n < len(h.open) && h.open[n].done {
		n++
	}
	h.open = append(h.open[:0], h.open[n:]...)
	h.mu.Unlock()
	h.moved()
}

func (h *hook) moved() {
	select {
	case h.dirty <- struct{}{}:
	default:
	}
}

// next is the lowest number not done with.
func (h *hook) next() uint64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.nextLocked()
}

func (h *hook) nextLocked() uint64 {
	if len(h.open) > 0 {
		return h.open[0].seq
	}
	return h.read
}

// keepPlace writes the place down, at most once in saveEvery.
func (h *hook) keepPlace(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-h.dirty:
		}
		if !pause(ctx, saveEvery) {
			return ctx.Err()
		}
		if err := h.place.save(h.next()); err != nil {
			h.log.Warn("a webhook's place is not kept, a restart will send events again", zap.Error(err))
		}
	}
}

// note takes the outcome of a try.
func (h *hook) note(err error) {
	h.mu.Lock()
	was := h.fault
	h.fault = err
	if err == nil {
		h.delivered++
		h.since = time.Time{}
	} else {
		h.failed++
		if was == nil {
			h.since = time.Now()
		}
	}
	h.mu.Unlock()
	switch {
	case err != nil && was == nil:
		h.log.Warn("webhook's receiver does not take events", zap.Error(err))
	case err == nil && was != nil:
		h.log.Info("webhook's receiver takes events again")
	}
}

func (h *hook) status() Status {
	safe := h.set.cfg.Journal.Synced()
	h.mu.Lock()
	defer h.mu.Unlock()
	st := Status{ID: h.cfg.ID, Client: h.cfg.Client, State: "waiting", Next: h.nextLocked(),
		Delivered: h.delivered, Failed: h.failed, Passed: h.passed, Since: h.since}
	if safe >= st.Next {
		st.Lag = safe - st.Next + 1
	}
	if len(h.open) > 0 {
		st.State, st.Oldest = "sending", h.open[0].at
	}
	if h.fault != nil {
		st.State, st.Fault = "retrying", h.fault.Error()
	}
	return st
}
