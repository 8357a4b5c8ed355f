package queue

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// floor drives the engine and the oracle through the same operations.
type floor struct {
	t     *rapid.T
	o     *oracle
	e     *Engine
	calls []*Call
	last  map[*Call]Offer
	got   []Offer
	agent []AgentID // by the oracle's number
	class []ClassID
	seq   uint64
	seen  int
}

func drawRings(t *rapid.T) []Ring {
	var rings []Ring
	after := time.Duration(0)
	for range rapid.IntRange(1, 3).Draw(t, "rings") {
		r := Ring{After: after}
		switch rapid.IntRange(0, 2).Draw(t, "sites") {
		case 1:
			r.Sites = []Site{Site(rapid.IntRange(0, 2).Draw(t, "site"))}
		case 2:
			s := rapid.IntRange(0, 2).Draw(t, "site")
			r.Sites = []Site{Site(s), Site((s + 1) % 3)}
		}
		for s := range 3 {
			if rapid.IntRange(0, 2).Draw(t, "asks") == 0 {
				r.Skills = append(r.Skills, SkillLevel{Skill(s), uint8(rapid.IntRange(1, 4).Draw(t, "level"))})
			}
		}
		rings = append(rings, r)
		after += time.Duration(rapid.IntRange(1, 30).Draw(t, "after")) * time.Second
	}
	return rings
}

func drawNeed(t *rapid.T) Need {
	return Need{
		Queue:    QueueID(rapid.IntRange(0, 2).Draw(t, "queue")),
		Priority: rapid.IntRange(-1, 2).Draw(t, "priority"),
		Strategy: Strategy(rapid.IntRange(0, int(strategies)-1).Draw(t, "strategy")),
		Rings:    drawRings(t),
	}
}

func drawProfile(t *rapid.T) Profile {
	p := Profile{Site: Site(rapid.IntRange(0, 2).Draw(t, "site")), Order: rapid.IntRange(0, 3).Draw(t, "order")}
	for s := range 3 {
		if l := rapid.IntRange(0, 5).Draw(t, "level"); l > 0 {
			p.Skills = append(p.Skills, SkillLevel{Skill(s), uint8(l)})
		}
	}
	if rapid.Bool().Draw(t, "some queues") {
		p.Queues = []QueueID{QueueID(rapid.IntRange(0, 2).Draw(t, "queue")), 1}
	}
	return p
}

func newFloor(t *rapid.T) *floor {
	f := &floor{t: t, o: &oracle{headStart: 30 * second, now: 1000 * second}, last: map[*Call]Offer{}}
	f.e = New(Options{
		MaxAgents: 8, MaxClasses: 4, MaxWaiting: 1000, HeadStart: 30 * time.Second,
		Now:   func() int64 { return f.o.now },
		Offer: func(o Offer) { f.got = append(f.got, o) },
	})
	for range rapid.IntRange(1, 4).Draw(t, "classes") {
		f.addClass(drawNeed(t))
	}
	for range rapid.IntRange(1, 7).Draw(t, "agents") {
		f.addAgent(drawProfile(t))
	}
	return f
}

func (f *floor) addClass(n Need) {
	id, err := f.e.AddClass(n)
	require.NoError(f.t, err)
	f.class = append(f.class, id)
	f.o.classes = append(f.o.classes, &oClass{n: n, last: -1})
}

func (f *floor) addAgent(p Profile) {
	id, err := f.e.AddAgent(p, len(f.o.agents))
	require.NoError(f.t, err)
	f.agent = append(f.agent, id)
	f.o.agents = append(f.o.agents, &oAgent{p: p, state: "notready", since: f.o.now})
}

// some draws one of the oracle's agents in a state, -1 if there is none.
func (f *floor) some(states ...string) int {
	var is []int
	for i, a := range f.o.agents {
		if slices.Contains(states, a.state) {
			is = append(is, i)
		}
	}
	if len(is) == 0 {
		return -1
	}
	return rapid.SampledFrom(is).Draw(f.t, "agent")
}

func (f *floor) someCall(states ...string) int {
	var is []int
	for i, c := range f.o.calls {
		if slices.Contains(states, c.state) {
			is = append(is, i)
		}
	}
	if len(is) == 0 {
		return -1
	}
	return rapid.SampledFrom(is).Draw(f.t, "call")
}

func (f *floor) enter(t *rapid.T) {
	k := rapid.IntRange(0, len(f.class)-1).Draw(t, "class")
	// Mostly now; sometimes from the past, as transfers are; often equal.
	arrival := f.o.now - second*int64(rapid.SampledFrom([]int{0, 0, 0, 1, 5, 20, 60}).Draw(t, "past"))
	c := &Call{Class: f.class[k], Arrival: arrival, Owner: len(f.calls)}
	f.calls = append(f.calls, c)
	require.NoError(t, f.e.Enter(c))
	f.o.enter(k, arrival)
}

func (f *floor) abandon(t *rapid.T) {
	j := f.someCall("waiting", "offered", "served", "gone")
	if j < 0 {
		return
	}
	c := f.o.calls[j]
	agent, offered, ok := f.e.Abandon(f.calls[j])
	require.Equal(t, c.state == "waiting" || c.state == "offered", ok)
	require.Equal(t, c.state == "offered", offered)
	if offered {
		require.Equal(t, f.agent[c.agent], agent)
	}
	if ok {
		f.o.abandon(j)
	}
}

func (f *floor) answer(t *rapid.T) {
	i := f.some("offered")
	if i < 0 {
		return
	}
	j := f.o.agents[i].call
	o := f.last[f.calls[j]]
	if rapid.Bool().Draw(t, "accept") {
		require.True(t, f.e.Accept(o))
		f.o.accept(j)
	} else {
		require.True(t, f.e.Decline(o))
		f.o.decline(j)
	}
	require.False(t, f.e.Accept(o), "an offer is answered once")
	require.False(t, f.e.Decline(o), "an offer is answered once")
}

func (f *floor) ready(t *rapid.T) {
	if i := f.some("notready", "serving", "available", "offered"); i >= 0 {
		anew := rapid.Bool().Draw(t, "anew")
		op := f.e.Return
		if anew {
			op = f.e.Ready
		}
		s := f.o.agents[i].state
		ok := s != "offered" && (anew || s != "serving") // Return does not end a service
		require.Equal(t, ok, op(f.agent[i]))
		if ok {
			f.o.ready(i, anew)
		}
	}
}

func (f *floor) notReady(t *rapid.T) {
	if i := f.some("notready", "serving", "available", "offered", "free"); i >= 0 {
		s := f.o.agents[i].state
		require.Equal(t, s == "available" || s == "notready", f.e.NotReady(f.agent[i]))
		if s == "available" {
			f.o.agents[i].state = "notready"
		}
	}
}

func (f *floor) change(t *rapid.T) {
	i := f.some("notready", "serving", "available", "offered")
	if i < 0 {
		return
	}
	p := drawProfile(t)
	err := f.e.ChangeAgent(f.agent[i], p)
	if f.o.agents[i].gone {
		require.ErrorIs(t, err, ErrNoAgent)
		return
	}
	require.NoError(t, err)
	f.o.agents[i].p = p
	f.o.matchAgent(i, Redefinition)
}

func (f *floor) remove(t *rapid.T) {
	i := f.some("notready", "serving", "available", "offered")
	if i < 0 || rapid.IntRange(0, 3).Draw(t, "seldom") > 0 {
		return
	}
	f.e.RemoveAgent(f.agent[i])
	f.o.agents[i].gone = true
	if f.o.agents[i].state != "offered" {
		f.o.agents[i].state = "free"
	}
}

// replace puts a new agent in the column of one that is gone, which the
// oracle counts as the same number: round robin goes by columns.
func (f *floor) replace(t *rapid.T) {
	for i, a := range f.o.agents {
		if a.state != "free" {
			continue
		}
		p := drawProfile(t)
		id, err := f.e.AddAgent(p, i)
		require.NoError(t, err)
		require.NotEqual(t, f.agent[i], id)
		require.False(t, f.e.Ready(f.agent[i]), "the old id is nobody's")
		f.agent[i] = id
		for _, c := range f.o.calls {
			for n, d := range c.declined {
				if d == i {
					c.declined[n] = -1 // it was another agent who declined
				}
			}
		}
		f.o.agents[i] = &oAgent{p: p, state: "notready", since: f.o.now}
		return
	}
}

func (f *floor) redefine(t *rapid.T) {
	k := rapid.IntRange(0, len(f.class)-1).Draw(t, "class")
	n := drawNeed(t)
	require.NoError(t, f.e.Redefine(f.class[k], n))
	f.o.classes[k].n = n
	f.o.settle(k, Redefinition)
}

func (f *floor) time(t *rapid.T) {
	for range rapid.IntRange(1, 25).Draw(t, "seconds") {
		f.e.Tick() // nothing is due
		f.o.now += second
		f.e.Tick()
		f.o.tick(f.o.now)
	}
}

// compare holds every offer made, and the engine's whole state, against the
// oracle's.
func (f *floor) compare(t *rapid.T) {
	require.Len(t, f.got, len(f.o.offers)-f.seen)
	for n, o := range f.got {
		want := f.o.offers[f.seen+n]
		require.Same(t, f.calls[want.call], o.Call, "another call than the rules give")
		require.Equal(t, f.agent[want.agent], o.Agent, "another agent than the rules give")
		require.Equal(t, want.agent, o.AgentOwner)
		require.Equal(t, want.ring, o.Ring)
		require.Greater(t, o.Seq, f.seq)
		if want.why.From == uint8(FreedAgent) || want.why.From == uint8(Redefinition) {
			// The others were not looked at, for none of them could be available.
			o.Why.NotReady, want.why.NotReady = 0, 0
		}
		require.Equal(t, want.why, o.Why)
		f.seq = o.Seq
		f.last[o.Call] = o
	}
	f.seen, f.got = len(f.o.offers), nil
	for k := range f.class {
		g := f.e.Gauges(f.class[k])
		waiting, oldest, perRing := f.o.gauges(k)
		require.Equal(t, waiting, g.Waiting)
		require.Equal(t, oldest, g.Oldest)
		require.Equal(t, perRing, g.PerRing)
	}
	for j, c := range f.calls {
		require.Equal(t, f.o.position(j), f.e.Position(c))
	}
	quiet(t, f.e)
}

// TestEveryChoiceIsTheOneTheRulesGive compares after every step. A million
// states: -run TheRules -rapid.checks=15000 -v.
func TestEveryChoiceIsTheOneTheRulesGive(t *testing.T) {
	states := 0
	defer func() { t.Logf("%d states compared", states) }()
	rapid.Check(t, func(t *rapid.T) {
		f := newFloor(t)
		do := func(op func(*floor, *rapid.T)) func(*rapid.T) {
			return func(t *rapid.T) { f.t = t; op(f, t) }
		}
		t.Repeat(map[string]func(*rapid.T){
			"enter": do((*floor).enter), "enter2": do((*floor).enter), "abandon": do((*floor).abandon),
			"answer": do((*floor).answer), "answer2": do((*floor).answer), "ready": do((*floor).ready), "ready2": do((*floor).ready),
			"not ready": do((*floor).notReady), "change": do((*floor).change), "remove": do((*floor).remove),
			"replace": do((*floor).replace), "redefine": do((*floor).redefine), "time": do((*floor).time),
			"": func(t *rapid.T) { states++; f.t = t; f.compare(t) },
		})
	})
}
