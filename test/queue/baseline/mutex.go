package baseline

import (
	"sync"

	"switchroom/queue"
)

// Mutex is the core under one lock. Offers are delivered after it is let go.
type Mutex struct {
	mu      sync.Mutex
	core    core
	deliver func(Offer)
}

// NewMutex makes an engine; deliver gets each match.
func NewMutex(headStart int64, now func() int64, deliver func(Offer)) *Mutex {
	return &Mutex{core: newCore(headStart, now), deliver: deliver}
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
		e.addAgent(p)
	}
	e.build()
}

// unlock takes the few offers of one operation along and delivers them.
func (m *Mutex) unlock() {
	var few [2]Offer
	out := append(few[:0], m.core.out...)
	m.core.out = m.core.out[:0]
	m.mu.Unlock()
	for _, o := range out {
		m.deliver(o)
	}
}

func (m *Mutex) Enter(c *Call)        { m.mu.Lock(); m.core.enter(c); m.unlock() }
func (m *Mutex) Ready(a int32)        { m.mu.Lock(); m.core.ready(a); m.unlock() }
func (m *Mutex) Accept(o Offer) bool  { m.mu.Lock(); defer m.mu.Unlock(); return m.core.accept(o) }
func (m *Mutex) Abandon(c *Call) bool { m.mu.Lock(); defer m.mu.Unlock(); return m.core.abandon(c) }
func (m *Mutex) Stop()                {}
