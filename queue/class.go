package queue

import "math/bits"

// A lane's life word:
//
//	63      62        54                42                21             0
//	| taken | retired | own cells taken | generation 12 | waiting | inside |
//
// Entering takes a cell and adds one to both counts before anything else, in
// one swap; the first is lowered after the call's word has ceased to say
// waiting, the second, with the cell, after all else. So a class's lane is not
// given to another class while a call is or may yet come to be in it. An id of
// long ago means a class of today once 4,096 others have had the lane between.
const (
	lifeTaken    = 1 << 63
	lifeRetired  = 1 << 62
	lifeCells    = 54
	lifeCellMask = 1<<fan - 1
	lifeGen      = 42
	lifeGenMask  = 1<<12 - 1
	lifeWaits    = 1 << 21
	lifeCalls    = lifeWaits - 1
	lifeBoth     = 1<<lifeGen - 1

	classIndexMask = 1<<16 - 1
)

func lifeWaiting(w uint64) int { return int(w / lifeWaits & lifeCalls) }

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

// admit counts a call in, to be counted out by unwait and leave, and gives the
// calls that were waiting and one of the lane's own cells, or fan if they are
// taken or none is asked for. False: there is no such class, or it is
// retired; nothing was changed then.
//
// A swap fails only because another call was counted in or out meanwhile.
func (l *lane) admit(id ClassID, cells bool) (ahead, cell int, ok bool) {
	for {
		w := l.life.Load()
		if w&(lifeTaken|lifeRetired) != lifeTaken || lifeGenOf(w) != uint64(id)>>16 {
			return 0, 0, false
		}
		next, cell := w+1+lifeWaits, fan
		if cells {
			if cell = bits.TrailingZeros64(^(w >> lifeCells & lifeCellMask)); cell < fan {
				next |= 1 << (lifeCells + cell)
			}
		}
		if l.life.CompareAndSwap(w, next) {
			return lifeWaiting(w), cell, true
		}
	}
}

// unwait counts one waiting call less. It may come after the call was counted
// out, by another goroutine.
func (e *Engine) unwait(l *lane) {
	if w := l.life.Add(^uint64(lifeWaits - 1)); w&lifeBoth == 0 {
		e.reap(l, w)
	}
}

// leave counts a call out, gives its cell back if that is one of the lane's
// own, and frees the lane after the last call of a retired class.
func (e *Engine) leave(l *lane, cell int) {
	out := uint64(1)
	if cell < fan {
		out |= 1 << (lifeCells + cell)
	}
	if w := l.life.Add(-out); w&lifeBoth == 0 {
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
	_, cell, ok := l.admit(id, false) // counted in like a call, so that the lane stays the class's
	if !ok {
		return ErrNoClass
	}
	e.unwait(l)
	defer e.leave(l, cell)
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
	d.linked.Store(true)
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
