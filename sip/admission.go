package sip

import (
	"net/netip"
	"slices"
	"sync"
	"time"
)

// standing is what a source address may do. It is judged before a message is
// parsed.
type standing uint8

const (
	// stranger: may register, within a budget, and gets nothing else.
	stranger standing = iota
	// acquaintance: somewhere we have sent a request to; it may answer, and
	// speak within its dialogs.
	acquaintance
	// phone: the address of a binding or a fixed contact.
	phone
	// carrier: a trunk's peer.
	carrier
)

// admit judges a source.
func (ua *UA) admit(source netip.AddrPort) standing {
	addr := source.Addr()
	switch {
	case ua.trunkAt(addr) != nil:
		return carrier
	case ua.bindings.at(addr), ua.spots.Load().names[addr] != nil:
		return phone
	case ua.dialled.has(addr):
		return acquaintance
	}
	return stranger
}

// caller tells who a source is when it calls. Trunks and phones may share an
// address: a phone that gives its name at exactly where it is known goes first,
// then a trunk, then whatever phone is known there, then one of that name that
// is known behind the address.
func (ua *UA) caller(in *request) (*trunk, string) {
	p, spots, remote := ua.plan.Load(), ua.spots.Load(), in.flow.remote
	id := unescape(in.From().Address.User)
	here := append(ua.bindings.accountsAt(in.flow), spots.contacts[remote]...)
	if slices.Contains(here, id) {
		return nil, id
	}
	if t := ua.trunkCalling(in); t != nil {
		return t, ""
	}
	if len(here) > 0 {
		return nil, here[0]
	}
	if p.accounts[id] != nil && (ua.bindings.has(id, remote.Addr()) || spots.names[remote.Addr()][id]) {
		return nil, id
	}
	return nil, ""
}

// acquaintances counts, per address, the legs and registrations of ours that
// lead there.
type acquaintances struct {
	mu    sync.Mutex
	count map[netip.Addr]int
}

func (q *acquaintances) has(a netip.Addr) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.count[a] > 0
}

func (q *acquaintances) add(a netip.Addr, n int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.count[a] += n; q.count[a] <= 0 {
		delete(q.count, a)
	}
}

const (
	// strangerRate and strangerBurst bound the REGISTERs of one address that is
	// not known: a site's phones that come back after a restart share one
	// address behind NAT and need two requests each.
	strangerRate  = 200.0
	strangerBurst = 2200.0
	strangersMax  = 8192 // addresses kept
)

// throttle is a token bucket for each address.
type throttle struct {
	mu      sync.Mutex
	buckets map[netip.Addr]bucket
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
	if !ok && len(th.buckets) >= strangersMax && !th.sweep(now) {
		return false
	}
	allowed := b.take(now, strangerRate, strangerBurst)
	th.buckets[a] = b
	return allowed
}

func (th *throttle) sweep(now time.Time) bool {
	for a, b := range th.buckets {
		if b.tokens+now.Sub(b.at).Seconds()*strangerRate >= strangerBurst {
			delete(th.buckets, a)
		}
	}
	return len(th.buckets) < strangersMax
}
