package load

import (
	"time"

	"switchroom/queue"
	"switchroom/test/queue/baseline"
)

// Engine is what the load needs of an engine. Agents are numbered from 0.
type Engine interface {
	Enter(c *Call)
	Ready(agent int32)
	Accept(o Offer) bool
	Abandon(c *Call) bool
	Stop()
}

// Call is one call of the load, for whichever engine.
type Call struct{ baseline.Call }

// Offer is a match as the engine delivered it.
type Offer struct {
	Agent int32
	free  queue.Offer
	base  baseline.Offer
}

// Kinds are the engines' names, the lock-free one first.
var Kinds = []string{"lock-free", "mutex", "owner"}

const headStart = 5 * time.Minute

// New makes an engine of a kind with a world loaded into it.
func New(kind string, w *World, maxWaiting int, now func() int64, deliver func(Offer)) Engine {
	base := func(o baseline.Offer) { deliver(Offer{Agent: o.Agent, base: o}) }
	switch kind {
	case "mutex":
		m := baseline.NewMutex(int64(headStart), now, base)
		m.Load(w.Needs, w.Profiles)
		return mutex{m}
	case "owner":
		o := baseline.NewOwner(int64(headStart), now, base)
		o.Load(w.Needs, w.Profiles)
		return owner{o}
	}
	e := queue.New(queue.Options{
		MaxAgents: len(w.Profiles), MaxClasses: len(w.Needs), MaxWaiting: maxWaiting, HeadStart: headStart, Now: now,
		Offer: func(o queue.Offer) { deliver(Offer{Agent: int32(o.Agent), free: o}) },
	})
	for _, n := range w.Needs {
		if _, err := e.AddClass(n); err != nil {
			panic(err)
		}
	}
	for _, p := range w.Profiles {
		if _, err := e.AddAgent(p, nil); err != nil {
			panic(err)
		}
	}
	return lockFree{e}
}

type lockFree struct{ e *queue.Engine }

func (l lockFree) Enter(c *Call) {
	if err := l.e.Enter(&c.Call.Call); err != nil {
		panic(err)
	}
}
func (l lockFree) Ready(a int32)        { l.e.Ready(queue.AgentID(a)) }
func (l lockFree) Accept(o Offer) bool  { return l.e.Accept(o.free) }
func (l lockFree) Abandon(c *Call) bool { _, _, ok := l.e.Abandon(&c.Call.Call); return ok }
func (l lockFree) Stop()                {}

type mutex struct{ m *baseline.Mutex }

func (m mutex) Enter(c *Call)        { m.m.Enter(&c.Call) }
func (m mutex) Ready(a int32)        { m.m.Ready(a) }
func (m mutex) Accept(o Offer) bool  { return m.m.Accept(o.base) }
func (m mutex) Abandon(c *Call) bool { return m.m.Abandon(&c.Call) }
func (m mutex) Stop()                {}

type owner struct{ o *baseline.Owner }

func (o owner) Enter(c *Call)        { o.o.Enter(&c.Call) }
func (o owner) Ready(a int32)        { o.o.Ready(a) }
func (o owner) Accept(x Offer) bool  { return o.o.Accept(x.base) }
func (o owner) Abandon(c *Call) bool { return o.o.Abandon(&c.Call) }
func (o owner) Stop()                { o.o.Stop() }

// Call gives the call that the offer is of.
func (o Offer) Call() *Call {
	if o.base.Call != nil {
		return o.base.Call.Owner.(*Call)
	}
	return o.free.Call.Owner.(*Call)
}
