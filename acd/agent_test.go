package acd

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestAWishDuringAnOfferTakesEffectAfterIt(t *testing.T) {
	a := agentIn(AgentRinging)
	a.Step(at(2*time.Second), AgentInput{Kind: AgentWish, Wish: WishNotReady, Reason: "lunch"}, nil)
	require.Equal(t, AgentRinging, a.state)
	a.Step(at(3*time.Second), AgentInput{Kind: AgentPhase, Phase: PhaseFree, Call: "call", Cause: CallerGone}, nil)
	require.Equal(t, AgentNotReady, a.state)
	require.Equal(t, "lunch", a.shown)
}

func TestRONATakesTheAgentOutUntilItComesBackItself(t *testing.T) {
	a := agentIn(AgentRinging)
	a.Step(at(20*time.Second), AgentInput{Kind: AgentPhase, Phase: PhaseFree, Call: "call", Cause: NoAnswer}, nil)
	require.Equal(t, AgentNotReady, a.state)
	require.Equal(t, "no-answer", a.shown)
	require.Zero(t, a.Deadline())
	a.Step(at(25*time.Second), AgentInput{Kind: AgentWish, Wish: WishReady}, nil)
	require.Equal(t, AgentReady, a.state)
}

func TestABusyPhoneIsTriedAgainByItself(t *testing.T) {
	a := agentIn(AgentRinging)
	a.Step(at(20*time.Second), AgentInput{Kind: AgentPhase, Phase: PhaseFree, Call: "call", Cause: Busy}, nil)
	require.Equal(t, AgentNotReady, a.state)
	require.Equal(t, 35*time.Second, a.Deadline())
	a.Step(at(35*time.Second), AgentInput{Kind: AgentDeadline}, nil)
	require.Equal(t, AgentReady, a.state)
}

func TestAgentIsNotFreeBeforeItsPhoneIs(t *testing.T) {
	a := agentIn(AgentReady)
	a.Step(at(2*time.Second), AgentInput{Kind: AgentLegOpen}, nil)
	a.Step(at(2*time.Second), AgentInput{Kind: AgentPhase, Phase: PhaseReserved, Call: "call"}, nil)
	out := a.Step(at(3*time.Second), AgentInput{Kind: AgentPhase, Phase: PhaseFree, Call: "call", Cause: CallerGone}, nil)
	require.Empty(t, offers(out), "its phone still rings")
	out = a.Step(at(4*time.Second), AgentInput{Kind: AgentLegOver}, nil)
	require.Equal(t, []AgentAction{{Do: AgentOffer}}, offers(out), "with the idle time it had")
}

func TestPhoneThatRegistersAnewLogsItsAgentInButEndsNoBreak(t *testing.T) {
	a := agentIn(AgentNotReady)
	a.Step(at(2*time.Second), AgentInput{Kind: AgentLose}, nil)
	require.Equal(t, AgentOffline, a.state)
	a.Step(at(3*time.Second), AgentInput{Kind: AgentReach}, nil)
	require.Equal(t, AgentNotReady, a.state)

	b := NewAgent("8002", false, true, at(0))
	b.Step(at(1), AgentInput{Kind: AgentReach}, nil)
	require.Equal(t, AgentReady, b.state)

	c := NewAgent("8003", false, false, at(0))
	c.Step(at(1), AgentInput{Kind: AgentReach}, nil)
	require.Equal(t, AgentOffline, c.state, "logs in by code or API")
}

func offers(out []AgentAction) []AgentAction {
	var got []AgentAction
	for _, a := range out {
		if a.Do != AgentNote {
			got = append(got, a)
		}
	}
	return got
}

// Whatever happens, the intervals of an agent's states lie end to end, the
// state is what derive says, and the queue may offer calls exactly while the
// agent is ready.
func TestAnyHistoryOfAnAgentAddsUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := NewAgent("8001", rapid.Bool().Draw(t, "fixed"), rapid.Bool().Draw(t, "ready on register"), at(0))
		inputs := exampleAgentInputs()
		now, noted, legs := time.Duration(0), time.Duration(0), 0
		inQueue := false
		for range rapid.IntRange(1, 80).Draw(t, "steps") {
			now += time.Duration(rapid.IntRange(0, 30000).Draw(t, "ms")) * time.Millisecond
			in := rapid.SampledFrom(inputs).Draw(t, "input")
			switch {
			case in.Kind == AgentLegOpen:
				legs++
			case in.Kind == AgentLegOver && legs == 0:
				continue
			case in.Kind == AgentLegOver:
				legs--
			case in.Kind == AgentPhase && in.Phase != PhaseFree && in.Phase != PhaseOutbound:
				inQueue = false // the queue gave the agent away
			}
			if in.Kind == AgentPhase && in.Phase == PhaseFree && (a.phase == PhaseFree || a.call == in.Call) {
				inQueue = false // the queue held it for the offer that ends
			}
			for _, d := range a.Step(at(now), in, nil) {
				switch d.Do {
				case AgentNote:
					noted += time.Duration(d.Note.Seconds * float64(time.Second)).Round(time.Millisecond)
				case AgentOffer:
					require.False(t, inQueue, "offered twice")
					inQueue = true
				case AgentWithold:
					inQueue = false
				}
			}
			s, _ := a.derive()
			require.Equal(t, s, a.state)
			require.Equal(t, a.state == AgentReady, a.offered)
			require.Equal(t, now, noted+(now-a.since.Mono), "intervals lie end to end")
			if a.state == AgentReady {
				require.True(t, a.reachable && a.wish == WishReady && a.phase == PhaseFree && a.legs == 0 && a.wrapUntil == 0)
			}
		}
	})
}
