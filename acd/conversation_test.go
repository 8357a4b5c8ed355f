package acd

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// theatre is the world around one conversation: its legs, its agents, its queue
// and its recording, all of which do what they are told, sooner or later, and
// much that they are not.
type theatre struct {
	t    *rapid.T
	c    *Call
	now  time.Duration
	legs []*actor
	busy map[string]Phase // agents that are the call's

	stay                 // the caller's in its queue
	asked           stay // and the agent's in the one that it consults
	taping          bool
	settled, closed int
	cdr             *CDR
}

// stay is a place in a queue.
type stay struct{ queued, offered bool }

func (w *theatre) stayOf(role Party) *stay {
	if role == SecondParty {
		return &w.asked
	}
	return &w.stay
}

// actor is one leg.
type actor struct {
	role  Party
	seat  Seat
	up    bool // answered
	own   bool // it called us
	told  bool // to go
	over  bool
	holds bool
}

func (w *theatre) step(in CallInput) {
	out := w.c.Step(at(w.now), in, nil)
	w.take(out)
}

func (w *theatre) take(out []CallAction) {
	var next []CallInput
	for _, a := range out {
		if in, ok := w.do(a); ok {
			next = append(next, in)
		}
	}
	w.check()
	for _, in := range next {
		w.step(in)
	}
}

func (w *theatre) at(role Party) *actor {
	for _, l := range w.legs {
		if l.role == role && role != "" {
			return l
		}
	}
	return nil
}

// do carries one deed out; what fails is an input.
func (w *theatre) do(a CallAction) (CallInput, bool) {
	t := w.t
	switch a.Do {
	case DoRing:
		_, reserved := w.busy[a.Seat.Agent]
		l := &actor{role: a.Party, seat: a.Seat}
		require.Nil(t, w.at(a.Party), "two legs as %s", a.Party)
		w.legs = append(w.legs, l)
		if !reserved && rapid.IntRange(0, 4).Draw(t, "claim") == 0 {
			l.told = true
			return CallInput{Kind: InputAgentFail, Party: a.Party, Cause: Busy, Status: 486}, true
		}
		if a.Seat.Agent != "" {
			w.busy[a.Seat.Agent] = PhaseReserved
		}
	case DoDial:
		l := &actor{role: CallerParty, seat: a.Seat}
		w.legs = append(w.legs, l)
		if a.Seat.Agent != "" {
			w.busy[a.Seat.Agent] = PhaseReserved
		}
	case DoCancelRing, DoHangupAgent:
		if l := w.at(a.Party); l != nil {
			l.told = true
		}
	case DoHangupCaller, DoReject:
		require.NotNil(t, w.at(CallerParty))
		w.at(CallerParty).told = true
	case DoMove:
		if l := w.at(a.Party); l != nil {
			require.Nil(t, w.at(a.To), "two legs as %s", a.To)
			l.role = a.To
		}
	case DoPickUp:
		require.NotNil(t, w.at(a.Party))
		w.at(a.Party).up = true
	case DoAgent:
		if a.Phase == PhaseFree {
			delete(w.busy, a.Seat.Agent)
			for _, l := range w.legs { // as the exchange does
				if l.role == AgentParty && l.seat == a.Seat && l.told {
					l.role = ""
				}
			}
			break
		}
		w.busy[a.Seat.Agent] = a.Phase
	case DoEnter:
		require.False(t, w.stayOf(a.Party).queued)
		w.stayOf(a.Party).queued = true
	case DoAbandon:
		require.True(t, w.stayOf(a.Party).queued)
		*w.stayOf(a.Party) = stay{}
	case DoAccept:
		require.True(t, w.stayOf(a.Party).offered)
		*w.stayOf(a.Party) = stay{}
	case DoInherit:
		require.Equal(t, stay{}, w.stay)
		w.stay, w.asked = w.asked, stay{}
	case DoDecline:
		require.True(t, w.stayOf(a.Party).offered)
		w.stayOf(a.Party).offered = false
		if l := w.at(AgentParty); l != nil && a.Party != SecondParty {
			l.role = ""
		}
	case DoRecord:
		require.False(t, w.taping)
		w.taping = true
	case DoServe:
		require.True(t, w.taping)
	case DoStopRecord:
		require.True(t, w.taping)
		w.taping = false
	case DoSettle:
		w.settled++
		w.cdr = a.CDR
	case DoClose:
		w.closed++
	}
	return CallInput{}, false
}

// check is what must hold at every moment.
func (w *theatre) check() {
	t, c := w.t, w.c
	open := 0
	for _, l := range w.legs {
		if l.role != CallerParty && !l.over {
			open++
		}
	}
	require.LessOrEqual(t, w.settled, 1)
	require.Equal(t, c.State() >= Ending, w.settled == 1)
	if c.State() >= Ending {
		return
	}
	require.Equal(t, open, c.phonesOpen, "dialogs in %s", c.State())
	require.Equal(t, c.State() == Waiting || c.State() == Ringing, w.queued)
	require.True(t, c.Stage() == NoSecond || c.State() == Talking)
	require.Equal(t, c.State() == Ringing || c.State() == Summoning || c.State() == Dialling || c.State() == Handing, c.ringDeadline != 0)
	require.Equal(t, c.Stage() == SecondCalled || c.Stage() == SecondWaits && c.second.plan.MaxWait > 0, c.second.deadline != 0)
	require.Equal(t, c.Stage() == SecondWaits || c.Stage() == SecondCalled && c.second.plan != nil, w.asked.queued)
	require.Equal(t, c.Stage() == SecondCalled && c.second.plan != nil, w.asked.offered)
	require.Equal(t, c.watch.seat != Seat{} && !c.watch.up, c.watch.deadline != 0)
	if c.Plan.MaxTalk > 0 && c.Plan.MaxWait > 0 {
		require.NotZero(t, c.Deadline(), "%s without a limit, held %t", c.State(), c.Held())
	}
	if c.State() == Talking {
		a := w.at(AgentParty)
		require.NotNil(t, a)
		require.Equal(t, c.Seat(), a.seat)
		require.True(t, a.up)
	}
	for _, h := range c.Hearing() {
		require.NotContains(t, h.From, h.Party)
		for _, q := range append(h.From, h.Party) {
			l := w.at(q)
			require.NotNil(t, l, "%s is heard or hears in %s, %s", q, c.State(), c.Stage())
		}
	}
	w.checkAgents()
}

// checkAgents: the agents that the call has are those who have a part in it.
func (w *theatre) checkAgents() {
	c, want := w.c, map[string]bool{}
	for _, s := range []Seat{c.agent, c.second.seat, c.watch.seat, c.callee} {
		if s.Agent != "" {
			want[s.Agent] = true
		}
	}
	if c.hand.fromOpen && c.hand.from.Agent != "" {
		want[c.hand.from.Agent] = true
	}
	for id := range w.busy {
		require.True(w.t, want[id], "%s is kept for nothing in %s", id, c.State())
	}
	if c.State() == Talking && c.agent.Agent != "" {
		require.Contains(w.t, w.busy, c.agent.Agent)
	}
}

// happens draws one thing that may happen to a leg.
func (w *theatre) happens(l *actor) {
	t := w.t
	switch what := rapid.SampledFrom([]string{"answer", "ring", "hold", "fail", "over", "silence"}).Draw(t, "what"); {
	case what == "over" || l.told:
		w.ends(l)
	case l.role == "":
	case what == "hold" && l.up:
		l.holds = !l.holds
		kind := InputResume
		if l.holds {
			kind = InputHold
		}
		w.step(CallInput{Kind: kind, Party: l.role})
	case what == "silence" && l.up:
		w.step(CallInput{Kind: InputMediaTimeout, Party: l.role})
	case l.own || l.up:
	case l.role == CallerParty && w.c.own:
		switch what {
		case "answer":
			l.up = true
			w.step(CallInput{Kind: InputCalleeAnswer})
		case "ring":
			w.step(CallInput{Kind: InputCalleeRinging, Status: 180})
		}
	case what == "answer":
		l.up = true
		w.step(CallInput{Kind: InputAgentAnswer, Party: l.role})
	case what == "ring":
		w.step(CallInput{Kind: InputAgentRinging, Party: l.role})
	case what == "fail":
		w.ends(l)
	}
}

// ends is a leg's dialog ending, or never having been.
func (w *theatre) ends(l *actor) {
	if l.over {
		return
	}
	l.over = true
	if l.role == CallerParty {
		w.step(CallInput{Kind: InputCallerOver})
		return
	}
	if !l.up && !l.own && l.role != "" && !l.told {
		l.over = false
		w.step(CallInput{Kind: InputAgentFail, Party: l.role, Cause: Busy, Status: 486})
		l.over = true
	}
	w.stepOver(l)
}

func (w *theatre) stepOver(l *actor) {
	role := l.role
	in := CallInput{Kind: InputAgentOver, Party: role}
	out := w.c.Step(at(w.now), in, nil)
	if l.role == role {
		l.role = "" // nobody is there any more
	}
	w.take(out)
}

// wishes draws one of the things that somebody may ask for now, as the exchange
// lets them.
func (w *theatre) wishes() {
	t, c := w.t, w.c
	who := rapid.SampledFrom([]Seat{li, wang, boss, shop}).Draw(t, "who")
	if _, busy := w.busy[who.Agent]; who.Agent != "" && busy {
		who = shop
	}
	may := map[string]func(){"release": func() {
		if rapid.IntRange(0, 9).Draw(t, "really") == 9 {
			w.step(CallInput{Kind: InputRelease, Cause: Supervisor})
		}
	}}
	only := func(name string, possible bool, in CallInput) {
		if possible {
			may[name] = func() { w.step(in) }
		}
	}
	talks := c.State() == Talking
	alone := talks && c.Stage() == NoSecond
	only("transfer", alone, CallInput{Kind: InputTransfer, Target: who})
	only("bad transfer", alone, CallInput{Kind: InputTransfer, Cause: NotPermitted, Status: 403})
	only("consult", alone && c.agent.Agent != "", CallInput{Kind: InputConsult, Target: who})
	only("complete", talks && !alone, CallInput{Kind: InputComplete})
	only("abort", talks && !alone, CallInput{Kind: InputAbort})
	only("merge", c.Stage() == SecondJoined, CallInput{Kind: InputMerge})
	watchable := talks && c.watch.seat == (Seat{}) && who.Agent != ""
	only("watch", watchable, CallInput{Kind: InputWatch, Seat: who, Mode: Listen})
	only("mode", c.watch.up, CallInput{Kind: InputMode, Mode: rapid.SampledFrom([]Mode{Listen, Whisper, Barge}).Draw(t, "mode")})
	only("take over", talks && c.watch.up, CallInput{Kind: InputTakeOver})
	only("unwatch", c.watch.seat != (Seat{}), CallInput{Kind: InputUnwatch})
	only("pull", c.State() == Waiting && !w.offered, CallInput{Kind: InputPull, Target: who})
	if alone && c.agent.Agent != "" && w.at(LineParty) == nil {
		may["line"] = func() {
			w.legs = append(w.legs, &actor{role: LineParty, seat: c.agent, own: true})
			w.step(CallInput{Kind: InputConsult, Target: who, Line: true})
		}
	}
	if watchable && w.at(SupervisorParty) == nil {
		may["watch line"] = func() {
			w.busy[who.Agent] = PhaseReserved
			w.legs = append(w.legs, &actor{role: SupervisorParty, seat: who, own: true})
			w.step(CallInput{Kind: InputWatch, Seat: who, Mode: Whisper, Line: true})
		}
	}
	if alone && c.Plan.Queue != "" {
		may["queue"] = func() {
			plan := examplePlan()
			plan.Queue = "returns"
			w.take(c.ToQueue(at(w.now), plan, "8001", nil))
		}
	}
	if alone && c.agent.Agent != "" {
		plan := examplePlan()
		plan.Queue, plan.MaxWait = "returns", rapid.SampledFrom([]time.Duration{0, time.Minute}).Draw(t, "patience")
		may["ask"] = func() { w.take(c.ConsultQueue(at(w.now), plan, false, nil)) }
		if w.at(LineParty) == nil {
			may["ask line"] = func() {
				w.legs = append(w.legs, &actor{role: LineParty, seat: c.agent, own: true})
				w.take(c.ConsultQueue(at(w.now), plan, true, nil))
			}
		}
	}
	if c.State() == Ringing && who.Agent != "" && w.at(SupervisorParty) == nil {
		may["pick up"] = func() {
			w.busy[who.Agent] = PhaseReserved
			w.legs = append(w.legs, &actor{role: SupervisorParty, seat: who, own: true})
			w.step(CallInput{Kind: InputPull, Target: who, Line: true, By: who.Agent})
		}
	}
	may[rapid.SampledFrom(slices.Sorted(maps.Keys(may))).Draw(t, "wish")]()
}

// begin starts a caller's call or an agent's own.
func (w *theatre) begin() {
	c := w.c
	switch rapid.SampledFrom([]string{"in", "out", "click", "internal"}).Draw(w.t, "kind") {
	case "in":
		w.legs = append(w.legs, &actor{role: CallerParty, own: true, up: true})
		w.step(CallInput{Kind: InputArrive})
	case "out":
		c.Plan.Queue = ""
		w.busy["8001"] = PhaseOutbound
		w.legs = append(w.legs, &actor{role: AgentParty, seat: li, own: true})
		w.step(CallInput{Kind: InputDial, Seat: li, Target: shop, Line: true})
	case "click":
		c.Plan.Queue = ""
		w.busy["8001"] = PhaseOutbound
		w.step(CallInput{Kind: InputDial, Seat: li, Target: shop})
	case "internal":
		c.Plan.Queue = ""
		w.busy["8001"] = PhaseOutbound
		w.legs = append(w.legs, &actor{role: AgentParty, seat: li, own: true})
		w.step(CallInput{Kind: InputDial, Seat: li, Target: wang, Line: true})
	}
}

// move lets one thing happen, if it can.
func (w *theatre) move() {
	t, c := w.t, w.c
	w.now += time.Duration(rapid.IntRange(0, 8000).Draw(t, "ms")) * time.Millisecond
	switch rapid.SampledFrom([]string{"leg", "leg", "leg", "wish", "offer", "time"}).Draw(t, "move") {
	case "leg":
		var living []*actor
		for _, l := range slices.Backward(w.legs) {
			if !l.over {
				living = append(living, l)
			}
		}
		if len(living) > 0 {
			w.happens(rapid.SampledFrom(living).Draw(t, "leg"))
		}
	case "wish":
		w.wishes()
	case "offer":
		if _, busy := w.busy["8001"]; c.State() == Waiting && w.queued && !w.offered && !busy && w.at(AgentParty) == nil {
			w.offered = true
			w.busy["8001"] = PhaseReserved
			w.step(CallInput{Kind: InputOffer, Seat: li, Decision: &Decision{}})
		}
		if _, busy := w.busy["8002"]; c.Stage() == SecondWaits && !w.asked.offered && !busy && w.at(SecondParty) == nil {
			w.asked.offered = true
			w.busy["8002"] = PhaseReserved
			w.step(CallInput{Kind: InputOffer, Party: SecondParty, Seat: wang, Decision: &Decision{}})
		}
	case "time":
		if d := c.Deadline(); d != 0 {
			w.now = max(w.now, d)
			for range 4 { // several may fall on one moment
				w.step(CallInput{Kind: InputDeadline})
				if d = c.Deadline(); d == 0 || d > w.now {
					break
				}
			}
			require.True(t, d == 0 || d > w.now, "a deadline that was served is over")
		}
	}
}

// end releases what is left and demands that the books are closed.
func (w *theatre) end() {
	t, c := w.t, w.c
	if c.State() < Ending {
		w.step(CallInput{Kind: InputRelease, Cause: Drained})
	}
	for range 3 {
		for _, l := range w.legs {
			if !l.over {
				l.told = true
				w.ends(l)
			}
		}
	}
	require.Equal(t, Over, c.State())
	require.Equal(t, []any{1, 1, stay{}, stay{}, false}, []any{w.settled, w.closed, w.stay, w.asked, w.taping})
	require.Empty(t, w.busy, "agents are let go")
	talked, end := 0.0, w.cdr.Duration+0.002
	for _, s := range w.cdr.Segments {
		require.True(t, s.Start >= 0 && s.Length >= 0 && s.Start+s.Length <= end, fmt.Sprint(s))
		if s.Kind == "talk" {
			talked += s.Length
		}
	}
	require.LessOrEqual(t, math.Abs(talked-w.cdr.Talked), 0.001*float64(1+len(w.cdr.Segments)), "the talks are the time talked")
	require.LessOrEqual(t, w.cdr.Held, w.cdr.Duration+0.01)
}

// Whatever the parties do, and in whatever order: no agent is kept or let go
// wrongly, no leg is forgotten, there is one record with segments that add up,
// and the recording ends with the conversation.
func TestAnyConversationAddsUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		plan := examplePlan()
		plan.AnswerFirst = rapid.Bool().Draw(t, "answer first")
		plan.Record = rapid.Bool().Draw(t, "record")
		plan.MaxTalk = rapid.SampledFrom([]time.Duration{0, time.Minute}).Draw(t, "longest talk")
		w := &theatre{t: t, c: NewCall("call", "138", "400", "telecom", plan), busy: map[string]Phase{}}
		w.begin()
		for range rapid.IntRange(0, 80).Draw(t, "steps") {
			if w.c.State() == Over {
				break
			}
			w.move()
		}
		w.end()
	})
}
