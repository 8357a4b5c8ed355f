package exchange

import (
	"switchroom/acd"
	"switchroom/queue"

	"go.uber.org/zap"
)

// stay is a conversation's place in a queue: its caller's, or the one that its
// agent has who consults the queue meanwhile. At most one of the two is in use.
type stay struct {
	queue   *queuePlan  // the one it is in, or was in last
	seat    *queue.Call // the place in it
	arrival int64       // on the queue's clock; kept over overflow
	counted bool        // has a place among those that queue may have waiting
	queued  bool        // has entered the queue, which it must leave or be taken from
	widens  bool        // and that queue has further rings to open
}

// stayOf is the stay that a deed for a party is about.
func (c *call) stayOf(role acd.Party) *stay {
	if role == acd.SecondParty {
		return &c.asked
	}
	return &c.stay
}

// enter has the call wait.
func (c *call) enter(role acd.Party) (acd.CallInput, bool) {
	s := c.stayOf(role)
	if !s.counted && !s.queue.take() {
		return acd.CallInput{Kind: acd.InputFull, Party: role}, true
	}
	s.seat = &queue.Call{Class: s.queue.class, Arrival: s.arrival, Owner: c}
	s.counted, s.queued = true, true
	if s.widens = len(s.queue.config.Rings) > 1; s.widens {
		c.x.someoneEntered()
	}
	if err := c.x.queue.Enter(s.seat); err != nil {
		c.outside(s)
		c.log.Warn("queue refused a call", zap.String("queue", s.queue.config.ID), zap.Error(err))
		return acd.CallInput{Kind: acd.InputFull, Party: role}, true
	}
	return acd.CallInput{}, false
}

// outside notes that the call has no place in its queue any more.
func (c *call) outside(s *stay) {
	if s.counted {
		s.queue.leave()
	}
	if s.widens {
		c.x.waiting.Add(-1)
	}
	s.counted, s.queued, s.widens = false, false, false
}

// leaveQueue takes the call out of the queue. An agent whom the queue had
// just reserved for it, and whom the call never heard of, goes back as if
// nothing had been.
func (c *call) leaveQueue(role acd.Party) {
	s := c.stayOf(role)
	entered := s.queued
	c.outside(s)
	if !entered {
		return
	}
	offeredTo := c.agent
	if role == acd.SecondParty {
		offeredTo = c.second
	}
	ticket, offered, ok := c.x.queue.Abandon(s.seat)
	if !ok || !offered || offeredTo != nil {
		return // nobody was reserved, or the call has an agent and tells it itself
	}
	if a := c.x.agents.byTicket(ticket); a != nil {
		a.step(acd.AgentInput{Kind: acd.AgentPhase, Phase: acd.PhaseFree, Call: c.core.ID, Cause: acd.CallerGone})
	}
}

// inherit gives the caller the place in the queue that its agent has consulted.
func (c *call) inherit() {
	c.outside(&c.stay)
	c.stay, c.asked = c.asked, stay{}
}

// hearOffer: the queue has found an agent, for the caller or for the agent who
// consults it. An offer that crossed the end of the call, or of the
// consultation, has been given back by leaving the queue.
func (c *call) hearOffer(o queue.Offer) {
	role := acd.AgentParty
	plan := &c.core.Plan
	switch {
	case c.core.State() == acd.Waiting && o.Call == c.seat:
	case c.core.Stage() == acd.SecondWaits && o.Call == c.asked.seat:
		role, plan = acd.SecondParty, c.core.Asked()
	default:
		return
	}
	a := o.AgentOwner.(*agent)
	decision := Explain(c.x.queue, o, plan.Strategy, plan.Version, agentID)
	p := &party{call: c, role: role, seat: a.seat(), agent: a, offer: o}
	*c.slot(role) = p
	c.phones = append(c.phones, p)
	c.has(a)
	c.decided(a, decision)
	c.step(acd.CallInput{Kind: acd.InputOffer, Party: role, Seat: p.seat, Decision: decision})
}

// consults has the agent talk to somebody first, or wait for somebody of a
// queue; line: on the line that its phone has opened for it.
func (c *call) consults(to destination, line bool) error {
	if to.queue == nil {
		c.step(acd.CallInput{Kind: acd.InputConsult, Target: to.seat, Line: line})
		return nil
	}
	p := c.x.plan.Load()
	if why, _ := c.x.refusal(p, to.queue, c.x.clock.now().Wall); why != "" {
		return errClosed
	}
	if !to.queue.take() {
		return errQueueFull
	}
	c.asked = stay{queue: to.queue, counted: true, arrival: c.x.clock.mono()}
	if to.queue.config.KeepArrival {
		c.asked.arrival = c.arrival
	}
	now := c.x.clock.now()
	c.deeds = c.core.ConsultQueue(now, p.callPlan(to.queue, c.core.Plan.Client), line, c.deeds[:0])
	c.carryOutAll(now)
	return nil
}
