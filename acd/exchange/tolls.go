package exchange

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"switchroom/acd"
	"switchroom/acd/api"
	"switchroom/configs"

	"go.uber.org/zap"
)

// Calls outside cost money, and a phone's password can be stolen. So they are
// bounded for each agent and each client, and who asks again and again for what
// it may not call is locked: it calls nobody outside for a while, and somebody
// is told.

// Why a call outside is refused, besides the agent's dial rights.
var (
	errForbidden  = fmt.Errorf("exchange: a number that nobody may call: %w", errNotPermitted)
	errDialLocked = fmt.Errorf("exchange: the agent is locked: %w", errNotPermitted)
	errDialCaps   = fmt.Errorf("exchange: too many calls outside: %w", errNotPermitted)
	errDialHours  = fmt.Errorf("exchange: not at this time: %w", errNotPermitted)
)

// tolls counts the calls outside. It is shared by all calls.
type tolls struct {
	mu      sync.Mutex
	agents  map[string]*toll
	clients map[string]*toll
}

// toll is one agent's or client's.
type toll struct {
	open     int // being set up, or up
	hour     hour
	refusals []time.Duration // on the clock's monotonic side, oldest first
	until    time.Duration   // locked up to then; 0: it is not
}

// hour counts what began within the last sixty minutes, by the minute.
type hour struct {
	minutes [60]int32
	last    int64 // minute of the latest
}

func (h *hour) turn(now time.Duration) {
	minute := int64(now / time.Minute)
	for m := max(h.last, minute-int64(len(h.minutes))) + 1; m <= minute; m++ {
		h.minutes[m%60] = 0
	}
	h.last = max(h.last, minute)
}

func (h *hour) add(now time.Duration) {
	h.turn(now)
	h.minutes[h.last%60]++
}

func (h *hour) sum(now time.Duration) (n int) {
	h.turn(now)
	for _, v := range h.minutes {
		n += int(v)
	}
	return n
}

// full tells whether caps leave no room for one more call.
func (t *toll) full(now time.Duration, c configs.Caps) bool {
	return t != nil && (c.Calls > 0 && t.open >= c.Calls || c.Hourly > 0 && t.hour.sum(now) >= c.Hourly)
}

func entryOf(all *map[string]*toll, id string) *toll {
	if *all == nil {
		*all = map[string]*toll{}
	}
	t := (*all)[id]
	if t == nil {
		t = &toll{}
		(*all)[id] = t
	}
	return t
}

// room says why an agent ("": nobody's) may begin no call outside for a client;
// nil when it may.
func (l *tolls) room(now time.Duration, agent, client string, of, all configs.Caps) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	t := l.agents[agent]
	switch {
	case agent != "" && t != nil && now < t.until:
		return errDialLocked
	case agent != "" && t.full(now, of), l.clients[client].full(now, all):
		return errDialCaps
	}
	return nil
}

// begin counts a call, unless the client has no room for it. That the agent has
// was found out before: it does one thing at a time.
func (l *tolls) begin(now time.Duration, agent, client string, all configs.Caps) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	of := entryOf(&l.clients, client)
	if of.full(now, all) {
		return errDialCaps
	}
	both := []*toll{of}
	if agent != "" {
		both = append(both, entryOf(&l.agents, agent))
	}
	for _, t := range both {
		t.open++
		t.hour.add(now)
	}
	return nil
}

func (l *tolls) end(agent, client string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.clients[client].open--
	if agent != "" {
		l.agents[agent].open--
	}
}

// refused counts a refusal; true when it locks the agent.
func (l *tolls) refused(now time.Duration, agent string, lock configs.Lock) bool {
	if lock.Refusals == 0 {
		return false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	t := entryOf(&l.agents, agent)
	if now < t.until {
		return false
	}
	t.refusals = append(slices.DeleteFunc(t.refusals, func(at time.Duration) bool { return now-at >= lock.Within }), now)
	if len(t.refusals) < lock.Refusals {
		return false
	}
	t.refusals, t.until = nil, now+lock.For
	return true
}

// unlock ends an agent's lock; false when there is none.
func (l *tolls) unlock(agent string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	t := l.agents[agent]
	if t == nil || t.until == 0 {
		return false
	}
	t.until = 0
	return true
}

func (l *tolls) locked(agent string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	t := l.agents[agent]
	return t != nil && t.until != 0
}

// lapse gives the agents whose lock has ended by itself, and forgets who has
// nothing to be remembered.
func (l *tolls) lapse(now time.Duration) (free []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, all := range []map[string]*toll{l.agents, l.clients} {
		for id, t := range all {
			if t.until != 0 && now >= t.until {
				t.until = 0
				free = append(free, id)
			}
			if t.open == 0 && t.until == 0 && len(t.refusals) == 0 && t.hour.sum(now) == 0 {
				delete(all, id)
			}
		}
	}
	return free
}

// slip tells a number that was mistyped from one that is tried: a code, or what
// may have been meant for a colleague, of somebody without the right to it.
func slip(number string, why error) bool {
	return why == errNotPermitted && (len(number) < 6 || strings.ContainsAny(number, "*#"))
}

// outsideRefused counts that an agent asked for what it may not call.
func (x *Exchange) outsideRefused(a *agent, number string, why error) {
	if slip(number, why) {
		return
	}
	now := x.clock.now()
	lock := x.plan.Load().config.Outbound.Lock
	x.log.Info("call outside refused", zap.String("agent", a.id), zap.String("number", number), zap.Error(why))
	if !x.tolls.refused(now.Mono, a.id, lock) {
		return
	}
	x.note(now, acd.Event{Kind: acd.DialLocked, Agent: a.id, Number: number, Reason: refusalOf(why), Seconds: lock.For.Seconds()})
	x.log.Error("alarm", zap.String("kind", "dial-lock"), zap.String("agent", a.id), zap.String("number", number), zap.Duration("for", lock.For))
	x.faults.set(dialLock(a.id), fmt.Sprintf("it asked %d times within %v for numbers that it may not call, and calls nobody outside for %v: "+
		"look whether its phone is still its own", lock.Refusals, lock.Within, lock.For), true)
}

func dialLock(agent string) string { return "dial-lock of agent " + agent }

// UnlockDialling lets an agent call outside again before its lock has ended.
func (x *Exchange) UnlockDialling(id, by string) error {
	if x.agents.get(id) == nil {
		return fmt.Errorf("agent %q: %w", id, api.ErrNotFound)
	}
	if !x.tolls.unlock(id) {
		return fmt.Errorf("agent %s is not locked: %w", id, api.ErrConflict)
	}
	x.dialUnlocked(id, by)
	return nil
}

func (x *Exchange) dialUnlocked(agent, by string) {
	x.note(x.clock.now(), acd.Event{Kind: acd.DialUnlocked, Agent: agent, Reason: by})
	x.log.Info("alarm over", zap.String("kind", "dial-lock"), zap.String("agent", agent), zap.String("by", by))
	x.faults.set(dialLock(agent), "", false)
}

// lapseDialLocks ends the locks whose time is over.
func (x *Exchange) lapseDialLocks(now acd.Instant) {
	for _, id := range x.tolls.lapse(now.Mono) {
		x.dialUnlocked(id, "time")
	}
}

// toll counts a party's call outside with whoever has asked for it, until its
// leg is over.
func (p *party) toll() error {
	c := p.call
	p.payer, p.client = "", c.core.Plan.Client
	for _, other := range [...]*party{c.from, c.agent, c.line} {
		if other != nil && other != p && other.agent != nil {
			p.payer = other.agent.id
			break
		}
	}
	err := c.x.tolls.begin(c.x.clock.now().Mono, p.payer, p.client, c.x.plan.Load().config.ClientCaps(p.client))
	p.counted = err == nil
	return err
}

func (p *party) endToll() {
	if p.counted {
		p.counted = false
		p.call.x.tolls.end(p.payer, p.client)
	}
}
