package queue

import (
	"slices"
	"sync/atomic"
)

// seat is what belongs to a column besides its word. What a decision touches
// has a line of its own.
type seat struct {
	in      atomic.Pointer[incarnation]
	order   atomic.Uint64 // of becoming available, see remember
	idleAt  atomic.Int64  // ns, when that was
	busy    atomic.Int64  // ns in service until the last Ready
	busyAt  atomic.Int64  // ns, when the service in progress began
	calls   atomic.Int64  // accepted
	id      atomic.Int32  // the agent's, -1: nobody's
	leaving atomic.Int32  // id+1 of an agent to be removed when its offer ends
	changes atomic.Int32  // of the profile in progress; not 0: the index may be wrong
	pressed atomic.Bool   // a call was waiting when the agent last became ready

	since atomic.Int64  // ns, when the agent was added
	born  atomic.Uint64 // drawn then: orders up to this one are of those before it
	gen   atomic.Uint32 // generations drawn for idle words
	uses  atomic.Uint32 // agents that had the column
	_     [40]byte
}

// incarnation is an agent with one profile. Only the set of classes grows.
type incarnation struct {
	profile Profile
	owner   any
	// classes may admit it in some ring; known has a bit for each that stands
	// in classes.
	classes atomic.Pointer[[]uint16]
	known   []atomic.Uint64
}

// note adds a class to those that may admit the agent.
func (in *incarnation) note(class uint16) {
	w, bit := &in.known[class>>6], uint64(1)<<(class&63)
	if w.Load()&bit != 0 {
		return
	}
	for {
		old := in.classes.Load()
		if slices.Contains(*old, class) {
			break
		}
		list := append(slices.Clip(*old), class)
		if in.classes.CompareAndSwap(old, &list) {
			break
		}
	}
	w.Or(bit)
}

const columnMask = 1<<16 - 1

func (e *Engine) newIncarnation(p Profile, owner any) *incarnation {
	in := &incarnation{profile: p, owner: owner, known: make([]atomic.Uint64, (len(e.lanes)+63)/64)}
	var list []uint16
	e.eachClass(func(d *definition) {
		if d.need.firstRing(&in.profile) < len(d.need.Rings) {
			list = append(list, d.class)
			in.known[d.class>>6].Or(1 << (d.class & 63))
		}
	})
	in.classes.Store(&list)
	return in
}

// column gives the agent's column, -1 if there is no such agent. Whoever acts
// on a word that he loaded before acts on this agent, or his swap fails.
func (e *Engine) column(id AgentID) int {
	col := int(id) & columnMask
	if id < 0 || col >= len(e.seats) || e.seats[col].id.Load() != int32(id) {
		return -1
	}
	return col
}

// idle makes an idle word that the column has not had before.
func (e *Engine) idle(col, kind int, order uint64) uint64 {
	return idleWord(kind, e.seats[col].gen.Add(1), order)
}

// AddAgent makes an agent, not ready. owner comes back in its offers. The
// error is ErrProfile or, with MaxAgents in, ErrFull.
func (e *Engine) AddAgent(p Profile, owner any) (AgentID, error) {
	p, err := copyProfile(p)
	if err != nil {
		return -1, err
	}
	for col := range e.word {
		w := e.word[col].Load()
		if kindOf(w) != agentFree || !e.word[col].CompareAndSwap(w, e.idle(col, agentSetup, 0)) {
			continue
		}
		s := &e.seats[col]
		id := AgentID(col | int(s.uses.Add(1)-1)&0x7fff<<16)
		born := e.draw()
		s.born.Store(born)
		s.order.Store(born)
		s.idleAt.Store(0)
		s.busy.Store(0)
		s.calls.Store(0)
		s.since.Store(e.o.Now())
		raise(&e.agentHigh, int64(col)+1)
		s.in.Store(e.newIncarnation(p, owner))
		e.agentEpoch.Add(1)
		e.eachClass(func(d *definition) { e.link(d, col) })
		s.id.Store(int32(id))
		e.word[col].Store(e.idle(col, agentNotReady, 0)) // <- linearization
		return id, nil
	}
	return -1, ErrFull
}

// ChangeAgent gives an agent another profile. Its state and its idle time
// stay, an offer in progress too.
func (e *Engine) ChangeAgent(id AgentID, p Profile) error {
	p, err := copyProfile(p)
	if err != nil {
		return err
	}
	col := e.column(id)
	if col < 0 || e.seats[col].leaving.Load() == int32(id)+1 {
		return ErrNoAgent
	}
	s := &e.seats[col]
	s.changes.Add(1)
	defer s.changes.Add(-1)
	relink := func() { e.eachClass(func(d *definition) { e.link(d, col) }) }
	for {
		old := s.in.Load()
		if old == nil || e.column(id) != col {
			relink() // what was admitted in vain
			e.matchAgent(col, Redefinition, 0, -1, 1)
			return ErrNoAgent
		}
		in := e.newIncarnation(p, old.owner)
		e.eachClass(func(d *definition) { e.admit(d, col, in) })
		if s.in.CompareAndSwap(old, in) {
			break
		}
	}
	e.agentEpoch.Add(1)
	e.renew(col) // <- linearization: no claim made for the old profile succeeds from here
	e.at(atChanged)
	relink()
	e.matchAgent(col, Redefinition, 0, -1, 1)
	return nil
}

// renew replaces an idle word by another of the same meaning, so that swaps
// prepared on the old one fail.
func (e *Engine) renew(col int) {
	for {
		w := e.agentWord(col)
		switch k := kindOf(w); k {
		case agentNotReady, agentAvailable, agentServing:
			if e.word[col].CompareAndSwap(w, e.idle(col, k, orderOf(w))) {
				return
			}
		default:
			return // the word after an offer is new anyway
		}
	}
}

// RemoveAgent takes an agent out for good. If it is in an offer, the offer is
// first carried to its end; Ready and Return say false from now on.
func (e *Engine) RemoveAgent(id AgentID) {
	for {
		col := e.column(id)
		if col < 0 {
			return
		}
		w := e.agentWord(col)
		switch kindOf(w) {
		case agentNotReady, agentAvailable, agentServing:
			if e.column(id) == col && e.remove(col, w) {
				return
			}
		case agentOffered:
			e.seats[col].leaving.Store(int32(id) + 1)
			if e.word[col].Load() == w && !e.over(w) {
				return // whoever ends the offer looks at leaving afterwards
			}
			e.settleOffer(col, w)
		default:
			return
		}
	}
}

// remove gives the column back, if the agent's word still is w.
func (e *Engine) remove(col int, w uint64) bool {
	s := &e.seats[col]
	if !e.word[col].CompareAndSwap(w, e.idle(col, agentSetup, 0)) { // <- linearization
		return false
	}
	if kindOf(w) == agentAvailable {
		e.free[col>>6].n.Add(-1)
	}
	e.at(atRemoved)
	s.id.Store(-1)
	s.in.Store(nil)
	e.agentEpoch.Add(1)
	e.eachClass(func(d *definition) { e.link(d, col) })
	e.word[col].Store(e.idle(col, agentFree, 0))
	return true
}
