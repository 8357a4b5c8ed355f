package queue

// A lane's life word: bit 63 taken, bit 62 retired, 32-46 generation, 0-31
// the calls inside. Entering adds one before anything else and leaving takes
// one away after all else, so a class's lane is not given to another class
// while a call is or may yet come to be in it.
const (
	lifeTaken   = 1 << 63
	lifeRetired = 1 << 62
	lifeGen     = 32
	lifeGenMask = 1<<15 - 1
	lifeCalls   = 1<<32 - 1

	classIndexMask = 1<<16 - 1
)

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

// admit counts a call in, to be counted out by leave whatever the answer.
// False: there is no such class, or it is retired.
func (l *lane) admit(id ClassID) bool {
	w := l.life.Add(1)
	return w&(lifeTaken|lifeRetired) == lifeTaken && lifeGenOf(w) == uint64(id)>>16
}

// leave counts a call out and frees the lane after the last one of a retired
// class.
func (e *Engine) leave(l *lane) {
	if w := l.life.Add(^uint64(0)); w&lifeCalls == 0 {
		e.reap(l, w)
	}
}

// reap frees a retired lane without calls. The swap decides who does it.
func (e *Engine) reap(l *lane, w uint64) {
	if w&lifeTaken == 0 || w&lifeRetired == 0 || w&lifeCalls != 0 {
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
		if w&(lifeTaken|lifeRetired|lifeCalls) != 0 {
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
	defer e.leave(l) // counted in like a call, so that the lane stays the class's
	if !l.admit(id) {
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
