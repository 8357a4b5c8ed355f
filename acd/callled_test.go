package acd

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func told(out []CallAction) []string {
	var names []string
	for _, a := range out {
		names = append(names, describe(a))
	}
	return names
}

func TestACallerWhomAMenuHasWaitsWhereItChooses(t *testing.T) {
	plan := examplePlan()
	plan.Led, plan.Queue = InMenu, ""
	c := NewCall("call", "138", "400", "telecom", plan)
	require.Equal(t, []string{"note call.arrived", "answer", "note call.answered", "hear", "lead cause=menu"},
		told(c.Step(at(0), CallInput{Kind: InputArrive}, nil)))
	require.Equal(t, Led, c.State())
	out := c.Route(at(10*time.Second), InMenu, examplePlan(), nil)
	require.Equal(t, []string{"hear", "music", "note call.queued", "enter"}, told(out))
	require.Equal(t, Waiting, c.State())
	out = c.Step(at(15*time.Second), CallInput{Kind: InputCallerOver}, nil)
	cdr := record(t, out)
	require.Equal(t, 5.0, cdr.Waited, "the menu is no wait")
	require.Equal(t, 15.0, cdr.Duration)
	require.Equal(t, "parcels", cdr.Queue)
	require.Equal(t, "abandoned", cdr.Cause)
}

func TestACallerWhoHangsUpInAMenuHasAbandonedAndOneWhoWasToldHasNot(t *testing.T) {
	for why, want := range map[Cause]string{InMenu: "abandoned", Closed: "closed", NoAgents: "no-agents"} {
		plan := examplePlan()
		plan.Led = why
		c := NewCall("call", "138", "400", "telecom", plan)
		c.Step(at(0), CallInput{Kind: InputArrive}, nil)
		cdr := record(t, c.Step(at(time.Second), CallInput{Kind: InputCallerOver}, nil))
		require.Equal(t, want, cdr.Cause)
		require.Nil(t, cdr.Queued, "it was in no queue")
	}
}

func TestAFullQueueAndAWaitThatIsOverAskWhereTheCallGoes(t *testing.T) {
	plan := examplePlan()
	plan.ExitFull, plan.ExitExpired = true, true
	c := callBy(way[Waiting], plan)
	require.Equal(t, []string{"note call.left", "exit cause=queue-full"}, told(c.Step(at(2*time.Second), CallInput{Kind: InputFull}, nil)))
	out := c.Step(at(2*time.Second), CallInput{Kind: InputGuide, Cause: QueueFull}, nil)
	require.Equal(t, []string{"hear", "lead cause=queue-full"}, told(out), "it has left the queue already")

	d := callBy(way[Waiting], plan)
	require.Equal(t, []string{"abandon", "note call.left", "exit cause=max-wait"}, told(d.Step(at(d.Deadline()), CallInput{Kind: InputDeadline}, nil)))
	other := examplePlan()
	other.Queue = "general"
	require.Equal(t, []string{"hear", "music", "note call.queued", "enter"}, told(d.Route(at(6*time.Minute), MaxWait, other, nil)))
}

func TestWhoEscapesToANumberThatIsNotToBeHadWaitsAgainAndWhoWasLedIsLetGo(t *testing.T) {
	for _, escaped := range []bool{true, false} {
		s, why := Led, Closed
		if escaped {
			s, why = Waiting, Escaped
		}
		c := callIn(t, s, examplePlan())
		c.Step(at(5*time.Second), CallInput{Kind: InputSend, Target: shop, Cause: why}, nil)
		require.Equal(t, Handing, c.State())
		c.Step(at(9*time.Second), CallInput{Kind: InputAgentFail, Cause: Busy, Status: 486}, nil)
		require.Equal(t, escaped, c.State() == Waiting)
	}
}

func TestNobodyIsLedForEver(t *testing.T) {
	c := callIn(t, Led, examplePlan())
	require.NotZero(t, c.Deadline())
	c.Step(at(c.Deadline()), CallInput{Kind: InputDeadline}, nil)
	require.Equal(t, Ending, c.State())
	require.Zero(t, c.Deadline())
}

func TestTheRecordingOfACallerWhoWaitsAgainEndsWithTheCall(t *testing.T) {
	c := callIn(t, Talking, examplePlan())
	c.ToQueue(at(time.Minute), examplePlan(), "8001", nil)
	require.Equal(t, Waiting, c.State())
	out := c.Step(at(2*time.Minute), CallInput{Kind: InputCallerOver}, nil)
	require.Contains(t, told(out), "stop-record cause=abandoned")
	require.Equal(t, "call", record(t, out).Recording)
}
