package exchange

import (
	"context"
	"encoding/json"
	"fmt"
	"net/netip"
	"sync/atomic"

	"switchroom/acd"
	"switchroom/configs"
	"switchroom/media"
	"switchroom/sip"

	"go.uber.org/zap"
)

// Reload reads the configuration and puts it in force whole, or leaves the old
// one as it is.
func (x *Exchange) Reload(context.Context) ([]string, error) {
	cfg, err := x.load()
	if err != nil {
		x.note(x.clock.now(), acd.Event{Kind: acd.ConfigRefused, Reason: err.Error()})
		return nil, err
	}
	return x.apply(cfg)
}

// apply puts a configuration in force and says what changed. Running calls
// keep the plan they began with; what was not edited is not touched.
func (x *Exchange) apply(cfg *configs.Config) ([]string, error) {
	x.reloading.Lock()
	defer x.reloading.Unlock()
	old := x.plan.Load()
	next := &plan{config: cfg, numbers: map[string]configs.Number{}, queues: map[string]*queuePlan{}}
	for _, n := range cfg.Numbers {
		next.numbers[numberKey(n.Number)] = n
	}
	if err := x.applyQueues(old, next); err != nil {
		return nil, err
	}
	order, removed, err := x.applyAgents(cfg)
	if err != nil {
		return nil, err
	}
	if err := x.ua.Reload(peersOf(cfg)); err != nil {
		return nil, fmt.Errorf("exchange: %w", err)
	}
	x.plan.Store(next)
	x.agents.replace(order)
	for _, a := range removed {
		a.leave()
	}
	x.mu.Lock()
	x.drainFor = cfg.DrainTimeout
	x.mu.Unlock()
	if old == nil {
		return nil, nil
	}
	x.retire(old, next)
	diff := configs.Diff(old.config, cfg)
	detail, err := json.Marshal(diff)
	if err != nil {
		return nil, fmt.Errorf("exchange: differences: %w", err)
	}
	x.note(x.clock.now(), acd.Event{Kind: acd.ConfigLoaded, Version: cfg.Version, Detail: detail})
	x.log.Info("configuration loaded", zap.String("version", cfg.Version), zap.Int("changes", len(diff)))
	if x.state.Load() == running {
		for _, a := range order {
			a.begin()
		}
	}
	return diff, nil
}

// applyQueues gives each queue its class. An edited queue's calls keep their
// places and fall under the new rules.
func (x *Exchange) applyQueues(old, next *plan) error {
	for _, q := range next.config.Queues {
		need, err := x.names.need(q)
		if err != nil {
			return err
		}
		qp := &queuePlan{config: q, inside: new(atomic.Int32)}
		var was *queuePlan
		if old != nil {
			was = old.queues[q.ID]
		}
		if was != nil {
			qp.inside = was.inside
		}
		switch {
		case was == nil:
			qp.class, err = x.queue.AddClass(need)
		case sameNeed(was.config, q):
			qp.class = was.class
		default:
			qp.class = was.class
			err = x.queue.Redefine(was.class, need)
		}
		if err != nil {
			return fmt.Errorf("exchange: queue %s: %w", q.ID, err)
		}
		next.queues[q.ID] = qp
	}
	return nil
}

// applyAgents makes new agents, edits those there are, and lists in order who
// there is and apart who is no longer.
func (x *Exchange) applyAgents(cfg *configs.Config) (order, removed []*agent, err error) {
	keep := map[string]bool{}
	for i, c := range cfg.Agents {
		a := x.agents.get(c.ID)
		if a != nil && (a.config.Contact != "") == (c.Contact != "") {
			err = a.edit(c, i)
		} else {
			a, err = x.newAgent(c, i)
		}
		if err != nil {
			return nil, nil, fmt.Errorf("exchange: agent %s: %w", c.ID, err)
		}
		keep[c.ID] = true
		order = append(order, a)
	}
	for _, a := range x.agents.all() {
		if !keep[a.id] || x.agents.get(a.id) != a || !contains(order, a) {
			removed = append(removed, a)
		}
	}
	return order, removed, nil
}

func contains(order []*agent, a *agent) bool {
	for _, b := range order {
		if a == b {
			return true
		}
	}
	return false
}

// retire closes the queues that the new plan no longer has. Calls that wait in
// one are released, since nobody would ever answer them.
func (x *Exchange) retire(old, next *plan) {
	for id, q := range old.queues {
		if next.queues[id] != nil {
			continue
		}
		for _, c := range x.live() {
			if v, ok := c.current(); ok && v.Queue == id && v.State == acd.Waiting.String() {
				c.inbox.put(message{kind: fromControl, in: acd.CallInput{Kind: acd.InputRelease, Cause: "queue-removed", Status: 480, Q850: 31}})
			}
		}
		x.queue.RetireClass(q.class)
	}
}

// peersOf is what the configuration says about who may speak SIP to us.
func peersOf(cfg *configs.Config) *sip.Peers {
	p := &sip.Peers{}
	for _, t := range cfg.Trunks {
		p.Trunks = append(p.Trunks, sip.Trunk{ID: t.ID, Peers: t.Peers, Address: t.Address, Channels: t.Channels,
			Rate: float64(t.Rate), Ping: t.Ping, Username: t.Username, Password: t.Password})
	}
	for _, a := range cfg.Agents {
		p.Accounts = append(p.Accounts, sip.Account{ID: a.ID, Password: a.Password, Contact: a.Contact})
	}
	return p
}

func mediaConfig(c configs.Media) (media.Config, error) {
	listen, err := netip.ParseAddr(c.Listen)
	if err != nil {
		return media.Config{}, fmt.Errorf("exchange: media.listen: wanted an address, found %q", c.Listen)
	}
	out := media.Config{Listen: listen, PortMin: c.Ports.Min, PortMax: c.Ports.Max, Timeout: c.Timeout}
	if c.Advertise != "" {
		if out.Advertise, err = netip.ParseAddr(c.Advertise); err != nil {
			return media.Config{}, fmt.Errorf("exchange: media.advertise: wanted an address, found %q", c.Advertise)
		}
	}
	return out, nil
}
