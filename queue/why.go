package queue

import "math/bits"

// explain puts together the offer that a decided claim is about to make. It
// reads what the index keeps up to date anyway and asks two pure functions
// of the need; nothing is allocated and no agent is visited but the chosen -
// unless seen is unknown, because another goroutine made the decision.
func (e *Engine) explain(o *Offer, col, place int, x, claim uint64, now int64, seen int) {
	p, s := &e.places.at[place], &e.seats[col]
	c := p.call.Load()
	o.Call, o.Agent, o.Seq = c, AgentID(s.id.Load()), seqOf(x)
	in := s.in.Load()
	if c == nil || in == nil {
		return // the claim was finished by another, who explains
	}
	l := e.laneOfCall(c)
	d := l.def.Load()
	if d == nil {
		return // the same
	}
	from, _, _ := claimOf(claim)
	w := &o.Why
	w.From = uint8(from)
	w.Waited = max(0, now-c.Arrival) // it may have arrived after the decision's clock was read
	w.Score = w.Waited + d.lead
	w.Idle = max(0, now-s.idleAt.Load())
	w.Waiting = lifeWaiting(l.life.Load()) + 1
	o.AgentOwner = in.owner
	o.Ring = d.ringAt(w.Waited)
	if d.any>>o.Ring&1 == 0 {
		w.SiteCost = d.need.siteCost(&in.profile, o.Ring)
	}
	w.SkillSum = d.need.skillSum(&in.profile)
	n := &d.count[o.Ring]
	w.Considered = int(n.eligible.Load())
	if seen == unknown {
		seen = 1 + e.available(d, o.Ring) // the chosen one is claimed
	}
	w.NotReady = max(0, w.Considered-seen)
	w.NoQueue = int(n.noQueue.Load())
	w.NoSite = int(n.noSite.Load())
	w.NoSkill = int(n.noSkill.Load())
	if !c.plain() {
		w.Declined = e.stoodBack(c, d, o.Ring)
	}
}

// stoodBack counts the available agents whom the ring admits and who have
// declined the call.
func (e *Engine) stoodBack(c *Call, d *definition, ring int) int {
	n := 0
	for i := range min(c.declines.Load(), remembered) {
		id := AgentID(c.declined[i].Load() - 1)
		if c.declinedAt(int32(id)) != i {
			continue // it declined twice
		}
		if col := e.column(id); col >= 0 && kindOf(e.word[col].Load()) == agentAvailable && d.admits(e.seats[col].in.Load(), ring) {
			n++
		}
	}
	return n
}

// available counts the agents whom the ring admits and who are available.
func (e *Engine) available(d *definition, ring int) int {
	n, row := 0, d.row(ring)
	for wi := range (int(e.agentHigh.Load()) + 63) >> 6 {
		if e.free[wi].n.Load() <= 0 {
			continue
		}
		for b := row[wi].Load(); b != 0; b &= b - 1 {
			if kindOf(e.word[wi<<6|bits.TrailingZeros64(b)].Load()) == agentAvailable {
				n++
			}
		}
	}
	return n
}
