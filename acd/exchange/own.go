package exchange

import (
	"switchroom/acd"
	"switchroom/configs"
	"switchroom/sip"

	"go.uber.org/zap"
)

// dial calls who an agent wants to talk to. Who cannot be called is a leg that
// is over at once.
func (c *call) dial(to acd.Seat) (acd.CallInput, bool) {
	p := c.caller
	err := error(nil)
	if to.Agent != "" {
		p.agent, err = c.claim(to.Agent, acd.PhaseReserved)
	}
	if err == nil {
		p.openLeg()
		err = c.call(p)
	}
	if err == nil {
		return acd.CallInput{}, false
	}
	c.log.Info("cannot be called", zap.String("who", to.Who()), zap.Error(err))
	p.closeLeg()
	why, status := whyNot(err)
	return acd.CallInput{Kind: acd.InputCallerOver, Cause: why, Status: status}, true
}

// calleeRings: who is called rings, perhaps with sound of its own.
func (c *call) calleeRings(p *party, e sip.Event) {
	status := 180
	if e.SDP != nil && !p.agreed {
		if err := p.acceptAnswer(e.SDP); err != nil {
			c.log.Info("early media not understood", zap.Error(err))
		} else {
			status = 183
		}
	}
	if p.rang && status == 180 {
		return
	}
	p.rang = true
	c.step(acd.CallInput{Kind: acd.InputCalleeRinging, Status: status})
}

// calleeAnswered: and takes the call.
func (c *call) calleeAnswered(p *party, e sip.Event) {
	p.answered = true
	if e.SDP != nil || !p.agreed {
		if err := p.acceptAnswer(e.SDP); err != nil {
			c.log.Warn("answer refused", zap.String("who", p.seat.Who()), zap.Error(err))
			c.step(acd.CallInput{Kind: acd.InputNoMedia})
			return
		}
	} else {
		p.answeredNow() // as agreed with the early media
	}
	if e.Leg != nil && e.Leg.Trunk() != "" {
		c.core.Trunk = e.Leg.Trunk()
	}
	c.step(acd.CallInput{Kind: acd.InputCalleeAnswer})
	c.heldAnew(p, false)
}

// ownPlan is what an agent's own call for a client keeps to its end.
func (p *plan) ownPlan(client, direction string) acd.CallPlan {
	out := p.config.Outbound
	return acd.CallPlan{Client: client, Direction: direction, Version: p.config.Version,
		MaxTalk: p.config.MaxTalk, RingTimeout: out.RingTimeout, DialTimeout: out.Limit, WrapUp: out.WrapUp,
		Record: out.Record == "always" && direction == acd.DirectionOut,
		After:  p.afterCall(configs.Queue{WrapUpEnd: "early"}, client)}
}

// newOwnCall starts an agent's own call. The agent has been claimed for it. leg
// is the agent's when its phone has dialled; nil has it rung first. False: the
// exchange takes no more calls.
func (x *Exchange) newOwnCall(id string, a *agent, leg *sip.Leg, inv sip.Invite, to destination, plan acd.CallPlan, by string) (*party, bool) {
	from := a.id
	if to.seat.Agent == "" {
		from = to.shown
	}
	c := &call{x: x, inbox: newInbox(), log: x.log.With(zap.String("call", id)), invite: inv,
		first: acd.CallInput{Kind: acd.InputDial, Seat: a.seat(), Target: to.seat, Line: leg != nil, By: by}}
	c.invite.From = sip.Identity{} // an agent's id is not shown to the world
	c.core = acd.NewCall(id, from, to.seat.Who(), "", plan)
	c.caller = &party{call: c, role: acd.CallerParty, seat: to.seat, dialled: true}
	c.has(a)
	if leg == nil {
		return nil, x.admit(c)
	}
	p := c.phoneParty(acd.AgentParty, a, leg, inv)
	c.agent = p
	p.openLeg()
	if !x.admit(c) {
		p.closeLeg()
		return nil, false
	}
	return p, true
}

// phoneParty is an agent's phone that has called us.
func (c *call) phoneParty(role acd.Party, a *agent, leg *sip.Leg, inv sip.Invite) *party {
	p := &party{call: c, role: role, seat: a.seat(), agent: a, leg: leg, invite: inv, dialledIn: true}
	c.phones = append(c.phones, p)
	c.traced(leg)
	return p
}
