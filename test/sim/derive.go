package main

import (
	"switchroom/acd"
)

// checkDerived compares what an agent is seen to do with what follows from
// first principles: the legs of its phone and what its calls do with them, its
// after-call work, whether the phone is there, and what it wishes, in this
// order.
func (a *agent) checkDerived(state acd.AgentState) {
	want := a.part.state
	if want != acd.AgentOffline && want == state {
		return
	}
	memo := a.core.Memo(a.w.instant())
	switch {
	case want != acd.AgentOffline:
	case !memo.WrapUp.IsZero():
		want = acd.AgentWrapUp
	case a.dialogs > 0: // its last dialog is being taken down
		if state < acd.AgentReserved {
			a.w.fail("%s is %s and its phone is not free", a.id, state)
		}
		return
	case a.known && memo.Wish == acd.WishReady.String():
		want = acd.AgentReady
	case a.known && memo.Wish == acd.WishNotReady.String():
		want = acd.AgentNotReady
	}
	if state != want {
		a.w.fail("%s is %s and ought to be %s", a.id, state, want)
	}
}

// part is what the calls do with an agent, told anew at every step.
type part struct {
	state     acd.AgentState // as its call has it; offline: no call does
	connected *call          // in which a phone of its talks
	other     *call          // and in which as well, which must not be
}

// tellParts tells the agents of the call what it does with each.
func (c *call) tellParts() {
	for r, l := range c.legs {
		a := l.agent
		if a == nil {
			continue
		}
		if l.answered && !l.over {
			if a.part.connected == nil {
				a.part.connected = c
			}
			if a.part.connected != c {
				a.part.other = c
			}
		}
		if r != acd.LineParty && c.people[a.id] == a {
			a.part.state = c.seen(r, l)
		}
	}
}

// seen is what the call does with the agent at a leg.
func (c *call) seen(r acd.Party, l *leg) acd.AgentState {
	ringing := acd.AgentReserved
	if l.rang {
		ringing = acd.AgentRinging
	}
	switch r {
	case acd.FromParty:
		return acd.AgentHeld
	case acd.CallerParty:
		if l.dialledIn {
			return acd.AgentOutbound
		}
		if c.core.State() == acd.Dialling {
			return ringing
		}
		return acd.AgentTalking
	case acd.SecondParty, acd.SupervisorParty:
		if l.answered {
			return acd.AgentTalking
		}
		return ringing
	}
	switch c.core.State() {
	case acd.Summoning, acd.Dialling:
		return acd.AgentOutbound
	case acd.Talking:
		if c.core.Held() {
			return acd.AgentHeld
		}
		if l.own {
			return acd.AgentOutbound
		}
		return acd.AgentTalking
	}
	return ringing
}
