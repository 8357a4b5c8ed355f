package exchange

import (
	"switchroom/acd"
	"switchroom/sip"

	"go.uber.org/zap"
)

// phoneReplaces takes an INVITE with Replaces (RFC 3891): a phone wants the
// place of a leg of ours. It may have
//
//   - a leg of its own agent's: the agent goes on at another phone, or picks up
//     there what rings here;
//   - the leg of the agent that consults it: it takes the caller, as by REFER
//     from the other side;
//   - the leg of an agent of whom it is the supervisor: it takes the call over,
//     or picks up what rings there.
//
// Anybody else is forbidden to. What cannot be had now is refused as by section
// 3: 481 for what is nobody's place any more, else 486.
func (x *Exchange) phoneReplaces(a *agent, leg *sip.Leg, inv sip.Invite) sip.Sink {
	if x.state.Load() != running {
		return x.refuse(leg, inv, "", 503, string(acd.Drained), x.retryAfter)
	}
	whose := x.agentAt(inv.Replaces.Account()) // nobody's: a caller's, or the world's
	if whose == nil {
		return x.refuse(leg, inv, "", 403, "replaces", 0)
	}
	id := whose.busyWith()
	v, ok := x.Call(id)
	switch {
	case whose == a, a.busyWith() == id && id != "":
	case ok && x.supervises(a, v):
	default:
		return x.refuse(leg, inv, "", 403, "replaces", 0)
	}
	if !ok {
		return x.refuse(leg, inv, "", 481, "replaces", 0)
	}
	return x.intoCall(id, a, acd.AgentParty, leg, inv, func(c *call, p *party) int {
		old := c.withLeg(func(q *party) bool { return q.leg == inv.Replaces && !q.over })
		if old == nil {
			return 481
		}
		return c.replaces(old, p)
	})
}

// replaces puts p in the place of old, if p's agent may have it and it is to be
// had: else the status of the refusal.
func (c *call) replaces(old, p *party) int {
	role := c.roleOf(old)
	switch {
	case old.agent == p.agent:
		return c.movesTo(old, p)
	case c.second != nil && c.second.agent == p.agent && (role == acd.AgentParty || role == acd.LineParty):
		if !c.takesSound(p) {
			return 488
		}
		c.step(acd.CallInput{Kind: acd.InputComplete})
		if c.agent == nil || c.agent.agent != p.agent {
			c.dropMedia(p)
			return 486
		}
		return c.movesTo(c.agent, p)
	case role == acd.AgentParty && c.supervisedBy(p.agent):
		return c.takenBy(p)
	}
	return 403
}

// supervisedBy reports whether an agent may supervise the call as it stands now.
func (c *call) supervisedBy(a *agent) bool {
	return c.x.supervises(a, c.core.View(c.x.clock.now()))
}

// takesSound answers the offer of a phone that is not picked up yet, so that
// nothing is given up for one that cannot be talked to.
func (c *call) takesSound(p *party) bool {
	if p.invite.SDP == nil || p.agreed {
		return true
	}
	if _, err := p.answerTo(p.invite.SDP); err != nil {
		c.log.Info("no common media with a phone", zap.String("who", p.seat.Who()), zap.Error(err))
		c.dropMedia(p)
		return false
	}
	return true
}

// movesTo has an agent go on at the leg that it has called with.
func (c *call) movesTo(old, p *party) int {
	role := c.roleOf(old)
	rung := old.dialled && !old.answered
	p.role, p.offer = old.role, old.offer
	switch {
	case role == "" || role == acd.CallerParty || role == acd.FromParty:
		return 486
	case !c.takesSound(p):
		return 488
	}
	if old.held {
		c.step(acd.CallInput{Kind: acd.InputResume, Party: role})
	}
	c.core.Joined()
	c.phones = append(c.phones, p)
	c.traced(p.leg)
	p.openLeg()
	*c.slot(role) = p
	old.leg.Hangup(sip.Cause{Q850: 16, Text: string(acd.Transferred), Side: sip.LocalSide})
	c.pickUp(p)
	c.x.note(c.x.clock.now(), acd.Event{Kind: acd.CallMoved, Call: c.core.ID, Client: c.core.Plan.Client, Agent: p.agent.id, Side: string(role)})
	if rung {
		c.step(acd.CallInput{Kind: acd.InputAgentAnswer, Party: role})
	}
	c.arrange(false)
	c.heldAnew(p, false)
	return 0
}

// takenBy gives a supervisor the agent's place in a talk, or the call that rings
// at the agent's phone.
func (c *call) takenBy(p *party) int {
	boss := p.agent
	state := c.core.State()
	if c.super != nil && c.super.agent == boss && (c.super.answered || c.super.dialledIn) && state == acd.Talking { // listens in at another line
		if !c.takesSound(p) {
			return 488
		}
		c.step(acd.CallInput{Kind: acd.InputTakeOver, By: boss.id})
		return c.movesTo(c.agent, p)
	}
	if seat, _ := c.core.Watcher(); seat != (acd.Seat{}) || c.super != nil || c.people[boss.id] != nil || state != acd.Talking && state != acd.Ringing {
		return 486
	}
	p.role = acd.SupervisorParty
	if !c.takesSound(p) {
		return 488
	}
	if _, err := c.claim(boss.id, acd.PhaseReserved); err != nil {
		c.dropMedia(p)
		return 486
	}
	c.joins(p, acd.SupervisorParty)
	if state == acd.Ringing {
		c.x.did(c, "pull", boss.id, boss.id)
		c.step(acd.CallInput{Kind: acd.InputPull, Target: p.seat, Line: true, By: boss.id})
		return 0
	}
	c.step(acd.CallInput{Kind: acd.InputWatch, Seat: p.seat, Mode: acd.Listen, By: boss.id, Line: true})
	c.step(acd.CallInput{Kind: acd.InputTakeOver, By: boss.id})
	return 0
}
