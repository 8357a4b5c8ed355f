package acd

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// again is the agent after a crash of a minute.
func again(t *testing.T, a *Agent, now Instant, after *AfterCall) (*Agent, Instant) {
	text, err := json.Marshal(a.Memo(now))
	require.NoError(t, err)
	var m AgentMemo
	require.NoError(t, json.Unmarshal(text, &m))
	later := Instant{Mono: time.Second, Wall: now.Wall.Add(time.Minute)} // another run's clock
	b := NewAgent(a.ID, a.Fixed, a.ReadyOnRegister, later)
	b.Restore(later, m, after)
	b.Step(later, AgentInput{Kind: AgentStart}, nil)
	return b, later
}

func TestAnAgentsWishOutlastsTheSwitch(t *testing.T) {
	for _, c := range []struct {
		wish   AgentInput
		state  AgentState
		reason string
	}{
		{AgentInput{Kind: AgentWish, Wish: WishReady}, AgentReady, ""},
		{AgentInput{Kind: AgentWish, Wish: WishNotReady, Reason: "lunch"}, AgentNotReady, "lunch"},
		{AgentInput{Kind: AgentWish, Wish: WishOffline}, AgentOffline, ""},
	} {
		for _, fixed := range []bool{false, true} {
			a := NewAgent("8001", fixed, true, at(0))
			a.Step(at(0), AgentInput{Kind: AgentStart}, nil)
			a.Step(at(0), AgentInput{Kind: AgentReach}, nil)
			a.Step(at(1), c.wish, nil)
			b, now := again(t, a, at(time.Hour), nil)
			b.Step(now, AgentInput{Kind: AgentReach}, nil) // the phone finds us again: it did not start anew
			require.Equal(t, c.state, b.state)
			require.Equal(t, c.reason, b.shown)
		}
	}
}

func TestABreakThatTheSwitchImposedGoesOnAndEndsInTime(t *testing.T) {
	a := readyAgent()
	miss(a, time.Second, &Rona{NoAnswer: Miss{Limit: 1, Return: 5 * time.Minute}}, NoAnswer)
	b, now := again(t, a, at(2*time.Minute), nil)
	b.Step(now, AgentInput{Kind: AgentReach}, nil)
	require.Equal(t, AgentNotReady, b.state)
	require.Equal(t, now.Mono+2*time.Minute+time.Second, b.Deadline())
	require.Equal(t, 1, b.Misses())
}

func TestADispositionIsStillOwedAfterACrash(t *testing.T) {
	after := courierCodes(WrapUpEarly, true)
	a := wrapping(after)
	a.wrapUntil = 5 * time.Minute
	b, now := again(t, a, at(2*time.Minute), after)
	b.Step(now, AgentInput{Kind: AgentReach}, nil)
	require.Equal(t, AgentWrapUp, b.state)
	require.True(t, b.Owes())
	require.NoError(t, b.MayFile("call", "01"))
	filed := notes(b.Step(at(b.Deadline()), AgentInput{Kind: AgentDeadline}, nil), CallFiled)
	require.Len(t, filed, 1)
	require.Equal(t, "call", filed[0].Call)
	require.Equal(t, AgentReady, b.state)

	late, _ := again(t, a, at(10*time.Minute), after)
	require.LessOrEqual(t, late.Deadline(), time.Second+1, "its time is over: it ends at once")
}
