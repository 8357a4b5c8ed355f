package exchange

import (
	"context"
	"encoding/json"
	"fmt"
	"net/netip"
	"strings"

	"switchroom/acd"
	"switchroom/acd/dialplan"
	"switchroom/configs"
	"switchroom/media"
	"switchroom/sip"

	"go.uber.org/zap"
)

// Reload reads the configuration and puts it in force whole, or leaves the old
// one as it is.
func (x *Exchange) Reload(context.Context) ([]string, error) {
	x.reloading.Lock() // also while it is read: the last one to ask has the last word
	defer x.reloading.Unlock()
	cfg, err := x.load()
	if err != nil {
		return nil, x.refuseConfig(err)
	}
	return x.apply(cfg)
}

func (x *Exchange) refuseConfig(err error) error {
	x.note(x.clock.now(), acd.Event{Kind: acd.ConfigRefused, Reason: err.Error()})
	return err
}

// apply puts a configuration in force and says what changed. Running calls
// keep the plan they began with; what was not edited is not touched. What can
// fail comes first, and is undone when it does. reloading is held.
func (x *Exchange) apply(cfg *configs.Config) ([]string, error) {
	old := x.plan.Load()
	next := &plan{config: cfg, numbers: map[string]configs.Number{}, queues: map[string]*queuePlan{}, dial: dialplan.New(cfg),
		calendars: calendarsOf(cfg), menus: menusOf(cfg)}
	for _, n := range cfg.Numbers {
		next.numbers[numberKey(n.Number)] = n
	}
	var err error
	if next.sounds, err = loadSounds(cfg); err != nil {
		if old == nil {
			return nil, err
		}
		return nil, x.refuseConfig(err)
	}
	edits, err := x.prepare(old, next)
	if err == nil {
		if err = x.ua.Reload(peersOf(cfg)); err != nil {
			err = fmt.Errorf("exchange: %w", err)
		}
	}
	if err != nil {
		edits.undo(x)
		if old == nil {
			return nil, err // New tells
		}
		return nil, x.refuseConfig(err)
	}
	if old != nil {
		x.noteRouting(cfg) // before anything is decided by it
	}
	if err := edits.carryOut(); err != nil {
		return nil, err
	}
	x.plan.Store(next)
	removed := x.agents.replace(edits.order)
	for _, a := range removed {
		a.leave()
	}
	for _, a := range append(edits.agents, edits.back...) {
		a.look()
	}
	x.mu.Lock()
	x.drainFor = cfg.DrainTimeout
	x.mu.Unlock()
	if old == nil {
		return nil, nil
	}
	x.retire(old, next)
	x.forgetTrunks(old.config, cfg)
	if x.state.Load() == running {
		for _, a := range edits.order {
			a.begin()
		}
	}
	diff := configs.Diff(old.config, cfg)
	detail, err := json.Marshal(diff)
	if err != nil {
		return nil, fmt.Errorf("exchange: differences: %w", err)
	}
	x.note(x.clock.now(), acd.Event{Kind: acd.ConfigLoaded, Version: cfg.Version, Detail: detail})
	x.reloaded()
	x.log.Info("configuration loaded", zap.String("version", cfg.Version), zap.Int("changes", len(diff)))
	return diff, nil
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
				c.inbox.put(message{kind: fromControl, in: &acd.CallInput{Kind: acd.InputRelease, Cause: "queue-removed", Status: 480, Q850: 31}})
			}
		}
		x.queue.RetireClass(q.class)
		for _, class := range q.levels.all() {
			x.queue.RetireClass(class)
		}
	}
}

// peersOf is what the configuration says about who may speak SIP to us.
func peersOf(cfg *configs.Config) *sip.Peers {
	p := &sip.Peers{Admission: sip.Admission{Deny: cfg.SIP.Deny, Phones: cfg.SIP.Phones, Refuse: cfg.SIP.Strangers == "refuse"}}
	for _, t := range cfg.Trunks {
		p.Trunks = append(p.Trunks, sip.Trunk{ID: t.ID, Peers: t.Peers, Address: t.Address, Channels: t.Channels,
			Rate: float64(t.Rate), Ping: t.Ping, Username: t.Username, Password: t.Password, ChannelsOut: t.Out.Channels,
			Identity: identityForm(t.Identity), Registration: sip.OwnRegistration(t.Register), Failover: t.Out.Failover, Patience: t.Out.Patience, Progress: t.Out.Progress})
	}
	for _, a := range cfg.Agents {
		if a.Password == "" && a.Contact == "" {
			continue // has no phone of its own
		}
		p.Accounts = append(p.Accounts, sip.Account{ID: a.ID, Password: a.Password, Contact: a.Contact, Qualify: a.Qualify})
	}
	for _, v := range cfg.Phones {
		qualify := cfg.SIP.Qualify
		if v.Contact != "" {
			qualify = 0
		}
		p.Accounts = append(p.Accounts, sip.Account{ID: v.ID, Password: v.Password, Contact: v.Contact, Qualify: qualify})
	}
	return p
}

func mediaConfig(c configs.Media, signalling []string) (media.Config, error) {
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
	for _, listen := range signalling {
		_, at, _ := strings.Cut(listen, ":")
		if a, err := netip.ParseAddrPort(at); err == nil {
			out.Taken = append(out.Taken, a.Port())
		}
	}
	return out, nil
}
