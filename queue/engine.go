package queue

import (
	"slices"
	"sync"
	"time"
)

// Call is the engine's part of a waiting call: embed one in the caller's own
// record. A Call enters once and is never used again.
type Call struct {
	Class   ClassID
	Arrival int64 // ns on Options.Now's clock; may lie in the past
	Owner   any   // the caller's own; the engine never looks at it

	state    uint8
	agent    AgentID
	entry    uint64
	seq      uint64
	declined []AgentID
	ring     int
}

const (
	callNew = iota
	callWaiting
	callOffered
	callServed
	callGone
)

const (
	agentFree = iota
	agentNotReady
	agentAvailable
	agentOffered
	agentServing
)

type agent struct {
	state   uint8
	leaving bool
	prof    Profile
	owner   any
	idle    int64
	since   int64
	busyAt  int64
	busy    int64
	calls   int
	call    *Call
}

type class struct {
	need    Need
	retired bool
	used    bool
	calls   []*Call // sorted by arrival, entry
	n       int
	rr      AgentID
}

// Engine pairs calls with agents. All its methods may be called from any
// goroutine.
type Engine struct {
	o       Options
	mu      sync.Mutex
	agents  []agent
	classes []class
	seq     uint64
	in      int
	out     []Offer
}

// New makes an engine.
func New(o Options) *Engine {
	o = o.withDefaults()
	return &Engine{o: o}
}

func (e *Engine) unlock() {
	out := e.out
	e.out = nil
	e.mu.Unlock()
	for _, o := range out {
		e.o.Offer(o)
	}
}

// AddClass makes a class.
func (e *Engine) AddClass(n Need) (ClassID, error) {
	n, err := copyNeed(n)
	if err != nil {
		return -1, err
	}
	e.mu.Lock()
	defer e.unlock()
	for i := range e.classes {
		if c := &e.classes[i]; !c.used {
			*c = class{need: n, used: true, rr: -1}
			return ClassID(i), nil
		}
	}
	if len(e.classes) >= e.o.MaxClasses {
		return -1, ErrFull
	}
	e.classes = append(e.classes, class{need: n, used: true, rr: -1})
	return ClassID(len(e.classes) - 1), nil
}

func (e *Engine) class(id ClassID) *class {
	if id < 0 || int(id) >= len(e.classes) || !e.classes[id].used {
		return nil
	}
	return &e.classes[id]
}

func (e *Engine) agent(id AgentID) *agent {
	if id < 0 || int(id) >= len(e.agents) || e.agents[id].state == agentFree {
		return nil
	}
	return &e.agents[id]
}

// Redefine gives a class another need; its calls keep their places.
func (e *Engine) Redefine(id ClassID, n Need) error {
	n, err := copyNeed(n)
	if err != nil {
		return err
	}
	e.mu.Lock()
	defer e.unlock()
	c := e.class(id)
	if c == nil || c.retired {
		return ErrNoClass
	}
	c.need = n
	e.matchClass(c, Redefinition)
	return nil
}

// RetireClass lets no more calls in. Those inside are still served.
func (e *Engine) RetireClass(id ClassID) {
	e.mu.Lock()
	defer e.unlock()
	if c := e.class(id); c != nil {
		c.retired = true
		e.tidy(c)
	}
}

func (e *Engine) tidy(c *class) {
	if c.retired && c.n == 0 {
		c.used = false
	}
}

// AddAgent makes an agent, not ready.
func (e *Engine) AddAgent(p Profile, owner any) (AgentID, error) {
	p, err := copyProfile(p)
	if err != nil {
		return -1, err
	}
	e.mu.Lock()
	defer e.unlock()
	a := agent{state: agentNotReady, prof: p, owner: owner, since: e.o.Now()}
	for i := range e.agents {
		if e.agents[i].state == agentFree {
			e.agents[i] = a
			return AgentID(i), nil
		}
	}
	if len(e.agents) >= e.o.MaxAgents {
		return -1, ErrFull
	}
	e.agents = append(e.agents, a)
	return AgentID(len(e.agents) - 1), nil
}

// ChangeAgent gives an agent another profile; its state and idle time stay.
func (e *Engine) ChangeAgent(id AgentID, p Profile) error {
	p, err := copyProfile(p)
	if err != nil {
		return err
	}
	e.mu.Lock()
	defer e.unlock()
	a := e.agent(id)
	if a == nil || a.leaving {
		return ErrNoAgent
	}
	a.prof = p
	e.matchAgent(id, Redefinition)
	return nil
}

// RemoveAgent takes an agent out; an offer in progress ends first.
func (e *Engine) RemoveAgent(id AgentID) {
	e.mu.Lock()
	defer e.unlock()
	a := e.agent(id)
	if a == nil {
		return
	}
	if a.state == agentOffered {
		a.leaving = true
		return
	}
	*a = agent{}
}

// Ready makes an agent available as of now and matches it; false: in an offer.
func (e *Engine) Ready(id AgentID) bool { return e.ready(id, true) }

// Return is Ready with the idle stamp from before the offer.
func (e *Engine) Return(id AgentID) bool { return e.ready(id, false) }

func (e *Engine) ready(id AgentID, stamp bool) bool {
	e.mu.Lock()
	defer e.unlock()
	a := e.agent(id)
	if a == nil || a.state == agentOffered {
		return false
	}
	if a.state == agentAvailable {
		return true
	}
	now := e.o.Now()
	if a.state == agentServing {
		a.busy += now - a.busyAt
	}
	if stamp || a.idle == 0 {
		a.idle = now
	}
	a.state = agentAvailable
	e.matchAgent(id, FreedAgent)
	return true
}

// NotReady takes an available agent out of the choice.
func (e *Engine) NotReady(id AgentID) bool {
	e.mu.Lock()
	defer e.unlock()
	a := e.agent(id)
	if a == nil || a.state == agentOffered || a.state == agentServing {
		return false
	}
	a.state = agentNotReady
	return true
}

// Enter puts a call among the waiting ones and matches it.
func (e *Engine) Enter(c *Call) error {
	e.mu.Lock()
	defer e.unlock()
	if c.state != callNew {
		return ErrReused
	}
	k := e.class(c.Class)
	if k == nil || k.retired {
		return ErrNoClass
	}
	if e.in >= e.o.MaxWaiting {
		return ErrFull
	}
	e.in++
	k.n++
	e.seq++
	c.entry = e.seq
	c.state = callWaiting
	k.insert(c)
	e.matchCall(c, Arrival)
	return nil
}

func (k *class) insert(c *Call) {
	i, _ := slices.BinarySearchFunc(k.calls, c, before)
	k.calls = slices.Insert(k.calls, i, c)
}

func (k *class) remove(c *Call) {
	if i := slices.Index(k.calls, c); i >= 0 {
		k.calls = slices.Delete(k.calls, i, i+1)
	}
}

func before(a, b *Call) int {
	if a.Arrival != b.Arrival {
		if a.Arrival < b.Arrival {
			return -1
		}
		return 1
	}
	if a.entry < b.entry {
		return -1
	}
	if a.entry > b.entry {
		return 1
	}
	return 0
}

func (e *Engine) leave(c *Call, state uint8) {
	c.state = state
	k := &e.classes[c.Class]
	k.n--
	e.in--
	e.tidy(k)
}

// Abandon ends a call that nobody has accepted.
func (e *Engine) Abandon(c *Call) (AgentID, bool, bool) {
	e.mu.Lock()
	defer e.unlock()
	switch c.state {
	case callWaiting:
		e.classes[c.Class].remove(c)
		e.leave(c, callGone)
		return -1, false, true
	case callOffered:
		e.leave(c, callGone)
		e.hold(c.agent, agentNotReady)
		return c.agent, true, true
	}
	return -1, false, false
}

func (e *Engine) hold(id AgentID, state uint8) {
	a := &e.agents[id]
	a.call = nil
	a.state = state
	if a.leaving {
		*a = agent{}
	}
}

// Accept says that the agent answered.
func (e *Engine) Accept(o Offer) bool {
	e.mu.Lock()
	defer e.unlock()
	c := o.Call
	if c.state != callOffered || c.seq != o.Seq {
		return false
	}
	e.leave(c, callServed)
	a := &e.agents[c.agent]
	a.calls++
	a.busyAt = e.o.Now()
	e.hold(c.agent, agentServing)
	return true
}

// Decline puts the call back in its place and holds the agent not ready.
func (e *Engine) Decline(o Offer) bool {
	e.mu.Lock()
	defer e.unlock()
	c := o.Call
	if c.state != callOffered || c.seq != o.Seq {
		return false
	}
	c.state = callWaiting
	if !slices.Contains(c.declined, c.agent) {
		c.declined = append(c.declined, c.agent)
	}
	e.hold(c.agent, agentNotReady)
	e.classes[c.Class].insert(c)
	e.matchCall(c, Declined)
	return true
}

// Tick opens the rings that are due.
func (e *Engine) Tick() time.Duration {
	e.mu.Lock()
	defer e.unlock()
	for i := range e.classes {
		if len(e.classes[i].calls) > 0 {
			e.matchClass(&e.classes[i], RingOpened)
		}
	}
	return 100 * time.Millisecond
}

func (e *Engine) matchClass(k *class, why Trigger) {
	for len(k.calls) > 0 && e.matchCall(k.calls[0], why) {
	}
}

// matchCall looks for an agent for a call; the agent takes the best call it
// can have, which may be another.
func (e *Engine) matchCall(c *Call, why Trigger) bool {
	for c.state == callWaiting {
		k := &e.classes[c.Class]
		ring := k.need.ringAt(e.o.Now() - c.Arrival)
		id := e.choose(k, c, ring)
		if id < 0 {
			return false
		}
		e.matchAgent(id, why)
	}
	return true
}

func (e *Engine) choose(k *class, c *Call, ring int) AgentID {
	best, bk := AgentID(-1), [4]int64{}
	for i := range e.agents {
		a := &e.agents[i]
		if a.state != agentAvailable || k.need.firstRing(&a.prof) > ring {
			continue
		}
		key := [4]int64{0, int64(k.need.siteCost(&a.prof, ring)), e.term(k, AgentID(i)), a.idle}
		if slices.Contains(c.declined, AgentID(i)) {
			key[0] = 1
		}
		if best < 0 || slices.Compare(key[:], bk[:]) < 0 {
			best, bk = AgentID(i), key
		}
	}
	return best
}

func (e *Engine) term(k *class, id AgentID) int64 {
	a := &e.agents[id]
	switch k.need.Strategy {
	case BestSkill:
		return -int64(k.need.skillSum(&a.prof))
	case LeastOccupied:
		return int64(float64(a.busy) / float64(max(1, e.o.Now()-a.since)) * (1 << 20))
	case RoundRobin:
		return (int64(id) - int64(k.rr) - 1 + MaxAgentsLimit) % MaxAgentsLimit
	case FewestCalls:
		return int64(a.calls)
	case TopDown:
		return int64(a.prof.Order)
	}
	return 0
}

// matchAgent gives an available agent the best call there is for it.
func (e *Engine) matchAgent(id AgentID, why Trigger) bool {
	a := &e.agents[id]
	if a.state != agentAvailable {
		return false
	}
	now := e.o.Now()
	var best *Call
	var score int64
	for i := range e.classes {
		k := &e.classes[i]
		if !k.used || len(k.calls) == 0 {
			continue
		}
		c := k.calls[0]
		age := now - c.Arrival
		if k.need.firstRing(&a.prof) > k.need.ringAt(age) {
			continue
		}
		s := int64(k.need.Priority)*int64(e.o.HeadStart) + age
		if best == nil || s > score || s == score && before(c, best) < 0 {
			best, score = c, s
		}
	}
	if best == nil {
		return false
	}
	e.offer(id, best, now, score, why)
	return true
}

func (e *Engine) offer(id AgentID, c *Call, now, score int64, why Trigger) {
	a, k := &e.agents[id], &e.classes[c.Class]
	ring := k.need.ringAt(now - c.Arrival)
	w := Why{Score: score, Waited: now - c.Arrival, Idle: now - a.idle, Waiting: len(k.calls), From: uint8(why),
		SiteCost: k.need.siteCost(&a.prof, ring), SkillSum: k.need.skillSum(&a.prof)}
	e.census(k, c, ring, &w)
	k.remove(c)
	e.seq++
	c.state, c.agent, c.seq, c.ring = callOffered, id, e.seq, ring
	a.state, a.call = agentOffered, c
	k.rr = id
	e.out = append(e.out, Offer{Call: c, Agent: id, AgentOwner: a.owner, Seq: e.seq, Ring: ring, Why: w})
}

func (e *Engine) census(k *class, c *Call, ring int, w *Why) {
	for i := range e.agents {
		a := &e.agents[i]
		if a.state == agentFree {
			continue
		}
		if k.need.firstRing(&a.prof) <= ring {
			w.Considered++
			if a.state != agentAvailable {
				w.NotReady++
			} else if slices.Contains(c.declined, AgentID(i)) {
				w.Declined++
			}
			continue
		}
		switch k.need.fitRing(&a.prof, ring) {
		case noQueue:
			w.NoQueue++
		case noSite:
			w.NoSite++
		case noSkill:
			w.NoSkill++
		}
	}
}

// Gauges reads how a class stands.
func (e *Engine) Gauges(id ClassID) Gauges {
	e.mu.Lock()
	defer e.unlock()
	k := e.class(id)
	if k == nil {
		return Gauges{}
	}
	now := e.o.Now()
	g := Gauges{Waiting: len(k.calls), PerRing: make([]int, len(k.need.Rings))}
	for _, c := range k.calls {
		g.Oldest = max(g.Oldest, now-c.Arrival)
		g.PerRing[k.need.ringAt(now-c.Arrival)]++
	}
	return g
}

// Position gives a waiting call's place in its class, from 1; 0: not waiting.
func (e *Engine) Position(c *Call) int {
	e.mu.Lock()
	defer e.unlock()
	if c.state != callWaiting {
		return 0
	}
	return slices.Index(e.classes[c.Class].calls, c) + 1
}

// AgentsReady counts the available agents that the class's last ring admits.
func (e *Engine) AgentsReady(id ClassID) int {
	e.mu.Lock()
	defer e.unlock()
	k := e.class(id)
	if k == nil {
		return 0
	}
	n := 0
	for i := range e.agents {
		if a := &e.agents[i]; a.state == agentAvailable && k.need.firstRing(&a.prof) < len(k.need.Rings) {
			n++
		}
	}
	return n
}
