package exchange

import (
	"time"

	"switchroom/acd"
	"switchroom/sip"

	"go.uber.org/zap"
)

// Invite takes a call in, or refuses it. It is called on the goroutine that
// read the INVITE, so it decides and leaves the work to the call's own.
func (x *Exchange) Invite(leg *sip.Leg, inv sip.Invite) sip.Sink {
	if inv.Account != "" {
		return x.phoneInvite(leg, inv)
	}
	p := x.plan.Load()
	number, ok := p.numbers[numberKey(inv.Number)]
	if !ok {
		return x.refuse(leg, inv, "", 404, "unknown-number", 0)
	}
	if x.state.Load() != running {
		return x.refuse(leg, inv, number.Client, 503, string(acd.Drained), x.retryAfter)
	}
	q := p.roomIn(number.Queue)
	if q == nil {
		return x.refuse(leg, inv, number.Client, 486, string(acd.QueueFull), 0)
	}
	if why := x.cannotRecord(); why != "" && q.config.Record == "always" && q.config.Unrecorded == "refuse" {
		q.leave()
		return x.refuse(leg, inv, number.Client, 503, why, x.retryAfter)
	}
	c := x.newCall(leg, inv, number.Number, q, p.callPlan(q, number.Client))
	if c == nil {
		q.leave()
		return x.refuse(leg, inv, number.Client, 503, "limit", x.retryAfter)
	}
	return c.caller
}

// roomIn takes a place for a call for queue id, in that queue or, when it is
// full, in the one that it overflows to; nil when there is none. The place is
// taken here and not when the call enters: of many calls at once no more may
// be answered than can wait.
func (p *plan) roomIn(id string) *queuePlan {
	q := p.queues[id]
	if q == nil || q.take() {
		return q
	}
	if o := p.queues[q.config.Overflow]; o != nil && o.take() {
		return o
	}
	return nil
}

func (x *Exchange) refuse(leg *sip.Leg, inv sip.Invite, client string, status int, why string, retry time.Duration) sip.Sink {
	x.refused.Add(1)
	x.note(x.clock.now(), acd.Event{Kind: acd.CallRefused, Client: client, From: inv.From.Number, Number: inv.Number,
		Trunk: inv.Trunk, Status: status, Cause: why})
	leg.Reject(status, retry)
	return nil
}

// Registration hears of phones that come and go.
func (x *Exchange) Registration(r sip.Registration) {
	a := x.agents.get(r.Account)
	if a == nil {
		return // a phone that is nobody's agent, or no longer is
	}
	kind := acd.AgentLose
	if r.Registered {
		kind = acd.AgentReach
	}
	a.step(acd.AgentInput{Kind: kind, Cause: acd.Cause(r.Reason)})
	x.log.Debug("registration", zap.String("agent", a.id), zap.Bool("registered", r.Registered), zap.String("reason", r.Reason))
}
