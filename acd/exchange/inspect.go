package exchange

import (
	"time"

	"switchroom/acd"
)

// inspectEvery is how often the exchange looks at itself, and grace how much
// longer than its limit something may last before it is told of.
const (
	inspectEvery = 5 * time.Second
	grace        = 10 * time.Second
	// endWithin is how long a released call may take to be over: eight T1 of
	// its slowest peer, and more.
	endWithin = time.Minute
	// alertMax is the longest that a phone may be rung by any configuration.
	alertMax = 10 * time.Minute
)

// inspect looks for what contradicts itself or lasts longer than it may, and
// reports it, once each. An agent whom a call has left behind is let go: no
// state is for an operator to clear.
func (x *Exchange) inspect(now acd.Instant) {
	x.inspecting.Lock()
	defer x.inspecting.Unlock()
	for _, c := range x.live() {
		x.inspectCall(c, now)
	}
	for _, a := range x.agents.all() {
		x.inspectAgent(a, now)
	}
	x.weigh(now)
}

// inspectCall reports a call that has outlived its deadline.
func (x *Exchange) inspectCall(c *call, now acd.Instant) {
	v := c.view.Load()
	if v == nil || c.reported.Load() {
		return
	}
	var late time.Duration
	switch {
	case v.State == acd.Ending.String():
		late = now.Sub(v.at) - endWithin
	case v.deadline != 0:
		late = now.Mono - v.deadline - grace
	}
	if late > 0 && c.reported.CompareAndSwap(false, true) {
		x.violation("call %s is %s %s longer than it may", c.core.ID, v.State, late.Round(time.Second))
	}
}

// inspectAgent reports an agent that is kept for nothing, or longer than
// anything can last.
func (x *Exchange) inspectAgent(a *agent, now acd.Instant) {
	a.mu.Lock()
	defer a.mu.Unlock()
	state, _, since := a.core.State()
	age := now.Sub(since)
	id := a.core.Call()
	switch state {
	case acd.AgentReserved, acd.AgentRinging, acd.AgentTalking, acd.AgentHeld, acd.AgentOutbound:
		switch {
		case age > grace && id != "" && x.find(id) == nil && a.core.Bound():
			x.violation("agent %s is %s for call %s, which is over", a.id, state, id)
			a.stepLocked(acd.AgentInput{Kind: acd.AgentPhase, Phase: acd.PhaseFree, Call: id, Cause: acd.Internal})
		case (state == acd.AgentReserved || state == acd.AgentRinging) && age > alertMax+grace:
			x.overdue(a, state, age)
		}
	case acd.AgentWrapUp:
		// Without a deadline it is the last dialog's end that it waits for.
		if at := a.core.Deadline(); at == 0 && a.core.Unbound() || at != 0 && now.Mono > at+grace {
			x.overdue(a, state, age)
			a.stepLocked(acd.AgentInput{Kind: acd.AgentDeadline})
		}
	}
}

// overdue reports an agent's state once. mu is held.
func (x *Exchange) overdue(a *agent, state acd.AgentState, age time.Duration) {
	_, _, since := a.core.State()
	if a.reported == since.Mono {
		return
	}
	a.reported = since.Mono
	x.violation("agent %s is %s for %s", a.id, state, age.Round(time.Second))
}
