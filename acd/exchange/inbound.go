package exchange

import (
	"time"

	"switchroom/acd"
	"switchroom/configs"
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
	if number.Menu != "" {
		return x.ledCall(leg, inv, number, p, nil, lead{why: acd.InMenu, menu: p.menus[number.Menu]})
	}
	return x.queueCall(leg, inv, number, p, p.queues[number.Queue])
}

// queueCall takes in a call for a queue, or has prompts tell it why the queue
// does not take it and where it goes instead.
func (x *Exchange) queueCall(leg *sip.Leg, inv sip.Invite, number configs.Number, p *plan, wanted *queuePlan) sip.Sink {
	if why, exit := x.refusal(p, wanted, time.Now()); why != "" {
		return x.sentOn(leg, inv, number, p, wanted, lead{why: why, exit: exit})
	}
	q := p.roomIn(number.Queue)
	if q == nil {
		return x.sentOn(leg, inv, number, p, wanted, lead{why: acd.QueueFull, exit: exitOf(wanted.config.Treatment.Full)})
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

// sentOn takes in a call that its queue does not: it is told why and goes where
// the queue says. Who would neither hear nor reach anything is refused.
func (x *Exchange) sentOn(leg *sip.Leg, inv sip.Invite, number configs.Number, p *plan, q *queuePlan, l lead) sip.Sink {
	if len(l.exit.Say) == 0 && l.exit.Queue+l.exit.Menu+l.exit.Number == "" {
		status := 480
		if l.why == acd.QueueFull {
			status = 486
		}
		return x.refuse(leg, inv, number.Client, status, string(l.why), 0)
	}
	return x.ledCall(leg, inv, number, p, q, l)
}

// ledCall takes in a call that prompts have first.
func (x *Exchange) ledCall(leg *sip.Leg, inv sip.Invite, number configs.Number, p *plan, q *queuePlan, l lead) sip.Sink {
	plan := acd.CallPlan{Client: number.Client, Direction: acd.DirectionIn, Version: p.config.Version,
		RingTimeout: ledRing, DialTimeout: p.config.Outbound.Limit}
	if q != nil {
		plan = p.callPlan(q, number.Client)
	}
	plan.Led = l.why
	c := x.makeCall(x.newID(), leg, inv, number.Number, q, plan)
	c.counted, c.speech.next = false, l
	if !x.admit(c) {
		return x.refuse(leg, inv, number.Client, 503, "limit", x.retryAfter)
	}
	return c.caller
}

// ledRing is how long somebody is rung for a call that has no queue.
const ledRing = 30 * time.Second

// roomIn takes a place for a call for queue id, in that queue or, when it is
// full, in the one that it overflows to; nil when there is none. The place is
// taken here and not when the call enters: of many calls at once no more may
// be answered than can wait.
func (p *plan) roomIn(id string) *queuePlan {
	q := p.queues[id]
	if q == nil || q.take() {
		return q
	}
	if q.config.Treatment.Full != nil {
		return nil
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
	a := x.agentAt(r.Account)
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
