package exchange

import (
	"maps"
	"sync/atomic"

	"switchroom/queue"
)

// agentSet is who there is. It is replaced whole by a reload, so that a look
// takes no lock.
type agentSet struct{ now atomic.Pointer[agentTable] }

type agentTable struct {
	order  []*agent // as configured
	id     map[string]*agent
	ticket map[queue.AgentID]*agent // those removed but not yet gone, too
}

func (s *agentSet) table() *agentTable {
	if t := s.now.Load(); t != nil {
		return t
	}
	return &agentTable{}
}

func (s *agentSet) get(id string) *agent { return s.table().id[id] }

func (s *agentSet) byTicket(t queue.AgentID) *agent { return s.table().ticket[t] }

func (s *agentSet) all() []*agent { return s.table().order }

// leaving are those who were removed and are not gone yet, by id.
func (s *agentSet) leaving() map[string]*agent {
	t, out := s.table(), map[string]*agent{}
	for _, a := range t.ticket {
		if t.id[a.id] != a {
			out[a.id] = a
		}
	}
	return out
}

// stop ends all agents, those removed but not yet gone among them.
func (s *agentSet) stop() {
	for _, a := range s.table().ticket {
		a.stop()
	}
}

// replace puts the agents of a new plan in force and lists those who are no
// longer among them. They stay known by ticket until they are gone.
func (s *agentSet) replace(order []*agent) (removed []*agent) {
	old := s.table()
	next := &agentTable{order: order, id: make(map[string]*agent, len(order)), ticket: maps.Clone(old.ticket)}
	if next.ticket == nil {
		next.ticket = make(map[queue.AgentID]*agent, len(order))
	}
	for t, a := range next.ticket {
		a.mu.Lock()
		gone := a.gone
		a.mu.Unlock()
		if gone {
			delete(next.ticket, t)
		}
	}
	for _, a := range order {
		next.id[a.id] = a
		next.ticket[a.ticket] = a
	}
	for _, a := range old.order {
		if next.id[a.id] != a {
			removed = append(removed, a)
		}
	}
	s.now.Store(next)
	return removed
}
