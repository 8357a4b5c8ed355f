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
	now     int64 // when that was so
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
//
// now is 0 if the clock is to be read, after the keys: none is, where nobody
// waits.
func (e *Engine) pick(col int, in *incarnation, now int64) picked {
	s := search{e: e, col: col, now: now, classes: *in.classes.Load(), best: picked{place: -1}, bound: keyNone - 1}
	if s.run(); s.best.place >= 0 && !e.confirm(s.best.def, col, s.best.ring) {
		s.ask, s.best, s.bound = in, picked{place: -1}, keyNone-1
		s.sweep()
	}
	return s.best
}

// search looks through the classes of one agent.
type search struct {
	e       *Engine
	col     int
	now     int64
	classes []uint16
	ask     *incarnation // not nil: ask the need about each
	best    picked
	bound   uint64 // no class with a larger key has a better call
}

// run looks at the classes in the order of their keys until the next one is
// beyond the best. Mostly the first will do; where several in a row have
// nothing for the agent, it looks at the others as they stand.
func (s *search) run() {
	from := uint64(0)
	for range 2 {
		one, two := s.lowest(from)
		if !s.try(one) || !s.try(two) {
			return
		}
		from = two + 1
	}
	s.sweep()
}

// sweep looks at every class whose key is not beyond the best so far.
func (s *search) sweep() {
	for i, k := range s.classes {
		s.try(s.e.keys[k].Load()&^(1<<keyVersion-1) | uint64(i))
	}
}

// try looks at the class with this key and index, false if it is beyond the
// best so far.
func (s *search) try(v uint64) bool {
	key := v >> keyVersion
	if key > s.bound {
		return false
	}
	if s.now == 0 {
		s.now = s.e.o.Now()
	}
	p := s.best
	if s.e.pickFrom(&p, s.col, int(s.classes[v&(1<<keyVersion-1)]), key, s.now) && (s.ask == nil || p.def.admits(s.ask, p.ring)) {
		s.best, s.bound = p, s.e.keyOf(p.eff)
	}
	return true
}

// lowest gives the two smallest keys not below from, each with the index of
// its class in place of its version. A match spends much of its time here; the
// one branch is seldom taken.
func (s *search) lowest(from uint64) (one, two uint64) {
	one, two = keyNone<<keyVersion, keyNone<<keyVersion
	keys := s.e.keys
	for i, k := range s.classes {
		v := keys[k].Load()&^(1<<keyVersion-1) | uint64(i)
		if v < two && v >= from {
			two = max(one, v)
			one = min(one, v)
		}
	}
	return one, two
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
	*best = picked{place: h.place, ver: h.ver, eff: eff, arrival: h.arrival, call: h.call, def: d, ring: ring, now: now}
	return true
}
