package queue

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

var stressRounds = flag.Int("stress", 12, "rounds of the stress test")

// storm is many goroutines doing everything at once to one engine.
type storm struct {
	e      *Engine
	clock  atomic.Int64
	stop   atomic.Bool
	calls  []*stormCall
	next   atomic.Int64
	served atomic.Int64
	offers chan Offer
	taken  sync.Map       // ids of the agents who serve
	seqs   sync.Map       // sequence numbers of the offers delivered
	ids    []atomic.Int32 // per agent number: its id
	class  []atomic.Int32
	faults chan string
	crew   int // goroutines of each kind
}

type stormCall struct {
	Call
	state atomic.Int32 // 0 in, 1 served, 2 abandoned
}

func newStorm(seed uint64, agents, classes, calls, room int) *storm {
	s := &storm{
		calls: make([]*stormCall, calls), offers: make(chan Offer, 1<<16), faults: make(chan string, 1000),
		ids: make([]atomic.Int32, agents), class: make([]atomic.Int32, classes),
	}
	s.crew = 3
	s.clock.Store(second)
	s.e = New(Options{MaxAgents: 64, MaxClasses: 70, MaxWaiting: room, HeadStart: time.Second,
		Now: s.clock.Load, Offer: s.offered})
	r := rand.New(rand.NewPCG(seed, 0))
	for i := range s.class {
		id, _ := s.e.AddClass(someNeed(r))
		s.class[i].Store(int32(id))
	}
	for i := range s.ids {
		id, _ := s.e.AddAgent(someProfile(r), i)
		s.ids[i].Store(int32(id))
	}
	return s
}

func someNeed(r *rand.Rand) Need {
	n := Need{Queue: QueueID(r.IntN(2)), Priority: r.IntN(3), Strategy: Strategy(r.IntN(int(strategies)))}
	for i := range 1 + r.IntN(3) {
		ring := Ring{After: time.Duration(i) * 50 * time.Microsecond}
		if i < 2 && r.IntN(2) == 0 {
			ring.Sites = []Site{Site(r.IntN(2))}
		}
		if i < 2 && r.IntN(2) == 0 {
			ring.Skills = []SkillLevel{{Skill(r.IntN(2)), uint8(1 + r.IntN(3))}}
		}
		n.Rings = append(n.Rings, ring)
	}
	return n
}

func someProfile(r *rand.Rand) Profile {
	return Profile{Site: Site(r.IntN(2)), Order: r.IntN(5), Skills: []SkillLevel{{0, uint8(1 + r.IntN(4))}, {1, uint8(1 + r.IntN(4))}}}
}

func (s *storm) fault(f string, a ...any) {
	select {
	case s.faults <- fmt.Sprintf(f, a...):
	default:
	}
}

func (s *storm) offered(o Offer) {
	if o.Call == nil || o.AgentOwner == nil {
		s.fault("an offer of nothing: %+v", o)
		return
	}
	if _, twice := s.seqs.LoadOrStore(o.Seq, true); twice {
		s.fault("offer %d was delivered twice", o.Seq)
	}
	select {
	case s.offers <- o:
	default:
		s.fault("too many offers stand")
	}
}

func (s *storm) end(c *Call, state int32) {
	if !s.calls[c.Owner.(int)].state.CompareAndSwap(0, state) {
		s.fault("call %d ended twice", c.Owner)
	}
}

func (s *storm) abandon(c *stormCall) {
	agent, offered, ok := s.e.Abandon(&c.Call)
	if !ok {
		return
	}
	s.end(&c.Call, 2)
	if offered {
		s.clock.Add(3)
		if agent < 0 {
			s.fault("offered to nobody")
			return
		}
		// The offer may not have been delivered, and never is then.
		s.e.Return(agent)
	}
}

func (s *storm) arrive(r *rand.Rand) {
	var mine []*stormCall
	for {
		i := int(s.next.Add(1)) - 1
		if i >= len(s.calls) {
			return
		}
		c := &stormCall{}
		c.Class = ClassID(s.class[r.IntN(len(s.class))].Load())
		c.Arrival = s.clock.Add(1000) - int64(r.IntN(3)*r.IntN(100_000))
		c.Owner = i
		s.calls[i] = c
		for {
			err := s.e.Enter(&c.Call)
			if err == nil {
				break
			}
			if err == ErrNoClass {
				c.Class = ClassID(s.class[r.IntN(len(s.class))].Load())
				continue
			}
			if s.stop.Load() {
				return // nobody serves any more
			}
			if len(mine) > 0 {
				s.abandon(mine[r.IntN(len(mine))])
			}
			runtime.Gosched()
		}
		mine = append(mine, c)
		if r.IntN(3) == 0 {
			s.abandon(mine[max(0, len(mine)-1-r.IntN(20))])
		}
	}
}

func (s *storm) answer(r *rand.Rand) {
	for !s.stop.Load() {
		var o Offer
		select {
		case o = <-s.offers:
		default:
			runtime.Gosched()
			continue
		}
		s.clock.Add(500)
		switch r.IntN(6) {
		case 0:
			if s.e.Decline(o) {
				s.wake(o.Agent)
			}
		case 1:
			s.abandon(s.calls[o.Call.Owner.(int)])
		default:
			if s.e.Accept(o) {
				if _, twice := s.taken.LoadOrStore(o.Agent, true); twice {
					s.fault("agent %d serves two calls", o.Agent)
				}
				s.end(o.Call, 1)
				s.served.Add(1)
				if s.e.Accept(o) || s.e.Decline(o) {
					s.fault("an offer was answered twice")
				}
				s.taken.Delete(o.Agent)
				s.e.Ready(o.Agent)
			}
		}
	}
}

// wake makes an agent ready who may meanwhile have been made so by another
// goroutine, and serve. Whoever serves is made ready only by the one who
// answered for it.
func (s *storm) wake(id AgentID) { s.e.ready(id, true, false) }

// wander makes agents come, go and change, and classes too.
func (s *storm) wander(r *rand.Rand) {
	for !s.stop.Load() {
		i := r.IntN(len(s.ids))
		id := AgentID(s.ids[i].Load())
		switch r.IntN(12) {
		case 0:
			s.e.RemoveAgent(id)
			if n, err := s.e.AddAgent(someProfile(r), i); err == nil {
				s.ids[i].Store(int32(n))
			}
		case 1, 2:
			_ = s.e.ChangeAgent(id, someProfile(r))
		case 3:
			_ = s.e.Redefine(ClassID(s.class[r.IntN(len(s.class))].Load()), someNeed(r))
		case 4:
			k := r.IntN(len(s.class))
			if n, err := s.e.AddClass(someNeed(r)); err == nil {
				s.e.RetireClass(ClassID(s.class[k].Swap(int32(n))))
			}
		case 5:
			s.e.Gauges(ClassID(s.class[r.IntN(len(s.class))].Load()))
			s.e.NotReady(id)
		case 6:
			s.e.NotReady(id)
		default:
			s.wake(id)
		}
		runtime.Gosched()
	}
}

// run ends when all calls have entered and nobody does anything any more.
// Calls may then wait and offers stand.
func (s *storm) run(seed uint64) {
	var callers, others sync.WaitGroup
	each := func(wg *sync.WaitGroup, n int, f func(*rand.Rand)) {
		for g := range n {
			wg.Go(func() { f(rand.New(rand.NewPCG(seed, uint64(g)))) })
		}
	}
	each(&callers, s.crew, s.arrive)
	each(&others, s.crew, s.answer)
	each(&others, s.crew-1, s.wander)
	each(&others, 1, func(*rand.Rand) {
		for !s.stop.Load() {
			s.e.Tick()
			s.clock.Add(2000)
			runtime.Gosched()
		}
	})
	callers.Wait()
	s.stop.Store(true)
	others.Wait()
}

func TestEverythingAtOnceLeavesNothingUndone(t *testing.T) {
	for seed := range uint64(*stressRounds) {
		s := newStorm(seed, 12, 8, 1500, []int{200, 5}[seed%2])
		s.e.hook = func(point) {
			if rand.IntN(8) == 0 {
				runtime.Gosched()
			}
		}
		s.run(seed)
		select {
		case f := <-s.faults:
			t.Fatalf("seed %d: %s", seed, f)
		default:
		}
		s.e.Tick()
		quiet(t, s.e)
	}
}
