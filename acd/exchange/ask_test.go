package exchange

import (
	"testing"
	"time"

	"switchroom/acd"
	"switchroom/media/sdp"
	"switchroom/sip"

	"github.com/stretchr/testify/require"
)

// asking is an agent that has its caller on hold and waits in the queue of
// returns on another line.
func (f *floor) asking() (id string, caller, agent, line *end) {
	f.t.Helper()
	id, caller, agent = f.talk()
	require.NoError(f.t, agent.leg.Reoffer(held(silent, sdp.SendOnly)))
	agent.await(f.t, sip.Reanswered)
	line = f.desks["8001"].dials("700")
	line.await(f.t, sip.Answered)
	f.hears(id, map[acd.Party]string{acd.CallerParty: "music", acd.AgentParty: "", acd.LineParty: "music"})
	f.waits("returns", 1)
	return id, caller, agent, line
}

// waits wants so many in a queue.
func (f *floor) waits(queue string, n int) {
	f.t.Helper()
	require.Eventually(f.t, func() bool {
		v, ok := f.Queue(queue)
		return ok && v.Waiting == n
	}, soon, time.Millisecond, "%d in %s", n, queue)
	require.EqualValues(f.t, n, f.plan.Load().queues[queue].inside.Load())
}

func TestAnAgentConsultsAQueueAndGivesTheCallerToWhomItGets(t *testing.T) {
	for name, complete := range map[string]func(f *floor, id string){
		"by REFER": func(f *floor, id string) {
			f.refers(id, acd.AgentParty, sip.Event{Replaces: f.legOf(id, acd.LineParty)})
		},
		"by code":    func(f *floor, id string) { f.presses(id, acd.LineParty, "*40") },
		"by program": func(f *floor, id string) { require.NoError(f.t, f.Complete(id, "boss")) },
	} {
		t.Run(name, func(t *testing.T) {
			f := newFloor(t)
			id, caller, agent, line := f.asking()
			v, _ := f.Call(id)
			require.Equal(t, []string{"returns", "waiting"}, []string{v.Second, v.Stage})
			require.NoError(t, f.SetAgentState("8002", "ready", "", "test"))
			f.desks["8002"].ring()
			f.hears(id, map[acd.Party]string{acd.CallerParty: "music", acd.AgentParty: "", acd.LineParty: "second ", acd.SecondParty: "line "})
			f.state("8002", "talking", "")
			f.waits("returns", 0)
			complete(f, id)
			agent.await(t, sip.Ended)
			line.await(t, sip.Ended)
			f.hears(id, together)
			f.state("8001", "ready", "")
			caller.leg.Hangup(bye)
			f.state("8002", "ready", "")
			r := f.record()
			require.Equal(t, []string{"returns", "8002"}, []string{r.Queue, r.Agent})
			require.Equal(t, []string{"ring 8001 answered", "queue answered", "ring 8002 answered", "queue 8002 answered", "consult 8001 8002 transferred",
				"hold 8001", "talk 8001 transferred", "talk 8002 caller-hangup"}, segments(r))
			require.Equal(t, 1, f.book.count(acd.CallConsulted))
			require.Len(t, f.book.of(acd.CallQueued), 2)
			require.Equal(t, string(acd.Consulting), f.book.of(acd.CallQueued)[1].Cause)
		})
	}
}

func TestACallerInheritsThePlaceOfTheAgentWhoConsultsAQueue(t *testing.T) {
	t.Run("while it waits", func(t *testing.T) {
		f := newFloor(t)
		id, caller, agent, line := f.asking()
		entered := f.book.of(acd.CallQueued)[1].Arrival
		f.refers(id, acd.LineParty, sip.Event{Replaces: f.legOf(id, acd.AgentParty)})
		agent.await(t, sip.Ended)
		line.await(t, sip.Ended)
		// The agent is free, and nobody else is: its own caller comes back to it.
		f.desks["8001"].ring().await(t, sip.Confirmed)
		require.NoError(t, f.ask(id, func(c *call) error { require.Equal(t, entered, c.arrival); return nil }))
		f.hears(id, together)
		caller.leg.Hangup(bye)
		r := f.record()
		require.Equal(t, []string{"ring 8001 answered", "queue answered", "hold 8001", "talk 8001 transferred",
			"ring 8001 answered", "queue answered", "talk 8001 caller-hangup"}, segments(r))
	})
	t.Run("while it is offered", func(t *testing.T) {
		f := newFloor(t)
		f.desks["8002"].deaf = true
		id, caller, agent, line := f.asking()
		require.NoError(t, f.SetAgentState("8002", "ready", "", "test"))
		second := f.desks["8002"].ring()
		f.state("8002", "ringing", "")
		require.NoError(t, f.SetAgentState("8001", "not-ready", "", "test"))
		f.presses(id, acd.LineParty, "*40")
		agent.await(t, sip.Ended)
		line.await(t, sip.Ended)
		second.answer(t)
		f.hears(id, together)
		f.state("8002", "talking", "")
		f.waits("returns", 0)
		caller.leg.Hangup(bye)
		require.Equal(t, "8002", f.record().Agent)
	})
	t.Run("on the caller's line, by hanging up", func(t *testing.T) {
		f := newFloor(t)
		id, caller, agent := f.talk()
		f.presses(id, acd.AgentParty, "*42700#")
		f.hears(id, map[acd.Party]string{acd.CallerParty: "music", acd.AgentParty: "music"})
		require.NoError(t, f.SetAgentState("8001", "not-ready", "", "test"))
		agent.leg.Hangup(bye)
		require.NoError(t, f.SetAgentState("8003", "ready", "", "test"))
		f.desks["8003"].ring().await(t, sip.Confirmed)
		f.hears(id, together)
		caller.leg.Hangup(bye)
		require.Equal(t, "8003", f.record().Agent)
	})
}

func TestAnAgentWhoConsultsAQueueInVainIsBackWithItsCaller(t *testing.T) {
	t.Run("nobody comes in time", func(t *testing.T) {
		f := newFloor(t, func(s *setting) {
			s.queues = `, {id: returns, client: courier, extension: "700", ring_timeout: 1s, max_wait: 1s, wrap_up: 0s, record: never, rings: [{after: 0s}]}`
		})
		id, caller, _, line := f.asking()
		line.await(t, sip.Ended)
		f.hears(id, map[acd.Party]string{acd.CallerParty: "music", acd.AgentParty: ""})
		f.waits("returns", 0)
		caller.leg.Hangup(bye)
		require.Contains(t, segments(f.record()), "queue max-wait")
	})
	t.Run("it goes back itself, while a phone rings", func(t *testing.T) {
		f := newFloor(t)
		f.desks["8002"].deaf = true
		id, caller, _, line := f.asking()
		require.NoError(t, f.SetAgentState("8002", "ready", "", "test"))
		f.desks["8002"].ring()
		line.leg.Hangup(bye)
		f.state("8002", "ready", "")
		f.waits("returns", 0)
		f.hears(id, map[acd.Party]string{acd.CallerParty: "music", acd.AgentParty: ""})
		caller.leg.Hangup(bye)
		require.Equal(t, "8001", f.record().Agent)
	})
	t.Run("who is rung does not answer: another is", func(t *testing.T) {
		f := newFloor(t)
		f.desks["8002"].deaf = true
		id, caller, _, _ := f.asking()
		require.NoError(t, f.SetAgentState("8002", "ready", "", "test"))
		f.desks["8002"].ring()
		f.state("8002", "not-ready", "no-answer")
		f.hears(id, map[acd.Party]string{acd.CallerParty: "music", acd.AgentParty: "", acd.LineParty: "music"})
		require.NoError(t, f.SetAgentState("8003", "ready", "", "test"))
		f.desks["8003"].ring().await(t, sip.Confirmed)
		f.hears(id, map[acd.Party]string{acd.CallerParty: "music", acd.AgentParty: "", acd.LineParty: "second ", acd.SecondParty: "line "})
		caller.leg.Hangup(bye)
		require.Equal(t, "8001", f.record().Agent)
	})
	t.Run("the caller hangs up", func(t *testing.T) {
		f := newFloor(t)
		_, caller, agent, line := f.asking()
		caller.leg.Hangup(bye)
		agent.await(t, sip.Ended)
		line.await(t, sip.Ended)
		f.state("8001", "ready", "")
		f.record()
		f.waits("returns", 0)
	})
	t.Run("the queue is closed or full", func(t *testing.T) {
		f := newFloor(t, func(s *setting) {
			s.queues = `, {id: returns, client: courier, extension: "700", record: never, wrap_up: 0s, rings: [{after: 0s}], hours: never}
  , {id: small, client: courier, extension: "701", record: never, wrap_up: 0s, max_waiting: 1, rings: [{after: 0s}]}`
			s.more += "\ncalendars: [{id: never, open: \"mon 00:00-00:01\", holidays: [\"2020-01-01..2099-12-31\"]}]"
		})
		id, caller, _ := f.talk()
		require.ErrorIs(t, f.Consult(id, "700", "boss"), errClosed)
		require.True(t, f.plan.Load().queues["small"].take())
		require.ErrorIs(t, f.Consult(id, "701", "boss"), errQueueFull)
		f.plan.Load().queues["small"].leave()
		f.hears(id, together)
		caller.leg.Hangup(bye)
		f.record()
	})
}
