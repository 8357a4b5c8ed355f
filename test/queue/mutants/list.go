package main

// mutant is one fault put into the queue on purpose.
type mutant struct {
	name, file, from, to string
}

// mutants are the faults that the queue's own tests have to find. Each is one
// a reader might let pass: a re-check dropped, two steps swapped, a bound off
// by one, a rule forgotten.
var mutants = []mutant{
	{"an arrival does not look for agents", "call.go", "		e.settle(l, Arrival)\n	}\n	return nil\n", "	}\n	return nil\n"},
	{"an arrival looks before it is in sight", "call.go", "		e.show(l, c, x) // <- linearization: the swap that puts it below the top\n		e.settle(l, Arrival)\n", "		e.settle(l, Arrival)\n		e.show(l, c, x)\n"},
	{"a declined call looks before it is in sight", "call.go", "	e.show(l, c, back)\n	e.settle(l, Declined)\n", "	e.settle(l, Declined)\n	e.show(l, c, back)\n"},
	{"an agent does not look again once available", "ready.go", "	if e.matchAgent(col, FreedAgent, 0, -1, 1) {\n		s.pressed.Store(true)\n	}\n", ""},
	{"who undoes a claim does not look again", "claim.go", "	why, _, _ := claimOf(claim)\n	e.matchAgent(col, why, 0, -1, 1)\n", ""},
	{"a call moves on before its claim is over", "call.go", "			e.agentWord(col) // a claim must be over before the call it was for moves on\n", ""},
	{"a node is refreshed once", "tree.go", "		for range 2 {\n			if e.keep(&t.level", "		for range 1 {\n			if e.keep(&t.level"},
	{"a dead entry hides those below it", "tree.go", "		if waits {\n			return\n		}\n		e.refreshTree", "		if waits || true {\n			return\n		}\n		e.refreshTree"},
	{"a stale top is believed", "lane.go", "		if c.place >= 0 {\n			return c\n		}\n		e.refresh(l, call.home, i)", "		return c\n		e.refresh(l, call.home, i)"},
	{"a call climbs over older ones", "lane.go", "			if !c.older(m.call.Arrival, m.call) {\n				next = p\n			}\n", ""},
	{"a call does not climb over younger ones", "lane.go", "			if !c.older(m.call.Arrival, m.call) {\n				next = p\n			}\n", "			next = p\n"},
	{"a call climbs that waits no more", "lane.go", "		if e.places.at[m.place].word.Load() != m.word {\n			return true\n		}\n", ""},
	{"a call is put behind one that waits no more", "lane.go", "			if !e.consider(&c, p) {\n				return false\n			}\n			if !c.older", "			e.consider(&c, p)\n			if !c.older"},
	{"a call that waits no more is kept", "lane.go", "	if p == place || p >= 0 && !e.consider(&candidate{place: -1}, p) {", "	if p == place {"},
	{"a node that names another is left as it is", "lane.go", "	e.at(atRefresh)\n	return node.CompareAndSwap(old, nodeWord(old, p))", "	return true"},
	{"a key keeps its version", "key.go", "(old+1)&(1<<keyVersion-1)", "old&(1<<keyVersion-1)"},
	{"a key is not lowered", "call.go", "	e.lowerKey(l, e.keyOf(c.Arrival-l.lead.Load()))\n", ""},
	{"a key is left to hide a call in sight", "claim.go", "			e.lowerKey(l, want) // who", "			_ = want // who"},
	{"a claimed agent is passed over", "choose.go", "	return int(least & colMask), seen, !claimed", "	return int(least & colMask), seen, true"},
	{"a claimed agent alone is passed over", "choose.go", "		return -1, seen, !claimed", "		return -1, seen, true"},
	{"a changing agent's index is believed", "choose.go", "d.linked.Load() && e.seats[col].changes.Load() == 0", "true"},
	{"a class with an equal key is not looked at", "pick.go", "	if key > s.bound {", "	if key >= s.bound {"},
	{"a place is given back while nodes show it", "call.go", "	if !hidden {", "	if false {"},
	{"a call that waits again has its old version", "call.go", "waitingWord(e.draw())", "waitingWord(c.entry)"},
	{"an old offer is accepted for a new one", "call.go", " || seqOf(x) != o.Seq {", " {"},
	{"a ring is tried once in a call's life", "tick.go", "t := (trial{d, h.call.entry, ring})", "t := (trial{nil, h.call.entry, 1})"},
	{"a ring opens a moment late", "definition.go", "age < d.after[r]", "age <= d.after[r]"},
	{"Return gives a new idle time", "ready.go", "anew || order == 0 {", "anew || order >= 0 {"},
	{"Return ends a service", "ready.go", "			if k == agentServing && !ends {\n				return false\n			}\n", ""},
	{"declines are forgotten", "choose.go", "		r.declined = 1\n", ""},
	{"the site is not looked at", "choose.go", "	r.site = uint64(d.need.siteCost(&in.profile, ring))\n", ""},
	{"among equals the last to enter goes first", "pick.go", "h.call.entry < p.call.entry", "h.call.entry > p.call.entry"},
	{"a removed agent's offer is cut off", "agent.go", "			if e.word[col].Load() == w && !e.over(w) {\n				return // whoever ends the offer looks at leaving afterwards\n			}\n			e.settleOffer(col, w)", "			if e.remove(col, w) {\n				return\n			}"},
	{"an abandoned call stays counted", "call.go", "			e.unwait(e.laneOfCall(c))\n", ""},
	{"a changed agent stays in the old rows", "definition.go", "				w.And(^bit)\n", ""},
	{"an index entry is not checked again", "definition.go", "		if e.seats[col].in.Load() == in {\n			return\n		}", "		return"},
	{"a retired class is taken while calls are in it", "class.go", "w&lifeRetired == 0 || w&lifeBoth != 0", "w&lifeRetired == 0"},
	{"an arrival goes before calls of its class", "direct.go", "for nodePlace(l.top.Load()) < 0 && e.anyFree()", "for e.anyFree()"},
	{"an arrival goes before better calls of others", "direct.go", "best.place >= 0 && !best.worse(", "best.place < -1 && !best.worse("},
	{"an arrival gets an agent unasked", "direct.go", " || !e.confirm(d, col, ring) {", " {"},
	{"an arrival that finds no agent is not shown", "call.go", "if !e.direct(l, c, x) {", "if !e.direct(l, c, x) && !e.anyFree() {"},
	{"a claim undone in becoming available is left so", "ready.go", "	if !e.decide(col, claim, now, 1) {\n		e.matchAgent(col, FreedAgent, 0, -1, 1)\n	}\n", "	e.decide(col, claim, now, 1)\n"},
	{"an offer in becoming available leaves no order", "ready.go", "	case agentOffered, agentNotReady:\n", "	case agentFree:\n"},
	{"a claim forgets the order", "claim.go", "		e.seats[col].remember(w)\n", ""},
	{"a pause forgets the order", "ready.go", "			e.seats[col].remember(w)\n", ""},
	{"a new agent has the order of the one before", "ready.go", "o > s.born.Load()", "o > 0"},
	{"full is said after one look", "place.go", "if e.places.still(&seen) {", "if len(seen) > 0 {"},
	{"an arrival claims an agent for a call that is gone", "direct.go", "e.places.at[place].word.Load() != x {", "x == 0 {"},
}
