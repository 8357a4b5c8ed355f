package acd

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// miss offers a call to an agent that is ready and has it come to nothing.
func miss(a *Agent, now time.Duration, policy *Rona, why Cause) {
	a.Step(at(now), AgentInput{Kind: AgentPhase, Phase: PhaseReserved, Call: "call"}, nil)
	a.Step(at(now), AgentInput{Kind: AgentPhase, Phase: PhaseRinging, Call: "call"}, nil)
	a.Step(at(now), AgentInput{Kind: AgentPhase, Phase: PhaseFree, Call: "call", Cause: why, Rona: policy}, nil)
}

func readyAgent() *Agent {
	a := NewAgent("8001", false, true, at(0))
	a.Step(at(0), AgentInput{Kind: AgentReach}, nil)
	return a
}

func TestOnlyTheLastMissOfTheLimitTakesTheAgentOut(t *testing.T) {
	policy := &Rona{NoAnswer: Miss{Limit: 3, Return: 5 * time.Minute}}
	a := readyAgent()
	miss(a, 1*time.Second, policy, NoAnswer)
	miss(a, 2*time.Second, policy, NoAnswer)
	require.Equal(t, AgentReady, a.state)
	miss(a, 3*time.Second, policy, NoAnswer)
	require.Equal(t, AgentNotReady, a.state)
	require.Equal(t, "no-answer", a.shown)
	require.Equal(t, 3*time.Second+5*time.Minute, a.Deadline(), "and comes back by itself")
	a.Step(at(a.Deadline()), AgentInput{Kind: AgentDeadline}, nil)
	require.Equal(t, AgentReady, a.state)
	// Nobody has said anything: one more is enough.
	miss(a, time.Hour, policy, NoAnswer)
	require.Equal(t, AgentNotReady, a.state)
}

func TestEachKindOfMissHasItsOwnTreatment(t *testing.T) {
	policy := &Rona{NoAnswer: Miss{Limit: 2}, Rejected: Miss{Limit: 1}, Busy: Miss{Delay: 10 * time.Second}, Unreachable: Miss{}}
	a := readyAgent()
	miss(a, time.Second, policy, Unreachable)
	require.Equal(t, AgentReady, a.state, "counts for nothing here")
	miss(a, time.Second, policy, Busy)
	require.Equal(t, "busy", a.shown)
	require.Equal(t, 11*time.Second, a.Deadline())
	a.Step(at(11*time.Second), AgentInput{Kind: AgentDeadline}, nil)
	require.Equal(t, AgentReady, a.state)
	require.Zero(t, a.Misses())
	miss(a, 12*time.Second, policy, NoAnswer)
	require.Equal(t, AgentReady, a.state)
	miss(a, 13*time.Second, policy, Rejected)
	require.Equal(t, "rejected", a.shown)
	require.Zero(t, a.Deadline(), "until the agent says so")
}

func TestWhatEndsTheCountOfMisses(t *testing.T) {
	for _, keep := range []bool{false, true} {
		policy := &Rona{NoAnswer: Miss{Limit: 2}, KeepCount: keep}
		a := readyAgent()
		miss(a, time.Second, policy, NoAnswer)
		a.Step(at(2*time.Second), AgentInput{Kind: AgentWish, Wish: WishReady}, nil)
		require.Equal(t, keep, a.Misses() == 1)
		miss(a, 3*time.Second, policy, NoAnswer)
		require.Equal(t, keep, a.state == AgentNotReady)

		b := readyAgent()
		miss(b, time.Second, policy, NoAnswer)
		b.Step(at(2*time.Second), AgentInput{Kind: AgentPhase, Phase: PhaseTalking, Call: "call"}, nil)
		require.Zero(t, b.Misses(), "an answered call always does")
	}
}

func TestAMissDoesNotTakeABreakAwayThatTheAgentWished(t *testing.T) {
	a := readyAgent()
	a.Step(at(1), AgentInput{Kind: AgentPhase, Phase: PhaseRinging, Call: "call"}, nil)
	a.Step(at(2), AgentInput{Kind: AgentWish, Wish: WishNotReady, Reason: "lunch"}, nil)
	a.Step(at(3), AgentInput{Kind: AgentPhase, Phase: PhaseFree, Call: "call", Cause: Busy}, nil)
	require.Equal(t, "lunch", a.shown)
	require.Zero(t, a.Deadline())
	// And a break that happens to be called as a penalty is the agent's own.
	a.Step(at(4), AgentInput{Kind: AgentWish, Wish: WishNotReady, Reason: "busy"}, nil)
	a.Step(at(5), AgentInput{Kind: AgentLose}, nil)
	a.Step(at(6), AgentInput{Kind: AgentReach}, nil)
	require.Equal(t, AgentNotReady, a.state)
}
