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
// kept. After a call began or ceased to wait, the nodes above its cell are
// refreshed, from the bottom to the top: read the node, read what is below,
// swap. Who fails twice at a node may leave it: the second of the swaps that
// got in the way was computed from a state that included his change. So after
// a refresh no node shows a call that has ceased to wait before it, and the
// top is at least as old as a call that has begun to wait before it. A node
// may for a while show a call that has ceased to wait, and so hide those
// below it: who comes across that refreshes it first.
//
// A node word is place+1 (0: none) and a version that grows with every swap.
type lane struct {
	top   atomic.Uint64
	lead  atomic.Int64 // ns of head start: Priority * HeadStart
	def   atomic.Pointer[definition]
	life  atomic.Uint64 // see class.go
	index int           // the class's, never changes
	rr    atomic.Int64  // column last chosen
	used  atomic.Uint32 // the cells of its own that are taken
	_     [4]byte

	cell  [fan]atomic.Uint64 // place+1 and a version, 0: free
	trees [maxTrees]atomic.Pointer[tree]

	waits waits

	tried trial // owned by Tick
}

const (
	fan      = 8
	fanBits  = 3
	maxTrees = 6

	// A place's home: class << homeLane | tree << homeIndex | index in the
	// tree. Tree 0 is the lane's own cells.
	homeIndex = 24
	homeLane  = 32
)

// candidate is the better of what was looked at so far.
type candidate struct {
	word    uint64 // of the cell or node it came from
	place   int
	ver     uint64
	arrival int64
	entry   uint64
}

// older tells whether a call waits longer than the candidate.
func (c *candidate) older(arrival int64, entry uint64) bool {
	return c.place < 0 || arrival < c.arrival || arrival == c.arrival && entry < c.entry
}

// consider takes the place into account if its call waits, and tells whether
// it does.
func (e *Engine) consider(c *candidate, place int) bool {
	p := &e.places.at[place]
	x := p.word.Load()
	if kindOf(x) != placeWaiting {
		return false
	}
	if a, n := p.arrival.Load(), p.entry.Load(); c.older(a, n) {
		c.place, c.ver, c.arrival, c.entry = place, x&verMask, a, n
	}
	return true
}

// considerCell does so for a cell. The place may leave the cell and serve
// another call while it is looked at: then the cell's word has changed.
func (e *Engine) considerCell(c *candidate, cell *atomic.Uint64) {
	for {
		w := cell.Load()
		if w == 0 {
			return
		}
		was := *c
		e.consider(c, nodePlace(w))
		if cell.Load() == w {
			return
		}
		*c = was
	}
}

func nodePlace(w uint64) int { return int(w&(1<<headBits-1)) - 1 }

func nodeWord(old uint64, place int) uint64 {
	return (old>>headBits+1)<<headBits | uint64(place+1)
}

// enterLane gives the place a cell and says where. The lane can hold as many
// calls as there are places.
func (e *Engine) enterLane(l *lane, place int, entry uint64) (home uint32) {
	w := entry<<headBits | uint64(place+1)
	for {
		u := l.used.Load()
		if u == 1<<fan-1 {
			break
		}
		i := uint32(trailingOnes(u))
		if l.used.CompareAndSwap(u, u|1<<i) {
			e.places.at[place].home.Store(uint64(l.index)<<homeLane | uint64(i))
			l.cell[i].Store(w)
			return i
		}
	}
	for t := 0; ; t++ {
		tr := l.tree(t)
		if i := tr.take(); i >= 0 {
			home = uint32(t+1)<<homeIndex | uint32(i)
			e.places.at[place].home.Store(uint64(l.index)<<homeLane | uint64(home))
			tr.cell[i].Store(w)
			return home
		}
	}
}

// leaveLane frees the place's cell. The place's word is final.
func (e *Engine) leaveLane(l *lane, p *place) {
	h := uint32(p.home.Load())
	t, i := h>>homeIndex, h&(1<<homeIndex-1)
	if t == 0 {
		l.cell[i].Store(0)
		l.used.And(^uint32(1 << i))
		return
	}
	tr := l.trees[t-1].Load()
	tr.cell[i].Store(0)
	tr.give(i)
}

// refresh carries what became of the call at home up to the top.
func (e *Engine) refresh(l *lane, home uint32) {
	if t, i := home>>homeIndex, home&(1<<homeIndex-1); t > 0 {
		e.refreshTree(l.trees[t-1].Load(), int(i))
	}
	for range 2 {
		old := l.top.Load()
		c := candidate{place: -1}
		for i := range l.cell {
			e.considerCell(&c, &l.cell[i])
		}
		for i := range l.trees {
			t := l.trees[i].Load()
			if t == nil {
				break
			}
			e.considerNode(&c, t, len(t.level)-1, 0)
		}
		e.at(atRefresh)
		if l.top.CompareAndSwap(old, nodeWord(old, c.place)) {
			return
		}
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
		home := uint32(e.places.at[i].home.Load())
		if l.top.Load() != w {
			continue // the place may have served another call meanwhile
		}
		if c.place >= 0 {
			return c
		}
		e.refresh(l, home)
	}
}
