package exchange

import (
	"fmt"
	"sync"

	"switchroom/acd"
	"switchroom/acd/api"
	"switchroom/queue"
)

// Raised begins the State of a SuperviseDid by which a waiting call was given
// the priority that follows.
const Raised = "priority "

// levels are the classes of a queue's calls that have another priority than the
// queue's: the same need, judged higher or lower. They are made when somebody
// asks for one, and shared by the plans of all reloads.
type levels struct {
	mu sync.Mutex
	of map[int]queue.ClassID
}

// all lists the classes there are.
func (l *levels) all() map[int]queue.ClassID {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := make(map[int]queue.ClassID, len(l.of))
	for p, class := range l.of {
		out[p] = class
	}
	return out
}

// classAt is the class for calls of q with a priority.
func (x *Exchange) classAt(q *queuePlan, priority int) (queue.ClassID, error) {
	if priority == q.config.Priority {
		return q.class, nil
	}
	x.reloading.Lock() // which guards names
	defer x.reloading.Unlock()
	q.levels.mu.Lock()
	defer q.levels.mu.Unlock()
	if class, ok := q.levels.of[priority]; ok {
		return class, nil
	}
	config := q.config
	config.Priority = priority
	need, err := x.names.need(config)
	if err != nil {
		return 0, err
	}
	class, err := x.queue.AddClass(need)
	if err != nil {
		return 0, err
	}
	if q.levels.of == nil {
		q.levels.of = map[int]queue.ClassID{}
	}
	q.levels.of[priority] = class
	return class, nil
}

// Prioritise gives a waiting call another priority. Its age and its place among
// calls of the same priority stay.
func (x *Exchange) Prioritise(id string, priority int, by string) error {
	c := x.find(id)
	if c == nil {
		return fmt.Errorf("call %q: %w", id, api.ErrNotFound)
	}
	v, ok := c.current()
	q := x.plan.Load().queues[v.Queue]
	if !ok || q == nil {
		return fmt.Errorf("call %s does not wait: %w", id, api.ErrConflict)
	}
	class, err := x.classAt(q, priority)
	if err != nil {
		return refusedBy(err)
	}
	return refusedBy(x.ask(id, func(c *call) error { return c.rank(q, class, priority, by) }))
}

// rank moves the call to another class of its queue.
func (c *call) rank(q *queuePlan, class queue.ClassID, priority int, by string) error {
	if c.core.State() != acd.Waiting || !c.queued || c.queue.inside != q.inside {
		return fmt.Errorf("call %s does not wait in queue %s: %w", c.core.ID, q.config.ID, api.ErrConflict)
	}
	ticket, offered, ok := c.x.queue.Abandon(c.seat)
	if !ok {
		return errNotNow
	}
	if a := c.x.agents.byTicket(ticket); offered && a != nil { // the offer is on its way, and is no more
		a.step(acd.AgentInput{Kind: acd.AgentPhase, Phase: acd.PhaseFree, Call: c.core.ID, Cause: acd.CallerGone})
	}
	c.x.did(c, fmt.Sprintf(Raised+"%d", priority), "", by)
	c.seat = &queue.Call{Class: class, Arrival: c.arrival, Owner: c}
	if err := c.x.queue.Enter(c.seat); err != nil {
		c.outside(&c.stay)
		c.step(acd.CallInput{Kind: acd.InputFull})
	}
	return nil
}
