package floor

import (
	"container/heap"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"time"

	"switchroom/acd"
	"switchroom/acd/exchange"
	"switchroom/acd/journal"
	"switchroom/queue"
)

// Options say what floor there is.
type Options struct {
	Seed   uint64
	Agents int
	Queues int
	Rate   float64 // calls a second
	Events int     // to write
}

// strategies take turns over the queues.
var strategies = []string{"longest-idle", "best-skill", "least-occupied", "round-robin", "fewest-calls", "top-down"}

// Floor is one simulated floor. One goroutine owns it.
type Floor struct {
	o      Options
	rng    *rand.Rand
	j      *journal.Journal
	engine *queue.Engine
	words  *exchange.Words

	start   time.Time
	now     int64 // ns, whole milliseconds
	due     int64 // of the engine's next tick
	todo    agenda
	order   int
	written int
	calls   int
	version int

	routing exchange.Routing
	classes map[string]queue.ClassID
	agents  []*agent
	matches []match
}

type agent struct {
	exchange.RoutedAgent
	ticket queue.AgentID
	state  string
	call   *call
}

type call struct {
	id    string
	queue string
	place *queue.Call
	agent *agent // offered to, or connected with
	offer queue.Offer
	over  bool
	talks bool
}

// match is an offer with what it was explained by when it was made.
type match struct {
	queue.Offer
	why *acd.Decision
}

// Write fills a journal.
func Write(j *journal.Journal, o Options) error {
	f := &Floor{o: o, rng: rand.New(rand.NewPCG(o.Seed, 7)), j: j, words: exchange.NewWords(), classes: map[string]queue.ClassID{},
		start: time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)}
	f.engine = queue.New(queue.Options{MaxAgents: max(256, 4*o.Agents), MaxClasses: max(64, 4*o.Queues), MaxWaiting: 1 << 15,
		Now: func() int64 { return f.now }, Offer: f.matched})
	f.note(acd.Event{Kind: acd.SwitchStarted, Version: "v0"})
	if err := f.open(); err != nil {
		return err
	}
	for f.written < o.Events && len(f.todo) > 0 {
		next := f.todo[0].at
		f.tick(next)
		t := heap.Pop(&f.todo).(task)
		f.now = t.at
		t.do()
		f.settle()
	}
	f.note(acd.Event{Kind: acd.SwitchStopped})
	return j.Commit(context.Background(), j.Status().Next-1)
}

// open makes the first routing and has agents and callers come.
func (f *Floor) open() error {
	for i := range f.o.Queues {
		q := exchange.RoutedQueue{ID: fmt.Sprintf("q%d", i), Strategy: strategies[i%len(strategies)], Priority: i % 3}
		skill := fmt.Sprintf("s%d", i%4)
		q.Rings = []exchange.RoutedRing{
			{Sites: []string{"chengdu"}, Skills: map[string]int{skill: 6}},
			{After: 20 * time.Second, Sites: []string{"chengdu", "beijing"}, Skills: map[string]int{skill: 3}},
			{After: 45 * time.Second},
		}
		f.routing.Queues = append(f.routing.Queues, q)
	}
	for i := range f.o.Agents {
		f.routing.Agents = append(f.routing.Agents, f.hire(i))
	}
	f.route()
	for _, a := range f.agents {
		f.at(f.upTo(60_000), func() { f.ready(a, true) })
	}
	f.at(1000, f.arrive)
	f.at(600_000, f.edit)
	return nil
}

func (f *Floor) hire(n int) exchange.RoutedAgent {
	a := exchange.RoutedAgent{ID: fmt.Sprintf("%d", 8000+n), Site: []string{"chengdu", "beijing"}[f.rng.IntN(2)], Skills: map[string]int{}}
	for s := range 4 {
		if f.rng.IntN(3) > 0 {
			a.Skills[fmt.Sprintf("s%d", s)] = 1 + f.rng.IntN(10)
		}
	}
	return a
}

// A queue's calls that were given the priority raised have a class of their own,
// known by the queue's id with levelMark behind it.
const (
	raised    = 7
	levelMark = " raised"
)

// class defines a class, or defines it anew.
func (f *Floor) class(id string, need queue.Need) {
	class, ok := f.classes[id]
	var err error
	if ok {
		err = f.engine.Redefine(class, need)
	} else {
		f.classes[id], err = f.engine.AddClass(need)
	}
	if err != nil {
		panic(err)
	}
}

// route puts the routing in force and writes it down.
func (f *Floor) route() {
	for _, q := range f.routing.Queues {
		need, err := f.words.Need(q)
		if err != nil {
			panic(err)
		}
		f.class(q.ID, need)
		need.Priority = raised
		f.class(q.ID+levelMark, need)
	}
	for i, r := range f.routing.Agents {
		if i < len(f.agents) {
			f.agents[i].RoutedAgent = r
			if err := f.engine.ChangeAgent(f.agents[i].ticket, f.words.Profile(r, i)); err != nil {
				panic(err)
			}
			continue
		}
		a := &agent{RoutedAgent: r}
		var err error
		if a.ticket, err = f.engine.AddAgent(f.words.Profile(r, i), a); err != nil {
			panic(err)
		}
		f.agents = append(f.agents, a)
	}
	f.version++
	detail, err := json.Marshal(exchange.Routing{Parts: 1, Queues: f.routing.Queues, Agents: f.routing.Agents})
	if err != nil {
		panic(err)
	}
	f.note(acd.Event{Kind: acd.ConfigRouting, Version: fmt.Sprintf("v%d", f.version), Detail: detail})
}

// edit is a reload: a queue asks for other levels, an agent learns, one is new.
func (f *Floor) edit() {
	q := &f.routing.Queues[f.rng.IntN(len(f.routing.Queues))]
	rings := append([]exchange.RoutedRing(nil), q.Rings...)
	rings[0].Skills = map[string]int{fmt.Sprintf("s%d", f.rng.IntN(4)): 1 + f.rng.IntN(8)}
	q.Rings = rings
	f.routing.Agents[f.rng.IntN(len(f.routing.Agents))].Skills = f.hire(0).Skills
	if f.rng.IntN(4) == 0 && len(f.routing.Agents) < 2*f.o.Agents {
		f.routing.Agents = append(f.routing.Agents, f.hire(len(f.routing.Agents)))
		f.route()
		a := f.agents[len(f.agents)-1]
		f.at(1000, func() { f.ready(a, true) })
	} else {
		f.route()
	}
	f.at(f.upTo(1_200_000), f.edit)
}

// tick opens the rings that are due before and at a moment.
func (f *Floor) tick(to int64) {
	for f.due <= to {
		f.now = max(f.now, f.due)
		f.due = f.now + int64(f.engine.Tick())
		f.settle()
	}
}

// settle tells of the offers that were made.
func (f *Floor) settle() {
	for len(f.matches) > 0 {
		m := f.matches[0]
		f.matches = f.matches[1:]
		f.offered(m)
	}
}

func (f *Floor) note(e acd.Event) {
	e.Time, e.Mono, e.Boot = f.start.Add(time.Duration(f.now)), f.now, "floor"
	seq := f.j.Append(e)
	f.written++
	if seq == 0 {
		panic("an event was refused")
	}
	if f.written%5000 == 0 { // or the disk is left behind, and events are turned away
		if err := f.j.Commit(context.Background(), seq); err != nil {
			panic(err)
		}
	}
}

// upTo gives ns of a random whole number of milliseconds, at least one.
func (f *Floor) upTo(ms int64) int64 { return 1 + f.rng.Int64N(ms) }

// at has something done in so many milliseconds.
func (f *Floor) at(ms int64, do func()) {
	f.order++
	heap.Push(&f.todo, task{f.now + ms*int64(time.Millisecond), f.order, do})
}

type task struct {
	at    int64
	order int
	do    func()
}

type agenda []task

func (a agenda) Len() int { return len(a) }
func (a agenda) Less(i, j int) bool {
	return a[i].at < a[j].at || a[i].at == a[j].at && a[i].order < a[j].order
}
func (a agenda) Swap(i, j int) { a[i], a[j] = a[j], a[i] }
func (a *agenda) Push(x any)   { *a = append(*a, x.(task)) }
func (a *agenda) Pop() any {
	old := *a
	t := old[len(old)-1]
	*a = old[:len(old)-1]
	return t
}
