package queue

import "sync/atomic"

// tree is a tournament over a fixed number of cells, a power of fan.
type tree struct {
	cell  []cell
	level [][]atomic.Uint64 // nodes; level[0] stands on the cells, the last is the root
	next  []atomic.Uint32
	free  atomic.Uint64 // stack of cells given back: index+1 and a version
	fresh atomic.Uint32 // cells from here on were never taken
}

// newTree makes the t-th tree of a lane: 64 cells, 512, ...
func newTree(t int) *tree {
	n := 1 << (fanBits * (t + 2))
	tr := &tree{cell: make([]cell, n), next: make([]atomic.Uint32, n)}
	for n > 1 {
		n >>= fanBits
		tr.level = append(tr.level, make([]atomic.Uint64, n))
	}
	return tr
}

// tree gives the lane's t-th tree and makes it if it is the first to ask.
func (l *lane) tree(t int) *tree {
	if tr := l.trees[t].Load(); tr != nil {
		return tr
	}
	l.trees[t].CompareAndSwap(nil, newTree(t))
	return l.trees[t].Load()
}

// take gives a free cell, -1 if there is none.
func (t *tree) take() int {
	for {
		h := t.free.Load()
		i := int(h&(1<<headBits-1)) - 1
		if i < 0 {
			break
		}
		if t.free.CompareAndSwap(h, (h>>headBits+1)<<headBits|uint64(t.next[i].Load())) {
			return i
		}
	}
	for {
		n := t.fresh.Load()
		if int(n) == len(t.cell) {
			return -1
		}
		if t.fresh.CompareAndSwap(n, n+1) {
			return int(n)
		}
	}
}

func (t *tree) give(i uint32) {
	for {
		h := t.free.Load()
		t.next[i].Store(uint32(h & (1<<headBits - 1)))
		if t.free.CompareAndSwap(h, (h>>headBits+1)<<headBits|uint64(i+1)) {
			return
		}
	}
}

// refreshTree takes the call in a cell and a place, that has ceased to wait,
// out of the nodes above it, from the bottom so many levels up.
func (e *Engine) refreshTree(t *tree, levels, cell, place int) {
	for lv := range levels {
		cell >>= fanBits
		for range 2 {
			if e.keep(&t.level[lv][cell], place) || e.renewNode(t, lv, cell) {
				break
			}
		}
	}
}

// renewNode computes a node anew from what is below. False: another swap came
// between.
func (e *Engine) renewNode(t *tree, lv, i int) bool {
	node := &t.level[lv][i]
	old := node.Load()
	c := candidate{place: -1}
	if first := i << fanBits; lv == 0 {
		e.considerCells(&c, t.cell[first:first+fan])
	} else {
		for j := range fan {
			e.considerNode(&c, t, lv-1, first+j)
		}
	}
	e.at(atRefresh)
	return node.CompareAndSwap(old, nodeWord(old, c.place))
}

// considerNode takes the oldest waiting call below a node into account.
func (e *Engine) considerNode(c *candidate, t *tree, lv, i int) {
	node := &t.level[lv][i]
	for {
		w := node.Load()
		place := nodePlace(w)
		if place < 0 {
			return
		}
		was := *c
		waits := e.consider(c, place)
		call := e.places.at[place].call.Load()
		if node.Load() != w || call == nil {
			*c = was // the place may serve another call by now
			continue
		}
		if waits {
			return
		}
		e.refreshTree(t, lv+1, int(call.home&(1<<homeIndex-1)), place)
	}
}
