package baseline

import "switchroom/queue"

// counts of agents in one ring, as queue.Why shows them.
type counts struct{ eligible, noQueue, noSite, noSkill int }

// A verdict on an agent: bits 0-3 the first ring that admits it, 4 it does not
// serve the queue, 5 it is known at all, 8-15 per ring: its site is not asked for.
const (
	verdictQueue = 1 << 4
	verdictKnown = 1 << 5
	verdictSite  = 8
)

// define puts a need in force and makes its index.
func (e *core) define(k int, n queue.Need) {
	if len(n.Rings) == 0 {
		n.Rings = []queue.Ring{{}}
	}
	c := e.classes[k]
	c.need, c.lead = n, int64(n.Priority)*e.start
	c.row, c.count, c.byOrder = nil, make([]counts, len(n.Rings)), nil
	c.verdict = make([]uint16, len(e.seats))
	for r := range n.Rings {
		sites := len(n.Rings[r].Sites)
		c.row = append(c.row, make([]uint64, len(e.free)))
		c.byOrder = append(c.byOrder, n.Strategy == queue.LongestIdle && (n.Rings[r].Sites == nil || r == 0 && sites == 1))
	}
	for a := range e.seats {
		e.link(k, int32(a))
	}
	e.note(k)
}

// link brings the index of a class in line with an agent.
func (e *core) link(k int, a int32) {
	c := e.classes[k]
	v := uint16(0)
	if e.state[a] != gone {
		v = c.judge(&e.seats[a].profile)
	}
	c.tally(c.verdict[a], -1)
	c.tally(v, 1)
	c.verdict[a] = v
	first := len(c.row)
	if v != 0 {
		first = int(v & 15)
	}
	word, bit := &e.can[a][k>>6], uint64(1)<<(k&63)
	*word &^= bit
	if first < len(c.row) {
		*word |= bit
	}
	for r := range c.row {
		c.row[r][a>>6] &^= 1 << (a & 63)
		if r >= first {
			c.row[r][a>>6] |= 1 << (a & 63)
		}
	}
}

func (c *class) judge(p *queue.Profile) uint16 {
	v, first := uint16(verdictKnown), len(c.need.Rings)
	for r := range c.need.Rings {
		switch fitRing(&c.need, p, r) {
		case fits:
			first = min(first, r)
		case noQueue:
			v |= verdictQueue
		case noSite:
			v |= 1 << (verdictSite + r)
		}
	}
	return v | uint16(first)
}

func (c *class) tally(v uint16, n int) {
	if v&verdictKnown == 0 {
		return
	}
	for r := range c.count {
		switch t := &c.count[r]; {
		case int(v&15) <= r:
			t.eligible += n
		case v&verdictQueue != 0:
			t.noQueue += n
		case v>>(verdictSite+r)&1 != 0:
			t.noSite += n
		default:
			t.noSkill += n
		}
	}
}

func (e *core) addClass(n queue.Need) int {
	k := len(e.classes)
	e.classes = append(e.classes, &class{rr: -1})
	e.head = append(e.head, none)
	for a := range e.can {
		if k>>6 == len(e.can[a]) {
			e.can[a] = append(e.can[a], 0)
		}
	}
	e.define(k, n)
	return k
}

func (e *core) addAgent(p queue.Profile, owner any) int32 {
	a := int32(len(e.seats))
	e.seats = append(e.seats, &seat{profile: p, owner: owner, since: e.now()})
	e.state, e.order = append(e.state, idle), append(e.order, 0)
	e.can = append(e.can, make([]uint64, (len(e.classes)+63)/64))
	if int(a)>>6 == len(e.free) {
		e.free = append(e.free, 0)
	}
	for k, c := range e.classes {
		c.verdict = append(c.verdict, 0)
		for r := range c.row {
			if int(a)>>6 == len(c.row[r]) {
				c.row[r] = append(c.row[r], 0)
			}
		}
		e.link(k, a)
	}
	return a
}

func (e *core) changeAgent(a int32, p queue.Profile) {
	if e.state[a] == gone || e.seats[a].leaving {
		return
	}
	e.seats[a].profile = p
	e.relink(a)
	if e.state[a] == available {
		e.matchAgent(a, queue.Redefinition, nil, 1, e.now())
	}
}

func (e *core) relink(a int32) {
	for k := range e.classes {
		e.link(k, a)
	}
}

func (e *core) removeAgent(a int32) {
	if e.state[a] == ringing {
		e.seats[a].leaving = true
		return
	}
	e.set(a, gone)
	e.relink(a)
}

func (e *core) redefine(k int, n queue.Need) {
	e.define(k, n)
	e.settle(k, queue.Redefinition, e.now())
}
