package acd

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var rewrite = flag.Bool("rewrite", false, "write the tables under testdata anew; read the difference before keeping it")

var epoch = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

func at(d time.Duration) Instant { return Instant{Mono: d, Wall: epoch.Add(d)} }

func examplePlan() CallPlan {
	return CallPlan{Client: "courier", Queue: "parcels", Strategy: "longest-idle", Version: "v1", AnswerFirst: true,
		RingTimeout: 15 * time.Second, WrapUp: 10 * time.Second, MaxWait: 5 * time.Minute, Record: true}
}

var li = Seat{Agent: "8001", Site: "chengdu"}

// callIn brings a call into a state by the shortest way.
func callIn(t *testing.T, s CallState, plan CallPlan) *Call {
	t.Helper()
	c := NewCall("call", "13800000000", "4008001234", "telecom", plan)
	way := map[CallState][]CallInput{
		Arriving: {},
		Waiting:  {{Kind: InputArrive}},
		Ringing:  {{Kind: InputArrive}, {Kind: InputOffer, Seat: li, Decision: &Decision{}}},
		Talking:  {{Kind: InputArrive}, {Kind: InputOffer, Seat: li, Decision: &Decision{}}, {Kind: InputAgentAnswer}},
		Ending:   {{Kind: InputArrive}, {Kind: InputRelease, Cause: Supervisor}},
		Over:     {{Kind: InputArrive}, {Kind: InputCallerOver}},
	}
	for i, in := range way[s] {
		c.Step(at(time.Duration(i)*time.Second), in, nil)
	}
	require.Equal(t, s, c.State())
	return c
}

// exampleInput is each kind of input with what its kind needs.
func exampleInput(k InputKind) CallInput {
	in := CallInput{Kind: k}
	switch k {
	case InputOffer:
		in.Seat, in.Decision = li, &Decision{}
	case InputAgentFail:
		in.Cause = Busy
	case InputAgentOver:
		in.Current = true
	case InputHold, InputResume:
		in.Party = CallerParty
	case InputMediaTimeout:
		in.Party = AgentParty
	case InputRelease:
		in.Cause = Supervisor
	}
	return in
}

func describe(a CallAction) string {
	var b strings.Builder
	b.WriteString(a.Do.String())
	add := func(name string, v any, zero bool) {
		if !zero {
			fmt.Fprintf(&b, " %s=%v", name, v)
		}
	}
	if a.Note != nil {
		return fmt.Sprintf("note %s", a.Note.Kind)
	}
	add("seat", a.Seat.Agent, a.Seat.Agent == "")
	add("phase", a.Phase, a.Do != DoAgent)
	add("party", a.Party, a.Party == "")
	add("cause", a.Cause, a.Cause == "")
	add("q850", a.Q850, a.Q850 == 0)
	add("status", a.Status, a.Status == 0)
	add("wrap-up", a.WrapUp, a.WrapUp == 0)
	add("queue", a.Queue, a.Queue == "")
	if a.CDR != nil {
		add("cause", a.CDR.Cause, false)
	}
	return b.String()
}

func TestCallDoesInEachStateWhatTheTableSays(t *testing.T) {
	var b strings.Builder
	for s := Arriving; s <= Over; s++ {
		for k := InputArrive; k <= InputDeadline; k++ {
			c := callIn(t, s, examplePlan())
			now := at(20 * time.Second)
			if k == InputDeadline && c.Deadline() != 0 {
				now = at(c.Deadline())
			}
			out := c.Step(now, exampleInput(k), nil)
			fmt.Fprintf(&b, "%s + %s -> %s", s, k, c.State())
			if c.Unexpected() > 0 {
				b.WriteString(" (unexpected)")
			}
			b.WriteByte('\n')
			for _, a := range out {
				fmt.Fprintf(&b, "    %s\n", describe(a))
			}
		}
	}
	checkTable(t, "testdata/call.txt", b.String())
}

func checkTable(t *testing.T, name, got string) {
	t.Helper()
	if *rewrite {
		require.NoError(t, os.WriteFile(name, []byte(got), 0o644))
	}
	want, err := os.ReadFile(name)
	require.NoError(t, err)
	require.Equal(t, string(want), got)
}
