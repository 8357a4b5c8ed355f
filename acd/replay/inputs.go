package replay

import (
	"fmt"
	"reflect"

	"switchroom/acd"
	"switchroom/queue"
)

func same[T any](a, b T) bool { return reflect.DeepEqual(a, b) }

// agent takes in that an agent became free, or ceased to be.
func (f *floor) agent(ev *acd.Event) {
	s := f.agents[ev.Agent]
	if s == nil {
		return
	}
	s.state, s.at = ev.State, ev.Mono
	if ev.State != acd.AgentReady.String() {
		if s.offered == nil || s.offered.told {
			f.engine.NotReady(s.ticket) // false: it is in an offer or serves, as the journal says too
		}
		f.goodbye(s)
		return
	}
	if c := s.offered; c != nil && !c.told {
		return // found meanwhile, and about to be told of
	}
	if c := s.offered; c != nil { // the journal has it free: the replay must have gone astray
		f.putBack(c)
	}
	if ev.Fresh {
		s.tainted = false
		f.engine.Ready(s.ticket)
	} else {
		f.engine.Return(s.ticket)
	}
	f.goodbye(s)
}

// enter takes in a call that waits from now on.
func (f *floor) enter(ev *acd.Event) error {
	l := f.queues[ev.Queue]
	if l == nil {
		return nil
	}
	f.forget(ev.Call) // of the queue that it overflowed from
	c := &caller{id: ev.Call, line: l, class: l.class, arrival: ev.Arrival, at: ev.Mono}
	f.calls[c.id] = c
	if err := f.place(c); err != nil {
		delete(f.calls, c.id)
		return fmt.Errorf("call %s: %w", c.id, err)
	}
	return nil
}

// place puts a call into the queue; anew, it has its old arrival.
func (f *floor) place(c *caller) error {
	c.place = &queue.Call{Class: c.class, Arrival: c.arrival, Owner: c}
	return f.engine.Enter(c.place)
}

// withdraw takes a call out of the queue, and whoever it was offered to goes
// back as if nothing had been, unless the journal has that agent at something.
func (f *floor) withdraw(c *caller) {
	s := c.to
	c.to = nil
	if c.place != nil {
		f.engine.Abandon(c.place)
		c.place = nil
	}
	if s == nil {
		return
	}
	s.offered = nil
	if s.state == acd.AgentReady.String() {
		f.engine.Return(s.ticket)
	}
	f.goodbye(s)
}

// putBack has a call wait again that was offered astray.
func (f *floor) putBack(c *caller) {
	f.withdraw(c)
	c.tainted, c.told = true, false
	if f.place(c) != nil {
		c.place = nil
	}
}

// leave takes in that a call gave up waiting.
func (f *floor) leave(ev *acd.Event) {
	if c := f.calls[ev.Call]; c != nil {
		f.withdraw(c)
		delete(f.calls, c.id)
	}
}

// forget drops what is known of a call that is over.
func (f *floor) forget(id string) {
	if c := f.calls[id]; c != nil {
		f.withdraw(c)
		delete(f.calls, id)
	}
}

// accept takes in that an agent answered.
func (f *floor) accept(ev *acd.Event, agent string) {
	c := f.calls[ev.Call]
	if c == nil {
		return
	}
	if s := c.to; s != nil && c.told && s.ID == agent {
		s.offered, c.to = nil, nil
		f.engine.Accept(c.offer)
		c.place = nil
	}
	f.forget(c.id)
}

// decline takes in that an agent did not take the offer. When the caller gave
// up, the queue hears that alone.
func (f *floor) decline(ev *acd.Event) {
	c := f.calls[ev.Call]
	if c == nil || ev.Cause == string(acd.CallerGone) {
		return
	}
	c.at = ev.Mono
	switch s := c.to; {
	case s != nil && c.told && s.ID == ev.Agent:
		s.offered, c.to = nil, nil
		f.engine.Decline(c.offer)
	case c.apart != nil:
		c.apart = nil
		if c.place == nil {
			if f.place(c) != nil {
				c.place = nil
			}
		}
	}
}
