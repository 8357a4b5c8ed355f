package exchange

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"switchroom/acd"
	"switchroom/acd/api"
	"switchroom/media"
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
	session *media.Session
	stay         // its place in the queue
	asked   stay // and the one of its agent, who consults a queue
	// Who has which role now; nil: nobody.
	caller *party // at the caller's end
	agent  *party // offered or connected
	line   *party // the agent's own second line
	second *party // consulted, or the third of a conference
	super  *party // the supervisor
	from   *party // who is handing the caller on

	speech speech
	taping taping

	phones   []*party          // every leg but the caller's that there ever was
	people   map[string]*agent // agents who are this call's
	referrer *sip.Leg          // waits to hear how its transfer goes
	attempts []acd.Attempt     // of calls out
	heard    string            // the arrangement in force
	tape     *recording.Recorder
	invite   sip.Invite
	doing    bool // deeds are being carried out
	log      *zap.Logger

	// -----
	inbox inbox
	first acd.CallInput // its beginning; constant
	view  atomic.Pointer[shown]
	// settled: its record is in the journal.
	settled atomic.Bool
	// crew are the ids of the agents who are the call's.
	crew atomic.Pointer[[]string]
	// reported: inspect has told of it.
	reported atomic.Bool

	mu        sync.Mutex
	decisions []api.Decision
}

// newCall admits a call that has a place in q and starts its goroutine; nil
// when the exchange has as many calls as it can.
func (x *Exchange) newCall(leg *sip.Leg, inv sip.Invite, number string, q *queuePlan, plan acd.CallPlan) *call {
	c := x.makeCall(x.newID(), leg, inv, number, q, plan)
	if !x.admit(c) {
		return nil
	}
	return c
}

// makeCall makes one that is not admitted yet.
func (x *Exchange) makeCall(id string, leg *sip.Leg, inv sip.Invite, number string, q *queuePlan, plan acd.CallPlan) *call {
	c := &call{x: x, inbox: newInbox(), invite: inv, stay: stay{queue: q, counted: true}, first: acd.CallInput{Kind: acd.InputArrive}, log: x.log.With(zap.String("call", id))}
	c.core = acd.NewCall(id, inv.From.Number, number, inv.Trunk, plan)
	c.caller = &party{call: c, role: acd.CallerParty, leg: leg}
	c.traced(leg)
	leg.HoldBye()
	return c
}

// run is the life of a call.
func (c *call) run() {
	timer := time.NewTimer(time.Hour)
	timer.Stop()
	defer timer.Stop()
	defer c.inbox.close()
	defer c.x.forget(c)
	c.session = c.x.media.NewSession(c)
	c.safely(func() { c.step(c.first) })
	defer c.endTolls()
	for c.core.State() != acd.Over {
		if at := c.deadline(); at != 0 {
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
			c.safely(c.due)
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
		c.inbox.put(message{kind: fromControl, in: &acd.CallInput{Kind: acd.InputRelease, Cause: acd.Internal, Status: 500, Q850: 41}})
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
		c.hearLeg(m.party, m.sip)
	case fromMedia:
		c.hearMedia(*m.media)
	case fromQueue:
		c.hearOffer(*m.offer)
	case fromControl:
		c.step(*m.in)
	case fromFloor:
		m.ask(c)
	}
}

// hearLeg: a call out is tried on one trunk after the other, each try being a
// leg of its own.
func (c *call) hearLeg(p *party, e sip.Event) {
	if e.Leg != nil {
		if p.leg != e.Leg {
			c.traced(e.Leg)
		}
		p.leg = e.Leg
	}
	if e.Attempt != nil {
		c.x.attempted(c.core.ID, c.core.Plan.Client, e.Attempt)
		c.attempts = append(c.attempts, attemptsOf(e.Attempts)...)
	}
	switch {
	case e.Kind == sip.Attempted: // the next trunk's early media is another's
		p.agreed, p.rang = false, false
	case e.Kind == sip.Answered && e.Leg.Trunk() != "":
		p.local.Codecs = codecsOf(p.trunk())
		c.heardLeg(p, e)
	default:
		c.heardLeg(p, e)
	}
}

// heardLeg gives what a party's leg says to whom it is for.
func (c *call) heardLeg(p *party, e sip.Event) {
	if p == c.caller {
		c.hearCaller(e)
		return
	}
	c.hearPhone(p, e)
}

// decided keeps the explanation of an offer.
func (c *call) decided(a *agent, d *acd.Decision) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.decisions = append(c.decisions, api.Decision{Time: c.x.clock.now().Wall, Agent: a.id, Decision: *d})
}

// agentID names the owner of a place in the queue's tables.
func agentID(owner any) string { return owner.(*agent).id }

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
	c.leaveQueue(acd.AgentParty)
	c.leaveQueue(acd.SecondParty)
	for _, p := range c.everybody() {
		if p.leg != nil && !p.over {
			p.leg.Hangup(sip.Cause{Q850: 41, Side: sip.SystemSide})
		}
		if p.opened {
			p.closeLeg() // also one whose INVITE the fault kept back
		}
	}
	for _, a := range c.people {
		a.step(acd.AgentInput{Kind: acd.AgentPhase, Phase: acd.PhaseFree, Call: c.core.ID, Cause: acd.Internal})
	}
	c.people = nil
	c.crewIs()
	if c.tape != nil {
		c.tape.Stop(string(acd.Internal))
	}
	c.session.Close()
	if cdr := c.core.Abort(c.x.clock.now(), acd.Internal); !c.settled.Load() {
		c.x.settle(context.Background(), cdr)
	}
	c.answerBye()
}

// endTolls: nothing of a call that is over counts any more.
func (c *call) endTolls() {
	for _, p := range c.everybody() {
		p.endToll()
	}
}

// answerBye lets the 200 to the caller's BYE go: its record is safe.
func (c *call) answerBye() {
	if c.caller != nil && c.caller.leg != nil {
		c.caller.leg.Settled()
	}
}

// everybody is every leg there ever was.
func (c *call) everybody() []*party {
	if c.caller == nil {
		return c.phones
	}
	return append([]*party{c.caller}, c.phones...)
}
