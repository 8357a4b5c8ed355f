package floor

import (
	"fmt"
	"time"

	"switchroom/acd"
	"switchroom/acd/exchange"
	"switchroom/queue"
)

// state writes down what an agent does, before the queue can act on it.
func (f *Floor) state(a *agent, state acd.AgentState, fresh bool) {
	was := a.state
	a.state = state.String()
	id := ""
	if a.call != nil {
		id = a.call.id
	}
	f.note(acd.Event{Kind: acd.AgentChanged, Agent: a.ID, Site: a.Site, State: a.state, Was: was, Call: id, Fresh: fresh})
}

func (f *Floor) ready(a *agent, fresh bool) {
	a.call = nil
	f.state(a, acd.AgentReady, fresh)
	if fresh {
		f.engine.Ready(a.ticket)
	} else {
		f.engine.Return(a.ticket)
	}
	if f.rng.IntN(12) == 0 {
		f.at(f.upTo(30_000), func() { f.pause(a) })
	}
}

// pause is a break, if the agent is free to take it.
func (f *Floor) pause(a *agent) {
	if a.state != acd.AgentReady.String() {
		return
	}
	f.state(a, acd.AgentNotReady, false)
	f.engine.NotReady(a.ticket)
	f.at(f.upTo(300_000), func() { f.ready(a, true) })
}

// arrive is a call, and the next one.
func (f *Floor) arrive() {
	f.at(1+int64(f.rng.ExpFloat64()*1000/f.o.Rate), f.arrive)
	f.calls++
	q := f.routing.Queues[f.rng.IntN(len(f.routing.Queues))].ID
	c := &call{id: fmt.Sprintf("c%08d", f.calls), queue: q}
	f.note(acd.Event{Kind: acd.CallArrived, Call: c.id, From: "13800000000", Number: "4008001234", Trunk: "telecom", Queue: q})
	f.note(acd.Event{Kind: acd.CallAnswered, Call: c.id})
	f.note(acd.Event{Kind: acd.CallQueued, Call: c.id, Queue: q, Arrival: f.now})
	c.place = &queue.Call{Class: f.classes[q], Arrival: f.now, Owner: c}
	if f.engine.Enter(c.place) != nil {
		f.end(c, acd.QueueFull)
		return
	}
	f.at(1+int64(f.rng.ExpFloat64()*90_000), func() { f.abandon(c) })
	if f.rng.IntN(10) == 0 {
		f.at(f.upTo(20_000), func() { f.raise(c) })
	}
}

// raise is a supervisor who gives a call that waits another priority.
func (f *Floor) raise(c *call) {
	if c.over || c.agent != nil {
		return
	}
	if _, _, ok := f.engine.Abandon(c.place); !ok {
		panic("a call that waits has no place")
	}
	f.note(acd.Event{Kind: acd.SuperviseDid, Call: c.id, Queue: c.queue, State: fmt.Sprintf(exchange.Raised+"%d", raised)})
	c.place = &queue.Call{Class: f.classes[c.queue+levelMark], Arrival: c.place.Arrival, Owner: c}
	if err := f.engine.Enter(c.place); err != nil {
		panic(err)
	}
}

// matched is the queue's callback.
func (f *Floor) matched(o queue.Offer) {
	c, strategy := o.Call.Owner.(*call), ""
	for _, q := range f.routing.Queues {
		if q.ID == c.queue {
			strategy = q.Strategy
		}
	}
	why := exchange.Explain(f.engine, o, strategy, fmt.Sprintf("v%d", f.version), func(owner any) string { return owner.(*agent).ID })
	f.matches = append(f.matches, match{o, why})
}

func (f *Floor) offered(m match) {
	o := m.Offer
	c, a := o.Call.Owner.(*call), o.AgentOwner.(*agent)
	if c.over {
		return // the crossing ended with Abandon
	}
	c.agent, c.offer, a.call = a, o, c
	f.note(acd.Event{Kind: acd.CallOffered, Call: c.id, Agent: a.ID, Site: a.Site, Queue: c.queue,
		Decision: m.why})
	f.state(a, acd.AgentReserved, false)
	f.note(acd.Event{Kind: acd.CallRinging, Call: c.id, Agent: a.ID})
	f.state(a, acd.AgentRinging, false)
	seq := o.Seq
	still := func(do func()) func() {
		return func() {
			if !c.over && !c.talks && c.agent == a && c.offer.Seq == seq {
				do()
			}
		}
	}
	switch p := f.rng.IntN(100); {
	case p < 7:
		f.at(15_000, still(func() { f.decline(c, acd.NoAnswer) }))
	case p < 12:
		f.at(f.upTo(1000), still(func() { f.decline(c, acd.Rejected) }))
	default:
		f.at(1000+f.upTo(5000), still(func() { f.connect(c) }))
	}
}

func (f *Floor) connect(c *call) {
	c.talks = true
	f.engine.Accept(c.offer)
	f.note(acd.Event{Kind: acd.CallConnected, Call: c.id, Agent: c.agent.ID, Queue: c.queue, Seconds: time.Duration(f.now - c.place.Arrival).Seconds()})
	f.state(c.agent, acd.AgentTalking, false)
	f.at(1+int64(f.rng.ExpFloat64()*60_000), func() {
		a := c.agent
		f.state(a, acd.AgentWrapUp, false)
		f.end(c, acd.CallerHangup)
		f.at(5000+f.upTo(5000), func() { f.ready(a, true) })
	})
}

func (f *Floor) decline(c *call, why acd.Cause) {
	a := c.agent
	f.note(acd.Event{Kind: acd.CallDeclined, Call: c.id, Agent: a.ID, Queue: c.queue, Cause: string(why)})
	c.agent = nil
	f.engine.Decline(c.offer)
	f.state(a, acd.AgentNotReady, false)
	f.at(20_000+f.upTo(40_000), func() { f.ready(a, true) })
}

// abandon is a caller who hangs up before an agent answered.
func (f *Floor) abandon(c *call) {
	if c.over || c.talks {
		return
	}
	a := c.agent
	if a != nil {
		f.note(acd.Event{Kind: acd.CallDeclined, Call: c.id, Agent: a.ID, Queue: c.queue, Cause: string(acd.CallerGone)})
	}
	_, offered, _ := f.engine.Abandon(c.place)
	f.note(acd.Event{Kind: acd.CallLeft, Call: c.id, Queue: c.queue, Cause: string(acd.Abandoned)})
	f.end(c, acd.Abandoned)
	if a != nil && offered {
		f.ready(a, false)
	}
}

func (f *Floor) end(c *call, why acd.Cause) {
	c.over = true
	f.note(acd.Event{Kind: acd.CallEnded, Call: c.id, Queue: c.queue, Cause: string(why)})
	f.note(acd.Event{Kind: acd.CallRecord, Call: c.id, Queue: c.queue, Cause: string(why), CDR: &acd.CDR{ID: c.id, Queue: c.queue, Cause: string(why)}})
}
