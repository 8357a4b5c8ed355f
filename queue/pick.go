package queue

import "math/bits"

// picked is the call chosen for an agent.
type picked struct {
	place   int // -1: none
	ver     uint64
	eff     int64 // arrival less head start: the smaller, the higher the score
	arrival int64
	entry   uint64
	def     *definition
	ring    int
}

// worse tells whether a call goes before the one picked so far: the higher
// score, then the longer wait, then who entered first.
func (p *picked) worse(eff int64, h *candidate) bool {
	if p.place < 0 || eff != p.eff {
		return p.place < 0 || eff < p.eff
	}
	return h.arrival < p.arrival || h.arrival == p.arrival && h.entry < p.entry
}

// pick gives the waiting call with the highest score that an agent may have:
// the best of the oldest ones of its classes. Every call of a class has the
// same head start, so a call behind the oldest is never better, and no ring
// admits an agent to it who is not admitted to the oldest. Classes whose key
// is beyond the best so far cost one load.
//
// The index may admit too much; the needs themselves are asked at the end,
// about the one call picked, and only if that fails about each.
func (e *Engine) pick(col int, in *incarnation, now int64) picked {
	best := e.pickBy(col, in, now, false)
	if best.place >= 0 && !best.def.admits(in, best.ring) {
		best = e.pickBy(col, in, now, true)
	}
	return best
}

func (e *Engine) pickBy(col int, in *incarnation, now int64, ask bool) picked {
	best := picked{place: -1}
	bound := uint64(keyNone) - 1
	for g := range in.classes {
		for b := in.classes[g].Load(); b != 0; b &= b - 1 {
			k := g<<6 | bits.TrailingZeros64(b)
			key := e.keys[k].Load() >> keyVersion
			if key > bound {
				continue
			}
			l := &e.lanes[k]
			d := l.def.Load()
			if d == nil {
				continue
			}
			// At most so old is the oldest call: the ring in force for it is
			// this one or an earlier one.
			if !d.listed(col, d.ringAt(now-e.effOf(key)-l.lead.Load())) {
				continue
			}
			p := best
			if e.pickFrom(&p, col, l, d, key, now) && (!ask || d.admits(in, p.ring)) {
				best, bound = p, e.keyOf(p.eff)
			}
		}
	}
	return best
}

// pickFrom looks at the oldest call of one class.
func (e *Engine) pickFrom(best *picked, col int, l *lane, d *definition, key uint64, now int64) bool {
	h := e.head(l)
	if e.headKey(l, &h) > key {
		e.raiseKey(l)
	}
	if h.place < 0 {
		return false
	}
	eff := h.arrival - d.lead
	ring := d.ringAt(now - h.arrival)
	if !best.worse(eff, &h) || !d.listed(col, ring) {
		return false
	}
	*best = picked{place: h.place, ver: h.ver, eff: eff, arrival: h.arrival, entry: h.entry, def: d, ring: ring}
	return true
}
