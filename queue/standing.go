package queue

import "math/bits"

// Standing is how one agent stood when a call was given out: what the rules
// compare. Who has declined the call comes last, then the nearest site goes
// first, then the smallest Term, then the longest idle. Term is, by strategy:
//
//	LongestIdle    0
//	BestSkill      less SkillSum
//	LeastOccupied  the share of its time in service, in 2^-20
//	RoundRobin     columns behind the agent that was chosen
//	FewestCalls    calls accepted
//	TopDown        Profile.Order
type Standing struct {
	Agent      AgentID
	AgentOwner any // what AddAgent was given

	Declined bool  // it had declined this very call, and so stood back
	SiteCost int   // place of its site in the ring's list, 0 the nearest
	Term     int64 // what the strategy compares, the smaller goes first
	Idle     int64 // ns since it became available
	SkillSum int   // sum of its levels in the skills asked for
	Ring     int   // the first ring that admits it
}

// MaxNext bounds the runners-up that Standings gives.
const MaxNext = 8

// Standings gives how the agent of an offer stood and, best first, those whom
// the call would have gone to in its place (under RoundRobin, those whose turn
// comes after it): as many as next has room for, at
// most MaxNext. ok is false when the class or the agent is gone. It is for
// explanations, decides nothing and allocates nothing, and looks at every
// agent whom the ring admits if more than the chosen one was available.
//
// It reads the engine as it stands. Called before the offer is answered it
// leaves out who became available after the match, and counts those in who
// have been given another call since. Missing is only who was taken out of the
// choice meanwhile; one who came back by Return since, and a change of the
// class or of a profile, show.
func (e *Engine) Standings(o *Offer, next []Standing) (chosen Standing, n int, ok bool) {
	c, col := o.Call, e.column(o.Agent)
	if c == nil || col < 0 {
		return Standing{}, 0, false
	}
	d := e.laneOfCall(c).def.Load()
	if d == nil || o.Ring >= d.rings {
		return Standing{}, 0, false
	}
	if chosen, ok = e.stands(d, o, col, col); !ok || o.Why.Considered-o.Why.NotReady <= 1 {
		return chosen, 0, ok // nobody else was there
	}
	ranks := [MaxNext]rank{}
	next = next[:min(len(next), MaxNext)]
	row := d.row(o.Ring)
	for wi := range (int(e.agentHigh.Load()) + 63) >> 6 {
		for b := row[wi].Load(); b != 0; b &= b - 1 {
			other := wi<<6 | bits.TrailingZeros64(b)
			if other == col || !e.stood(other, o.Seq) {
				continue
			}
			r, at := e.rankBehind(d, o, other, col), n
			for at > 0 && r.less(&ranks[at-1]) {
				at--
			}
			if at == len(next) || !d.admits(e.seats[other].in.Load(), o.Ring) {
				continue
			}
			s, there := e.stands(d, o, other, col)
			if !there {
				continue
			}
			n = min(n+1, len(next))
			copy(ranks[at+1:n], ranks[at:])
			copy(next[at+1:n], next[at:])
			ranks[at], next[at] = r, s
		}
	}
	return chosen, n, true
}

// rankBehind is the rank of another than the chosen one.
func (e *Engine) rankBehind(d *definition, o *Offer, col, chosen int) rank {
	order := e.seats[col].orderIn(e.word[col].Load())
	if d.byOrder[o.Ring] && o.Call.plain() {
		return rank{order: order}
	}
	r := e.rank(d, o.Call, o.Ring, col, order, decided(o))
	if d.robin {
		r.term = uint64(turn(chosen, col))
	}
	return r
}

// decided is the clock by which an offer was decided.
func decided(o *Offer) int64 { return o.Call.Arrival + o.Why.Waited }

// stood tells whether the agent in a column was available when the match with
// that number was made.
func (e *Engine) stood(col int, seq uint64) bool {
	w := e.word[col].Load()
	if e.seats[col].orderIn(w) >= seq {
		return false
	}
	switch kindOf(w) {
	case agentAvailable, agentClaim:
		return true
	case agentOffered:
		_, taken := offerOf(w)
		return taken > seq
	}
	return false
}

// stands puts together how the agent in a column stood beside the chosen one.
func (e *Engine) stands(d *definition, o *Offer, col, chosen int) (Standing, bool) {
	s := &e.seats[col]
	in, id, now := s.in.Load(), s.id.Load(), decided(o)
	if in == nil {
		return Standing{}, false
	}
	out := Standing{
		Agent: AgentID(id), AgentOwner: in.owner, Declined: !o.Call.plain() && o.Call.declinedBy(id),
		SiteCost: d.need.siteCost(&in.profile, o.Ring), Idle: max(0, now-s.idleAt.Load()),
		SkillSum: d.need.skillSum(&in.profile), Ring: d.need.firstRing(&in.profile),
	}
	switch d.need.Strategy {
	case BestSkill:
		out.Term = -int64(out.SkillSum)
	case LeastOccupied:
		out.Term = int64(s.occupancy(now))
	case RoundRobin:
		out.Term = turn(chosen, col)
	case FewestCalls:
		out.Term = s.calls.Load()
	case TopDown:
		out.Term = int64(in.profile.Order)
	}
	return out, true
}

// turn is how far behind the chosen column another one's turn is.
func turn(chosen, col int) int64 { return int64((col - chosen) & columnMask) }
