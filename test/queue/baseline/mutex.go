package baseline

import (
	"sync"
	"time"

	"switchroom/queue"
)

// Mutex is the core under one lock. Offers are delivered after it is let go.
type Mutex struct {
	mu      sync.Mutex
	core    core
	deliver func(Offer)
}

// NewMutex makes an engine with room for so many calls; deliver gets each match.
func NewMutex(headStart time.Duration, limit int, now func() int64, deliver func(Offer)) *Mutex {
	return &Mutex{core: newCore(headStart, limit, now), deliver: deliver}
}

// Load makes the classes and agents, numbered from 0.
func (m *Mutex) Load(needs []queue.Need, profiles []queue.Profile) {
	load(&m.core, needs, profiles)
}

func load(e *core, needs []queue.Need, profiles []queue.Profile) {
	for _, n := range needs {
		e.addClass(n)
	}
	for _, p := range profiles {
		e.addAgent(p, nil)
	}
}

// unlock takes the few offers of one operation along and delivers them.
func (m *Mutex) unlock() {
	if len(m.core.out) == 0 {
		m.mu.Unlock()
		return
	}
	var few [2]Offer
	out := append(few[:0], m.core.out...)
	clear(m.core.out)
	m.core.out = m.core.out[:0]
	m.mu.Unlock()
	for i := range out {
		m.deliver(out[i])
	}
}

// The operations are those of queue.Engine.

func (m *Mutex) Enter(c *Call) error {
	m.mu.Lock()
	defer m.unlock()
	return m.core.enter(c)
}

func (m *Mutex) Ready(a int32) bool {
	m.mu.Lock()
	defer m.unlock()
	return m.core.ready(a, true, true)
}

func (m *Mutex) Return(a int32) bool {
	m.mu.Lock()
	defer m.unlock()
	return m.core.ready(a, false, false)
}

func (m *Mutex) NotReady(a int32) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.core.notReady(a)
}

func (m *Mutex) Accept(o Offer) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.core.accept(o)
}

func (m *Mutex) Decline(o Offer) bool {
	m.mu.Lock()
	defer m.unlock()
	return m.core.decline(o)
}

func (m *Mutex) Abandon(c *Call) (agent int32, offered, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.core.abandon(c)
}

func (m *Mutex) ChangeAgent(a int32, p queue.Profile) {
	m.mu.Lock()
	defer m.unlock()
	m.core.changeAgent(a, p)
}

func (m *Mutex) RemoveAgent(a int32) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.core.removeAgent(a)
}

func (m *Mutex) Redefine(k int, n queue.Need) {
	m.mu.Lock()
	defer m.unlock()
	m.core.redefine(k, n)
}

func (m *Mutex) Tick() {
	m.mu.Lock()
	defer m.unlock()
	m.core.tick()
}

func (m *Mutex) Gauges(k int) (waiting int, oldest int64, perRing []int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.core.gauges(k)
}

// Stop is here for the Owner's sake.
func (m *Mutex) Stop() {}
