package acd

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// agentIn brings an agent into a state by the shortest way.
func agentIn(s AgentState) *Agent {
	a := NewAgent("8001", false, true, at(0))
	reach := AgentInput{Kind: AgentReach}
	phase := func(p Phase) AgentInput { return AgentInput{Kind: AgentPhase, Phase: p, Call: "call"} }
	way := map[AgentState][]AgentInput{
		AgentOffline:  {{Kind: AgentStart}},
		AgentNotReady: {reach, {Kind: AgentWish, Wish: WishNotReady, Reason: "lunch"}},
		AgentReady:    {reach},
		AgentReserved: {reach, phase(PhaseReserved)},
		AgentRinging:  {reach, phase(PhaseReserved), phase(PhaseRinging)},
		AgentTalking:  {reach, phase(PhaseReserved), phase(PhaseTalking)},
		AgentHeld:     {reach, phase(PhaseTalking), phase(PhaseHeld)},
		AgentWrapUp:   {reach, phase(PhaseTalking), {Kind: AgentPhase, Phase: PhaseFree, Call: "call", WrapUp: 10 * time.Second}},
		AgentOutbound: {reach, phase(PhaseOutbound)},
	}
	for _, in := range way[s] {
		a.Step(at(time.Second), in, nil)
	}
	return a
}

func exampleAgentInputs() []AgentInput {
	free := func(why Cause) AgentInput {
		return AgentInput{Kind: AgentPhase, Phase: PhaseFree, Call: "call", Cause: why, WrapUp: 10 * time.Second}
	}
	return []AgentInput{
		{Kind: AgentStart}, {Kind: AgentReach}, {Kind: AgentLose},
		{Kind: AgentWish, Wish: WishReady}, {Kind: AgentWish, Wish: WishNotReady, Reason: "07"}, {Kind: AgentWish, Wish: WishOffline},
		{Kind: AgentPhase, Phase: PhaseReserved, Call: "call"}, {Kind: AgentPhase, Phase: PhaseRinging, Call: "call"},
		{Kind: AgentPhase, Phase: PhaseTalking, Call: "call"}, {Kind: AgentPhase, Phase: PhaseHeld, Call: "call"},
		{Kind: AgentPhase, Phase: PhaseOutbound, Call: "own"},
		free(NoAnswer), free(Busy), free(Rejected), free(Unreachable), free(CallerGone), free(CallerHangup),
		{Kind: AgentPhase, Phase: PhaseFree, Call: "another", Cause: CallerGone},
		{Kind: AgentLegOpen}, {Kind: AgentLegOver}, {Kind: AgentDeadline}, {Kind: AgentEndWrapUp}, {Kind: AgentFile, File: Disposition{Code: "01"}},
	}
}

func TestAgentDoesInEachStateWhatTheTableSays(t *testing.T) {
	var b strings.Builder
	for s := AgentOffline; s <= AgentOutbound; s++ {
		for _, in := range exampleAgentInputs() {
			a := agentIn(s)
			if a.state != s {
				t.Fatalf("wanted an agent that is %s, got %s", s, a.state)
			}
			out := a.Step(at(time.Minute), in, nil)
			what := in.Kind.String()
			switch in.Kind {
			case AgentWish:
				what = fmt.Sprintf("wish %d %s", in.Wish, in.Reason)
			case AgentPhase:
				what = strings.TrimSpace(fmt.Sprintf("%s %s of %s", in.Phase, in.Cause, in.Call))
			}
			fmt.Fprintf(&b, "%s + %s -> %s", s, what, a.state)
			if a.shown != "" {
				fmt.Fprintf(&b, " (%s)", a.shown)
			}
			for _, d := range out {
				switch {
				case d.Note != nil:
					b.WriteString(", note")
				case d.Do == AgentOffer && d.Fresh:
					b.WriteString(", offer anew")
				case d.Do == AgentOffer:
					b.WriteString(", offer again")
				default:
					b.WriteString(", withhold")
				}
			}
			b.WriteByte('\n')
		}
	}
	checkTable(t, "testdata/agent.txt", b.String())
}
