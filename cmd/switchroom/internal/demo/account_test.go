package demo

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"switchroom/acd"
)

func tellAll(t *testing.T, terminal bool, events []acd.Event) (*account, string) {
	t.Helper()
	var out bytes.Buffer
	p := newPrinter(&out, terminal)
	p.began = time.Unix(1000, 0)
	a := newAccount(newCast(), p, func(context.Context, string) (decision, error) {
		return decision{}, errors.New("the call is over")
	})
	for i, e := range events {
		e.Time = p.began.Add(time.Duration(i) * time.Second)
		a.tell(t.Context(), e)
	}
	require.NoError(t, p.err)
	return a, out.String()
}

var story = []acd.Event{
	{Kind: acd.AgentChanged, Agent: "8003", Was: "offline", State: "ready"},
	{Kind: acd.CallArrived, Call: "c1", From: "13800010001", Number: parcelsNumber, Client: "courier", Trunk: "telecom"},
	{Kind: acd.CallQueued, Call: "c1", Queue: "parcels"},
	{Kind: acd.CallOffered, Call: "c1", Agent: "8003", Decision: &acd.Decision{Trigger: "arrival", Strategy: "longest-idle", Idle: 1.5, SkillSum: 5, Considered: 3, NotReady: 1, NoSite: 2}},
	{Kind: acd.CallDeclined, Call: "c1", Agent: "8003", Cause: "no-answer", Seconds: 3},
	{Kind: acd.AgentChanged, Agent: "8003", Was: "ringing", State: "not-ready", Reason: "no-answer"},
	{Kind: acd.CallOffered, Call: "c1", Agent: "8101", Decision: &acd.Decision{Ring: 1, Trigger: "ring-opened", Strategy: "longest-idle", Waited: 5, Considered: 4, NotReady: 3}},
	{Kind: acd.CallConnected, Call: "c1", Agent: "8101", Seconds: 5.8},
	{Kind: acd.CallArrived, Call: "c2", From: "13600050005", Number: parcelsNumber},
	{Kind: acd.CallLeft, Call: "c2", Cause: "abandoned"},
	{Kind: acd.CallEnded, Call: "c2", Cause: "abandoned"},
	{Kind: acd.CallEnded, Call: "c1", Cause: "caller-hangup"},
	{Kind: acd.RecordingSealed, Call: "c1", Seconds: 7},
}

func TestTheAccountTellsWhoWasOfferedWhatAndWhy(t *testing.T) {
	a, text := tellAll(t, false, story)
	for _, want := range []string{
		"Zhao Lei    phone 8003 registered from chengdu; ready",
		"Mr Sun      calls 4008001234 of courier, from 13800010001 by trunk telecom",
		"offered to Zhao Lei (8003, chengdu)",
		"because: on arrival, longest idle (1.5 s) of 2 free; ring 1 admits 3 agents, not 2 at other sites",
		"because: as the ring opened, the only one free; ring 2 admits 4 agents",
		"not answered by Zhao Lei (8003, chengdu) in 3.0 s: keeps the place in the queue",
		"Zhao Lei    made not ready: no-answer",
		"has waited 5.0 s: ring 2 is open to it",
		"talks to Zhang Min (8101, beijing) after 5.8 s",
		"left the queue without an agent: abandoned",
		"recorded: 7.0 s",
	} {
		require.Contains(t, text, want)
	}
	require.Equal(t, 1, a.rangOut)
	require.Equal(t, 1, a.opened)
	require.Equal(t, 1, a.abandoned)
	require.True(t, a.complete(2))
	require.False(t, a.complete(3))
	require.NoError(t, a.judge())
	require.NotContains(t, text, "\x1b", "a log gets no colours")
}

func TestEachStrategyAndTriggerHasItsWords(t *testing.T) {
	d := acd.Decision{Considered: 4, Trigger: "freed-agent", Strategy: "best-skill", SkillSum: 11, NoQueue: 1, NoSkill: 2}
	require.Equal(t, "just became free, best skilled (levels add up to 11) of 4 free; ring 1 admits 4 agents, not 1 of other queues, 2 without the skills", reason(d))
	d = acd.Decision{Considered: 4, Trigger: "new\x1b", Strategy: "top-down"}
	require.Equal(t, "new?, by top-down of 4 free; ring 1 admits 4 agents", reason(d))
}

func TestColoursAreForATerminalThatWantsThem(t *testing.T) {
	t.Setenv("NO_COLOR", "")
	t.Setenv("TERM", "xterm")
	_, text := tellAll(t, true, story)
	require.Contains(t, text, "\x1b[")
	require.NotRegexp(t, "\x1b\\[[0-9]*[A-HJKf]", text, "no cursor movement")
	t.Setenv("NO_COLOR", "1")
	_, text = tellAll(t, true, story)
	require.NotContains(t, text, "\x1b")
	t.Setenv("NO_COLOR", "")
	t.Setenv("TERM", "dumb")
	_, text = tellAll(t, true, story)
	require.NotContains(t, text, "\x1b")
}

func TestWhatOthersSaidIsPrintedHarmless(t *testing.T) {
	_, text := tellAll(t, false, []acd.Event{{Kind: acd.CallArrived, Call: "x", From: "\x1b[2J\r\nevil", Number: "1"}})
	require.Equal(t, 1, strings.Count(text, "\n"))
	require.NotContains(t, text, "\x1b")
}

func TestARefusedCallOrALostRecordingIsAFailure(t *testing.T) {
	a, _ := tellAll(t, false, []acd.Event{{Kind: acd.CallRefused, From: "1", Cause: "unknown-number"}, {Kind: acd.RecordingFailed, Call: "x", Reason: "disk full"}})
	require.Len(t, a.failures, 2)
	require.ErrorContains(t, a.judge(), "an agent let a call ring out")
}
