package media

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"sync"
	"syscall"
	"time"
)

// attemptsMax bounds how many pairs one take tries to bind: other processes
// may sit on some of the range, and the caller waits.
const attemptsMax = 128

// portRange lends even/odd port pairs. A pair that comes back rests, so that
// the last packets of one call don't reach the next one; one that can't be
// bound rests too, since another process has it.
type portRange struct {
	addr netip.Addr
	rest time.Duration

	mu    sync.Mutex
	free  ring[uint16]  // even ports that may be bound, shuffled at first
	tired ring[resting] // in order of until
	used  map[uint16]struct{}
	total int
	fails uint64
}

type resting struct {
	port  uint16
	until int64
}

// firstPair returns the first even port from min on.
func firstPair(min uint16) int { return (int(min) + 1) &^ 1 }

// newPortRange makes a range of the pairs within [min, max], handed out in an
// order drawn from rng: which ports a call has is not to be guessed.
func newPortRange(addr netip.Addr, min, max uint16, rest time.Duration, rng *rand.Rand) *portRange {
	r := &portRange{addr: addr, rest: rest, used: make(map[uint16]struct{})}
	for p := firstPair(min); p+1 <= int(max); p += 2 {
		r.free.items = append(r.free.items, uint16(p))
	}
	rng.Shuffle(len(r.free.items), func(i, j int) {
		r.free.items[i], r.free.items[j] = r.free.items[j], r.free.items[i]
	})
	r.total = len(r.free.items)
	return r
}

// take binds a free pair with listen: both ports or none. ErrNoPorts when no
// pair is free, or none can be bound.
func (r *portRange) take(now int64, listen func(netip.AddrPort) (socket, error)) (rtp, rtcp socket, port uint16, err error) {
	var cause error
	for range attemptsMax {
		port, ok := r.borrow(now)
		if !ok {
			break
		}
		if rtp, rtcp, cause = bindPair(r.addr, port, listen); cause == nil {
			return rtp, rtcp, port, nil
		}
		r.giveBack(port, now)
		if !errors.Is(cause, syscall.EADDRINUSE) {
			break // no descriptors, no such address: the next one fails too
		}
	}
	r.mu.Lock()
	r.fails++
	r.mu.Unlock()
	if cause != nil {
		return nil, nil, 0, fmt.Errorf("%w: %w", ErrNoPorts, cause)
	}
	return nil, nil, 0, ErrNoPorts
}

func bindPair(addr netip.Addr, port uint16, listen func(netip.AddrPort) (socket, error)) (rtp, rtcp socket, err error) {
	if rtp, err = listen(netip.AddrPortFrom(addr, port)); err != nil {
		return nil, nil, fmt.Errorf("bind port %d: %w", port, err)
	}
	if rtcp, err = listen(netip.AddrPortFrom(addr, port+1)); err != nil {
		rtp.close()
		return nil, nil, fmt.Errorf("bind port %d: %w", port+1, err)
	}
	return rtp, rtcp, nil
}

func (r *portRange) borrow(now int64) (uint16, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for r.tired.len() > 0 && r.tired.first().until <= now {
		r.free.push(r.tired.pop().port)
	}
	if r.free.len() == 0 {
		return 0, false
	}
	port := r.free.pop()
	r.used[port] = struct{}{}
	return port, true
}

// giveBack ends the use of a pair whose sockets are closed.
func (r *portRange) giveBack(port uint16, now int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, ok := r.used[port]; !ok {
		return
	}
	delete(r.used, port)
	r.tired.push(resting{port, now + int64(max(r.rest, 0))})
}

// holds tells whether port is one of a pair in use here.
func (r *portRange) holds(port uint16) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	_, ok := r.used[port&^1]
	return ok
}

func (r *portRange) counts(now int64) (used, tired int, fails uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for r.tired.len() > 0 && r.tired.first().until <= now {
		r.free.push(r.tired.pop().port)
	}
	return len(r.used), r.tired.len(), r.fails
}

// ring is a FIFO that reuses its memory. The zero value is empty.
type ring[T any] struct {
	items []T
	head  int
}

func (q *ring[T]) len() int  { return len(q.items) - q.head }
func (q *ring[T]) first() *T { return &q.items[q.head] }

func (q *ring[T]) pop() T {
	v := q.items[q.head]
	q.head++
	return v
}

func (q *ring[T]) push(v T) {
	if q.head > len(q.items)/2 && len(q.items) == cap(q.items) {
		q.items = q.items[:copy(q.items, q.items[q.head:])]
		q.head = 0
	}
	q.items = append(q.items, v)
}
