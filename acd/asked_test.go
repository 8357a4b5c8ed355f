package acd

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// returns is the queue that is consulted.
func returns() CallPlan {
	return CallPlan{Queue: "returns", Version: "v1", RingTimeout: 15 * time.Second, WrapUp: 20 * time.Second, MaxWait: time.Minute}
}

var (
	offered  = CallInput{Kind: InputOffer, Party: SecondParty, Seat: wang, Decision: &Decision{}}
	declined = CallInput{Kind: InputAgentFail, Party: SecondParty, Cause: Busy}
)

// asking is a talk whose agent consults a queue, and what followed.
func asking(line bool, more ...CallInput) *Call {
	c := callBy(talk, examplePlan())
	c.ConsultQueue(at(3*time.Second), returns(), line, nil)
	for i, in := range more {
		c.Step(at(time.Duration(4+i)*time.Second), in, nil)
	}
	return c
}

func TestAnAgentWhoConsultsAQueueDoesInEachStageWhatTheTableSays(t *testing.T) {
	inputs := []CallInput{offered, declined, {Kind: InputAgentRinging, Party: SecondParty}, secondIs, {Kind: InputAgentOver, Party: SecondParty},
		{Kind: InputFull, Party: SecondParty}, consults, {Kind: InputAgentOver, Party: LineParty}, {Kind: InputComplete}, {Kind: InputMerge}, {Kind: InputAbort},
		{Kind: InputDeadline}, {Kind: InputTransfer, Target: shop}, {Kind: InputAgentOver, Party: AgentParty}, {Kind: InputCallerOver}}
	var b strings.Builder
	for _, s := range []struct {
		name    string
		line    bool
		history []CallInput
	}{
		{"waiting", false, nil}, {"waiting on a line", true, nil}, {"offered", false, []CallInput{offered}}, {"offered on a line", true, []CallInput{offered}},
		{"declined on a line", true, []CallInput{offered, declined}}, {"joined on a line", true, []CallInput{offered, secondIs}},
	} {
		for _, in := range inputs {
			writeCell(&b, s.name, asking(s.line, s.history...), in, func(c *Call) string {
				return fmt.Sprintf("%s, %s with %s for %s", c.Stage(), c.State(), c.Seat().Who(), c.Plan.Queue)
			})
		}
	}
	checkTable(t, "testdata/asked.txt", b.String())
}

func TestWhoHearsWhomWhileAQueueIsConsulted(t *testing.T) {
	hears := func(c *Call) (out []string) {
		for _, h := range c.Hearing() {
			out = append(out, fmt.Sprintf("%s %v %d", h.Party, h.From, h.Play))
		}
		return out
	}
	music := fmt.Sprint([]string{}, " ", Music)
	require.Equal(t, []string{"caller " + music, "agent " + music}, hears(asking(false)))
	require.Equal(t, []string{"caller " + music, "agent " + music}, hears(asking(false, offered)), "no ringback: it has waited with music")
	require.Equal(t, []string{"caller [agent] 0", "agent [caller] 0", "line " + music}, hears(asking(true)), "until the agent's phone holds the caller")
	require.Equal(t, []string{"caller " + music, "agent [second] 0", "second [agent] 0"}, hears(asking(false, offered, secondIs)))
}

func TestTheAgentWhoHasConsultedAQueueIsDoneByTheTermsOnWhichItServed(t *testing.T) {
	for name, more := range map[string][]CallInput{"before the answer": nil, "after it": {offered, secondIs}} {
		c := asking(true, more...)
		was := c.Plan
		out := c.Step(at(time.Minute), CallInput{Kind: InputComplete}, nil)
		require.Equal(t, "returns", c.Plan.Queue, name)
		require.True(t, c.Plan.Record, "the recording goes on")
		freed := 0
		for _, a := range out {
			if a.Do == DoAgent && a.Phase == PhaseFree {
				freed++
				require.Equal(t, li, a.Seat)
				require.Equal(t, was, *a.Plan)
				require.Equal(t, was.WrapUp, a.WrapUp)
			}
		}
		require.Equal(t, 1, freed, name)
	}
}

func TestAConsultationThatWaitsEndsInTimeThoughPhonesAreRung(t *testing.T) {
	c := asking(true, offered) // until 1:03
	require.Equal(t, 19*time.Second, c.Deadline())
	c.Step(at(19*time.Second), CallInput{Kind: InputDeadline}, nil)
	require.Equal(t, SecondWaits, c.Stage())
	require.Equal(t, 63*time.Second, c.Deadline())
	c.Step(at(62*time.Second), offered, nil)
	require.Equal(t, 77*time.Second, c.Deadline(), "a phone that rings is not cut off")
	c.Step(at(77*time.Second), CallInput{Kind: InputDeadline}, nil)
	require.Equal(t, NoSecond, c.Stage())
	require.Equal(t, Talking, c.State())
}

func TestAPhoneThatCallsForWhatRingsElsewhereHasItAndNobodyHasMissedIt(t *testing.T) {
	c := callIn(t, Ringing, examplePlan())
	out := c.Step(at(5*time.Second), CallInput{Kind: InputPull, Target: boss, Line: true, By: "8009"}, nil)
	require.Equal(t, Talking, c.State())
	require.Equal(t, boss, c.Seat())
	var done []string
	for _, a := range out {
		done = append(done, describe(a))
	}
	require.Equal(t, []string{"cancel-ring seat=8001 party=agent cause=pulled", "note call.declined", "decline seat=8001 cause=pulled",
		"agent seat=8001 phase=free cause=pulled", "abandon", "note call.left", "move party=supervisor to=agent", "pick-up party=agent",
		"refer status=200", "connect seat=8009", "record seat=8009", "note call.connected", "agent seat=8009 phase=talking"}, done)
	_, miss := DefaultRona.of(Pulled)
	require.False(t, miss)
	c = callIn(t, Ringing, examplePlan())
	c.Step(at(5*time.Second), CallInput{Kind: InputPull, Target: boss}, nil)
	require.Equal(t, Ringing, c.State(), "whose phone would have to be rung waits its turn")
	require.Equal(t, 1, c.Unexpected())
}
