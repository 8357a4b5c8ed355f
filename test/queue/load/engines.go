package load

import (
	"time"

	"switchroom/queue"
	"switchroom/test/queue/baseline"
)

// Engine is what the load and the comparison of decisions need of an engine.
// Agents and classes are numbered from 0.
type Engine interface {
	Enter(c *Call)
	Ready(agent int32) bool
	Return(agent int32) bool
	NotReady(agent int32) bool
	Accept(o *Offer) bool
	Decline(o *Offer) bool
	Abandon(c *Call) (agent int32, offered, ok bool)
	ChangeAgent(agent int32, p queue.Profile)
	Redefine(class int, n queue.Need)
	Tick()
	Stop()
}

// Call is one call of the load, for whichever engine.
type Call struct{ baseline.Call }

// Offer is a match as the engine delivered it.
type Offer struct {
	Call  *Call
	Agent int32
	Seq   uint64
	Ring  int
	Why   queue.Why
}

// Kinds are the engines' names, the lock-free one first.
var Kinds = []string{"lock-free", "mutex", "owner"}

const headStart = 5 * time.Minute

// New makes an engine of a kind with a world loaded into it.
func New(kind string, w *World, maxWaiting int, now func() int64, deliver func(Offer)) Engine {
	base := func(o baseline.Offer) {
		deliver(Offer{Call: o.Call.Owner.(*Call), Agent: o.Agent, Seq: o.Seq, Ring: o.Ring, Why: o.Why})
	}
	switch kind {
	case "mutex":
		m := baseline.NewMutex(headStart, maxWaiting, now, base)
		m.Load(w.Needs, w.Profiles)
		return locked{m}
	case "owner":
		o := baseline.NewOwner(headStart, maxWaiting, now, base)
		o.Load(w.Needs, w.Profiles)
		return locked{o}
	}
	e := queue.New(queue.Options{
		MaxAgents: len(w.Profiles), MaxClasses: len(w.Needs), MaxWaiting: maxWaiting, HeadStart: headStart, Now: now,
		Offer: func(o queue.Offer) {
			deliver(Offer{Call: o.Call.Owner.(*Call), Agent: int32(o.Agent), Seq: o.Seq, Ring: o.Ring, Why: o.Why})
		},
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

type lockFree struct{ *queue.Engine }

func (l lockFree) Enter(c *Call) {
	if err := l.Engine.Enter(&c.Call.Call); err != nil {
		panic(err)
	}
}

func (l lockFree) Ready(a int32) bool    { return l.Engine.Ready(queue.AgentID(a)) }
func (l lockFree) Return(a int32) bool   { return l.Engine.Return(queue.AgentID(a)) }
func (l lockFree) NotReady(a int32) bool { return l.Engine.NotReady(queue.AgentID(a)) }
func (l lockFree) Tick()                 { l.Engine.Tick() }
func (l lockFree) Stop()                 {}

func (l lockFree) Accept(o *Offer) bool  { return l.Engine.Accept(o.own()) }
func (l lockFree) Decline(o *Offer) bool { return l.Engine.Decline(o.own()) }

func (o *Offer) own() queue.Offer { return queue.Offer{Call: &o.Call.Call.Call, Seq: o.Seq} }

func (l lockFree) Abandon(c *Call) (agent int32, offered, ok bool) {
	a, offered, ok := l.Engine.Abandon(&c.Call.Call)
	return int32(a), offered, ok
}

func (l lockFree) ChangeAgent(a int32, p queue.Profile) {
	if err := l.Engine.ChangeAgent(queue.AgentID(a), p); err != nil {
		panic(err)
	}
}

func (l lockFree) Redefine(k int, n queue.Need) {
	if err := l.Engine.Redefine(queue.ClassID(k), n); err != nil {
		panic(err)
	}
}

// base is what both baselines do.
type base interface {
	Enter(c *baseline.Call) error
	Ready(a int32) bool
	Return(a int32) bool
	NotReady(a int32) bool
	Accept(o baseline.Offer) bool
	Decline(o baseline.Offer) bool
	Abandon(c *baseline.Call) (agent int32, offered, ok bool)
	ChangeAgent(a int32, p queue.Profile)
	Redefine(k int, n queue.Need)
	Tick()
	Stop()
}

type locked struct{ base }

func (l locked) Enter(c *Call) {
	if err := l.base.Enter(&c.Call); err != nil {
		panic(err)
	}
}

func (l locked) Accept(o *Offer) bool  { return l.base.Accept(o.theirs()) }
func (l locked) Decline(o *Offer) bool { return l.base.Decline(o.theirs()) }

func (o *Offer) theirs() baseline.Offer {
	return baseline.Offer{Call: &o.Call.Call, Agent: o.Agent, Seq: o.Seq}
}

func (l locked) Abandon(c *Call) (agent int32, offered, ok bool) { return l.base.Abandon(&c.Call) }
