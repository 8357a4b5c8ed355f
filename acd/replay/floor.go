package replay

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"switchroom/acd"
	"switchroom/acd/exchange"
	"switchroom/queue"
)

// floor is the state of one run of the switch: the production queue on the
// journal's clock, and what the journal says of agents and calls.
type floor struct {
	r    *replay
	boot string

	engine *queue.Engine
	now    int64 // ns, the journal's monotonic clock, which never steps back

	words   *exchange.Words
	routing exchange.Routing // being put together from its parts
	version string
	queues  map[string]*line
	agents  map[string]*seat
	calls   map[string]*caller
}

// line is a queue, and the classes of its calls that were given another
// priority than its own.
type line struct {
	exchange.RoutedQueue
	class  queue.ClassID
	levels map[int]queue.ClassID
}

// seat is an agent.
type seat struct {
	exchange.RoutedAgent
	order   int
	ticket  queue.AgentID
	state   string // as the journal has it
	left    bool   // the configuration has it no more
	at      int64  // of its last input
	offered *caller
	tainted bool // a difference concerned it, and it was not free anew since
}

// caller is a call that waits or is offered.
type caller struct {
	id      string
	line    *line
	class   queue.ClassID // the line's, or that of another priority
	place   *queue.Call   // nil: not in the queue
	arrival int64
	at      int64 // of its last input
	offer   queue.Offer
	to      *seat         // whom the replay has offered it to; nil: nobody
	why     *acd.Decision // of that offer
	told    bool          // the journal has told of that offer
	apart   *seat         // whom it was really offered to, when the replay decided otherwise
	tainted bool
}

// Sizes of the engine: a floor may be larger than the configuration it began
// with.
const (
	seatsMax = queue.MaxAgentsLimit
	linesMax = 1 << 12
	callsMax = 1 << 15
)

func newFloor(r *replay, boot string) *floor {
	return &floor{r: r, boot: boot, words: exchange.NewWords(), queues: map[string]*line{}, agents: map[string]*seat{}, calls: map[string]*caller{}}
}

// begin makes the engine, sized by the first configuration.
func (f *floor) begin(agents, lines int) {
	f.engine = queue.New(queue.Options{
		MaxAgents: min(seatsMax, max(256, 4*agents)), MaxClasses: min(linesMax, max(64, 4*lines)), MaxWaiting: callsMax,
		Now: func() int64 { return f.now }, Offer: f.matched,
	})
}

// matched is the queue's callback: it has decided.
func (f *floor) matched(o queue.Offer) {
	c, s := o.Call.Owner.(*caller), o.AgentOwner.(*seat)
	c.offer, c.to, c.told, s.offered = o, s, false, c
	c.why = exchange.Explain(f.engine, o, c.line.Strategy, f.version, func(owner any) string { return owner.(*seat).ID })
}

// take brings the clock forward and takes one event in.
func (f *floor) take(ev *acd.Event) error {
	f.now = max(f.now, ev.Mono)
	if f.engine == nil && ev.Kind != acd.ConfigRouting {
		return nil
	}
	switch ev.Kind {
	case acd.ConfigRouting:
		return f.configure(ev)
	case acd.AgentChanged:
		f.agent(ev)
	case acd.CallQueued:
		return f.enter(ev)
	case acd.CallLeft:
		f.leave(ev)
	case acd.CallOffered:
		f.compare(ev)
	case acd.CallDeclined:
		f.decline(ev)
	case acd.CallConnected:
		f.accept(ev, ev.Agent)
	case acd.CallConsulted:
		if ev.Queue != "" { // an agent of the queue that was consulted
			f.accept(ev, ev.Number)
		}
	case acd.SuperviseDid:
		return f.raise(ev)
	case acd.CallRecord:
		f.forget(ev.Call)
	}
	return nil
}

// configure puts a routing in force once all its parts are there.
func (f *floor) configure(ev *acd.Event) error {
	var p exchange.Routing
	if err := json.Unmarshal(ev.Detail, &p); err != nil {
		return fmt.Errorf("routing: %w", err)
	}
	if p.Part == 0 {
		f.routing = exchange.Routing{Parts: p.Parts}
	}
	f.routing.Queues = append(f.routing.Queues, p.Queues...)
	f.routing.Agents = append(f.routing.Agents, p.Agents...)
	if p.Part+1 < p.Parts {
		return nil
	}
	f.version = ev.Version
	if f.engine == nil {
		f.begin(len(f.routing.Agents), len(f.routing.Queues))
	}
	if err := f.routeQueues(f.routing.Queues); err != nil {
		return err
	}
	return f.routeAgents(f.routing.Agents)
}

func (f *floor) routeQueues(all []exchange.RoutedQueue) error {
	kept := map[string]bool{}
	for _, q := range all {
		kept[q.ID] = true
		need, err := f.words.Need(q)
		if err != nil {
			return err
		}
		was := f.queues[q.ID]
		if was == nil {
			class, err := f.engine.AddClass(need)
			if err != nil {
				return fmt.Errorf("queue %s: %w", q.ID, err)
			}
			f.queues[q.ID] = &line{q, class, map[int]queue.ClassID{}}
			continue
		}
		if !same(was.RoutedQueue, q) {
			was.RoutedQueue = q
			if err := f.redefine(was, need); err != nil {
				return fmt.Errorf("queue %s: %w", q.ID, err)
			}
		}
	}
	for _, id := range slices.Sorted(maps.Keys(f.queues)) {
		if !kept[id] {
			l := f.queues[id]
			f.engine.RetireClass(l.class)
			for _, class := range l.levels {
				f.engine.RetireClass(class)
			}
			delete(f.queues, id)
		}
	}
	return nil
}

func (f *floor) routeAgents(all []exchange.RoutedAgent) error {
	kept := map[string]bool{}
	for order, a := range all {
		kept[a.ID] = true
		s := f.agents[a.ID]
		if s == nil {
			s = &seat{RoutedAgent: a, order: order}
			var err error
			if s.ticket, err = f.engine.AddAgent(f.words.Profile(a, order), s); err != nil {
				return fmt.Errorf("agent %s: %w", a.ID, err)
			}
			f.agents[a.ID] = s
			continue
		}
		s.left = false
		if s.order != order || !same(s.RoutedAgent, a) {
			s.RoutedAgent, s.order = a, order
			if err := f.engine.ChangeAgent(s.ticket, f.words.Profile(a, order)); err != nil {
				return fmt.Errorf("agent %s: %w", a.ID, err)
			}
		}
	}
	// In the order in which the exchange lets them go: who is next gets the
	// place in the queue's tables that becomes free first.
	byOrder := slices.SortedFunc(maps.Values(f.agents), func(a, b *seat) int { return cmp.Compare(a.order, b.order) })
	for _, s := range byOrder {
		if !kept[s.ID] {
			s.left = true
			f.goodbye(s)
		}
	}
	return nil
}

// goodbye takes out an agent who was removed, once it is idle.
func (f *floor) goodbye(s *seat) {
	if s.left && s.offered == nil && idle(s.state) {
		f.engine.RemoveAgent(s.ticket)
		delete(f.agents, s.ID)
	}
}

func idle(state string) bool {
	return state == "" || state == acd.AgentOffline.String() || state == acd.AgentNotReady.String() || state == acd.AgentReady.String()
}

// open counts the offers of the replay that the journal has not told of.
func (f *floor) open() (n uint64) {
	for _, c := range f.calls {
		if c.to != nil && !c.told {
			n++
		}
	}
	return n
}

// within tells whether two moments are too close for their order to be sure.
func (f *floor) within(a, b int64) bool {
	d := a - b
	return d < int64(f.r.o.Overlap) && d > -int64(f.r.o.Overlap)
}
