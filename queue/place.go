package queue

import "sync/atomic"

// place is where one call stands while it is in the engine. Its line is its
// own: what one call does must not slow its neighbour.
type place struct {
	word    atomic.Uint64
	call    atomic.Pointer[Call]
	arrival atomic.Int64  // the call's, here for the tournaments; written before the word says waiting
	clean   atomic.Uint64 // sequence number of the offer since which no node shows this place
	_       [32]byte
}

// places is a fixed table with a stack of the free ones. The head holds an
// index (0: none) and a version that grows with every change, so a head is
// never the same twice within 2^43 changes.
type places struct {
	at   []place
	_    [40]byte
	head atomic.Uint64
	_    [56]byte
	next []atomic.Uint32
}

const headBits = placeBits + 1

func (p *places) reserve(n int) {
	p.at, p.next = make([]place, n), make([]atomic.Uint32, n)
	for i := range p.next {
		if i+1 < n {
			p.next[i].Store(uint32(i + 2))
		}
	}
	p.head.Store(1)
}

// take reserves a free place, -1 if there is none. The second result grows
// with every take: the order of entering.
//
// Linearization of "full": the load of the empty head.
func (p *places) take() (int, uint64) {
	for {
		h := p.head.Load()
		i := int(h&(1<<headBits-1)) - 1
		if i < 0 {
			return -1, 0
		}
		n := (h>>headBits+1)<<headBits | uint64(p.next[i].Load())
		if p.head.CompareAndSwap(h, n) {
			return i, n >> headBits
		}
	}
}

// give returns a place that no node, word or call refers to any more.
func (p *places) give(i int) {
	for {
		h := p.head.Load()
		p.next[i].Store(uint32(h & (1<<headBits - 1)))
		if p.head.CompareAndSwap(h, (h>>headBits+1)<<headBits|uint64(i+1)) {
			return
		}
	}
}
