package chaos

import (
	"context"
	"sync"
	"time"
)

// storm does something unkind every now and then until ctx ends.
func (w *world) storm(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(5*time.Millisecond + w.d.upTo(60*time.Millisecond)):
		}
		roll := w.d.n(100)
		switch {
		case roll < 40:
			id := pick(w.d, w.phones...).id
			if w.d.chance(20) {
				id = "8000"
			}
			// Refused when the agent is not there; that is part of it.
			_ = w.exchange.SetAgentState(id, pick(w.d, "ready", "ready", "ready", "not-ready", "offline"), "lunch", "chaos")
		case roll < 50:
			if calls := w.exchange.Calls(); len(calls) > 0 {
				_ = w.exchange.HangUp(pick(w.d, calls...).ID, "chaos")
			}
		case roll < 65:
			w.plan.edit()
			w.reload()
		case roll < 85:
			p := pick(w.d, w.phones...)
			p.register(!p.registered())
		default:
			pick(w.d, w.phones...).dial(w.code())
		}
	}
}

func (w *world) reload() {
	if _, err := w.exchange.Reload(context.Background()); err != nil {
		w.fault("reload: %v", err)
	}
}

// patient is how long a ready agent may be seen beside a waiting call that it
// may serve. The two are matched by whoever brings the second of them, so that
// any wait at all is a fault; the bound only spares a machine under load.
const patient = 1500 * time.Millisecond

// overlook looks again and again for an agent who is free while a call of the
// queue "loans" waits, whose rings are all open to everybody after 300 ms.
func (w *world) overlook(ctx context.Context) {
	type pair struct{ call, agent string }
	seen := map[pair]time.Time{}
	for ctx.Err() == nil {
		now := time.Now()
		next := map[pair]time.Time{}
		for _, c := range w.exchange.Calls() {
			if c.Queue != "loans" || c.State != "waiting" || c.Waited < 0.3 {
				continue
			}
			for _, a := range w.exchange.Agents() {
				if a.State != "ready" {
					continue
				}
				p := pair{c.ID, a.ID}
				next[p] = now
				if first, ok := seen[p]; ok {
					next[p] = first
				}
				if now.Sub(next[p]) > patient {
					w.fault("agent %s is ready and call %s waits beside it", a.ID, c.ID)
				}
			}
		}
		seen = next
		time.Sleep(20 * time.Millisecond)
	}
}

// attack places calls in the storm, for about as long as they take.
func (w *world) attack(calls int, gap time.Duration) (sides []*side) {
	ctx, stop := context.WithCancel(context.Background())
	var all sync.WaitGroup
	all.Go(func() { w.storm(ctx) })
	all.Go(func() { w.overlook(ctx) })
	for i := range calls {
		sides = append(sides, w.call(i, 20*time.Millisecond+w.d.upTo(2500*time.Millisecond)))
		time.Sleep(w.d.upTo(2 * gap))
	}
	stop()
	all.Wait()
	return sides
}
