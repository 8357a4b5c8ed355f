package queue

import "sync/atomic"

// Call is the engine's part of a waiting call: embed one in the caller's own
// record. The three exported fields are set before Enter and not changed
// after it. A Call enters once and is never used again.
type Call struct {
	Arrival int64 // ns on Options.Now's clock; may lie in the past, and is kept over declines
	Owner   any   // the caller's own; the engine never looks at it
	Class   ClassID

	place atomic.Int32 // its place+1; 0: has not entered

	// Written by Enter before the call is in its place, and not again.
	lane  uint32 // its class's
	home  uint32 // its cell there: tree << homeIndex | index
	ahead int32  // calls that waited when it entered

	declines atomic.Uint32
	entry    uint64                   // order of entering, breaks ties of arrival; written like home
	declined [remembered]atomic.Int32 // id+1 of the agents that declined it last
}

// remembered is how many declines a call keeps in mind.
const remembered = 12

// declinedBy tells whether the agent declined the call, of late.
func (c *Call) declinedBy(id int32) bool { return c.declinedAt(id) < remembered }

// declinedAt gives the first note that the agent declined the call.
func (c *Call) declinedAt(id int32) uint32 {
	for i := range min(c.declines.Load(), remembered) {
		if c.declined[i].Load() == id+1 {
			return i
		}
	}
	return remembered
}

// Enter puts a call among those that wait and looks for an agent; the offer
// may come before Enter returns. ErrFull: MaxWaiting calls are in, nothing
// was changed and the record may be used again. ErrNoClass, ErrReused.
func (e *Engine) Enter(c *Call) error {
	l := e.laneOf(c.Class)
	if l == nil {
		return ErrNoClass
	}
	ahead, cell, ok := l.admit(c.Class, true)
	if !ok {
		return ErrNoClass
	}
	near := nearest()
	i := e.takePlace(near)
	if i < 0 {
		return e.refuse(l, cell, ErrFull)
	}
	if !c.place.CompareAndSwap(0, int32(i)+1) {
		e.places.give(near, i)
		return e.refuse(l, cell, ErrReused)
	}
	e.at(atPlaced)
	c.ahead, c.entry, c.lane = int32(ahead), e.draw(), uint32(l.index)
	p, x, slot := &e.places.at[i], waitingWord(c.entry), l.slot(c, cell)
	p.arrival.Store(c.Arrival)
	p.call.Store(c)
	slot.arrival.Store(c.Arrival)
	slot.word.Store(c.entry>>1<<headBits | uint64(i+1))
	p.word.Store(x) // from here anyone may abandon it
	if !e.direct(l, c, x) {
		e.show(l, c, x) // <- linearization: the swap that puts it below the top
		e.settle(l, Arrival)
	}
	return nil
}

// refuse counts out a call that was counted in before it was known that it
// could not enter.
func (e *Engine) refuse(l *lane, cell int, err error) error {
	e.unwait(l)
	e.leave(l, cell)
	return err
}

// show makes a call that waits, with the word x, visible to agents.
func (e *Engine) show(l *lane, c *Call, x uint64) {
	e.at(atWaiting)
	e.climb(l, c, x)
	e.at(atTop)
	e.lowerKey(l, e.keyOf(c.Arrival-l.lead.Load()))
	e.at(atShown)
}

// standing gives the call's place and word, nil if it is in none.
func (e *Engine) standing(c *Call) (*place, uint64) {
	i := int(c.place.Load()) - 1
	if i < 0 {
		return nil, 0
	}
	p := &e.places.at[i]
	x := p.word.Load()
	if p.call.Load() != c { // read after the word: if it is c's, so is the word
		return nil, 0
	}
	return p, x
}

// Abandon ends a call that nobody has accepted, in constant time. ok false:
// it was accepted, or has ended. offered: it was being offered to the agent,
// who is held not ready until Ready or Return.
func (e *Engine) Abandon(c *Call) (agent AgentID, offered, ok bool) {
	for {
		p, x := e.standing(c)
		if p == nil {
			return -1, false, false
		}
		switch kindOf(x) {
		case placeWaiting:
			if !p.word.CompareAndSwap(x, placeWord(placeGone, 0, 0)) { // <- linearization
				continue
			}
			e.at(atAbandoned)
			e.unwait(e.laneOfCall(c))
			e.depart(c, p, false)
			return -1, false, true
		case placeOffered:
			col := colOf(x)
			e.agentWord(col) // a claim must be over before the call it was for moves on
			id := AgentID(e.seats[col].id.Load())
			if !p.word.CompareAndSwap(x, placeWord(placeGone, col, seqOf(x))) { // <- linearization
				continue
			}
			e.at(atAbandoned)
			i := int(c.place.Load()) - 1
			e.settleOffer(col, offerWord(i, seqOf(x)))
			e.depart(c, p, p.clean.Load() == seqOf(x))
			return id, true, true
		default:
			return -1, false, false
		}
	}
}

// offered gives the place and word of an offer that stands.
func (e *Engine) offered(o *Offer) (*place, uint64) {
	if o.Call == nil {
		return nil, 0
	}
	p, x := e.standing(o.Call)
	if p == nil || kindOf(x) != placeOffered || seqOf(x) != o.Seq {
		return nil, 0
	}
	return p, x
}

// Accept says that the agent answered: it serves the call from now until
// Ready. False: the offer is over, the call was abandoned meanwhile.
func (e *Engine) Accept(o Offer) bool {
	p, x := e.offered(&o)
	if p == nil {
		return false
	}
	col := colOf(x)
	if !p.word.CompareAndSwap(x, placeWord(placeServed, col, seqOf(x))) { // <- linearization
		return false
	}
	e.at(atAccepted)
	now := e.o.Now()
	s := &e.seats[col]
	s.calls.Add(1)
	s.busyAt.Store(now)
	e.laneOfCall(o.Call).accepted(now-o.Call.Arrival, o.Call.ahead)
	e.settleOffer(col, offerWord(int(o.Call.place.Load())-1, seqOf(x)))
	e.depart(o.Call, p, p.clean.Load() == seqOf(x))
	return true
}

// Decline says that the agent did not answer. The call is back in its own
// place with its arrival, and the agent stands behind all who have not
// declined it. The agent is held not ready until Ready or Return. False: the
// offer is over, the call was abandoned meanwhile.
func (e *Engine) Decline(o Offer) bool {
	p, x := e.offered(&o)
	if p == nil {
		return false
	}
	c, col := o.Call, colOf(x)
	l := e.laneOfCall(c)
	// Written before the swap: if that fails the call is ending, and the
	// note harms nobody.
	c.declined[(c.declines.Add(1)-1)%remembered].Store(e.seats[col].id.Load() + 1)
	l.life.Add(lifeWaits)
	back := waitingWord(e.draw())
	if !p.word.CompareAndSwap(x, back) { // <- linearization
		e.unwait(l)
		return false
	}
	e.at(atDeclined)
	e.settleOffer(col, offerWord(int(c.place.Load())-1, seqOf(x)))
	e.show(l, c, back)
	e.settle(l, Declined)
	return true
}

// laneOfCall gives the lane in which a call that has entered stands.
func (e *Engine) laneOfCall(c *Call) *lane { return &e.lanes[c.lane] }

// depart gives back the place of a call whose word is final; the goroutine
// that made it final does so, once. hidden: no node shows the place.
func (e *Engine) depart(c *Call, p *place, hidden bool) {
	l, i := e.laneOfCall(c), int(c.place.Load())-1
	if !hidden {
		e.refresh(l, c.home, i)
		e.raiseKey(l)
	}
	p.call.Store(nil)
	cell := l.leave(c.home)
	e.at(atLeaving)
	e.places.give(nearest(), i)
	e.leave(l, cell)
}
