package exchange

import (
	"errors"
	"strings"

	"switchroom/acd"
	"switchroom/sip"
)

// phoneCalls takes what a phone dials and is no code of the agent's own: a code
// for the call that it is in, a supervisor's code, a colleague, a queue or a
// number outside. In a call, whoever is dialled on another line is consulted.
func (x *Exchange) phoneCalls(a *agent, leg *sip.Leg, inv sip.Invite) sip.Sink {
	if x.state.Load() != running {
		return x.refuse(leg, inv, "", 503, string(acd.Drained), x.retryAfter)
	}
	if f, ok := x.codeInCall(a, inv.Number); ok {
		return x.carryOutCode(a, leg, inv, f)
	}
	if sink, ok := x.supervisorCode(a, leg, inv); ok {
		return sink
	}
	if id := a.busyWith(); id != "" {
		return x.phoneConsults(a, id, leg, inv)
	}
	return x.phoneDials(a, leg, inv)
}

// carryOutCode answers a code with a tone and does what it says.
func (x *Exchange) carryOutCode(a *agent, leg *sip.Leg, inv sip.Invite, code feature) sip.Sink {
	f := &featureCall{x: x, agent: a, leg: leg, invite: inv, feature: code, over: make(chan struct{})}
	if !x.spawn(f.run) {
		return x.refuse(leg, inv, "", 503, string(acd.Drained), x.retryAfter)
	}
	return f
}

// codeInCall is a code for the call that the agent leads, dialled on another
// line.
func (x *Exchange) codeInCall(a *agent, dialled string) (feature, bool) {
	code, number, ok := dialledCode(dialled)
	if !ok {
		return feature{}, false
	}
	return feature{check: func() error {
		return x.ask(a.busyWith(), func(c *call) error {
			p := c.withLeg(func(p *party) bool { return p.agent == a })
			if p == nil {
				return errNotNow
			}
			return code.do(c, p, number)
		})
	}}, true
}

// busyWith is the call that has the agent; "" for none.
func (a *agent) busyWith() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.core.Call()
}

// phoneConsults: an agent in a call dials on another line. Its call decides.
func (x *Exchange) phoneConsults(a *agent, id string, leg *sip.Leg, inv sip.Invite) sip.Sink {
	return x.intoCall(id, a, acd.LineParty, leg, inv, func(c *call, p *party) int {
		if c.core.State() != acd.Talking || c.core.Stage() != acd.NoSecond || c.line != nil || c.agent == nil || c.agent.agent != a {
			return 486
		}
		to, err := c.consulted(inv.Number, a)
		if err != nil {
			return statusFor(err)
		}
		c.joins(p, acd.LineParty)
		if err := c.consults(to, true); err != nil {
			c.line = nil
			p.closeLeg()
			return statusFor(err)
		}
		return 0
	})
}

// intoCall gives a leg to a call that is up. join is asked on the call's
// goroutine and says with which status the leg is refused; 0: it has it.
func (x *Exchange) intoCall(id string, a *agent, role acd.Party, leg *sip.Leg, inv sip.Invite, join func(*call, *party) int) sip.Sink {
	c := x.find(id)
	if c == nil {
		return x.refuse(leg, inv, "", 486, string(acd.Busy), 0)
	}
	p := &party{call: c, role: role, seat: a.seat(), agent: a, leg: leg, invite: inv, dialledIn: true}
	c.inbox.put(message{kind: fromFloor, ask: func(c *call) {
		status := 480
		if c != nil {
			status = join(c, p)
		}
		if status != 0 {
			p.over = true // its end concerns nobody
			x.refuse(leg, inv, "", status, "dial-rights", 0)
		}
	}})
	return p
}

// joins makes a leg that has called in the call's.
func (c *call) joins(p *party, role acd.Party) {
	c.phones = append(c.phones, p)
	c.traced(p.leg)
	*c.slot(role) = p
	p.openLeg()
}

// phoneDials: an agent whom no call has calls somebody. From here on it is busy
// to the queues.
func (x *Exchange) phoneDials(a *agent, leg *sip.Leg, inv sip.Invite) sip.Sink {
	client := x.clientOf(a)
	to, err := x.lead(inv.Number, client, a)
	if err == nil && to.seat.Agent == a.id {
		err = errBusy
	}
	if err != nil {
		return x.refuse(leg, inv, client, statusFor(err), refusalOf(err), 0)
	}
	id := x.newID()
	if err := a.claim(id, acd.PhaseOutbound); err != nil {
		return x.refuse(leg, inv, client, statusFor(err), string(acd.Busy), 0)
	}
	if to.queue != nil {
		return x.phoneQueues(id, a, leg, inv, to.queue)
	}
	plan := x.plan.Load().ownPlan(client, directionOf(to))
	p, ok := x.newOwnCall(id, a, leg, inv, to, plan, "")
	if !ok {
		a.let(id)
		return x.refuse(leg, inv, client, 503, "limit", x.retryAfter)
	}
	return p
}

func directionOf(to destination) string {
	if to.seat.Agent != "" {
		return acd.DirectionInternal
	}
	return acd.DirectionOut
}

// phoneQueues: an agent calls a queue and waits there like any caller.
func (x *Exchange) phoneQueues(id string, a *agent, leg *sip.Leg, inv sip.Invite, q *queuePlan) sip.Sink {
	if !q.take() {
		a.let(id)
		return x.refuse(leg, inv, q.config.Client, 486, string(acd.QueueFull), 0)
	}
	inv.From = sip.Identity{Number: a.id}
	plan := x.plan.Load().callPlan(q, q.config.Client)
	plan.Direction = acd.DirectionInternal
	c := x.makeCall(id, leg, inv, inv.Number, q, plan)
	c.core.CalledBy(a.seat())
	c.caller.agent, c.caller.seat = a, a.seat()
	c.has(a)
	c.caller.openLeg()
	if !x.admit(c) {
		q.leave()
		c.caller.closeLeg()
		a.let(id)
		return x.refuse(leg, inv, q.config.Client, 503, "limit", x.retryAfter)
	}
	return c.caller
}

// let frees an agent of a call that came to nothing.
func (a *agent) let(call string) {
	a.step(acd.AgentInput{Kind: acd.AgentPhase, Phase: acd.PhaseFree, Call: call, Cause: acd.CallerGone})
}

// refusalOf is why a call was refused, for the journal.
func refusalOf(err error) string {
	switch {
	case errors.Is(err, errDialLocked):
		return "dial-lock"
	case errors.Is(err, errDialCaps):
		return "dial-caps"
	case errors.Is(err, errDialHours):
		return "dial-hours"
	}
	switch statusFor(err) {
	case 403:
		return "dial-rights"
	case 404:
		return "unknown-number"
	}
	return string(acd.Busy)
}

// supervisorCode reads what a supervisor dials: *61 to *64 and an agent's id
// take part in that agent's call, as listener, whisperer, third or in its place;
// *65 and a queue pull the call that has waited longest; *66, *67, *68 and an
// agent make it ready, not ready, log it out.
func (x *Exchange) supervisorCode(a *agent, leg *sip.Leg, inv sip.Invite) (sip.Sink, bool) {
	code, argument := inv.Number, ""
	if len(code) > 3 {
		code, argument = code[:3], code[3:]
	}
	argument = strings.TrimSuffix(argument, "#")
	if argument == "" || code < "*61" || code > "*68" {
		return nil, false
	}
	if !a.leads() {
		return x.refuse(leg, inv, "", 403, "dial-rights", 0), true
	}
	if mode, ok := modeCodes[code]; ok {
		return x.phoneWatches(a, argument, mode, code == "*64", leg, inv), true
	}
	f := feature{check: func() error { return x.supervisorSets(a, code, argument) }}
	if code == "*65" { // whose phone is rung has to be free
		f = feature{late: true, check: func() error { _, err := x.oldestFor(a, argument); return err },
			apply: func() { x.pullFor(a, argument) }}
	}
	return x.carryOutCode(a, leg, inv, f), true
}

var modeCodes = map[string]acd.Mode{"*61": acd.Listen, "*62": acd.Whisper, "*63": acd.Barge, "*64": acd.Listen}

// leads reports whether the agent is a supervisor.
func (a *agent) leads() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.config.Supervisor
}

// phoneWatches lets the phone of a supervisor, who must be free, into an
// agent's call.
func (x *Exchange) phoneWatches(boss *agent, id string, mode acd.Mode, takeOver bool, leg *sip.Leg, inv sip.Invite) sip.Sink {
	a := x.agents.get(id)
	if a == nil {
		return x.refuse(leg, inv, "", 404, "no-agent", 0)
	}
	callID := a.busyWith()
	if v, ok := x.Call(callID); !ok || !x.supervises(boss, v) {
		return x.refuse(leg, inv, "", 403, "dial-rights", 0)
	}
	return x.intoCall(callID, boss, acd.SupervisorParty, leg, inv, func(c *call, p *party) int {
		if seat, _ := c.core.Watcher(); c.core.State() != acd.Talking || seat != (acd.Seat{}) || c.people[boss.id] != nil {
			return 486
		}
		if _, err := c.claim(boss.id, acd.PhaseReserved); err != nil {
			return 486
		}
		c.joins(p, acd.SupervisorParty)
		c.step(acd.CallInput{Kind: acd.InputWatch, Seat: p.seat, Mode: mode, By: boss.id, Line: true})
		if takeOver {
			c.step(acd.CallInput{Kind: acd.InputTakeOver, By: boss.id})
		}
		return 0
	})
}
