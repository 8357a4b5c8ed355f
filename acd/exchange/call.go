package exchange

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"switchroom/acd"
	"switchroom/acd/api"
	"switchroom/media"
	"switchroom/queue"
	"switchroom/recording"
	"switchroom/sip"

	"go.uber.org/zap"
)

// call runs one call's state machine on one goroutine. The fields above the
// line belong to that goroutine; those below may be read by others.
type call struct {
	x       *Exchange
	core    *acd.Call
	deeds   []acd.CallAction
	seat    *queue.Call // its place in the queue
	session *media.Session
	caller  *party
	agent   *party   // offered or connected; nil when none
	phones  []*party // every agent's phone that was ever rung for it
	tape    *recording.Recorder
	invite  sip.Invite
	queue   *queuePlan // the one it is in, or was in last
	arrival int64      // on the queue's clock; kept over overflow
	counted bool       // has a place among those that queue may have waiting
	queued  bool       // has entered the queue, which it must leave or be taken from
	doing   bool       // deeds are being carried out
	log     *zap.Logger

	// -----
	inbox inbox
	view  atomic.Pointer[shown]
	// settled: its record is in the journal.
	settled atomic.Bool

	mu        sync.Mutex
	decisions []api.Decision
}

// newCall admits a call that has a place in q and starts its goroutine; nil
// when the exchange has as many calls as it can.
func (x *Exchange) newCall(leg *sip.Leg, inv sip.Invite, number string, q *queuePlan, plan acd.CallPlan) *call {
	id := x.newID()
	c := &call{x: x, inbox: newInbox(), invite: inv, queue: q, counted: true, log: x.log.With(zap.String("call", id))}
	c.core = acd.NewCall(id, inv.From.Number, number, inv.Trunk, plan)
	c.caller = &party{call: c, role: acd.CallerParty, leg: leg}
	c.traced(leg)
	leg.HoldBye()
	if !x.admit(c) {
		return nil
	}
	return c
}

// run is the life of a call.
func (c *call) run() {
	timer := time.NewTimer(time.Hour)
	timer.Stop()
	defer timer.Stop()
	defer c.x.forget(c)
	c.session = c.x.media.NewSession(c)
	c.safely(func() { c.step(acd.CallInput{Kind: acd.InputArrive}) })
	for c.core.State() != acd.Over {
		if at := c.core.Deadline(); at != 0 {
			timer.Reset(max(at-c.x.clock.now().Mono, 0))
		} else {
			timer.Stop()
		}
		select {
		case <-c.inbox.ready:
			for _, m := range c.inbox.take() {
				c.safely(func() { c.hear(m) })
			}
		case <-timer.C:
			c.safely(func() { c.step(acd.CallInput{Kind: acd.InputDeadline}) })
		case <-c.x.killed:
			c.abort()
			return
		}
	}
}

// safely keeps a fault of ours from spreading: it ends this call, not others.
// A fault among the deeds leaves some of them undone, so that the state
// machine no longer knows how things stand: the call is taken down by hand.
func (c *call) safely(do func()) {
	defer func() {
		fault := recover()
		if fault == nil {
			return
		}
		c.x.panicked(c.log, fault)
		if c.doing || c.core.State() >= acd.Ending {
			c.abort()
			return
		}
		c.inbox.put(message{kind: fromControl, in: acd.CallInput{Kind: acd.InputRelease, Cause: acd.Internal, Status: 500, Q850: 41}})
	}()
	if c.core.State() != acd.Over {
		do()
	}
}

// step gives the state machine one input and carries out what follows. Deeds
// may fail, and what then happens to the call is an input again.
func (c *call) step(in acd.CallInput) {
	now := c.x.clock.now()
	c.deeds = c.core.Step(now, in, c.deeds[:0])
	c.carryOutAll(now)
}

func (c *call) carryOutAll(now acd.Instant) {
	// Shown before anything is written down: what the journal knows to be
	// live can be seen to be live.
	c.show()
	deeds := c.deeds
	c.deeds = nil // a deed may step again
	outer := c.doing
	c.doing = true
	var next []acd.CallInput
	for _, d := range deeds {
		if in, ok := c.carryOut(now, d); ok {
			next = append(next, in)
		}
	}
	if cap(deeds) > cap(c.deeds) {
		clear(deeds)
		c.deeds = deeds[:0]
	}
	c.doing = outer
	for _, in := range next {
		c.step(in)
	}
}

// hear turns what another room said into inputs.
func (c *call) hear(m message) {
	switch m.kind {
	case fromSIP:
		if m.party == c.caller {
			c.hearCaller(m.sip)
		} else {
			c.hearAgent(m.party, m.sip)
		}
	case fromMedia:
		c.hearMedia(m.media)
	case fromQueue:
		c.hearOffer(m.offer)
	case fromControl:
		c.step(m.in)
	}
}

// hearOffer: the queue has found an agent. An offer that crossed the end of
// the call has been given back by leaving the queue.
func (c *call) hearOffer(o queue.Offer) {
	if c.core.State() != acd.Waiting || o.Call != c.seat {
		return
	}
	a := o.AgentOwner.(*agent)
	decision := c.x.explain(o, c.core.Plan)
	seat := a.seat()
	c.agent = &party{call: c, role: acd.AgentParty, agent: a, offer: o}
	c.phones = append(c.phones, c.agent)
	c.mu.Lock()
	c.decisions = append(c.decisions, api.Decision{Time: c.x.clock.now().Wall, Agent: a.id, Decision: *decision})
	c.mu.Unlock()
	c.step(acd.CallInput{Kind: acd.InputOffer, Seat: seat, Decision: decision})
}

// outcome completes the explanation of the offer in progress.
func (c *call) outcome(what string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if n := len(c.decisions); n > 0 && c.decisions[n-1].Outcome == "" {
		c.decisions[n-1].Outcome = what
	}
}

// abort takes a call down without its state machine: at a second fault, or
// when the exchange ends with calls still up.
func (c *call) abort() {
	defer func() {
		if fault := recover(); fault != nil {
			c.x.panicked(c.log, fault)
		}
	}()
	c.leaveQueue()
	for _, p := range append(c.phones, c.caller) {
		if p.leg != nil && !p.over {
			p.leg.Hangup(sip.Cause{Q850: 41, Side: sip.SystemSide})
		}
		if p.opened {
			p.closeLeg() // also one whose INVITE the fault kept back
		}
	}
	if c.agent != nil {
		c.agent.agent.step(acd.AgentInput{Kind: acd.AgentPhase, Phase: acd.PhaseFree, Call: c.core.ID, Cause: acd.Internal})
	}
	if c.tape != nil {
		c.tape.Stop(string(acd.Internal))
	}
	c.session.Close()
	if cdr := c.core.Abort(c.x.clock.now(), acd.Internal); !c.settled.Load() {
		c.x.settle(context.Background(), cdr)
	}
	c.caller.leg.Settled()
}
