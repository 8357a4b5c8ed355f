package exchange

import (
	"time"

	"switchroom/acd"
	"switchroom/configs"
)

// calendar is one of the configuration's, with its time zone at hand.
type calendar struct {
	configs.Calendar
	zone *time.Location
}

func calendarsOf(cfg *configs.Config) map[string]*calendar {
	all := make(map[string]*calendar, len(cfg.Calendars))
	for _, c := range cfg.Calendars {
		all[c.ID] = &calendar{c, c.Location()}
	}
	return all
}

// refusal says why a queue takes no call at a moment, and where the call goes
// instead; "" when it takes it. A place in it is another matter.
func (x *Exchange) refusal(p *plan, q *queuePlan, at time.Time) (acd.Cause, acd.Exit) {
	t := &q.config.Treatment
	if c := p.calendars[t.Hours]; c != nil {
		switch open, holiday := c.Is(at.In(c.zone)); {
		case open:
		case holiday && t.Holiday != nil:
			return acd.Holiday, exitOf(t.Holiday)
		case holiday:
			return acd.Holiday, exitOf(t.Closed)
		default:
			return acd.Closed, exitOf(t.Closed)
		}
	}
	if t.Empty != nil && !x.somebodyFor(q) {
		return acd.NoAgents, exitOf(t.Empty)
	}
	return "", acd.Exit{}
}

// somebodyFor reports whether an agent is logged in, ready or not, who may take
// the queue's calls by one of its rings.
func (x *Exchange) somebodyFor(q *queuePlan) bool {
	for _, a := range x.agents.all() {
		if a.serves(q) {
			return true
		}
	}
	return false
}

func (a *agent) serves(q *queuePlan) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if state, _, _ := a.core.State(); state == acd.AgentOffline || a.left {
		return false
	}
	for _, r := range q.config.Rings {
		if r.Admits(a.config) {
			return true
		}
	}
	return false
}

func exitOf(x *configs.Exit) acd.Exit {
	if x == nil {
		return acd.Exit{}
	}
	return acd.Exit(*x)
}
