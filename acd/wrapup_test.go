package acd

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func courierCodes(mode WrapUpMode, required bool) *AfterCall {
	return &AfterCall{Mode: mode, Required: required, Default: "99",
		Codes: []Disposition{{Code: "01", Name: "Delivered"}, {Code: "99", Name: "Not filed"}}}
}

// wrapping is an agent whose call has just ended, ten seconds of after-call
// work before it.
func wrapping(after *AfterCall) *Agent {
	a := NewAgent("8001", false, true, at(0))
	for _, in := range []AgentInput{{Kind: AgentReach},
		{Kind: AgentPhase, Phase: PhaseReserved, Call: "call"},
		{Kind: AgentPhase, Phase: PhaseTalking, Call: "call", Client: "courier", Queue: "parcels", After: after},
		{Kind: AgentPhase, Phase: PhaseFree, Call: "call", WrapUp: 10 * time.Second, After: after}} {
		a.Step(at(time.Second), in, nil)
	}
	return a
}

func notes(out []AgentAction, kind Kind) []Event {
	var got []Event
	for _, d := range out {
		if d.Do == AgentNote && d.Note.Kind == kind {
			got = append(got, *d.Note)
		}
	}
	return got
}

func TestAfterCallWorkEndsAsItsQueueSays(t *testing.T) {
	for _, c := range []struct {
		name  string
		after *AfterCall
		early bool       // the agent may end it
		late  AgentState // what its time ends in
	}{
		{"up to its time", nil, true, AgentReady},
		{"up to its time, by name", &AfterCall{Mode: WrapUpEarly}, true, AgentReady},
		{"fixed", &AfterCall{Mode: WrapUpFixed}, false, AgentReady},
		{"the agent alone, and what is forgotten is a break", &AfterCall{Mode: WrapUpAgent}, true, AgentNotReady},
	} {
		a := wrapping(c.after)
		require.Equal(t, AgentWrapUp, a.state, c.name)
		require.Equal(t, c.early, a.MayEndWrapUp() == nil, c.name)
		a.Step(at(2*time.Second), AgentInput{Kind: AgentEndWrapUp}, nil)
		require.Equal(t, c.early, a.state == AgentReady, c.name)

		b := wrapping(c.after)
		b.Step(at(11*time.Second), AgentInput{Kind: AgentDeadline}, nil)
		require.Equal(t, c.late, b.state, c.name)
	}
}

func TestAfterCallWorkIsNotEndedBeforeTheCallIsFiledThatMustBe(t *testing.T) {
	a := wrapping(courierCodes(WrapUpEarly, true))
	require.True(t, a.Owes())
	a.Step(at(2*time.Second), AgentInput{Kind: AgentEndWrapUp}, nil)
	require.Equal(t, AgentWrapUp, a.state)
	out := a.Step(at(3*time.Second), AgentInput{Kind: AgentFile, Cause: "feature-code", File: Disposition{Code: "01", Note: "at the door"}}, nil)
	filed := notes(out, CallFiled)
	require.Len(t, filed, 1)
	require.Equal(t, Event{Kind: CallFiled, Agent: "8001", Call: "call", Client: "courier", Queue: "parcels", Reason: "01",
		Cause: "feature-code", Disposition: &Disposition{Code: "01", Name: "Delivered", Note: "at the door"}}, filed[0])
	require.False(t, a.Owes())
	a.Step(at(4*time.Second), AgentInput{Kind: AgentEndWrapUp}, nil)
	require.Equal(t, AgentReady, a.state)
}

func TestADispositionThatIsOwedFallsToTheDefaultInTime(t *testing.T) {
	a := wrapping(courierCodes(WrapUpFixed, true))
	filed := notes(a.Step(at(11*time.Second), AgentInput{Kind: AgentDeadline}, nil), CallFiled)
	require.Len(t, filed, 1)
	require.Equal(t, "99", filed[0].Reason)
	require.Equal(t, "default", filed[0].Cause)
	require.Equal(t, AgentReady, a.state)

	// Without after-call work there is no time to give it.
	b := NewAgent("8001", false, true, at(0))
	b.Step(at(0), AgentInput{Kind: AgentReach}, nil)
	b.Step(at(1), AgentInput{Kind: AgentPhase, Phase: PhaseTalking, Call: "call", After: courierCodes(WrapUpEarly, true)}, nil)
	require.Len(t, notes(b.Step(at(2), AgentInput{Kind: AgentPhase, Phase: PhaseFree, Call: "call"}, nil), CallFiled), 1)
	require.Equal(t, AgentReady, b.state)
}

func TestACallFiledWhileItRunsOwesNothing(t *testing.T) {
	after := courierCodes(WrapUpEarly, true)
	a := NewAgent("8001", false, true, at(0))
	a.Step(at(0), AgentInput{Kind: AgentReach}, nil)
	a.Step(at(1), AgentInput{Kind: AgentPhase, Phase: PhaseTalking, Call: "call", After: after}, nil)
	a.Step(at(2), AgentInput{Kind: AgentFile, File: Disposition{Code: "01"}}, nil)
	a.Step(at(3), AgentInput{Kind: AgentPhase, Phase: PhaseHeld, Call: "call", After: after}, nil)
	a.Step(at(4), AgentInput{Kind: AgentPhase, Phase: PhaseFree, Call: "call", WrapUp: time.Second, After: after}, nil)
	require.Equal(t, AgentWrapUp, a.state)
	require.False(t, a.Owes())
	require.Equal(t, "01", a.Filed())
}

func TestACallIsFiledUnderItsClientsCodesAlone(t *testing.T) {
	a := wrapping(courierCodes(WrapUpEarly, false))
	require.ErrorIs(t, a.MayFile("", "02"), ErrNoCode)
	require.NoError(t, a.MayFile("call", "01"))
	require.ErrorIs(t, a.MayFile("another", "01"), ErrNotNow)
	a.Step(at(time.Minute), AgentInput{Kind: AgentDeadline}, nil)
	// A call that only rings is not the agent's yet.
	a.Step(at(time.Minute), AgentInput{Kind: AgentPhase, Phase: PhaseRinging, Call: "next"}, nil)
	require.ErrorIs(t, a.MayFile("next", "01"), ErrNotNow)
	require.NoError(t, a.MayFile("", "01"), "the one before may still be filed")
	require.ErrorIs(t, NewAgent("8002", false, true, at(0)).MayFile("", "01"), ErrNotNow)
}
