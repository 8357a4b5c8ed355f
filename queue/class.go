package queue

// A lane's life word: bit 63 taken, bit 62 retired, 44-58 generation, 22-43
// the calls that wait, 0-21 the calls inside. Entering adds one to both before
// anything else; the first is lowered after the call's word has ceased to say
// waiting, the second after all else. So a class's lane is not given to
// another class while a call is or may yet come to be in it.
const (
	lifeTaken   = 1 << 63
	lifeRetired = 1 << 62
	lifeGen     = 44
	lifeGenMask = 1<<15 - 1
	lifeWaits   = 1 << 22
	lifeCalls   = lifeWaits - 1
	lifeBoth    = 1<<lifeGen - 1

	classIndexMask = 1<<16 - 1
)

func lifeWaiting(w uint64) int { return int(w >> 22 & lifeCalls) }

func lifeGenOf(w uint64) uint64 { return w >> lifeGen & lifeGenMask }

// laneOf gives the class's lane, nil if there is no such class. It may be
// retired right after.
func (e *Engine) laneOf(id ClassID) *lane {
	k := int(id) & classIndexMask
	if id < 0 || k >= len(e.lanes) {
		return nil
	}
	l := &e.lanes[k]
	if w := l.life.Load(); w&lifeTaken == 0 || lifeGenOf(w) != uint64(id)>>16 {
		return nil
	}
	return l
}

// admit counts a call in, to be counted out by unwait and leave whatever the
// answer, and gives the calls that were waiting. False: there is no such
// class, or it is retired.
func (l *lane) admit(id ClassID) (ahead int, ok bool) {
	w := l.life.Add(1 + lifeWaits)
	return lifeWaiting(w) - 1, w&(lifeTaken|lifeRetired) == lifeTaken && lifeGenOf(w) == uint64(id)>>16
}

// unwait counts one waiting call less. It may come after the call was counted
// out, by another goroutine.
func (e *Engine) unwait(l *lane) {
	if w := l.life.Add(^uint64(lifeWaits - 1)); w&lifeBoth == 0 {
		e.reap(l, w)
	}
}

// leave counts a call out and frees the lane after the last one of a retired
// class.
func (e *Engine) leave(l *lane) {
	if w := l.life.Add(^uint64(0)); w&lifeBoth == 0 {
		e.reap(l, w)
	}
}

// reap frees a retired lane without calls. The swap decides who does it.
func (e *Engine) reap(l *lane, w uint64) {
	if w&lifeTaken == 0 || w&lifeRetired == 0 || w&lifeBoth != 0 {
		return
	}
	next := (lifeGenOf(w) + 1) & lifeGenMask
	busy := uint64(lifeRetired) | next<<lifeGen // not taken, not free: being emptied
	if l.life.CompareAndSwap(w, busy) {
		l.def.Store(nil)
		l.rr.Store(-1)
		l.waits.clear()
		l.life.And(^uint64(lifeRetired))
	}
}

// AddClass makes a class of calls with one need. The error is ErrNeed or,
// with MaxClasses in use, ErrFull.
func (e *Engine) AddClass(n Need) (ClassID, error) {
	n, err := copyNeed(n)
	if err != nil {
		return -1, err
	}
	for k := range e.lanes {
		l := &e.lanes[k]
		w := l.life.Load()
		if w&(lifeTaken|lifeRetired|lifeBoth) != 0 {
			continue
		}
		if !l.life.CompareAndSwap(w, w|lifeRetired) {
			continue
		}
		raise(&e.classHigh, int64(k)+1)
		e.define(l, e.newDefinition(k, n))
		// <- linearization: from here calls may enter.
		for {
			w := l.life.Load()
			if l.life.CompareAndSwap(w, w&^lifeRetired|lifeTaken) {
				return ClassID(uint64(k) | lifeGenOf(w)<<16), nil
			}
		}
	}
	return -1, ErrFull
}

// Redefine gives a class another need. Its calls keep their places and fall
// under it at once.
//
// Linearization: the store of the definition.
func (e *Engine) Redefine(id ClassID, n Need) error {
	n, err := copyNeed(n)
	if err != nil {
		return err
	}
	l := e.laneOf(id)
	if l == nil {
		return ErrNoClass
	}
	_, ok := l.admit(id) // counted in like a call, so that the lane stays the class's
	e.unwait(l)
	defer e.leave(l)
	if !ok {
		return ErrNoClass
	}
	e.define(l, e.newDefinition(int(id)&classIndexMask, n))
	e.at(atRedefined)
	e.settle(l, Redefinition)
	return nil
}

// define publishes a definition. Agents that came or changed while it was
// being linked are caught by the second pass: they stored themselves before
// they read the definitions, and this stored before it reads them.
func (e *Engine) define(l *lane, d *definition) {
	before := e.agentEpoch.Load()
	e.linkAll(d)
	l.def.Store(d)
	e.classEpoch.Add(1)
	if e.agentEpoch.Load() != before {
		e.linkAll(d)
	}
	for {
		d := l.def.Load()
		l.lead.Store(d.lead)
		e.lowerKey(l, 0)       // it was made with another head start
		if l.def.Load() == d { // two at once: the last one leaves the right lead
			return
		}
	}
}

// RetireClass lets no more calls in. Those inside wait on and are matched
// under the last definition; the class ends with the last of them.
func (e *Engine) RetireClass(id ClassID) {
	l := e.laneOf(id)
	if l == nil {
		return
	}
	for {
		w := l.life.Load()
		if w&lifeTaken == 0 || w&lifeRetired != 0 || lifeGenOf(w) != uint64(id)>>16 {
			return
		}
		if l.life.CompareAndSwap(w, w|lifeRetired) { // <- linearization
			e.reap(l, w|lifeRetired)
			return
		}
	}
}
