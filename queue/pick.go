package queue

import "math/bits"

// picked is the call chosen for an agent.
type picked struct {
	place   int // -1: none
	ver     uint64
	eff     int64 // arrival less head start: the smaller, the higher the score
	arrival int64
	entry   uint64
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
func (e *Engine) pick(in *incarnation, now int64) picked {
	best := picked{place: -1}
	bound := uint64(keyNone) - 1
	for g := range in.classes {
		for b := in.classes[g].Load(); b != 0; b &= b - 1 {
			k := g<<6 | bits.TrailingZeros64(b)
			if key := e.keys[k].Load() >> keyVersion; key <= bound && e.pickFrom(&best, in, &e.lanes[k], key, now) {
				bound = keyOf(best.eff)
			}
		}
	}
	return best
}

// pickFrom looks at the oldest call of one class.
func (e *Engine) pickFrom(best *picked, in *incarnation, l *lane, key uint64, now int64) bool {
	h := e.head(l)
	if l.headKey(&h) > key {
		e.raiseKey(l)
	}
	if h.place < 0 {
		return false
	}
	eff := h.arrival - l.lead.Load()
	if !best.worse(eff, &h) {
		return false
	}
	d := l.def.Load()
	if d == nil || !d.admits(in, d.need.ringAt(now-h.arrival)) {
		return false
	}
	*best = picked{place: h.place, ver: h.ver, eff: eff, arrival: h.arrival, entry: h.entry}
	return true
}
