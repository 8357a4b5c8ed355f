package queue

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// Whoever is named as a runner-up is whom the next call like it goes to, under
// every strategy: the explanation and the decision can't part.
func TestTheRunnersUpAreThoseWhoGetTheNextCalls(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		d := newDesk(t)
		agents := rapid.IntRange(1, 100).Draw(rt, "agents")
		k := d.class(drawnNeed(rt))
		var all []AgentID
		for i := range agents {
			all = append(all, d.agent(Profile{Site: Site(rapid.IntRange(0, 3).Draw(rt, "site")), Order: i * 7 % 10,
				Skills: []SkillLevel{{0, uint8(rapid.IntRange(1, 10).Draw(rt, "level"))}}}))
		}
		for range rapid.IntRange(0, 30).Draw(rt, "calls before") {
			d.now += rapid.Int64Range(1, 60*int64(time.Second)).Draw(rt, "pause")
			d.Ready(rapid.SampledFrom(all).Draw(rt, "who"))
			c := d.enter(k, d.now)
			if n := len(d.got); n > 0 && d.got[n-1].Call == c {
				d.Accept(d.got[n-1])
			} else {
				d.Abandon(c)
			}
		}
		for _, a := range all {
			if rapid.IntRange(0, 3).Draw(rt, "ready") > 0 {
				d.now++
				d.Ready(a)
			}
		}
		arrival := d.now - rapid.Int64Range(0, 2*int64(time.Minute)).Draw(rt, "age")
		d.got = nil
		d.enter(k, arrival)
		if len(d.got) == 0 {
			return // nobody whom a ring admits is ready
		}
		first := d.got[0]
		var next [MaxNext]Standing
		chosen, n, ok := d.Standings(&first, next[:])
		require.True(t, ok)
		require.Equal(t, first.Agent, chosen.Agent)
		require.Equal(t, first.Why.Idle, chosen.Idle)
		require.Equal(t, first.Why.SiteCost, chosen.SiteCost)
		require.Equal(t, first.Why.SkillSum, chosen.SkillSum)
		require.Equal(t, min(MaxNext, first.Why.Considered-first.Why.NotReady-1), n)
		for i := range n {
			if d.lanes[k].def.Load().robin && next[i].SiteCost != next[0].SiteCost {
				break // the round goes on from whoever had the last turn
			}
			d.enter(k, arrival)
			o := d.got[len(d.got)-1]
			require.Len(t, d.got, i+2)
			require.Equal(t, o.Agent, next[i].Agent, "place %d behind %+v", i, chosen)
			require.Equal(t, o.Why.Idle, next[i].Idle)
			require.LessOrEqual(t, next[i].Ring, first.Ring)
		}
		// Given out meanwhile they still are who stood behind the first.
		var later [MaxNext]Standing
		_, m, _ := d.Standings(&first, later[:])
		require.Equal(t, next[:n], later[:m], "under every strategy")
		var one [1]Standing
		_, m, _ = d.Standings(&first, one[:])
		require.Equal(t, min(1, n), m)
	})
}

func drawnNeed(t *rapid.T) Need {
	need := Need{Strategy: Strategy(rapid.IntRange(0, int(strategies)-1).Draw(t, "strategy")), Priority: rapid.IntRange(-2, 2).Draw(t, "priority")}
	for i := range rapid.IntRange(0, 3).Draw(t, "rings") {
		r := Ring{After: time.Duration(i) * 30 * time.Second, Skills: []SkillLevel{{0, uint8(9 - 3*i)}}}
		if rapid.Bool().Draw(t, "sites") {
			r.Sites = []Site{Site(i), Site(i + 1)}
		}
		need.Rings = append(need.Rings, r)
	}
	return need
}

func TestARunnerUpWasThereAtTheDecision(t *testing.T) {
	d := newDesk(t)
	k := d.class(Need{})
	a, b, c, late := d.agent(Profile{}), d.agent(Profile{}), d.agent(Profile{}), d.agent(Profile{})
	d.Ready(a)
	d.Ready(b)
	d.Ready(c)
	call := d.enter(k, d.now)
	o := d.last(call, a)
	d.Ready(late)
	var next [3]Standing
	_, n, ok := d.Standings(&o, next[:])
	require.True(t, ok)
	require.Equal(t, 2, n, "who came later was no candidate")
	require.Equal(t, []AgentID{b, c}, []AgentID{next[0].Agent, next[1].Agent})

	require.True(t, d.Decline(o))
	o = d.last(call, b)
	d.Return(a)
	second := d.enter(k, d.now)
	o2 := d.last(second, a)
	require.True(t, d.Decline(o2))
	o2 = d.last(second, c)
	require.True(t, d.Decline(o2))
	o2 = d.last(second, late)
	chosen, n, ok := d.Standings(&o2, next[:])
	require.True(t, ok)
	require.Zero(t, n, "the others are held or rung")
	require.False(t, chosen.Declined)

	d.NotReady(b)
	d.Accept(o)
	d.RemoveAgent(late)
	d.Accept(o2)
	d.Ready(late)
	_, _, ok = d.Standings(&o2, next[:])
	require.False(t, ok, "who is gone is not explained")
	o2.Call = nil
	_, _, ok = d.Standings(&o2, next[:])
	require.False(t, ok)
}

func TestWhoHasDeclinedStandsBehindAllOthers(t *testing.T) {
	d := newDesk(t)
	k := d.class(Need{})
	a, b := d.agent(Profile{}), d.agent(Profile{})
	d.Ready(a)
	call := d.enter(k, d.now)
	require.True(t, d.Decline(d.last(call, a)))
	d.Ready(b)
	require.True(t, d.Decline(d.last(call, b)))
	d.Return(a) // comes back to it, for nobody else is there
	chosen, n, ok := d.Standings(new(d.last(call, a)), make([]Standing, 3))
	require.True(t, ok)
	require.True(t, chosen.Declined)
	require.Zero(t, n)

	d.Abandon(call)
	d.Return(a)
	d.Return(b)
	c := d.agent(Profile{})
	d.Ready(c)
	call = d.enter(k, d.now)
	require.True(t, d.Decline(d.last(call, a)))
	o := d.last(call, b)
	d.Return(a) // after the match: it would stand last
	next := make([]Standing, 3)
	chosen, n, ok = d.Standings(&o, next)
	require.True(t, ok)
	require.False(t, chosen.Declined)
	require.Equal(t, 2, n)
	require.Equal(t, c, next[0].Agent)
	require.Equal(t, a, next[1].Agent)
	require.True(t, next[1].Declined)
}

func TestExplainingRunnersUpAllocatesNothing(t *testing.T) {
	d := newDesk(t)
	k := d.class(Need{Strategy: FewestCalls})
	for range 100 {
		d.Ready(d.agent(Profile{}))
	}
	d.enter(k, d.now)
	var next [3]Standing
	require.Zero(t, testing.AllocsPerRun(100, func() {
		if _, n, _ := d.Standings(&d.got[0], next[:]); n != 3 {
			t.Fatal(n)
		}
	}))
}

func BenchmarkStandings(b *testing.B) {
	var got []Offer
	e := New(Options{Offer: func(o Offer) { got = append(got, o) }})
	k, err := e.AddClass(Need{})
	require.NoError(b, err)
	for range 1000 {
		id, err := e.AddAgent(Profile{}, nil)
		require.NoError(b, err)
		e.Ready(id)
	}
	require.NoError(b, e.Enter(&Call{Class: k}))
	var next [3]Standing
	b.ReportAllocs()
	for b.Loop() {
		e.Standings(&got[0], next[:])
	}
}
