package queue

// A call that finds an agent at once does not climb: it stands in its cell,
// with a word that says waiting, but is not yet in sight. That spares the nodes
// and the key, which every agent's look would have to read anew, two changes
// each. It is allowed while the top is empty, for then the call is the oldest
// of its class; whether another class has a better one for the agent is looked
// at as ever. Who computes a node anew may put the call in sight meanwhile,
// which does no harm: who matches or ends it refreshes the nodes as ever.

// direct gives a call that is not in sight to the best available agent. False:
// there is none, or calls of its class wait, and the call has to be shown.
//
// It is repeated only if another took the agent, changed him, or had him given
// a better call.
func (e *Engine) direct(l *lane, c *Call, x uint64) bool {
	place := int(c.place.Load()) - 1
	for nodePlace(l.top.Load()) < 0 && e.anyFree() { // <- linearization of Enter, if it is matched here
		d, now := l.def.Load(), e.o.Now()
		if d == nil {
			return false // the call was ended by another, and its class with it
		}
		ring := d.ringAt(now - c.Arrival)
		col, seen := e.choose(d, c, ring, now)
		if col < 0 {
			return false
		}
		e.at(atUnseen)
		w, in := e.agentWord(col), e.seats[col].in.Load()
		// Looked at after the agent's word: so a claim for this call cannot have
		// stood in that word before, and who is late with one has no second chance.
		if e.places.at[place].word.Load() != x {
			return true // somebody saw it after all, or it was abandoned
		}
		if kindOf(w) != agentAvailable || in == nil || !e.confirm(d, col, ring) {
			continue
		}
		mine := candidate{arrival: c.Arrival, call: c}
		if best := e.pick(col, in, now); best.place >= 0 && !best.worse(c.Arrival-d.lead, &mine) {
			e.matchAgent(col, Arrival, now, place, seen)
			continue
		}
		if e.claim(col, w, claimWord(agentClaim, Arrival, place, x&verMask), now, seen) {
			return true
		}
	}
	return false
}

// claim moves an available agent into a claim for a call and decides it. False
// if he has moved on. Here the call has moved on then, or is matched.
func (e *Engine) claim(col int, w, claim uint64, now int64, seen int) bool {
	e.seats[col].remember(w)
	if !e.word[col].CompareAndSwap(w, claim) {
		return false
	}
	e.at(atClaimed)
	if !e.decide(col, claim, now, seen) {
		e.matchAgent(col, Arrival, 0, -1, 1)
	}
	return true
}
