package exchange

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"switchroom/acd"
)

// What an agent is seen to do has to follow from its phone's registration, the
// calls that have it, its after-call work and its wish. Two sides of each of
// these are kept by different goroutines; they may disagree for a moment, while
// something is on its way from one to the other, and no longer.

// doubts are contradictions and when each was first seen.
type doubts struct {
	since    map[string]time.Duration
	reported map[string]bool
}

// contradiction is one of them. mend does what makes it go away.
type contradiction struct {
	text string // names it: the same as long as nothing has changed
	mend func() // nil: nothing can be done about it
}

// weigh reports contradictions that have lasted longer than anything is on its
// way, once each, and mends them.
func (x *Exchange) weigh(now acd.Instant) {
	all := x.contradictions()
	held := map[string]bool{}
	if x.doubts.since == nil {
		x.doubts = doubts{map[string]time.Duration{}, map[string]bool{}}
	}
	for _, v := range all {
		held[v.text] = true
		first, known := x.doubts.since[v.text]
		switch {
		case !known:
			x.doubts.since[v.text] = now.Mono
		case now.Mono-first > grace && !x.doubts.reported[v.text]:
			x.doubts.reported[v.text] = true
			x.violation("%s, for %s", v.text, (now.Mono - first).Round(time.Second))
			if v.mend != nil {
				v.mend()
			}
		}
	}
	maps.DeleteFunc(x.doubts.since, func(text string, _ time.Duration) bool { return !held[text] })
	maps.DeleteFunc(x.doubts.reported, func(text string, _ bool) bool { return !held[text] })
}

// Contradictions lists what contradicts itself at this moment. While something
// happens some may; what stays in the list is a fault.
func (x *Exchange) Contradictions() []string {
	var out []string
	for _, v := range x.contradictions() {
		out = append(out, v.text)
	}
	return out
}

func (x *Exchange) contradictions() []contradiction {
	type seat struct{ call, agent string }
	var seats []seat            // of calls that say whom they have
	has := map[string]*string{} // the call that such an agent says has it; nil: it was not asked
	for _, c := range x.live() {
		for _, id := range c.crewNow() {
			seats = append(seats, seat{c.core.ID, id})
			has[id] = nil
		}
	}
	var out []contradiction
	for _, a := range x.agents.all() {
		found, call := a.contradictions()
		out = append(out, found...)
		if _, seated := has[a.id]; seated {
			has[a.id] = &call
		}
	}
	for _, s := range seats {
		if got := has[s.agent]; got != nil && *got != s.call {
			out = append(out, contradiction{text: fmt.Sprintf("call %s keeps agent %s, whom it does not have", s.call, s.agent)})
		}
	}
	return out
}

// crewNow are the agents that the call says it has. From any goroutine.
func (c *call) crewNow() []string {
	if crew := c.crew.Load(); crew != nil {
		return *crew
	}
	return nil
}

// contradictions of one agent, and the call that has it.
func (a *agent) contradictions() (out []contradiction, call string) {
	sits := a.x.agentAt(a.phoneNow()) == a // else the phone is another's for now
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.ended || a.gone || !a.began {
		return nil, ""
	}
	state, _, since := a.core.State()
	if due, _ := a.core.Derived(); due != state {
		out = append(out, contradiction{text: fmt.Sprintf("agent %s is %s and ought to be %s since %s", a.id, state, due, since.Mono)})
	}
	if a.core.Bound() {
		call = a.core.Call()
		if c := a.x.find(call); c != nil && !slices.Contains(c.crewNow(), a.id) {
			out = append(out, contradiction{
				text: fmt.Sprintf("agent %s is %s since %s for call %s, which does not know of it", a.id, state, since.Mono, call),
				mend: func() {
					a.step(acd.AgentInput{Kind: acd.AgentPhase, Phase: acd.PhaseFree, Call: call, Cause: acd.Internal})
				}})
		}
	}
	if there := a.x.ua.Answers(a.phone); sits && !a.left && !a.core.Fixed && there != a.core.Reachable() {
		in := acd.AgentInput{Kind: acd.AgentLose, Cause: "inspected"}
		if there {
			in = acd.AgentInput{Kind: acd.AgentReach, Cause: "inspected"}
		}
		out = append(out, contradiction{text: fmt.Sprintf("agent %s takes its phone %s to be there: %t, and it is not so", a.id, a.phone, !there),
			mend: func() { a.step(in) }})
	}
	return out, call
}
