package acd

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func run(c *Call, steps ...CallInput) []CallAction {
	var out []CallAction
	for i, in := range steps {
		out = c.Step(at(time.Duration(i)*time.Second), in, out)
	}
	return out
}

func record(t *testing.T, out []CallAction) *CDR {
	t.Helper()
	var cdr *CDR
	for _, a := range out {
		if a.Do == DoSettle {
			require.Nil(t, cdr, "settled twice")
			cdr = a.CDR
		}
	}
	require.NotNil(t, cdr, "never settled")
	return cdr
}

func TestAnsweredCallsRecordHoldsItsWholeStory(t *testing.T) {
	c := NewCall("call", "138", "400", "telecom", examplePlan())
	out := run(c, CallInput{Kind: InputArrive}, // 0 s
		CallInput{Kind: InputOffer, Seat: li, Decision: &Decision{}}, // 1 s
		CallInput{Kind: InputAgentRinging},                           // 2 s
		CallInput{Kind: InputAgentAnswer},                            // 3 s
		CallInput{Kind: InputHold, Party: AgentParty},                // 4 s
		CallInput{Kind: InputResume, Party: AgentParty},              // 5 s
		CallInput{Kind: InputCallerOver, Q850: 16},                   // 6 s
		CallInput{Kind: InputAgentOver, Party: AgentParty})
	require.Equal(t, Over, c.State())
	r := record(t, out)
	require.Equal(t, "caller-hangup", r.Cause)
	require.Equal(t, "caller", r.Side)
	require.Equal(t, "8001", r.Agent)
	require.Equal(t, 3.0, r.Waited, "from entering the queue to the answer, ringing included")
	require.Equal(t, 3.0, r.Talked, "hold included")
	require.Equal(t, 1.0, r.Held)
	require.Equal(t, 6.0, r.Duration)
	require.Equal(t, "call", r.Recording)
	var kinds []string
	for _, s := range r.Segments {
		kinds = append(kinds, s.Kind)
	}
	require.Equal(t, []string{"ring", "queue", "hold", "talk"}, kinds)
}

func TestRungOutOfferKeepsTheCallsArrivalAndTellsTheAgent(t *testing.T) {
	c := callIn(t, Ringing, examplePlan())
	at0 := c.queued
	out := c.Step(at(c.Deadline()), CallInput{Kind: InputDeadline}, nil)
	require.Equal(t, Waiting, c.State())
	require.Equal(t, at0, c.queued)
	require.Zero(t, c.Seat())
	last := out[len(out)-1]
	require.Equal(t, DoAgent, last.Do)
	require.Equal(t, NoAnswer, last.Cause)
	require.Equal(t, at(5*time.Minute).Mono, c.Deadline(), "the longest wait still counts from the arrival")
}

func TestLongestWaitDoesNotCutOffAPhoneThatRings(t *testing.T) {
	plan := examplePlan()
	plan.MaxWait = 3 * time.Second
	c := callIn(t, Ringing, plan)
	require.Empty(t, c.Step(at(3*time.Second), CallInput{Kind: InputDeadline}, nil))
	require.Equal(t, Ringing, c.State())
	c.Step(at(4*time.Second), CallInput{Kind: InputAgentAnswer}, nil)
	require.Equal(t, Talking, c.State())
	require.Zero(t, c.Deadline())
}

func TestOverflowIsFollowedOnce(t *testing.T) {
	plan := examplePlan()
	plan.Overflow = "second"
	c := callIn(t, Waiting, plan)
	out := c.Step(at(plan.MaxWait), CallInput{Kind: InputDeadline}, nil)
	require.Equal(t, DoOverflow, out[len(out)-1].Do)
	second := examplePlan()
	second.Queue, second.Overflow = "second", "parcels"
	c.Overflow(at(plan.MaxWait), second, nil)
	require.Equal(t, "second", c.Plan.Queue)
	out = c.Step(at(2*plan.MaxWait), CallInput{Kind: InputDeadline}, nil)
	require.Equal(t, "max-wait", record(t, out).Cause)
}

func TestEarlyMediaCallIsAnsweredWhenTheAgentIs(t *testing.T) {
	plan := examplePlan()
	plan.AnswerFirst = false
	c := NewCall("call", "138", "400", "telecom", plan)
	out := c.Step(at(0), CallInput{Kind: InputArrive}, nil)
	require.NotContains(t, deeds(out), DoAnswer)
	require.Contains(t, deeds(out), DoProgress)
	c.Step(at(1), CallInput{Kind: InputOffer, Seat: li}, nil)
	out = c.Step(at(2), CallInput{Kind: InputAgentAnswer}, nil)
	require.Contains(t, deeds(out), DoAnswer)
}

func TestUnansweredCallerIsRefusedAndNotHungUp(t *testing.T) {
	plan := examplePlan()
	plan.AnswerFirst = false
	c := callIn(t, Waiting, plan)
	out := c.Step(at(plan.MaxWait), CallInput{Kind: InputDeadline}, nil)
	require.Contains(t, deeds(out), DoReject)
	require.NotContains(t, deeds(out), DoHangupCaller)
}

func TestClockStepIsNotedAndMovesNoDuration(t *testing.T) {
	c := callIn(t, Talking, examplePlan())
	now := Instant{Mono: 10 * time.Second, Wall: epoch.Add(time.Hour)}
	r := record(t, c.Step(now, CallInput{Kind: InputCallerOver}, nil))
	require.True(t, r.ClockStepped)
	require.Equal(t, 10.0, r.Duration)
	require.Equal(t, 8.0, r.Talked)
}

func deeds(out []CallAction) []Deed {
	var d []Deed
	for _, a := range out {
		d = append(d, a.Do)
	}
	return d
}

// Whatever happens to a call, and in whatever order, it is settled once, every
// place and every offer it took from the queue is given back or accepted, and
// it ends when its legs have.
func TestAnyHistoryOfACallAddsUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		plan := examplePlan()
		plan.AnswerFirst = rapid.Bool().Draw(t, "answer first")
		plan.Record = rapid.Bool().Draw(t, "record")
		c := NewCall("call", "138", "400", "telecom", plan)
		b := &books{}
		b.take(t, c.Step(at(0), CallInput{Kind: InputArrive}, nil))
		now := time.Duration(0)
		for range rapid.IntRange(0, 60).Draw(t, "steps") {
			now += time.Duration(rapid.IntRange(0, 20000).Draw(t, "ms")) * time.Millisecond
			in, ok := b.plausible(rapid.SampledFrom(allInputs).Draw(t, "input"), c)
			if !ok {
				continue
			}
			b.take(t, c.Step(at(now), in, nil))
			b.check(t, c)
		}
		b.finish(t, c, now)
	})
}

var allInputs = []InputKind{InputOffer, InputAgentRinging, InputAgentAnswer, InputAgentFail, InputAgentOver, InputCallerOver,
	InputHold, InputResume, InputMediaTimeout, InputNoMedia, InputRelease, InputDeadline}

// books keeps count of what a call owes.
type books struct {
	waiting, offered, accepted bool
	settled, closed            int
	callerOver                 bool
	legs                       int
	agentBusy                  bool
	taping                     bool
}

// plausible gives the input as the rooms around would: an offer only to a call
// that waits, an end only of what began.
func (b *books) plausible(k InputKind, c *Call) (CallInput, bool) {
	in := exampleInput(k)
	switch k {
	case InputOffer:
		if !b.waiting || b.offered || c.State() != Waiting {
			return in, false
		}
		b.offered = true
		b.legs++
	case InputAgentAnswer, InputAgentFail:
		if c.State() != Ringing {
			return in, false
		}
	case InputAgentOver:
		if b.legs == 0 {
			return in, false
		}
		b.legs--
		if c.State() == Talking {
			in.Party = AgentParty
		}
	case InputCallerOver:
		if b.callerOver {
			return in, false
		}
		b.callerOver = true
	}
	return in, true
}

func (b *books) take(t *rapid.T, out []CallAction) {
	for _, a := range out {
		switch a.Do {
		case DoEnter:
			require.False(t, b.waiting)
			b.waiting = true
		case DoAbandon:
			require.True(t, b.waiting, "leaves a queue it is not in")
			b.waiting, b.offered = false, false
		case DoAccept:
			require.True(t, b.offered)
			b.waiting, b.offered, b.accepted = false, false, true
		case DoDecline:
			require.True(t, b.offered)
			b.offered = false
		case DoAgent:
			b.agentBusy = a.Phase != PhaseFree
		case DoRecord:
			b.taping = true
		case DoStopRecord:
			require.True(t, b.taping)
			b.taping = false
		case DoSettle:
			b.settled++
		case DoClose:
			b.closed++
		}
	}
}

func (b *books) check(t *rapid.T, c *Call) {
	require.Equal(t, c.State() == Waiting || c.State() == Ringing, b.waiting, "a place in the queue exactly while waiting or ringing")
	require.Equal(t, c.State() == Ringing || c.State() == Talking, b.agentBusy, "an agent exactly while ringing or talking")
	if b.settled > 0 {
		require.GreaterOrEqual(t, c.State(), Ending)
	}
	require.LessOrEqual(t, b.settled, 1)
	require.Equal(t, c.State() == Ringing, c.ringDeadline != 0)
}

// finish ends what is still up and demands that the books are closed.
func (b *books) finish(t *rapid.T, c *Call, now time.Duration) {
	b.take(t, c.Step(at(now), CallInput{Kind: InputRelease, Cause: Supervisor}, nil))
	for ; b.legs > 0; b.legs-- {
		b.take(t, c.Step(at(now), CallInput{Kind: InputAgentOver}, nil))
	}
	if !b.callerOver {
		b.take(t, c.Step(at(now), CallInput{Kind: InputCallerOver}, nil))
	}
	require.Equal(t, Over, c.State())
	require.Equal(t, 1, b.settled)
	require.Equal(t, 1, b.closed)
	require.False(t, b.waiting || b.offered || b.agentBusy || b.taping)
}

func TestWhoResumesFirstHearsThatTheOtherStillHolds(t *testing.T) {
	c := callIn(t, Talking, examplePlan())
	c.Step(at(3*time.Second), CallInput{Kind: InputHold, Party: AgentParty}, nil)
	c.Step(at(4*time.Second), CallInput{Kind: InputHold, Party: CallerParty}, nil)
	out := c.Step(at(5*time.Second), CallInput{Kind: InputResume, Party: AgentParty}, nil)
	require.Contains(t, deeds(out), DoHear)
	require.Equal(t, []Hears{{Party: CallerParty}, {Party: AgentParty, Play: Music}}, c.Hearing())
	c.Step(at(6*time.Second), CallInput{Kind: InputResume, Party: CallerParty}, nil)
	require.Equal(t, []Hears{{Party: CallerParty, From: []Party{AgentParty}}, {Party: AgentParty, From: []Party{CallerParty}}}, c.Hearing())
}

func TestAConversationLastsNoLongerThanTheSwitchAllows(t *testing.T) {
	plan := examplePlan()
	plan.MaxTalk = time.Hour
	c := callIn(t, Talking, plan)
	require.Equal(t, time.Hour+2*time.Second, c.Deadline())
	c.Step(at(time.Hour), CallInput{Kind: InputTransfer, Target: wang}, nil)
	require.Less(t, c.Deadline(), 2*time.Hour, "while it is handed on it may ring")
	c.Step(at(time.Hour+5*time.Second), CallInput{Kind: InputAgentAnswer, Party: AgentParty}, nil)
	require.Equal(t, time.Hour+2*time.Second, c.Deadline(), "a transfer gives no new hour")
	r := record(t, c.Step(at(time.Hour+5*time.Second), CallInput{Kind: InputDeadline}, nil))
	require.Equal(t, []string{"max-talk", "system", "8002"}, []string{r.Cause, r.Side, r.Agent})
}
