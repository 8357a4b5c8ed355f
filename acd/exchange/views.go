package exchange

import (
	"slices"
	"strings"
	"time"

	"switchroom/acd"
	"switchroom/acd/api"
)

// show publishes the call as it stands. The call's goroutine calls it.
func (c *call) show() {
	now := c.x.clock.now()
	v := c.core.View(now)
	v.Recording = c.tapeState()
	c.view.Store(&shown{CallView: v, at: now, deadline: c.core.Deadline()})
}

// Calls are the live calls, by id and so by age.
func (x *Exchange) Calls() []acd.CallView {
	out := []acd.CallView{}
	for _, c := range x.live() {
		if v, ok := c.current(); ok {
			out = append(out, v)
		}
	}
	slices.SortFunc(out, func(a, b acd.CallView) int { return strings.Compare(a.ID, b.ID) })
	return out
}

// Call is a live call.
func (x *Exchange) Call(id string) (acd.CallView, bool) {
	c := x.find(id)
	if c == nil {
		return acd.CallView{}, false
	}
	return c.current()
}

// shown is a call's view and when it was taken.
type shown struct {
	acd.CallView
	at       acd.Instant
	deadline time.Duration // when its state machine wants to be woken; 0: never
}

// current is the call's view with its wait brought up to now.
func (c *call) current() (acd.CallView, bool) {
	v := c.view.Load()
	if v == nil || v.State == acd.Over.String() {
		return acd.CallView{}, false
	}
	out := v.CallView
	if out.State == acd.Waiting.String() || out.State == acd.Ringing.String() {
		out.Waited += float64(c.x.clock.now().Sub(v.at).Milliseconds()) / 1000
	}
	return out, true
}

// Decisions are the offers a live call was part of.
func (x *Exchange) Decisions(id string) ([]api.Decision, bool) {
	c := x.find(id)
	if c == nil {
		return nil, false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.decisions), true
}

// Agents are all agents in the order of the configuration.
func (x *Exchange) Agents() []acd.AgentView {
	out := []acd.AgentView{}
	for _, a := range x.agents.all() {
		out = append(out, a.view())
	}
	return out
}

// Agent is one agent.
func (x *Exchange) Agent(id string) (acd.AgentView, bool) {
	a := x.agents.get(id)
	if a == nil {
		return acd.AgentView{}, false
	}
	return a.view(), true
}

// Queues are all queues in the order of the configuration. What was counted
// today is not here but in the projection of the journal.
func (x *Exchange) Queues() []acd.QueueView {
	p := x.plan.Load()
	busy := x.busyByQueue()
	out := []acd.QueueView{}
	for _, q := range p.config.Queues {
		out = append(out, x.queueView(p.queues[q.ID], busy))
	}
	return out
}

// Queue is one queue.
func (x *Exchange) Queue(id string) (acd.QueueView, bool) {
	q := x.plan.Load().queues[id]
	if q == nil {
		return acd.QueueView{}, false
	}
	return x.queueView(q, x.busyByQueue()), true
}

func (x *Exchange) queueView(q *queuePlan, busy map[string]int) acd.QueueView {
	g := x.queue.Gauges(q.class)
	for _, class := range q.levels.all() {
		more := x.queue.Gauges(class)
		g.Waiting, g.Oldest = g.Waiting+more.Waiting, max(g.Oldest, more.Oldest)
	}
	return acd.QueueView{ID: q.config.ID, Client: q.config.Client, Waiting: g.Waiting, LongestWait: inSeconds(g.Oldest),
		AgentsReady: x.queue.AgentsReady(q.class), AgentsBusy: busy[q.config.ID], Formula: q.config.ServiceLevel.Formula}
}

// busyByQueue counts the agents in a call of each queue.
func (x *Exchange) busyByQueue() map[string]int {
	busy := map[string]int{}
	for _, c := range x.live() {
		if v := c.view.Load(); v != nil && v.Agent != "" {
			busy[v.Queue]++
		}
	}
	return busy
}
