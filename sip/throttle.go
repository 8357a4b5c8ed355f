package sip

import (
	"net/netip"
	"sync"
	"time"
)

// A source's budget in messages: how many each second, with bursts of how many.
const (
	// strangerRate and strangerBurst bound the REGISTERs of one address that is
	// not known: a site's phones that come back after a restart share one
	// address behind NAT and need two requests each.
	strangerRate  = 200.0
	strangerBurst = 2200.0
	// introductionRate and introductionBurst bound what else one may send that is
	// answered: calls of trunks that have yet to prove themselves, and refusals.
	introductionRate  = 20.0
	introductionBurst = 60.0
	// crowdRate and crowdBurst bound the requests of one address of phones, so
	// that a phone gone mad, or someone behind its NAT, takes no more than a
	// site's share.
	crowdRate  = 500.0
	crowdBurst = 3000.0

	sourcesMax = 8192 // addresses kept by one throttle
)

// throttle is a token bucket for each address. Its memory is bounded.
type throttle struct {
	rate, burst float64

	mu      sync.Mutex
	buckets map[netip.Addr]bucket
}

func newThrottle(rate, burst float64) *throttle {
	return &throttle{rate: rate, burst: burst, buckets: map[netip.Addr]bucket{}}
}

// bucket is a token bucket; the zero value is full.
type bucket struct {
	tokens float64
	at     time.Time
}

// take takes one token of those that come at a rate, up to a burst.
func (b *bucket) take(now time.Time, rate, burst float64) bool {
	if b.at.IsZero() {
		b.tokens = burst
	} else {
		b.tokens = min(burst, b.tokens+now.Sub(b.at).Seconds()*rate)
	}
	b.at = now
	if b.tokens < 1 {
		return false
	}
	b.tokens--
	return true
}

// allow takes a token of an address. When too many addresses are kept those
// whose buckets are full again are dropped; if that frees none, it refuses.
func (th *throttle) allow(a netip.Addr, now time.Time) bool {
	th.mu.Lock()
	defer th.mu.Unlock()
	b, ok := th.buckets[a]
	if !ok && len(th.buckets) >= sourcesMax && !th.sweep(now) {
		return false
	}
	allowed := b.take(now, th.rate, th.burst)
	th.buckets[a] = b
	return allowed
}

func (th *throttle) sweep(now time.Time) bool {
	for a, b := range th.buckets {
		if b.tokens+now.Sub(b.at).Seconds()*th.rate >= th.burst {
			delete(th.buckets, a)
		}
	}
	return len(th.buckets) < sourcesMax
}
