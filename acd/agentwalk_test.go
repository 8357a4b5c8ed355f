package acd

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// situation is all that decides how an agent goes on: its times as seen from
// now, and nothing of what has been.
func situation(a *Agent, now time.Duration) Agent {
	s := *a
	s.since, s.unexpected, s.misses = Instant{}, 0, min(a.misses, 2)
	for _, at := range []*time.Duration{&s.wrapUntil, &s.backAt} {
		if *at != 0 {
			*at -= now
		}
	}
	return s
}

// walkInputs are what can befall an agent, with each treatment of a missed offer
// and each kind of after-call work.
func walkInputs() []AgentInput {
	all := exampleAgentInputs()
	rest := &Rona{NoAnswer: Miss{Limit: 2, Return: time.Minute}, Rejected: Miss{Limit: 1, Delay: time.Second}, KeepCount: true}
	for _, why := range []Cause{NoAnswer, Rejected} {
		all = append(all, AgentInput{Kind: AgentPhase, Phase: PhaseFree, Call: "call", Cause: why, Rona: rest})
	}
	for _, mode := range []WrapUpMode{WrapUpFixed, WrapUpAgent} {
		after := &AfterCall{Mode: mode, Required: true, Default: "9", Codes: []Disposition{{Code: "01"}, {Code: "9"}}}
		all = append(all, AgentInput{Kind: AgentPhase, Phase: PhaseTalking, Call: "call", After: after},
			AgentInput{Kind: AgentPhase, Phase: PhaseFree, Call: "call", Cause: CallerHangup, WrapUp: 10 * time.Second})
	}
	return append(all, AgentInput{Kind: AgentLose, Cause: PhoneSilent}, AgentInput{Kind: AgentReach, Cause: PhoneHeard})
}

// walk visits every situation that an agent can come into, with at most one
// dialog at a time.
func walk(t *testing.T, begin *Agent, visit func(a *Agent, now time.Duration)) (situations int) {
	type stop struct {
		a   Agent
		now time.Duration
	}
	const most = 1
	inputs := walkInputs()
	seen := map[Agent]bool{}
	next := []stop{{*begin, time.Second}}
	for len(next) > 0 {
		s := next[len(next)-1]
		next = next[:len(next)-1]
		if key := situation(&s.a, s.now); seen[key] {
			continue
		} else {
			seen[key] = true
		}
		if len(seen) > 200_000 {
			require.Fail(t, "there is no end to an agent's situations")
		}
		visit(&s.a, s.now)
		for _, in := range inputs {
			a, now := s.a, s.now // time passes by deadlines alone
			switch {
			case in.Kind == AgentLegOver && a.legs == 0, in.Kind == AgentLegOpen && a.legs == most:
				continue
			case in.Kind == AgentDeadline && a.Deadline() == 0:
				continue
			case in.Kind == AgentDeadline:
				now = max(now, a.Deadline())
			}
			a.Step(at(now), in, nil)
			next = append(next, stop{a, now})
		}
	}
	return len(seen)
}

// alone lets only that happen to the agent which happens by itself: its calls
// end, which their own limits see to, its dialogs do, and its deadlines come.
func alone(t *testing.T, a Agent, now time.Duration, legsFirst bool) (Agent, time.Duration) {
	legs := func() {
		for a.legs > 0 {
			a.Step(at(now), AgentInput{Kind: AgentLegOver}, nil)
		}
	}
	if legsFirst {
		legs()
	}
	if a.phase != PhaseFree {
		a.Step(at(now), AgentInput{Kind: AgentPhase, Phase: PhaseFree, Call: a.call, Cause: MaxTalk, WrapUp: 10 * time.Second}, nil)
	}
	legs()
	for n := 0; a.Deadline() != 0; n++ {
		if n > 4 {
			require.Fail(t, "deadlines without an end")
		}
		now = max(now, a.Deadline())
		a.Step(at(now), AgentInput{Kind: AgentDeadline}, nil)
	}
	return a, now
}

// ends tells how an agent whom nobody helps ends up; "": as it may.
func ends(t *testing.T, a *Agent, now time.Duration, legsFirst bool) string {
	b, then := alone(t, *a, now, legsFirst)
	if b.state != AgentOffline && b.state != AgentNotReady && b.state != AgentReady || !b.Idle() {
		return "it is left " + b.state.String()
	}
	if c := b; c.imposed && c.reason != Forgotten {
		// A break that the switch has imposed, be it for ever, ends when the
		// phone is put back to work: nobody has to know why it was.
		c.Step(at(then), AgentInput{Kind: AgentLose, Cause: PhoneSilent}, nil)
		c.Step(at(then), AgentInput{Kind: AgentReach, Cause: "registered"}, nil)
		if c.state != AgentReady && !c.restored {
			return "its phone's return leaves it " + c.state.String()
		}
	}
	b.Step(at(then), AgentInput{Kind: AgentReach, Cause: "registered"}, nil)
	b.Step(at(then), AgentInput{Kind: AgentWish, Wish: WishReady, Cause: "*51"}, nil)
	if b.state != AgentReady {
		return "its own code leaves it " + b.state.String()
	}
	return ""
}

// From wherever an agent is, the clock and the network alone bring it to a state
// that it may stay in, and from there it comes to work by its own phone: nothing
// is left for an operator to clear. On the way, what it is seen to do is what
// follows from everything else, and after-call work has a limit.
func TestNoStateOfAnAgentNeedsAnOperator(t *testing.T) {
	for _, fixed := range []bool{false, true} {
		met := map[AgentState]bool{}
		n := walk(t, NewAgent("8001", fixed, true, at(0)), func(a *Agent, now time.Duration) {
			s, _ := a.derive()
			met[s] = true
			if s != a.state || (s == AgentReady) != a.offered {
				require.Fail(t, "a state that does not follow", "%+v ought to be %s", a, s)
			}
			if s == AgentWrapUp && a.legs == 0 && a.Deadline() == 0 {
				require.Fail(t, "after-call work without a limit", "%+v", a)
			}
			for _, legsFirst := range []bool{false, true} {
				if wrong := ends(t, a, now, legsFirst); wrong != "" {
					require.Fail(t, wrong, "from %+v", a)
				}
			}
		})
		require.Len(t, met, int(AgentOutbound)+1, "every state is met")
		t.Logf("%d situations", n)
	}
}
