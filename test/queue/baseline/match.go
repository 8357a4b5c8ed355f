package baseline

import (
	"math/bits"

	"switchroom/queue"
)

// rank orders the agents that a call may have, the smallest first.
type rank struct{ declined, site, term, order uint64 }

func (a *rank) less(b *rank) bool {
	if a.declined != b.declined {
		return a.declined < b.declined
	}
	if a.site != b.site {
		return a.site < b.site
	}
	if a.term != b.term {
		return a.term < b.term
	}
	return a.order < b.order
}

// settle gives agents to the calls of a class, oldest first.
func (e *core) settle(k int, why queue.Trigger, now int64) {
	for e.head[k] != none {
		c := e.classes[k].heap[0]
		a, seen := e.choose(k, c, now)
		if a < 0 || !e.matchAgent(a, why, c, seen, now) {
			return
		}
	}
}

// choose gives the best available agent for a call, -1 if there is none, and
// how many there were.
func (e *core) choose(k int, c *Call, now int64) (best int32, seen int) {
	cl := e.classes[k]
	ring := cl.ring(now - c.Arrival)
	row, plain := cl.row[ring], cl.byOrder[ring] && c.declines == 0
	best = -1
	var br rank
	for wi, f := range e.free {
		if f == 0 {
			continue
		}
		for b := row[wi]; b != 0; b &= b - 1 {
			a := int32(wi<<6 | bits.TrailingZeros64(b))
			if e.state[a] != available {
				continue
			}
			seen++
			r := rank{order: e.order[a]}
			if plain {
				if best >= 0 && r.order >= br.order {
					continue
				}
			} else if r = e.rank(cl, c, ring, a, now); best >= 0 && !r.less(&br) {
				continue
			}
			best, br = a, r
		}
	}
	return best, seen
}

func (e *core) rank(k *class, c *Call, ring int, a int32, now int64) rank {
	s := e.seats[a]
	r := rank{order: e.order[a], site: uint64(siteCost(&k.need, &s.profile, ring))}
	if c.declines > 0 && c.declinedAt(a) < remembered {
		r.declined = 1
	}
	switch k.need.Strategy {
	case queue.BestSkill:
		r.term = uint64(1<<16 - skillSum(&k.need, &s.profile))
	case queue.LeastOccupied:
		r.term = uint64(float64(s.busy) / float64(max(1, now-s.since)) * (1 << 20))
	case queue.RoundRobin:
		r.term = uint64(int(a)-k.rr-1) & (1<<16 - 1)
	case queue.FewestCalls:
		r.term = uint64(s.calls)
	case queue.TopDown:
		r.term = uint64(s.profile.Order)
	}
	return r
}

// matchAgent gives an agent the best of the oldest calls of its classes.
// looked is the call for which seen agents were looked at.
func (e *core) matchAgent(a int32, why queue.Trigger, looked *Call, seen int, now int64) bool {
	best, key := -1, none
	for wi, w := range e.can[a] {
		for b := w; b != 0; b &= b - 1 {
			k := wi<<6 | bits.TrailingZeros64(b)
			if e.head[k] > key || e.head[k] == none {
				continue
			}
			cl := e.classes[k]
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
	if looked != nil && looked != c {
		seen = -1
	}
	e.offer(a, c, why, seen, now)
	return true
}

// offer makes the match and says why.
func (e *core) offer(a int32, c *Call, why queue.Trigger, seen int, now int64) {
	k, s := e.classes[c.Class], e.seats[a]
	e.seqs++
	o := Offer{Call: c, Agent: a, Owner: s.owner, Seq: e.seqs, Ring: k.ring(now - c.Arrival)}
	n, w := &k.count[o.Ring], &o.Why
	w.From, w.Waiting, w.Waited = uint8(why), len(k.heap), now-c.Arrival
	w.Score, w.Idle = w.Waited+k.lead, now-s.idleAt
	w.SiteCost, w.SkillSum = siteCost(&k.need, &s.profile, o.Ring), skillSum(&k.need, &s.profile)
	w.Considered, w.NoQueue, w.NoSite, w.NoSkill = n.eligible, n.noQueue, n.noSite, n.noSkill
	if seen < 0 {
		seen = e.seen(k, o.Ring)
	}
	w.NotReady = max(0, w.Considered-seen)
	for i := range min(c.declines, remembered) {
		if d := c.declined[i] - 1; d != a && c.declinedAt(d) == i && e.state[d] == available && k.verdict[d]&verdictKnown != 0 && int(k.verdict[d]&15) <= o.Ring {
			w.Declined++
		}
	}
	e.remove(c)
	c.state, c.agent, c.seq, s.call = offered, a, o.Seq, c
	e.set(a, ringing)
	if k.need.Strategy == queue.RoundRobin {
		k.rr = int(a)
	}
	e.out = append(e.out, o)
}

func (e *core) seen(k *class, ring int) (n int) {
	for wi, f := range e.free {
		if f == 0 {
			continue
		}
		for b := k.row[ring][wi]; b != 0; b &= b - 1 {
			if e.state[wi<<6|bits.TrailingZeros64(b)] == available {
				n++
			}
		}
	}
	return n
}
