package queue

// A match moves two words in an order that anyone can finish:
//
//	1. agent  available -> claim(place, version)
//	2. place  waiting(version) -> offered(agent, seq)   <- linearization of the match
//	3. agent  claim -> offered(place, seq); who wins this delivers the offer
//
// or, if the call was gone at 2, agent claim -> available with its old order.
// "Longest idle", and every other rule for the agent, is judged at 1 among
// the words that the scan saw; "oldest call", and every other rule for the
// call, at the loads of the lanes' tops before it; a call that is matched
// without having been in sight (direct.go) finds its own lane's empty. Seq is
// drawn after both and before 2: a match that saw the effect of another has the
// larger one.

// matchAgent gives an available agent the best call there is for it. seen is
// how many agents the call at head could have had, for the explanation; one,
// this one, if no call has been looked at. True if its claim was decided.
//
// now was read after the agent became available, or is 0: it is read when
// needed. A claim that was undone makes the agent available anew.
func (e *Engine) matchAgent(col int, why Trigger, now int64, head, seen int) bool {
	for ; ; now = 0 {
		w := e.agentWord(col)
		if kindOf(w) != agentAvailable {
			return false
		}
		in := e.seats[col].in.Load()
		if in == nil {
			return false
		}
		c := e.pick(col, in, now)
		if c.place < 0 {
			return false
		}
		claim := claimWord(agentClaim, why, c.place, c.ver)
		e.seats[col].remember(w)
		if !e.word[col].CompareAndSwap(w, claim) {
			continue
		}
		e.at(atClaimed)
		if head >= 0 && head != c.place {
			seen = unknown
		}
		if e.decide(col, claim, c.now, seen) {
			return true
		}
	}
}

// unknown is the number of agents that the decision saw, when another
// goroutine completes it.
const unknown = -1

// resolve finishes a claim and, if it had to be undone, looks for another
// call for the agent: the goroutine that claimed may be standing still.
func (e *Engine) resolve(col int, claim uint64) {
	if e.decide(col, claim, e.o.Now(), unknown) {
		return
	}
	why, _, _ := claimOf(claim)
	e.matchAgent(col, why, 0, -1, 1)
}

// decide finishes the claim that was in the agent's word; anyone may. False
// if this goroutine undid it and so made the agent available.
func (e *Engine) decide(col int, claim uint64, now int64, seen int) bool {
	_, i, ver := claimOf(claim)
	p := &e.places.at[i]
	x := p.word.Load()
	// The call is read before the swap: after it the place may soon serve
	// another.
	if c := p.call.Load(); x == placeWord(placeWaiting, 0, ver) && c != nil {
		seq := e.draw() & seqMask
		if kindOf(claim) == agentLand {
			seq |= landed
		}
		if p.word.CompareAndSwap(x, placeWord(placeOffered, col, seq)) { // <- linearization of the match
			e.at(atOffered)
			l := e.laneOfCall(c)
			if d := l.def.Load(); d != nil && d.robin {
				l.rr.Store(int64(col))
			}
			e.unwait(l)
			e.refresh(l, c.home, i)
			p.clean.Store(seq)
			e.raiseKey(l)
			e.at(atRefreshed)
		}
		x = p.word.Load()
	}
	// While the agent's word is this claim, a place that is offered to it is
	// so by this claim: an earlier offer ended before the agent was free.
	if kindOf(x) == placeOffered && colOf(x) == col {
		e.at(atDecided)
		var o Offer
		e.explain(&o, col, i, x, claim, now, seen)
		if e.word[col].CompareAndSwap(claim, offerWord(i, seqOf(x))) {
			if kindOf(claim) == agentClaim {
				e.free[col>>6].n.Add(-1)
			}
			e.at(atRinging)
			e.deliver(p, x, &o)
		}
		return true
	}
	return !e.undo(col, claim)
}

// undo gives the agent back to the choice, with the order it had if it was
// available before.
func (e *Engine) undo(col int, claim uint64) bool {
	if kindOf(claim) == agentLand {
		if !e.makeAvailable(col, claim, idleWord(agentAvailable, 0, e.draw())) {
			return false
		}
	} else if !e.word[col].CompareAndSwap(claim, e.idle(col, agentAvailable, e.seats[col].order.Load())) {
		return false
	}
	e.at(atReverted)
	return true
}

// deliver hands the offer over unless the call was abandoned by now.
func (e *Engine) deliver(p *place, x uint64, o *Offer) {
	if p.word.Load() == x {
		e.o.Offer(*o)
	}
}

// settle looks for agents for the calls of a lane, oldest first, until there
// is none for the oldest. Then there is none for the others either: they have
// waited less, so no ring admits an agent to them that it does not admit to
// the oldest.
func (e *Engine) settle(l *lane, why Trigger) {
	for e.anyFree() {
		h := e.head(l)
		if h.place < 0 {
			return
		}
		if want := e.headKey(l, &h); e.keys[l.index].Load()>>keyVersion > want {
			e.lowerKey(l, want) // who put the call in sight may be standing still
		}
		d := l.def.Load()
		if d == nil {
			return
		}
		now := e.o.Now()
		col, seen := e.choose(d, h.call, d.ringAt(now-h.arrival), now)
		if col < 0 {
			return // who publishes another definition, or an older call, settles for it
		}
		e.matchAgent(col, why, now, h.place, seen)
	}
}

// anyFree tells whether there may be an available agent at all.
func (e *Engine) anyFree() bool {
	for wi := range (int(e.agentHigh.Load()) + 63) >> 6 {
		if e.free[wi].n.Load() > 0 {
			return true
		}
	}
	return false
}
