package queue

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// hall is a day of a call centre on one goroutine, with lists beside the
// engine against which every offer is held.
type hall struct {
	*Engine
	*rand.Rand
	t       *testing.T
	now     int64
	needs   []Need
	class   []ClassID
	skills  []map[Skill]bool // per agent
	idle    map[AgentID]int64
	waiting [][]*Call // per class, in the order of arrival
	calls   int       // that wait
	serving []Offer
	offers  []Offer
	longest time.Duration
	most    int
}

func (h *hall) may(a AgentID, k int) bool { return h.skills[a][h.needs[k].Rings[0].Skills[0].Skill] }

// TestNobodyIsPassedOverInAHundredThousandCalls: whatever the load, an agent
// gets the call with the highest score of those that he may have, a call the
// agent who is free for the longest time of those that may have it, and a class
// is served in the order of arrival.
func TestNobodyIsPassedOverInAHundredThousandCalls(t *testing.T) {
	const agents, skills, classes, calls = 40, 6, 24, 100_000
	h := &hall{Rand: rand.New(rand.NewPCG(1, 2)), t: t, idle: map[AgentID]int64{}, waiting: make([][]*Call, classes)}
	h.Engine = New(Options{HeadStart: time.Minute, Now: func() int64 { return h.now }, Offer: func(o Offer) { h.offers = append(h.offers, o) }})
	for k := range classes {
		h.needs = append(h.needs, Need{Priority: k % 3, Rings: []Ring{{Skills: []SkillLevel{{Skill(k % skills), 1}}}}})
		id, err := h.AddClass(h.needs[k])
		require.NoError(t, err)
		h.class = append(h.class, id)
	}
	for i := range agents {
		has, p := map[Skill]bool{}, Profile{}
		for _, s := range []Skill{Skill(i % skills), Skill(h.IntN(skills))} {
			has[s] = true
			p.Skills = append(p.Skills, SkillLevel{s, 5})
		}
		id, err := h.AddAgent(p, nil)
		require.NoError(t, err)
		require.Equal(t, AgentID(i), id)
		h.skills = append(h.skills, has)
		h.ready(id)
	}
	for n := 0; n < calls; {
		come := 44 // of a hundred
		if n/5000%2 == 0 {
			come = 54 // a rush, in which hundreds come to wait
		}
		if len(h.serving) == 0 || h.IntN(100) < come {
			h.arrive()
			n++
		} else {
			h.finish()
		}
	}
	for len(h.serving) > 0 {
		h.finish()
	}
	require.Zero(t, h.calls, "all were served")
	require.Greater(t, h.most, 200, "that was no rush")
	t.Logf("at most %d waited, the longest wait was %v", h.most, h.longest)
	quiet(t, h.Engine)
}

func (h *hall) arrive() {
	h.now += int64(time.Millisecond) * int64(1+h.IntN(500))
	k := h.IntN(len(h.class))
	c := &Call{Class: h.class[k], Arrival: h.now, Owner: k}
	h.waiting[k] = append(h.waiting[k], c)
	h.calls++
	h.most = max(h.most, h.calls)
	require.NoError(h.t, h.Enter(c))
	h.check()
}

func (h *hall) finish() {
	h.now += int64(time.Millisecond) * int64(1+h.IntN(500))
	i := h.IntN(len(h.serving))
	o := h.serving[i]
	h.serving[i] = h.serving[len(h.serving)-1]
	h.serving = h.serving[:len(h.serving)-1]
	h.ready(o.Agent)
}

func (h *hall) ready(a AgentID) {
	h.idle[a] = h.now
	require.True(h.t, h.Ready(a))
	h.check()
}

// check holds the offer against all calls that wait and all agents that are
// free, and answers it.
func (h *hall) check() {
	for _, o := range h.offers {
		k := o.Call.Owner.(int)
		require.Same(h.t, h.waiting[k][0], o.Call, "an older call of the class was passed over")
		lead := func(k int) int64 { return int64(h.needs[k].Priority) * int64(time.Minute) }
		for other, calls := range h.waiting {
			if len(calls) > 0 && h.may(o.Agent, other) && calls[0].Arrival-lead(other) < o.Call.Arrival-lead(k) {
				h.t.Fatalf("agent %d got a call of %d, and one of %d was before it", o.Agent, o.Call.Arrival, calls[0].Arrival)
			}
		}
		for a, since := range h.idle {
			if a != o.Agent && h.may(a, k) && since < h.idle[o.Agent] {
				h.t.Fatalf("the call went to agent %d, free since %d, and agent %d is since %d", o.Agent, h.idle[o.Agent], a, since)
			}
		}
		h.waiting[k] = h.waiting[k][1:]
		h.calls--
		delete(h.idle, o.Agent)
		h.longest = max(h.longest, time.Duration(h.now-o.Call.Arrival))
		require.True(h.t, h.Accept(o))
		h.serving = append(h.serving, o)
	}
	h.offers = h.offers[:0]
}
