package sip

import (
	"context"
	"fmt"
	"maps"
	"net/netip"
	"sync"
	"time"

	"go.uber.org/zap"

	"switchroom/sip/locate"
)

const (
	// resolveRetry is how soon a name is looked up again that DNS did not tell.
	resolveRetry   = 10 * time.Second
	resolveTimeout = 15 * time.Second
	// resolversMax is how many names are looked up at a time.
	resolversMax = 4
)

// spots are the places of targets, and the addresses at which accounts with a
// fixed contact are. They follow from the plan and from what its names resolve
// to, and are swapped whole.
type spots struct {
	contacts map[netip.AddrPort][]string
	names    map[netip.Addr]map[string]bool
	found    map[locate.Target]located
}

// located is what a name was found to be.
type located struct {
	places []locate.Place
	until  time.Time // when to ask again
	failed bool      // the last question brought nothing; places are from before
}

// respot computes them anew for a plan and resolved names.
func respot(p *plan, found map[locate.Target]located) *spots {
	s := &spots{contacts: map[netip.AddrPort][]string{}, names: map[netip.Addr]map[string]bool{}, found: found}
	for id, a := range p.accounts {
		if a.contact == nil {
			continue
		}
		for _, place := range s.of(a.contact) {
			addr := place.Addr.Addr()
			s.contacts[place.Addr] = append(s.contacts[place.Addr], id)
			if s.names[addr] == nil {
				s.names[addr] = map[string]bool{}
			}
			s.names[addr][id] = true
		}
	}
	return s
}

// of are the places of a target, in no order.
func (s *spots) of(t *target) []locate.Place {
	if t.addr.IsValid() {
		return []locate.Place{{Addr: netip.AddrPortFrom(t.addr, t.port), Transport: t.transport}}
	}
	return s.found[t.find].places
}

// has tells whether a target may be at an address.
func (s *spots) has(t *target, addr netip.Addr) bool {
	if t == nil {
		return false
	}
	if t.addr.IsValid() {
		return t.addr == addr
	}
	for _, p := range s.found[t.find].places {
		if p.Addr.Addr() == addr {
			return true
		}
	}
	return false
}

// placesOf are the places of a target in the order in which they are tried. Names
// are never looked up here: the configured ones are known already, others are not
// dialled.
func (ua *UA) placesOf(t *target) ([]locate.Place, error) {
	places := ua.spots.Load().of(t)
	if len(places) == 0 {
		return nil, fmt.Errorf("%w: host %q is not resolved", ErrUnreachable, t.host)
	}
	if len(places) == 1 {
		return places, nil
	}
	return ua.spoiled.order(places, time.Now(), ua.unreachable), nil
}

// unreachable tells whether no socket of ours leads to a place.
func (ua *UA) unreachable(p locate.Place) bool {
	if p.Transport != "UDP" {
		return false
	}
	for _, s := range ua.packets {
		if s.suits(p.Addr.Addr()) >= 0 {
			return false
		}
	}
	return true
}

// placeOf is the best place of a target.
func (ua *UA) placeOf(t *target) (locate.Place, error) {
	places, err := ua.placesOf(t)
	if err != nil {
		return locate.Place{}, err
	}
	return places[0], nil
}

// spoilFor is how long a place that failed is tried last of all.
const spoilFor = time.Minute

// spoiled are the places that failed a moment ago, and the chance by which others
// are chosen. Only places of configured names get in.
type spoiled struct {
	mu    sync.Mutex
	rng   rng
	until map[netip.AddrPort]time.Time
}

func (q *spoiled) order(places []locate.Place, now time.Time, never func(locate.Place) bool) []locate.Place {
	q.mu.Lock()
	defer q.mu.Unlock()
	return locate.Order(places, func(p locate.Place) bool { return now.Before(q.until[p.Addr]) || never(p) }, q.rng)
}

// spoil notes that a place failed.
func (q *spoiled) spoil(p netip.AddrPort, now time.Time) {
	q.mu.Lock()
	defer q.mu.Unlock()
	maps.DeleteFunc(q.until, func(_ netip.AddrPort, at time.Time) bool { return !now.Before(at) })
	q.until[p] = now.Add(spoilFor)
}

// resolve looks up the configured names until ctx ends, each again when its
// answer is no longer to be kept. A name that cannot be looked up keeps its last
// places.
func (ua *UA) resolve(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		case <-ua.reloaded:
		}
		timer.Reset(ua.resolveDue(ctx, time.Now()))
	}
}

// resolveDue looks up what is due and tells how long nothing else is.
func (ua *UA) resolveDue(ctx context.Context, now time.Time) time.Duration {
	p, old := ua.plan.Load(), ua.spots.Load().found
	if len(p.names) == 0 {
		return time.Hour
	}
	var mu sync.Mutex
	found := make(map[locate.Target]located, len(p.names))
	var wg sync.WaitGroup
	room := make(chan struct{}, resolversMax)
	for _, name := range p.names {
		before, known := old[name]
		if known && now.Before(before.until) {
			mu.Lock()
			found[name] = before
			mu.Unlock()
			continue
		}
		room <- struct{}{}
		wg.Go(func() {
			defer func() { <-room }()
			l := ua.lookUp(ctx, name, before)
			mu.Lock()
			defer mu.Unlock()
			found[name] = l
		})
	}
	wg.Wait()
	ua.planMu.Lock()
	ua.spots.Store(respot(ua.plan.Load(), found))
	ua.planMu.Unlock()
	ua.rehome()
	next := now.Add(time.Hour)
	for _, l := range found {
		next = earliest(next, l.until)
	}
	return max(time.Until(next), 100*time.Millisecond)
}

// lookUp asks for one name.
func (ua *UA) lookUp(ctx context.Context, name locate.Target, before located) located {
	look, cancel := context.WithTimeout(ctx, resolveTimeout)
	defer cancel()
	places, ttl, err := ua.dns.Locate(look, name)
	if err == nil {
		if before.failed {
			ua.log.Info("host resolved again", zap.String("host", name.Host))
		}
		return located{places: places, until: time.Now().Add(ttl)}
	}
	if ctx.Err() == nil {
		ua.count(resolveFailed)
		if !before.failed {
			ua.log.Warn("host not resolved", zap.String("host", name.Host), zap.Int("places_kept", len(before.places)), zap.Error(err))
		}
	}
	return located{places: before.places, until: time.Now().Add(resolveRetry), failed: true}
}
