package queue

// picked is the call chosen for an agent.
type picked struct {
	place   int // -1: none
	ver     uint64
	eff     int64 // arrival less head start: the smaller, the higher the score
	arrival int64
	call    *Call
	def     *definition
	ring    int
}

// worse tells whether a call goes before the one picked so far: the higher
// score, then the longer wait, then who entered first.
func (p *picked) worse(eff int64, h *candidate) bool {
	if p.place < 0 || eff != p.eff {
		return p.place < 0 || eff < p.eff
	}
	return h.arrival < p.arrival || h.arrival == p.arrival && h.call.entry < p.call.entry
}

// pick gives the waiting call with the highest score that an agent may have:
// the best of the oldest ones of its classes. Every call of a class has the
// same head start, so a call behind the oldest is never better, and no ring
// admits an agent to it who is not admitted to the oldest.
//
// The index may admit too much; the needs themselves are asked at the end,
// about the one call picked, and only if that fails about each.
func (e *Engine) pick(col int, in *incarnation, now int64) picked {
	classes := *in.classes.Load()
	first, second := e.lowest(classes)
	if first.key == keyNone {
		return picked{place: -1}
	}
	best := picked{place: -1}
	if e.pickFrom(&best, col, first.class, first.key, now) && second > e.keyOf(best.eff) && e.confirm(best.def, col, best.ring) {
		return best // all others are bounded away from it
	}
	if best = e.pickBy(col, in, classes, now, false); best.place >= 0 && !e.confirm(best.def, col, best.ring) {
		best = e.pickBy(col, in, classes, now, true)
	}
	return best
}

// bounded is a class with its key.
type bounded struct {
	key   uint64
	class int
}

// lowest gives the class with the smallest key, and the second smallest. It is
// where a match spends most of its time, so it has no branch that could be
// foreseen wrongly.
func (e *Engine) lowest(classes []uint16) (first bounded, second uint64) {
	one, two, at := uint64(keyNone<<keyVersion), uint64(keyNone<<keyVersion), 0
	for _, k := range classes {
		w := e.keys[k].Load()
		two = min(two, max(one, w))
		if w < one {
			at = int(k)
		}
		one = min(one, w)
	}
	return bounded{one >> keyVersion, at}, two >> keyVersion
}

// pickBy looks at every class whose key is not beyond the best so far.
func (e *Engine) pickBy(col int, in *incarnation, classes []uint16, now int64, ask bool) picked {
	best, bound := picked{place: -1}, uint64(keyNone-1)
	for _, k := range classes {
		key := e.keys[k].Load() >> keyVersion
		if key > bound {
			continue
		}
		p := best
		if e.pickFrom(&p, col, int(k), key, now) && (!ask || p.def.admits(in, p.ring)) {
			best, bound = p, e.keyOf(p.eff)
		}
	}
	return best
}

// pickFrom looks at the oldest call of one class, and tells whether it is
// better than the best so far.
func (e *Engine) pickFrom(best *picked, col, class int, key uint64, now int64) bool {
	l := &e.lanes[class]
	d := l.def.Load()
	// At most so old is the oldest call: the ring in force for it is this one
	// or an earlier one.
	if d == nil || !d.listed(col, d.ringAt(now-e.effOf(key)-l.lead.Load())) {
		return false
	}
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
	*best = picked{place: h.place, ver: h.ver, eff: eff, arrival: h.arrival, call: h.call, def: d, ring: ring}
	return true
}
