package queue

// agentWord loads an agent's word and finishes a claim that stands in it.
func (e *Engine) agentWord(col int) uint64 {
	w := e.word[col].Load()
	for isClaim(w) {
		e.resolve(col, w)
		w = e.word[col].Load()
	}
	return w
}

// Ready makes an agent available as of now, whether it was not ready, held
// after an offer, or serving, and gives it the best waiting call there is for
// it. An agent who is available already keeps its idle time. False: it is in
// an offer, or gone.
func (e *Engine) Ready(id AgentID) bool { return e.ready(id, true, true) }

// Return is Ready with the idle time that the agent had before its offer,
// which ended through no doing of its own. It belongs to the end of an offer
// that was declined or abandoned: an agent who serves is not freed by it, for
// then somebody else has made the agent available meanwhile and it has taken
// another call. False: it is in an offer, serving, or gone.
func (e *Engine) Return(id AgentID) bool { return e.ready(id, false, false) }

// ready makes the agent available, one who serves only if ends is set.
func (e *Engine) ready(id AgentID, anew, ends bool) bool {
	for {
		col := e.column(id)
		if col < 0 {
			return false
		}
		w := e.agentWord(col)
		if e.column(id) != col {
			return false
		}
		k := kindOf(w)
		switch k {
		case agentAvailable:
			return true
		case agentNotReady, agentServing:
			if k == agentServing && !ends {
				return false
			}
			if e.seats[col].leaving.Load() == int32(id)+1 {
				e.remove(col, w)
				return false
			}
			if e.readyFrom(col, w, anew) {
				return true
			}
		case agentOffered:
			if !e.over(w) {
				return false
			}
			e.settleOffer(col, w)
		default:
			return false
		}
	}
}

// readyFrom makes the agent available if its word still is w.
//
// If a call waited the last time, one is likely to wait now, and is claimed
// straight from w: the agent is then never seen available, and the counters
// that all scans read stay untouched. Its order is the number of the offer, or
// if the claim has to be undone, drawn then.
func (e *Engine) readyFrom(col int, w uint64, anew bool) bool {
	s, now := &e.seats[col], e.o.Now()
	in := s.in.Load()
	if in == nil {
		return false
	}
	next := uint64(0)
	if order := s.recall(w); anew || order == 0 {
		s.idleAt.Store(now)
		if c := e.pressed(s, col, in, now); c.place >= 0 {
			return e.land(col, w, &c, now)
		}
		next = idleWord(agentAvailable, 0, e.draw()) // no other word has this number
	} else {
		next = e.idle(col, agentAvailable, order)
	}
	if !e.makeAvailable(col, w, next) {
		return false
	}
	e.served(col, w, now)
	e.at(atAvailable)
	if e.matchAgent(col, FreedAgent, 0, -1, 1) {
		s.pressed.Store(true)
	}
	return true
}

// pressed picks a call for an agent who found one waiting the last time.
func (e *Engine) pressed(s *seat, col int, in *incarnation, now int64) picked {
	if !s.pressed.Load() {
		return picked{place: -1}
	}
	c := e.pick(col, in, now)
	if c.place < 0 {
		s.pressed.Store(false)
	}
	return c
}

// land makes the agent available and gives it the call in one.
func (e *Engine) land(col int, w uint64, c *picked, now int64) bool {
	claim := claimWord(agentLand, FreedAgent, c.place, c.ver)
	if !e.word[col].CompareAndSwap(w, claim) { // <- linearization of Ready, Return
		return false
	}
	e.served(col, w, now)
	e.at(atClaimed)
	if !e.decide(col, claim, now, 1) {
		e.matchAgent(col, FreedAgent, 0, -1, 1)
	}
	return true
}

// makeAvailable moves the agent from w to an available word.
func (e *Engine) makeAvailable(col int, w, next uint64) bool {
	e.free[col>>6].n.Add(1)
	if e.word[col].CompareAndSwap(w, next) { // <- linearization of Ready, Return
		return true
	}
	e.free[col>>6].n.Add(-1)
	return false
}

// remember keeps the order in an available word, for an undone claim and for
// Return. Whoever is about to take the agent out of that word calls it before,
// so the order kept is never less than the one the agent had last; one who is
// late brings a smaller one, which changes nothing.
func (s *seat) remember(w uint64) {
	order := orderOf(w)
	for o := s.order.Load(); o < order && !s.order.CompareAndSwap(o, order); {
		o = s.order.Load()
	}
}

// orderIn gives the order of an agent whose word is w, as he is available or
// was last. An offer that was made in becoming available has it for a number.
func (s *seat) orderIn(w uint64) uint64 {
	switch o := orderOf(w); kindOf(w) {
	case agentAvailable:
		return o
	case agentOffered, agentNotReady:
		if o&landed != 0 {
			return o
		}
	}
	return s.order.Load()
}

// recall gives the order to which an agent with the word w returns, 0 if it
// was never available.
func (s *seat) recall(w uint64) uint64 {
	if o := s.orderIn(w); o > s.born.Load() {
		return o
	}
	return 0
}

// served adds up the service that ended with w.
func (e *Engine) served(col int, w uint64, now int64) {
	if kindOf(w) == agentServing {
		s := &e.seats[col]
		s.busy.Add(now - s.busyAt.Load())
	}
}

// NotReady takes an agent out of the choice. False: it is in an offer or
// serving, which has to end first, or it is gone.
func (e *Engine) NotReady(id AgentID) bool {
	for {
		col := e.column(id)
		if col < 0 {
			return false
		}
		w := e.agentWord(col)
		if e.column(id) != col {
			return false
		}
		switch kindOf(w) {
		case agentNotReady:
			return true
		case agentAvailable:
			e.seats[col].remember(w)
			if e.word[col].CompareAndSwap(w, e.idle(col, agentNotReady, 0)) { // <- linearization
				e.free[col>>6].n.Add(-1)
				return true
			}
		case agentOffered:
			if !e.over(w) {
				return false
			}
			e.settleOffer(col, w)
		default:
			return false
		}
	}
}

// over tells whether the offer in an agent's word has ended: the place's word
// says so first.
func (e *Engine) over(w uint64) bool {
	p, seq := offerOf(w)
	x := e.places.at[p].word.Load()
	return kindOf(x) != placeOffered || seqOf(x) != seq
}

// settleOffer moves an agent out of an offer that is over. Whoever ended it
// does this; anyone who finds it undone may. After an acceptance the place is
// not given back before this was done, so served can be told from the rest.
func (e *Engine) settleOffer(col int, w uint64) {
	p, seq := offerOf(w)
	x := e.places.at[p].word.Load()
	kind := agentNotReady
	if kindOf(x) == placeServed && seqOf(x) == seq {
		kind = agentServing
	}
	next := idleWord(kind, 0, seq) // no other word has the number of this offer
	if !e.word[col].CompareAndSwap(w, next) {
		return
	}
	if s := &e.seats[col]; s.leaving.Load() == s.id.Load()+1 {
		e.remove(col, next)
	}
}
