package exchange

import (
	"errors"
	"fmt"
	"slices"

	"switchroom/acd"
	"switchroom/acd/api"
	"switchroom/configs"
	"switchroom/sip"

	"go.uber.org/zap"
)

// What people and programs can do with calls over the API. by names who asks,
// for the journal.

// PlaceCall has an agent call a number for a client: its phone rings first.
func (x *Exchange) PlaceCall(agentID, number, client, by string) (acd.CallView, error) {
	none := acd.CallView{}
	a := x.agents.get(agentID)
	if a == nil {
		return none, fmt.Errorf("agent %q: %w", agentID, api.ErrNotFound)
	}
	if client == "" {
		client = x.clientOf(a)
	}
	a.mu.Lock()
	serves := within(a.config.Clients, client)
	a.mu.Unlock()
	if client == "" || !serves || !slices.ContainsFunc(x.plan.Load().config.Clients, configuredAs(client)) {
		return none, fmt.Errorf("agent %s does not call out for client %q: %w", agentID, client, api.ErrConflict)
	}
	to, err := x.lead(number, client, a)
	switch {
	case err != nil:
		return none, refusedBy(err)
	case to.queue != nil || to.seat.Agent == agentID:
		return none, fmt.Errorf("%s is not to be called so: %w", number, api.ErrConflict)
	case x.state.Load() != running:
		return none, fmt.Errorf("the switch takes no calls: %w", api.ErrConflict)
	}
	id := x.newID()
	if err := a.claim(id, acd.PhaseOutbound); err != nil {
		return none, refusedBy(err)
	}
	plan := x.plan.Load().ownPlan(client, directionOf(to))
	if _, ok := x.newOwnCall(id, a, nil, sip.Invite{}, to, plan, by); !ok {
		a.let(id)
		return none, fmt.Errorf("there are too many calls: %w", api.ErrConflict)
	}
	return acd.CallView{ID: id, Client: client, Direction: plan.Direction, From: to.shown, Number: to.seat.Who(),
		State: acd.Summoning.String(), Agent: a.id, Site: a.seat().Site, Started: x.clock.now().Wall}, nil
}

// refusedBy is an error of ours in the interface's terms.
func refusedBy(err error) error {
	if err == nil || errors.Is(err, api.ErrConflict) || errors.Is(err, api.ErrNotFound) {
		return err
	}
	return fmt.Errorf("%w: %w", err, api.ErrConflict)
}

// Transfer hands a call's caller to an agent, a queue or a number outside.
func (x *Exchange) Transfer(id, to, by string) error {
	return refusedBy(x.ask(id, func(c *call) error {
		x.did(c, "transfer", to, by)
		return c.handTo(to, nil, by)
	}))
}

// Consult has the agent of a call talk to somebody first.
func (x *Exchange) Consult(id, to, by string) error {
	return refusedBy(x.ask(id, func(c *call) error { return c.consultBy(nil, to) }))
}

// Complete, Abort and Merge say what becomes of the consultation.
func (x *Exchange) Complete(id, by string) error {
	return refusedBy(x.ask(id, func(c *call) error { return c.completeBy(nil, "") }))
}

// Abort: the second party is let go.
func (x *Exchange) Abort(id, by string) error {
	return refusedBy(x.ask(id, func(c *call) error { return c.abortBy(nil, "") }))
}

// Merge: all three talk.
func (x *Exchange) Merge(id, by string) error {
	return refusedBy(x.ask(id, func(c *call) error { return c.mergeBy(nil, "") }))
}

// Supervise lets the phone of a supervisor into a call, or changes its mode.
func (x *Exchange) Supervise(id, phone, mode, by string) error {
	m, ok := acd.ParseMode(mode)
	if !ok {
		return fmt.Errorf("mode %q: wanted listen, whisper or barge: %w", mode, api.ErrConflict)
	}
	return refusedBy(x.ask(id, func(c *call) error { return c.watchBy(phone, m, by) }))
}

// Unsupervise lets it go.
func (x *Exchange) Unsupervise(id, by string) error {
	return refusedBy(x.ask(id, func(c *call) error {
		if seat, _ := c.core.Watcher(); seat == (acd.Seat{}) {
			return fmt.Errorf("nobody supervises call %s: %w", id, api.ErrConflict)
		}
		c.step(acd.CallInput{Kind: acd.InputUnwatch, By: by})
		return nil
	}))
}

// TakeOver puts the supervisor who takes part in a call in the agent's place.
func (x *Exchange) TakeOver(id, by string) error {
	return refusedBy(x.ask(id, func(c *call) error {
		if seat, _ := c.core.Watcher(); seat == (acd.Seat{}) || c.super == nil || !c.super.answered {
			return fmt.Errorf("nobody supervises call %s: %w", id, api.ErrConflict)
		}
		c.step(acd.CallInput{Kind: acd.InputTakeOver, By: by})
		return nil
	}))
}

// Pull hands a waiting call to an agent past the queue's order.
func (x *Exchange) Pull(id, agentID, by string) error {
	return refusedBy(x.ask(id, func(c *call) error {
		a := x.agents.get(agentID)
		if a == nil {
			return fmt.Errorf("agent %q: %w", agentID, api.ErrNotFound)
		}
		if c.core.State() != acd.Waiting {
			return fmt.Errorf("call %s does not wait: %w", id, api.ErrConflict)
		}
		if err := c.canRing(a.seat()); err != nil {
			return err
		}
		x.did(c, "pull", agentID, by)
		c.step(acd.CallInput{Kind: acd.InputPull, Target: a.seat(), By: by})
		return nil
	}))
}

// did writes down what a supervisor did to a call.
func (x *Exchange) did(c *call, what, whom, by string) {
	x.note(x.clock.now(), acd.Event{Kind: acd.SuperviseDid, Call: c.core.ID, Client: c.core.Plan.Client, Queue: c.core.Plan.Queue,
		Agent: c.core.Seat().Agent, State: what, Number: whom, Reason: by})
}

// supervisorSets carries out a supervisor's code about an agent's state.
func (x *Exchange) supervisorSets(boss *agent, code, id string) error {
	a := x.agents.get(id)
	if a == nil || !x.leadsAgent(boss, a) {
		return errNotPermitted
	}
	state := map[string]string{"*66": "ready", "*67": "not-ready", "*68": "offline"}[code]
	return x.SetAgentState(a.id, state, "supervisor", boss.id)
}

// pullFor has the supervisor's phone rung with the call that has waited longest.
func (x *Exchange) pullFor(boss *agent, queue string) {
	id, err := x.oldestFor(boss, queue)
	if err == nil {
		err = x.Pull(id, boss.id, boss.id)
	}
	if err != nil {
		x.log.Info("no call pulled", zap.String("agent", boss.id), zap.Error(err))
	}
}

// oldestFor is the call that has waited longest in a queue and that the
// supervisor may have.
func (x *Exchange) oldestFor(boss *agent, queue string) (string, error) {
	q := x.plan.Load().queueFor(queue)
	if q == nil {
		return "", errNoSuchNumber
	}
	for _, v := range x.Calls() { // by age
		if v.Queue == q.config.ID && v.State == acd.Waiting.String() && x.supervises(boss, v) {
			return v.ID, nil
		}
	}
	return "", errNotNow
}

// leadsAgent reports whether an agent is of a supervisor's team.
func (x *Exchange) leadsAgent(boss, a *agent) bool {
	boss.mu.Lock()
	team := boss.config.Team
	boss.mu.Unlock()
	a.mu.Lock()
	defer a.mu.Unlock()
	return team == "" || a.config.Team == team
}

func configuredAs(id string) func(configs.Client) bool {
	return func(c configs.Client) bool { return c.ID == id }
}
