package queue

import (
	"math/bits"
	"sync/atomic"
)

// rank orders the agents that a call may have, the smallest first: who has
// declined the call comes last, then the nearest site, then the strategy's
// term, then the longest idle. No two agents have the same order.
type rank struct {
	declined, site, term, order uint64
}

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

// choose gives the column of the best available agent for a call in a ring,
// -1 if there is none, and how many there were. It looks at every available
// agent whom the ring admits, so its choice is exact; blocks of 64 without
// anyone available cost one load.
//
// The index may admit too much; the need itself is asked at the end, about the
// one chosen, and only if that fails about each.
func (e *Engine) choose(d *definition, c *Call, ring int, now int64) (best, seen int) {
	sure := false
	if d.byOrder[ring] && c.plain() {
		best, seen, sure = e.longestIdle(d.row(ring))
	}
	if !sure {
		best, seen = e.chooseBy(d, c, ring, now, false)
	}
	if best >= 0 && !e.confirm(d, best, ring) {
		best, seen = e.chooseBy(d, c, ring, now, true)
	}
	return best, seen
}

// confirm tells whether the agent is eligible beyond doubt, and makes sure
// that the agent's own look includes the class: the operation that is about
// to note it may be standing still. The agent's word has been read before.
func (e *Engine) confirm(d *definition, col, ring int) bool {
	if e.exact(d, col) && d.listed(col, ring) && e.exact(d, col) {
		return true
	}
	in := e.seats[col].in.Load()
	if !d.admits(in, ring) {
		return false
	}
	in.note(d.class)
	return true
}

// exact tells whether the index of the definition is right about the agent:
// it is unless the definition is still being linked or the agent's profile is
// being changed. If it is so before and after a bit was read, that bit was
// right, or a change came and went between: then it replaced the agent's word,
// and a claim that expects the word from before fails.
func (e *Engine) exact(d *definition, col int) bool {
	return d.linked.Load() && e.seats[col].changes.Load() == 0
}

// longestIdle gives the column of the agent in the row who has been available
// for the longest time, -1 if there is none, and how many there were. sure is
// false if one is claimed, which has to be resolved first.
func (e *Engine) longestIdle(row []atomic.Uint64) (best, seen int, sure bool) {
	const none = 1<<64 - 1
	least, claimed := uint64(none), false
	for wi := range (int(e.agentHigh.Load()) + 63) >> 6 {
		if e.free[wi].n.Load() <= 0 {
			continue
		}
		for b := row[wi].Load(); b != 0; b &= b - 1 {
			col := wi<<6 | bits.TrailingZeros64(b)
			w := e.word[col].Load()
			if kindOf(w) != agentAvailable {
				claimed = claimed || isClaim(w)
				continue
			}
			seen++
			if v := w&seqMask<<colBits | uint64(col); v < least {
				least = v
			}
		}
	}
	if least == none {
		return -1, seen, !claimed
	}
	return int(least & colMask), seen, !claimed
}

func (e *Engine) chooseBy(d *definition, c *Call, ring int, now int64, ask bool) (best, seen int) {
	best = -1
	br := rank{declined: 2}
	row := d.row(ring)
	words := (int(e.agentHigh.Load()) + 63) >> 6
	for wi := range words {
		if e.free[wi].n.Load() <= 0 {
			continue
		}
		for b := row[wi].Load(); b != 0; b &= b - 1 {
			col := wi<<6 | bits.TrailingZeros64(b)
			w := e.word[col].Load()
			if kindOf(w) != agentAvailable {
				if !isClaim(w) {
					continue
				}
				// It may yet be undone, and the agent be the right one.
				if w = e.agentWord(col); kindOf(w) != agentAvailable {
					continue
				}
			}
			seen++
			r := e.rank(d, c, ring, col, w, now)
			if best >= 0 && !r.less(&br) {
				continue
			}
			if !ask || e.confirm(d, col, ring) {
				best, br = col, r
			}
		}
	}
	return best, seen
}

// plain tells whether no agent has declined the call.
func (c *Call) plain() bool { return c == nil || c.declines.Load() == 0 }

func (e *Engine) rank(d *definition, c *Call, ring, col int, w uint64, now int64) rank {
	s := &e.seats[col]
	r := rank{order: orderOf(w)}
	if !c.plain() && c.declinedBy(s.id.Load()) {
		r.declined = 1
	}
	in := s.in.Load()
	if in == nil {
		return r // not admitted, as the caller will find
	}
	r.site = uint64(d.need.siteCost(&in.profile, ring))
	switch d.need.Strategy {
	case BestSkill:
		r.term = uint64(1<<16 - d.need.skillSum(&in.profile))
	case LeastOccupied:
		r.term = s.occupancy(now)
	case RoundRobin:
		r.term = uint64(col-int(e.lanes[d.class].rr.Load())-1) & columnMask
	case FewestCalls:
		r.term = uint64(s.calls.Load())
	case TopDown:
		r.term = uint64(in.profile.Order)
	}
	return r
}

// occupancy gives the share of its time that an agent has served, in 2^-20.
func (s *seat) occupancy(now int64) uint64 {
	return uint64(float64(s.busy.Load()) / float64(max(1, now-s.since.Load())) * (1 << 20))
}
