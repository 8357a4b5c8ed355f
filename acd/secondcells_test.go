package acd

import (
	"fmt"
	"strings"
	"testing"
)

// with adds to a talk.
func with(more ...CallInput) []CallInput { return append(talk[:len(talk):len(talk)], more...) }

var (
	consults   = CallInput{Kind: InputConsult, Target: wang}
	onLine     = CallInput{Kind: InputConsult, Target: wang, Line: true}
	secondIs   = CallInput{Kind: InputAgentAnswer, Party: SecondParty}
	merged     = CallInput{Kind: InputMerge}
	watches    = CallInput{Kind: InputWatch, Seat: boss, Mode: Listen, By: "8009"}
	watchesNow = CallInput{Kind: InputWatch, Seat: boss, Mode: Listen, By: "8009", Line: true}
)

// stages are the ways a call can have a second party.
var stages = []struct {
	name    string
	history []CallInput
}{
	{"none", talk},
	{"called", with(consults)},
	{"called on a line", with(onLine)},
	{"joined", with(consults, secondIs)},
	{"joined on a line", with(CallInput{Kind: InputHold, Party: AgentParty}, onLine, secondIs)},
	{"conference", with(consults, secondIs, merged)},
	{"conference on a line", with(onLine, secondIs, merged)},
}

func TestSecondPartyDoesInEachStageWhatTheTableSays(t *testing.T) {
	second := func(k InputKind) CallInput {
		return CallInput{Kind: k, Party: SecondParty, Cause: map[bool]Cause{true: Busy}[k == InputAgentFail]}
	}
	inputs := []CallInput{exampleInput(InputConsult), onLine, second(InputAgentRinging), second(InputAgentAnswer), second(InputAgentFail),
		second(InputAgentOver), second(InputHold), second(InputMediaTimeout), {Kind: InputAgentOver, Party: LineParty}, {Kind: InputHold, Party: LineParty},
		{Kind: InputComplete}, {Kind: InputMerge}, {Kind: InputAbort}, {Kind: InputDeadline}, {Kind: InputTransfer, Target: shop},
		{Kind: InputAgentOver, Party: AgentParty}, {Kind: InputCallerOver}, {Kind: InputHold, Party: AgentParty}, {Kind: InputHold, Party: CallerParty}}
	var b strings.Builder
	for _, s := range stages {
		for _, in := range inputs {
			writeCell(&b, s.name, callBy(s.history, examplePlan()), in, func(c *Call) string {
				return fmt.Sprintf("%s, %s with %s", c.Stage(), c.State(), c.Seat().Who())
			})
		}
	}
	checkTable(t, "testdata/second.txt", b.String())
}

func TestSupervisorDoesInEachStateWhatTheTableSays(t *testing.T) {
	super := func(k InputKind) CallInput { return CallInput{Kind: k, Party: SupervisorParty} }
	inputs := []CallInput{watches, watchesNow, super(InputAgentRinging), super(InputAgentAnswer), super(InputAgentFail), super(InputAgentOver),
		super(InputHold), super(InputMediaTimeout), {Kind: InputMode, Mode: Barge, By: "8009"}, {Kind: InputMode, Mode: Listen}, {Kind: InputTakeOver, By: "8009"},
		{Kind: InputUnwatch}, {Kind: InputDeadline}, {Kind: InputCallerOver}, {Kind: InputAgentOver, Party: AgentParty}, {Kind: InputTransfer, Target: wang}}
	var b strings.Builder
	for _, s := range []struct {
		name    string
		history []CallInput
	}{
		{"alone", talk}, {"waiting", way[Waiting]}, {"rung", with(watches)}, {"listening", with(watchesNow)},
		{"listening to three", with(consults, secondIs, merged, watchesNow)},
	} {
		for _, in := range inputs {
			writeCell(&b, s.name, callBy(s.history, examplePlan()), in, func(c *Call) string {
				seat, mode := c.Watcher()
				return strings.TrimSpace(fmt.Sprintf("%s with %s, supervisor %s %s", c.State(), c.Seat().Who(), seat.Who(), mode))
			})
		}
	}
	checkTable(t, "testdata/supervisor.txt", b.String())
}

// Who hears whom, in every constellation, in one table.
func TestWhoHearsWhom(t *testing.T) {
	hold := func(p Party) CallInput { return CallInput{Kind: InputHold, Party: p} }
	barge, whisper := CallInput{Kind: InputMode, Mode: Barge}, CallInput{Kind: InputMode, Mode: Whisper}
	var b strings.Builder
	for _, s := range []struct {
		name    string
		history []CallInput
	}{
		{"talk", talk}, {"agent holds", with(hold(AgentParty))}, {"caller holds", with(hold(CallerParty))},
		{"both hold", with(hold(CallerParty), hold(AgentParty))},
		{"second called", with(consults)}, {"second called on a line", with(hold(AgentParty), onLine)},
		{"consultation", with(consults, secondIs)}, {"consultation on a line", with(hold(AgentParty), onLine, secondIs)},
		{"consultation, agent goes back to the caller", with(onLine, secondIs, hold(LineParty))},
		{"consultation, second party holds", with(consults, secondIs, hold(SecondParty))},
		{"conference", with(consults, secondIs, merged)}, {"conference on two lines", with(onLine, secondIs, merged)},
		{"conference, agent holds", with(consults, secondIs, merged, hold(AgentParty))},
		{"listen", with(watchesNow)}, {"whisper", with(watchesNow, whisper)}, {"barge", with(watchesNow, barge)},
		{"listen, agent holds", with(watchesNow, hold(AgentParty))}, {"whisper in a conference", with(consults, secondIs, merged, watchesNow, whisper)},
		{"barge in a consultation", with(consults, secondIs, watchesNow, barge)},
		{"handing", way[Handing]}, {"dialling", way[Dialling]}, {"dialling from a phone that was rung", append(way[Summoning][:1:1], CallInput{Kind: InputAgentAnswer})},
	} {
		fmt.Fprintf(&b, "%s\n", s.name)
		for _, h := range callBy(s.history, examplePlan()).Hearing() {
			fmt.Fprintf(&b, "    %s hears ", h.Party)
			switch {
			case len(h.From) > 0:
				for i, p := range h.From {
					if i > 0 {
						b.WriteString(", ")
					}
					b.WriteString(string(p))
				}
			default:
				b.WriteString([]string{"nothing", "music", "ringback"}[h.Play])
			}
			b.WriteByte('\n')
		}
	}
	checkTable(t, "testdata/hearing.txt", b.String())
}
