package baseline

import (
	"math/bits"
	"slices"

	"switchroom/queue"
)

// Call is a waiting call. Entered once.
type Call struct {
	queue.Call
	entry uint64
	at    int // index in its class's heap, -1 when in none
	state uint8
	agent int32
}

const (
	outside = iota
	waiting
	offered
	ended
)

// Offer is a match; the receiver answers with Accept or Decline.
type Offer struct {
	Call  *Call
	Agent int32
}

const none = int64(1<<63 - 1)

type class struct {
	need queue.Need
	lead int64
	row  [][]uint64 // per ring: the agents it admits
	heap []*Call
}

// core is a plain sequential engine; its owner serialises.
type core struct {
	now     func() int64
	head    []int64 // per class: arrival less lead of its oldest call
	classes []class
	state   []uint8 // per agent
	order   []uint64
	free    []int32 // available agents per 64
	can     [][]uint64
	profile []queue.Profile
	entries uint64
	orders  uint64
	out     []Offer
	start   int64
}

const (
	idle = iota
	available
	ringing
	serving
)

func newCore(headStart int64, now func() int64) core {
	return core{now: now, start: headStart}
}

func admits(n *queue.Need, p *queue.Profile, ring int) bool {
	for i := range ring + 1 {
		r := &n.Rings[i]
		ok := (p.Queues == nil || slices.Contains(p.Queues, n.Queue)) && (r.Sites == nil || slices.Contains(r.Sites, p.Site))
		for _, s := range r.Skills {
			ok = ok && slices.ContainsFunc(p.Skills, func(l queue.SkillLevel) bool { return l.Skill == s.Skill && l.Level >= s.Level })
		}
		if ok {
			return true
		}
	}
	return false
}

func (e *core) addClass(n queue.Need) {
	k := class{need: n, lead: int64(n.Priority) * e.start}
	e.classes = append(e.classes, k)
	e.head = append(e.head, none)
}

func (e *core) addAgent(p queue.Profile) {
	e.profile = append(e.profile, p)
	e.state = append(e.state, idle)
	e.order = append(e.order, 0)
}

// build makes the index once all classes and agents are in.
func (e *core) build() {
	e.free = make([]int32, (len(e.state)+63)/64)
	e.can = make([][]uint64, len(e.state))
	for a := range e.can {
		e.can[a] = make([]uint64, (len(e.classes)+63)/64)
	}
	for i := range e.classes {
		k := &e.classes[i]
		k.row = make([][]uint64, len(k.need.Rings))
		for r := range k.row {
			k.row[r] = make([]uint64, len(e.free))
			for a := range e.profile {
				if admits(&k.need, &e.profile[a], r) {
					k.row[r][a>>6] |= 1 << (a & 63)
					e.can[a][i>>6] |= 1 << (i & 63)
				}
			}
		}
	}
}

func (k *class) ring(age int64) int {
	r := len(k.need.Rings) - 1
	for r > 0 && age < int64(k.need.Rings[r].After) {
		r--
	}
	return r
}

func (e *core) set(a int32, state uint8) {
	if e.state[a] == available {
		e.free[a>>6]--
	}
	if state == available {
		e.free[a>>6]++
	}
	e.state[a] = state
}

func (e *core) enter(c *Call) {
	e.entries++
	c.entry, c.state = e.entries, waiting
	e.push(c)
	e.settle(int(c.Class), e.now())
}

func (e *core) settle(k int, now int64) {
	for e.head[k] != none {
		a := e.choose(k, e.classes[k].heap[0], now)
		if a < 0 || !e.matchAgent(a, now) {
			return
		}
	}
}

func (e *core) choose(k int, c *Call, now int64) int32 {
	cl := &e.classes[k]
	row := cl.row[cl.ring(now-c.Arrival)]
	best, order := int32(-1), uint64(0)
	for wi, f := range e.free {
		if f == 0 {
			continue
		}
		for b := row[wi]; b != 0; b &= b - 1 {
			a := int32(wi<<6 | bits.TrailingZeros64(b))
			if e.state[a] == available && (best < 0 || e.order[a] < order) {
				best, order = a, e.order[a]
			}
		}
	}
	return best
}

func (e *core) matchAgent(a int32, now int64) bool {
	best, key := -1, none
	for wi, w := range e.can[a] {
		for b := w; b != 0; b &= b - 1 {
			k := wi<<6 | bits.TrailingZeros64(b)
			if e.head[k] > key || e.head[k] == none {
				continue
			}
			cl := &e.classes[k]
			c := cl.heap[0]
			if cl.row[cl.ring(now-c.Arrival)][a>>6]>>(a&63)&1 == 0 {
				continue
			}
			if e.head[k] < key || before(c, e.classes[best].heap[0]) {
				best, key = k, e.head[k]
			}
		}
	}
	if best < 0 {
		return false
	}
	c := e.classes[best].heap[0]
	e.remove(c)
	c.state, c.agent = offered, a
	e.set(a, ringing)
	e.out = append(e.out, Offer{c, a})
	return true
}

func (e *core) ready(a int32) {
	if e.state[a] == available || e.state[a] == ringing {
		return
	}
	e.orders++
	e.order[a] = e.orders
	e.set(a, available)
	e.matchAgent(a, e.now())
}

func (e *core) accept(o Offer) bool {
	if o.Call.state != offered || o.Call.agent != o.Agent {
		return false
	}
	o.Call.state = ended
	e.set(o.Agent, serving)
	return true
}

func (e *core) abandon(c *Call) bool {
	switch c.state {
	case waiting:
		e.remove(c)
	case offered:
		e.set(c.agent, idle)
	default:
		return false
	}
	c.state = ended
	return true
}
