package queue

import (
	"sync/atomic"
	"unsafe"
)

// place is where one call stands while it is in the engine. Its line is its
// own: what one call does must not slow its neighbour.
type place struct {
	word    atomic.Uint64
	call    atomic.Pointer[Call]
	arrival atomic.Int64  // the call's, here for the tournaments; written before the word says waiting
	clean   atomic.Uint64 // sequence number of the offer since which no node shows this place
	next    atomic.Uint32 // place+1 below it on its shelf
	_       [28]byte
}

// places is a fixed table with the free ones on shelves. A shelf is a stack,
// any place may lie on any; each goroutine has one from which it takes and to
// which it gives first, so that goroutines side by side seldom meet there and
// are given places whose lines they had last.
//
// A shelf's head holds place+1 (0: none) and a version that grows with every
// change, so a head is never the same twice within 2^43 changes.
type places struct {
	at    []place
	_     [64]byte
	shelf [shelves]shelf
}

type shelf struct {
	head atomic.Uint64
	_    [56]byte
}

const (
	headBits   = placeBits + 1
	shelfBits  = 4
	shelves    = 1 << shelfBits
	stackShift = 13 // a small goroutine's stack, so that it keeps its shelf
)

func (p *places) reserve(n int) {
	p.at = make([]place, n)
	for i := range p.at {
		p.give(i*shelves/n, i)
	}
}

// nearest gives a shelf that the goroutine comes back to most of the time, by
// the address of its stack. Any shelf is right.
func nearest() int {
	var here byte
	const spread = 0x9e3779b97f4a7c15
	return int(uint64(uintptr(unsafe.Pointer(&here))) >> stackShift * spread >> (64 - shelfBits))
}

// takePlace reserves a free place, from the given shelf if there is one on it;
// -1 if there is none on any.
//
// Linearization of "full": the instant between the two looks at all shelves,
// at which each was as empty as it was before and after.
func (e *Engine) takePlace(from int) int {
	for {
		var seen [shelves]uint64
		for k := range seen {
			k = (from + k) % shelves
			i, head := e.popPlace(k)
			if i >= 0 {
				return i
			}
			seen[k] = head
			e.at(atEmpty)
		}
		if e.places.still(&seen) {
			return -1
		}
	}
}

// popPlace takes a place from a shelf, -1 with the head that says there is none.
func (e *Engine) popPlace(k int) (i int, head uint64) {
	s := &e.places.shelf[k].head
	for {
		h := s.Load()
		i := nodePlace(h)
		if i < 0 {
			return -1, h
		}
		next := uint64(e.places.at[i].next.Load())
		e.at(atTaking)
		if s.CompareAndSwap(h, (h>>headBits+1)<<headBits|next) {
			return i, h
		}
	}
}

// still tells whether all heads are what they were.
func (p *places) still(seen *[shelves]uint64) bool {
	for k := range seen {
		if p.shelf[k].head.Load() != seen[k] {
			return false
		}
	}
	return true
}

// give returns a place that no node, word or call refers to any more.
func (p *places) give(k, i int) {
	s := &p.shelf[k].head
	for {
		h := s.Load()
		p.at[i].next.Store(uint32(nodePlace(h) + 1))
		if s.CompareAndSwap(h, nodeWord(h, i)) {
			return
		}
	}
}
