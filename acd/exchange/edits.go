package exchange

import (
	"errors"
	"fmt"
	"sync/atomic"

	"switchroom/configs"
	"switchroom/queue"
)

// edits are what a new plan asks of the queue: what was added already, and
// what is to be changed once nothing can fail any more.
type edits struct {
	classes []queue.ClassID // added
	agents  []*agent        // added
	back    []*agent        // removed by an earlier plan, and taken back before they were gone
	order   []*agent        // who there will be
	change  []func() error
}

// prepare adds the queues and agents that are new and lists what becomes of
// the others. After an error the edits have to be undone.
func (x *Exchange) prepare(old, next *plan) (*edits, error) {
	e := &edits{}
	for _, q := range next.config.Queues {
		qp, err := x.prepareQueue(e, old, q)
		if err != nil {
			return e, fmt.Errorf("exchange: queue %s: %w", q.ID, err)
		}
		next.queues[q.ID] = qp
	}
	leaving := x.agents.leaving()
	for i, c := range next.config.Agents {
		if err := x.prepareAgent(e, c, i, leaving[c.ID]); err != nil {
			return e, fmt.Errorf("exchange: agent %s: %w", c.ID, err)
		}
	}
	return e, nil
}

// prepareQueue gives a queue its class. An edited queue's calls keep their
// places and fall under the new rules.
func (x *Exchange) prepareQueue(e *edits, old *plan, q configs.Queue) (*queuePlan, error) {
	need, err := x.names.need(q)
	if err != nil {
		return nil, err
	}
	var was *queuePlan
	if old != nil {
		was = old.queues[q.ID]
	}
	if was != nil && sameNeed(was.config, q) {
		return &queuePlan{config: q, inside: was.inside, levels: was.levels, class: was.class}, nil
	}
	class, err := x.queue.AddClass(need)
	if err != nil {
		return nil, err
	}
	if was == nil {
		e.classes = append(e.classes, class)
		return &queuePlan{config: q, inside: new(atomic.Int32), levels: new(levels), class: class}, nil
	}
	x.queue.RetireClass(class) // it only showed that the queue takes the need
	e.change = append(e.change, func() error { return x.redefine(was, need) })
	return &queuePlan{config: q, inside: was.inside, levels: was.levels, class: was.class}, nil
}

// prepareAgent makes a new agent, or notes what becomes of the one there is. One
// that was removed and is still in its last call is taken back: were it another
// agent, its phone would be rung during that call.
func (x *Exchange) prepareAgent(e *edits, c configs.Agent, order int, leaving *agent) error {
	a := x.agents.get(c.ID)
	if a == nil && leaving != nil && leaving.stay() {
		a = leaving
		e.back = append(e.back, a)
	}
	if a != nil {
		e.change = append(e.change, func() error { return a.edit(c, order) })
	} else {
		var err error
		if a, err = x.newAgent(c, order); err != nil {
			return err
		}
		e.agents = append(e.agents, a)
	}
	e.order = append(e.order, a)
	return nil
}

// undo takes back what was added.
func (e *edits) undo(x *Exchange) {
	for _, c := range e.classes {
		x.queue.RetireClass(c)
	}
	for _, a := range e.agents {
		x.queue.RemoveAgent(a.ticket)
	}
	for _, a := range e.back {
		a.leave()
	}
}

// carryOut makes the changes that were checked before.
func (e *edits) carryOut() error {
	for _, change := range e.change {
		if err := change(); err != nil {
			return fmt.Errorf("exchange: edit: %w", err)
		}
	}
	return nil
}

// redefine puts a queue's new rules in force for all its calls.
func (x *Exchange) redefine(q *queuePlan, need queue.Need) error {
	err := x.queue.Redefine(q.class, need)
	for priority, class := range q.levels.all() {
		need.Priority = priority
		err = errors.Join(err, x.queue.Redefine(class, need))
	}
	return err
}
