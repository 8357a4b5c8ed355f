package queue

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

// crowd is an engine with agents who are all available, and no call.
func crowd(agents, classes int) (*Engine, []AgentID, []ClassID, *Offer) {
	var last Offer
	e := New(Options{MaxAgents: agents, MaxClasses: classes, MaxWaiting: 10_000, Offer: func(o Offer) { last = o }})
	var as []AgentID
	var ks []ClassID
	for i := range classes {
		k, _ := e.AddClass(Need{Rings: []Ring{{Skills: []SkillLevel{{Skill(i % 50), 1}}}}})
		ks = append(ks, k)
	}
	for i := range agents {
		p := Profile{}
		for s := range 6 {
			p.Skills = append(p.Skills, SkillLevel{Skill((i*7 + s*11) % 50), uint8(1 + i%5)})
		}
		a, _ := e.AddAgent(p, nil)
		e.Ready(a)
		as = append(as, a)
	}
	return e, as, ks, &last
}

func TestADecisionAllocatesNothing(t *testing.T) {
	e, _, ks, last := crowd(500, 100)
	calls, i := make([]Call, 1100), 0
	require.Zero(t, testing.AllocsPerRun(1000, func() {
		c := &calls[i]
		c.Class = ks[i%len(ks)]
		i++
		if e.Enter(c) != nil || !e.Accept(*last) || !e.Ready(last.Agent) {
			t.Error("no decision was made")
		}
	}))
}

func TestWaitingDecliningAndAbandoningAllocateNothing(t *testing.T) {
	e, as, ks, last := crowd(1, 50)
	require.True(t, e.NotReady(as[0]))
	calls, i := make([]Call, 2300), 0
	k := ks[0]
	for range 8 { // the lane has its own cells filled, and its first tree made
		require.NoError(t, e.Enter(&Call{Class: k}))
	}
	require.NoError(t, e.Enter(&Call{Class: k}))
	require.Zero(t, testing.AllocsPerRun(1000, func() {
		a, b := &calls[i], &calls[i+1]
		a.Class, b.Class = k, k
		i += 2
		_ = e.Enter(a)
		_ = e.Enter(b)
		e.Ready(as[0])
		e.Decline(*last)
		_, _, _ = e.Abandon(a)
		_, _, _ = e.Abandon(b)
		e.Tick()
	}))
}

func BenchmarkExplain(b *testing.B) {
	e, _, ks, last := crowd(1000, 1000)
	c := &Call{Class: ks[3]}
	require.NoError(b, e.Enter(c))
	p, x := e.standing(c)
	place, _ := offerOf(e.word[colOf(x)].Load())
	require.NotNil(b, p)
	b.ReportAllocs()
	for b.Loop() {
		e.explain(last, colOf(x), place, x, claimWord(agentClaim, Arrival, 0, 0), 0, 1)
	}
}

func BenchmarkDecision(b *testing.B) {
	e, _, ks, last := crowd(1000, 1000)
	calls := make([]Call, 1<<20)
	i := 0
	b.ReportAllocs()
	for b.Loop() {
		if i == len(calls) {
			calls, i = make([]Call, 1<<20), 0
		}
		c := &calls[i]
		c.Class = ks[i%len(ks)]
		i++
		_ = e.Enter(c)
		e.Accept(*last)
		e.Ready(last.Agent)
	}
}

func BenchmarkEnterAndAbandonBehindManyWaiting(b *testing.B) {
	for _, n := range []int{10, 1000, 100_000} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			e := New(Options{MaxWaiting: n + 1})
			k, _ := e.AddClass(Need{})
			for i := range n {
				_ = e.Enter(&Call{Class: k, Arrival: int64(i)})
			}
			b.ReportAllocs()
			for b.Loop() {
				c := &Call{Class: k, Arrival: int64(n)}
				_ = e.Enter(c)
				_, _, _ = e.Abandon(c)
			}
		})
	}
}
