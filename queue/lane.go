package queue

import "sync/atomic"

// A lane keeps the calls of one class so that the oldest waiting one can be
// read with one load. It is a tournament: calls stand in cells, and a node
// names the oldest waiting call among the cells below it.
//
//	top <- 8 cells of its own
//	    <- tree of 64 cells, tree of 512, 4,096, 32,768, ...
//
// A call takes the first free cell, in the smallest tree that has one, so
// that a short lane is a low one; each tree is made when first needed and
// kept. Every swap of a node is made from what its maker read after he read
// the node, and gives it a new version: so it fails if anything came between.
//
// After a call began to wait it climbs the nodes above its cell, from the
// bottom to the top: at each it swaps in the older of itself and the call that
// the node names, until a swap of its own succeeds. From then on the node
// names a call at least as old while it waits: who swaps after it either looks
// below, and finds it there, or leaves or improves what is named.
//
// After a call ceased to wait the nodes above its cell are refreshed, in the
// same order: one that names it is computed anew from what is below, another
// only gets a new version, which stops those who saw the call wait. Who fails
// twice at a node may leave it: the second of the swaps that got in the way
// was made by one who read the node after the call had ceased to wait, and a
// call that is swapped in was seen to wait after the node was read. So after
// a refresh no node names that call. A node may for a while name a call that
// has ceased to wait, and so hide those below it: who comes across that
// refreshes it first.
//
// A node word is place+1 (0: none) and a version that grows with every swap.
type lane struct {
	life  atomic.Uint64 // see class.go
	top   atomic.Uint64
	lead  atomic.Int64 // ns of head start: Priority * HeadStart
	def   atomic.Pointer[definition]
	index int           // the class's, never changes
	rr    atomic.Int64  // column last chosen
	n     atomic.Uint32 // calls accepted
	_     [12]byte

	own   [fan]cell
	trees [maxTrees]atomic.Pointer[tree]

	waits waits

	tried trial // owned by Tick
	_     [48]byte
}

// cell is where one call of a lane stands.
type cell struct {
	word    atomic.Uint64 // order of entering and place+1, 0: free
	arrival atomic.Int64  // of the call, written before the word
}

const (
	fan      = 8
	fanBits  = 3
	maxTrees = 6

	// Tree 0 of a call's home is the lane's own cells.
	homeIndex = 24
)

// candidate is the better of what was looked at so far.
type candidate struct {
	word    uint64 // of the cell or node it came from
	place   int
	ver     uint64
	arrival int64
	call    *Call
}

// older tells whether a call waits longer than the candidate.
func (c *candidate) older(arrival int64, call *Call) bool {
	return c.place < 0 || arrival < c.arrival || arrival == c.arrival && call.entry < c.call.entry
}

// consider takes the place into account if its call waits, and tells whether
// it does. The place may serve another call by now: what led here has then
// changed, and the caller looks.
func (e *Engine) consider(c *candidate, place int) bool {
	p := &e.places.at[place]
	x := p.word.Load()
	if kindOf(x) != placeWaiting {
		return false
	}
	call := p.call.Load()
	if call == nil {
		return false
	}
	if a := p.arrival.Load(); c.older(a, call) {
		c.place, c.ver, c.arrival, c.call = place, x&verMask, a, call
	}
	return true
}

// considerCell does so for a cell. The place may leave the cell and serve
// another call while it is looked at: then the cell's word has changed.
func (e *Engine) considerCell(c *candidate, cell *cell) {
	for {
		w := cell.word.Load()
		if w == 0 {
			return
		}
		was := *c
		e.consider(c, nodePlace(w))
		if cell.word.Load() == w {
			return
		}
		*c = was
	}
}

func nodePlace(w uint64) int { return int(w&(1<<headBits-1)) - 1 }

func nodeWord(old uint64, place int) uint64 {
	return (old>>headBits+1)<<headBits | uint64(place+1)
}

// slot gives the call a cell: the own one of the lane that was taken for it,
// or if that is fan one in the first tree that has one free. The lane can hold
// as many calls as there are places.
func (l *lane) slot(c *Call, own int) *cell {
	if own < fan {
		c.home = uint32(own)
		return &l.own[own]
	}
	for t := 0; ; t++ {
		tr := l.tree(t)
		if i := tr.take(); i >= 0 {
			c.home = uint32(t+1)<<homeIndex | uint32(i)
			return &tr.cell[i]
		}
	}
}

// leave empties the cell and gives it back, but one of the lane's own, whose
// number it returns; fan else. The word of the place in it is final.
func (l *lane) leave(home uint32) (own int) {
	t, i := home>>homeIndex, home&(1<<homeIndex-1)
	if t == 0 {
		l.own[i].word.Store(0)
		return int(i)
	}
	tr := l.trees[t-1].Load()
	tr.cell[i].word.Store(0)
	tr.give(i)
	return fan
}

// climb puts a call that has begun to wait, with the word x, below the top.
// If the call has ceased to wait, its name is left to whoever ended that.
func (e *Engine) climb(l *lane, c *Call, x uint64) {
	m := climber{place: int(c.place.Load()) - 1, word: x, call: c}
	if t, i := c.home>>homeIndex, int(c.home&(1<<homeIndex-1)); t > 0 {
		tr := l.trees[t-1].Load()
		for lv := range tr.level {
			i >>= fanBits
			for !e.add(&tr.level[lv][i], &m) && !e.renewNode(tr, lv, i) {
			}
		}
	}
	for !e.add(&l.top, &m) && !e.renewTop(l) {
	}
}

// climber is a call on its way up.
type climber struct {
	place int
	word  uint64
	call  *Call
}

// add swaps the older of the climber and the call that the node names into the
// node. False: what it names does not wait, and the node has to be computed
// anew.
func (e *Engine) add(node *atomic.Uint64, m *climber) bool {
	for {
		old := node.Load()
		if e.places.at[m.place].word.Load() != m.word {
			return true
		}
		next := m.place
		if p := nodePlace(old); p >= 0 && p != next {
			c := candidate{place: -1}
			if !e.consider(&c, p) {
				return false
			}
			if !c.older(m.call.Arrival, m.call) {
				next = p
			}
		}
		e.at(atRefresh)
		if node.CompareAndSwap(old, nodeWord(old, next)) {
			return true
		}
	}
}

// refresh takes the call at home, in a place, that has ceased to wait out of
// all nodes.
func (e *Engine) refresh(l *lane, home uint32, place int) {
	if t, i := home>>homeIndex, int(home&(1<<homeIndex-1)); t > 0 {
		tr := l.trees[t-1].Load()
		e.refreshTree(tr, len(tr.level), i, place)
	}
	for range 2 {
		if e.keep(&l.top, place) || e.renewTop(l) {
			return
		}
	}
}

// keep gives a node that names another call than the one in this place, and
// one that waits, a new version. False: it does not, or another swap came
// between.
func (e *Engine) keep(node *atomic.Uint64, place int) bool {
	old := node.Load()
	p := nodePlace(old)
	if p == place || p >= 0 && !e.consider(&candidate{place: -1}, p) {
		return false
	}
	e.at(atRefresh)
	return node.CompareAndSwap(old, nodeWord(old, p))
}

// renewTop computes the top anew from all that is below. False: another swap
// came between.
func (e *Engine) renewTop(l *lane) bool {
	old := l.top.Load()
	c := candidate{place: -1}
	e.considerCells(&c, l.own[:])
	for i := range l.trees {
		t := l.trees[i].Load()
		if t == nil {
			break
		}
		e.considerNode(&c, t, len(t.level)-1, 0)
	}
	e.at(atRefresh)
	return l.top.CompareAndSwap(old, nodeWord(old, c.place))
}

// considerCells takes the oldest waiting call in the cells below one node, or
// in the lane's own, into account. Places are looked at from the oldest on
// until one waits, which is mostly the first.
func (e *Engine) considerCells(c *candidate, cells []cell) {
	for passed := 0; ; {
		best, arrival, word := -1, int64(0), uint64(0)
		for i := range cells {
			w := cells[i].word.Load()
			if w == 0 || passed>>i&1 != 0 {
				continue
			}
			// A call that took the cell meanwhile may give another's arrival: the
			// check below finds that its word has changed if it is the oldest, and
			// else it has begun to wait after this look and climbs itself.
			if a := cells[i].arrival.Load(); best < 0 || a < arrival || a == arrival && w < word {
				best, arrival, word = i, a, w
			}
		}
		if best < 0 {
			return
		}
		was := *c
		waits := e.consider(c, nodePlace(word))
		if cells[best].word.Load() != word {
			*c = was
			continue
		}
		if waits {
			return
		}
		passed |= 1 << best
	}
}

// head gives the oldest waiting call of the lane, place -1 if none waits.
// word is the lane's top word that says so.
//
// Whoever finds the top behind the truth brings it up to date himself: the
// goroutine that should have may be standing still.
func (e *Engine) head(l *lane) (c candidate) {
	for {
		w := l.top.Load()
		c = candidate{word: w, place: -1}
		i := nodePlace(w)
		if i < 0 {
			return c
		}
		e.consider(&c, i)
		call := e.places.at[i].call.Load()
		if l.top.Load() != w || call == nil {
			continue // the place may have served another call meanwhile
		}
		if c.place >= 0 {
			return c
		}
		e.refresh(l, call.home, i)
	}
}
