package exchange

import (
	"errors"
	"maps"
	"slices"

	"switchroom/acd"
)

// Why an agent cannot be had by name.
var (
	errBusy = errors.New("exchange: agent is busy")
	errAway = errors.New("exchange: agent's phone is out of reach")
)

// claim takes the agent for a call past the queue, or says why it cannot be
// had. The queue is told first: from the moment that it has given the agent up
// it makes no offer, and one that is on its way already has the agent.
func (a *agent) claim(call string, phase acd.Phase) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	switch {
	case a.left || a.ended || !a.core.Reachable():
		return errAway
	case !a.core.Unbound():
		return errBusy
	}
	if state, _, _ := a.core.State(); state == acd.AgentReady && !a.x.queue.NotReady(a.ticket) {
		return errBusy
	}
	a.stepLocked(acd.AgentInput{Kind: acd.AgentPhase, Phase: phase, Call: call})
	return nil
}

// claim takes an agent for this call; what it is to the call is the state
// machine's.
func (c *call) claim(id string, phase acd.Phase) (*agent, error) {
	if a := c.people[id]; a != nil {
		return a, nil
	}
	a := c.x.agents.get(id)
	if a == nil {
		return nil, errAway
	}
	if err := a.claim(c.core.ID, phase); err != nil {
		return nil, err
	}
	c.has(a)
	return a, nil
}

// has notes that an agent is this call's.
func (c *call) has(a *agent) {
	if c.people == nil {
		c.people = map[string]*agent{}
	}
	c.people[a.id] = a
	c.crewIs()
}

// crewIs shows inspection whom the call has.
func (c *call) crewIs() {
	crew := slices.Collect(maps.Keys(c.people))
	c.crew.Store(&crew)
}

// whyNot is the cause and the status for an error of a call to somebody.
func whyNot(err error) (acd.Cause, int) {
	switch {
	case errors.Is(err, errBusy):
		return acd.Busy, 486
	case errors.Is(err, errNotPermitted):
		return acd.Rejected, 403
	}
	return acd.Unreachable, 480
}
