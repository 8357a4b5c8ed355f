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
		RingTimeout: 15 * time.Second, DialTimeout: 45 * time.Second, Direction: DirectionIn, WrapUp: 10 * time.Second, MaxWait: 5 * time.Minute, Record: true}
}

var (
	li   = Seat{Agent: "8001", Site: "chengdu"}
	wang = Seat{Agent: "8002", Site: "chengdu"}
	boss = Seat{Agent: "8009", Site: "chengdu"}
	shop = Seat{Number: "0755123"}
)

var talk = []CallInput{{Kind: InputArrive}, {Kind: InputOffer, Seat: li, Decision: &Decision{}}, {Kind: InputAgentAnswer}}

// way is the shortest one into a state.
var way = map[CallState][]CallInput{
	Arriving:  {},
	Waiting:   {{Kind: InputArrive}},
	Ringing:   {{Kind: InputArrive}, {Kind: InputOffer, Seat: li, Decision: &Decision{}}},
	Talking:   talk,
	Summoning: {{Kind: InputDial, Seat: li, Target: shop}},
	Dialling:  {{Kind: InputDial, Seat: li, Target: shop, Line: true}},
	Handing:   append(talk[:3:3], CallInput{Kind: InputTransfer, Target: wang}),
	Led:       {{Kind: InputArrive}, {Kind: InputGuide, Cause: Closed}},
	Ending:    {{Kind: InputArrive}, {Kind: InputRelease, Cause: Supervisor}},
	Over:      {{Kind: InputArrive}, {Kind: InputCallerOver}},
}

// callIn brings a call into a state by the shortest way.
func callIn(t *testing.T, s CallState, plan CallPlan) *Call {
	t.Helper()
	c := callBy(way[s], plan)
	require.Equal(t, s, c.State())
	return c
}

// callBy is a call with a history, a second between any two inputs.
func callBy(history []CallInput, plan CallPlan) *Call {
	c := NewCall("call", "13800000000", "4008001234", "telecom", plan)
	for i, in := range history {
		c.Step(at(time.Duration(i)*time.Second), in, nil)
	}
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
		in.Party = AgentParty
	case InputHold, InputResume:
		in.Party = CallerParty
	case InputMediaTimeout:
		in.Party = AgentParty
	case InputRelease:
		in.Cause = Supervisor
	case InputDial:
		in.Seat, in.Target, in.Line = li, shop, true
	case InputCalleeRinging:
		in.Status = 180
	case InputConsult, InputTransfer, InputPull:
		in.Target, in.By = wang, "8001"
	case InputWatch:
		in.Seat, in.Mode, in.By = boss, Listen, "8009"
	case InputSend:
		in.Target, in.Cause = shop, Escaped
	case InputGuide, InputDismiss:
		in.Cause = Closed
	case InputMode:
		in.Mode, in.By = Barge, "8009"
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
	add("seat", a.Seat.Who(), a.Seat.Who() == "")
	add("phase", a.Phase, a.Do != DoAgent)
	add("party", a.Party, a.Party == "")
	add("to", a.To, a.To == "")
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
		for k := InputArrive; k <= InputDismiss; k++ {
			writeCell(&b, s.String(), callIn(t, s, examplePlan()), exampleInput(k), func(c *Call) string { return c.State().String() })
		}
	}
	checkTable(t, "testdata/call.txt", b.String())
}

// writeCell writes what one input does to a call.
func writeCell(b *strings.Builder, from string, c *Call, in CallInput, state func(*Call) string) {
	now := at(20 * time.Second)
	if in.Kind == InputDeadline && c.Deadline() != 0 {
		now = at(c.Deadline())
	}
	before := c.Unexpected()
	out := c.Step(now, in, nil)
	what := in.Kind.String()
	if in.Party == LineParty || in.Party == SecondParty || in.Party == SupervisorParty || in.Party == FromParty {
		what += " of " + string(in.Party)
	}
	fmt.Fprintf(b, "%s + %s -> %s", from, what, state(c))
	if c.Unexpected() > before {
		b.WriteString(" (unexpected)")
	}
	b.WriteByte('\n')
	for _, a := range out {
		fmt.Fprintf(b, "    %s\n", describe(a))
	}
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
