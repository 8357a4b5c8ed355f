package queue

import "sync/atomic"

// definition is one immutable need of a class with its index: per ring a
// bitmap of the agents it admits. The bitmaps and counts are hints that
// converge: a bit may be set for an agent that has changed since, so whoever
// is about to choose an agent asks the need itself; a bit is missing only
// while the operation that will set it has not returned.
type definition struct {
	rings  int
	words  int             // of a row: one for 64 agents
	rows   []atomic.Uint64 // per ring a row with a bit per agent
	lead   int64           // ns
	linked atomic.Bool     // every agent is, and from here on by its own changes
	class  uint16
	robin  bool  // the strategy is RoundRobin
	any    uint8 // bit per ring that asks for no site
	after  [MaxRings]int64

	need  Need
	count [MaxRings]counts
	// verdict holds per agent what has been counted for it, 16 bits each.
	verdict []atomic.Uint64
	// byOrder: in this ring the longest idle wins, site and strategy being the
	// same for all whom it admits.
	byOrder [MaxRings]bool
}

// counts of agents per ring, as Why shows them.
type counts struct {
	eligible, noQueue, noSite, noSkill atomic.Int32
}

// A verdict on an agent: bits 0-3 the first ring that admits it, 4 does not
// serve the queue, 5 is known at all, 8-15 per ring: its site is not asked for.
const (
	verdictQueue = 1 << 4
	verdictKnown = 1 << 5
	verdictSite  = 8
)

func (e *Engine) newDefinition(class int, n Need) *definition {
	d := &definition{need: n, class: uint16(class), robin: n.Strategy == RoundRobin, lead: int64(n.Priority) * int64(e.o.HeadStart), rings: len(n.Rings)}
	d.words = (e.o.MaxAgents + 63) / 64
	d.rows = make([]atomic.Uint64, d.rings*d.words)
	for r := range d.rings {
		d.after[r] = int64(n.Rings[r].After)
		if n.Rings[r].Sites == nil {
			d.any |= 1 << r
		}
		sites := len(n.Rings[r].Sites)
		d.byOrder[r] = n.Strategy == LongestIdle && (n.Rings[r].Sites == nil || r == 0 && sites == 1)
	}
	d.verdict = make([]atomic.Uint64, (e.o.MaxAgents+3)/4)
	return d
}

// judge is the pure function behind the index.
func (d *definition) judge(in *incarnation) uint16 {
	if in == nil {
		return 0
	}
	n := &d.need
	v := uint16(n.firstRing(&in.profile)) | verdictKnown
	for r := range n.Rings {
		switch n.fitRing(&in.profile, r) {
		case noQueue:
			v |= verdictQueue
		case noSite:
			v |= 1 << (verdictSite + r)
		}
	}
	return v
}

// link brings the definition's index in line with the agent in a column.
// Any goroutine may do it at any time, several at once: the last one to look
// at the column leaves it right.
func (e *Engine) link(d *definition, col int) {
	for {
		in := e.seats[col].in.Load()
		v := d.judge(in)
		e.at(atLinked)
		first := len(d.need.Rings)
		if in != nil {
			first = int(v & 15)
		}
		if first < len(d.need.Rings) {
			in.note(d.class)
		}
		for r := range d.rings {
			w, bit := &d.row(r)[col>>6], uint64(1)<<(col&63)
			if r >= first {
				w.Or(bit)
			} else if w.Load()&bit != 0 {
				w.And(^bit)
			}
		}
		d.tally(d.swapVerdict(col, v), -1)
		d.tally(v, 1)
		e.at(atLinked)
		if e.seats[col].in.Load() == in {
			return
		}
	}
}

// admit sets the bits for a profile that is about to take effect, so that no
// class loses sight of the agent while it changes.
func (e *Engine) admit(d *definition, col int, in *incarnation) {
	first := d.need.firstRing(&in.profile)
	if first < len(d.need.Rings) {
		in.note(d.class)
	}
	for r := first; r < d.rings; r++ {
		d.row(r)[col>>6].Or(1 << (col & 63))
	}
}

func (d *definition) swapVerdict(col int, v uint16) uint16 {
	w, shift := &d.verdict[col>>2], col&3*16
	for {
		old := w.Load()
		if w.CompareAndSwap(old, old&^(0xffff<<shift)|uint64(v)<<shift) {
			return uint16(old >> shift)
		}
	}
}

// tally adds or takes away what one verdict contributes to the counts.
func (d *definition) tally(v uint16, n int32) {
	if v&verdictKnown == 0 {
		return
	}
	for r := range d.need.Rings {
		switch c := &d.count[r]; {
		case int(v&15) <= r:
			c.eligible.Add(n)
		case v&verdictQueue != 0:
			c.noQueue.Add(n)
		case v>>(verdictSite+r)&1 != 0:
			c.noSite.Add(n)
		default:
			c.noSkill.Add(n)
		}
	}
}

// ringAt gives the ring in force at an age in ns: the last that has opened.
func (d *definition) ringAt(age int64) int {
	r := d.rings - 1
	for r > 0 && age < d.after[r] {
		r--
	}
	return r
}

// row gives the bitmap of the agents whom a ring admits.
func (d *definition) row(ring int) []atomic.Uint64 {
	return d.rows[ring*d.words:][:d.words]
}

// listed asks the index whether the ring admits the agent.
func (d *definition) listed(col, ring int) bool {
	return d.rows[ring*d.words+col>>6].Load()>>(col&63)&1 != 0
}

// admits asks the need itself whether the agent is eligible in the ring.
func (d *definition) admits(in *incarnation, ring int) bool {
	return in != nil && d.need.firstRing(&in.profile) <= ring
}

// linkAll links every agent.
func (e *Engine) linkAll(d *definition) {
	for col := range int(e.agentHigh.Load()) {
		if e.seats[col].in.Load() != nil || d.verdict[col>>2].Load() != 0 {
			e.link(d, col)
		}
	}
}

// eachClass calls f with the definition of every class.
func (e *Engine) eachClass(f func(*definition)) {
	for k := range int(e.classHigh.Load()) {
		if d := e.lanes[k].def.Load(); d != nil {
			f(d)
		}
	}
}
