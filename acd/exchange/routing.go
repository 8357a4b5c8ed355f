package exchange

import (
	"encoding/json"
	"time"

	"switchroom/acd"
	"switchroom/configs"
	"switchroom/queue"

	"go.uber.org/zap"
)

// Routing is the Detail of a ConfigRouting: what of a configuration decides who
// gets which call. With it and the events that follow a decision can be made
// again. A long one comes in parts, which follow each other.
type Routing struct {
	Part   int           `json:"part"` // from 0
	Parts  int           `json:"parts"`
	Queues []RoutedQueue `json:"queues,omitempty"`
	Agents []RoutedAgent `json:"agents,omitempty"` // in the configuration's order, which counts
}

// RoutedQueue is a queue of a Routing.
type RoutedQueue struct {
	ID       string       `json:"id"`
	Strategy string       `json:"strategy"`
	Priority int          `json:"priority,omitempty"`
	Rings    []RoutedRing `json:"rings"`
}

// RoutedRing is a ring of a RoutedQueue.
type RoutedRing struct {
	After  time.Duration  `json:"after,omitempty"` // ns
	Sites  []string       `json:"sites,omitempty"`
	Skills map[string]int `json:"skills,omitempty"`
}

// RoutedAgent is an agent of a Routing.
type RoutedAgent struct {
	ID     string         `json:"id"`
	Site   string         `json:"site"`
	Skills map[string]int `json:"skills,omitempty"`
}

// RoutingOf is the routing of a configuration, in as many parts as entries of
// the journal need.
func RoutingOf(cfg *configs.Config) []Routing {
	var queues []RoutedQueue
	for _, q := range cfg.Queues {
		r := RoutedQueue{ID: q.ID, Strategy: q.Strategy, Priority: q.Priority}
		for _, ring := range q.Rings {
			r.Rings = append(r.Rings, RoutedRing(ring))
		}
		queues = append(queues, r)
	}
	var agents []RoutedAgent
	for _, a := range cfg.Agents {
		agents = append(agents, RoutedAgent{ID: a.ID, Site: a.Site, Skills: a.Skills})
	}
	parts := max(1, (len(queues)+partMax-1)/partMax, (len(agents)+partMax-1)/partMax)
	all := make([]Routing, parts)
	for i := range all {
		all[i] = Routing{Part: i, Parts: parts, Queues: part(queues, i), Agents: part(agents, i)}
	}
	return all
}

// noteRouting writes down what decides from now on.
func (x *Exchange) noteRouting(cfg *configs.Config) {
	for _, r := range RoutingOf(cfg) {
		detail, err := json.Marshal(r)
		if err != nil {
			x.log.Error("routing cannot be written down", zap.Error(err))
			return
		}
		x.note(x.clock.now(), acd.Event{Kind: acd.ConfigRouting, Version: cfg.Version, Detail: detail})
	}
}

// Words gives the words of a Routing the numbers that the queue counts with, by
// the code that the exchange itself uses. It belongs to one goroutine.
type Words struct{ names names }

// NewWords begins with no word known.
func NewWords() *Words { return &Words{newNames()} }

// Need is what the calls of a queue ask of an agent.
func (w *Words) Need(q RoutedQueue) (queue.Need, error) {
	c := configs.Queue{ID: q.ID, Strategy: q.Strategy, Priority: q.Priority}
	for _, r := range q.Rings {
		c.Rings = append(c.Rings, configs.Ring(r))
	}
	return w.names.need(c)
}

// Profile is what an agent offers; order is its place among the agents.
func (w *Words) Profile(a RoutedAgent, order int) queue.Profile {
	return w.names.profile(configs.Agent{ID: a.ID, Site: a.Site, Skills: a.Skills}, order)
}
