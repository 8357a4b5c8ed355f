package exchange

import (
	"testing"

	"switchroom/acd"
	"switchroom/media/sdp"
	"switchroom/sip"

	"github.com/stretchr/testify/require"
)

// consulting is an agent that has its caller on hold and talks to 8002 on
// another line.
func (f *floor) consulting() (id string, caller, agent, line, second *end) {
	f.t.Helper()
	id, caller, agent = f.talk()
	require.NoError(f.t, agent.leg.Reoffer(held(silent, sdp.SendOnly)))
	agent.await(f.t, sip.Reanswered)
	line = f.desks["8001"].dials("8002")
	second = f.desks["8002"].ring()
	line.await(f.t, sip.Answered)
	f.state("8002", "talking", "")
	f.hears(id, map[acd.Party]string{acd.CallerParty: "music", acd.AgentParty: "", acd.LineParty: "second ", acd.SecondParty: "line "})
	return id, caller, agent, line, second
}

// lineOf is the leg that a phone's Replaces would name.
func (f *floor) legOf(id string, role acd.Party) (leg *sip.Leg) {
	require.NoError(f.t, f.ask(id, func(c *call) error { leg = c.at(role).leg; return nil }))
	return leg
}

func TestReferWithReplacesGivesTheCallerToTheConsulted(t *testing.T) {
	for name, roles := range map[string][2]acd.Party{
		"from the caller's line": {acd.AgentParty, acd.LineParty}, "from the other": {acd.LineParty, acd.AgentParty},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFloor(t)
			id, caller, agent, line, _ := f.consulting()
			f.refers(id, roles[0], sip.Event{ReferTo: "sip:8002@switch", Replaces: f.legOf(id, roles[1])})
			agent.await(t, sip.Ended)
			line.await(t, sip.Ended)
			f.hears(id, together)
			f.state("8001", "ready", "")
			caller.leg.Hangup(bye)
			r := f.record()
			require.Equal(t, []string{"ring 8001 answered", "queue answered", "ring 8002 answered", "consult 8001 8002 transferred",
				"hold 8001", "talk 8001 transferred", "talk 8002 caller-hangup"}, segments(r))
		})
	}
}

func TestAConsultationEndsByWhoeverHangsUp(t *testing.T) {
	t.Run("the agent on its other line", func(t *testing.T) {
		f := newFloor(t)
		id, caller, agent, line, second := f.consulting()
		line.leg.Hangup(bye)
		second.await(t, sip.Ended)
		f.state("8002", "offline", "")
		f.state("8001", "held", "")
		require.NoError(t, agent.leg.Reoffer(held(silent, sdp.SendRecv)))
		f.hears(id, together)
		caller.leg.Hangup(bye)
		require.Equal(t, "8001", f.record().Agent)
	})
	t.Run("the consulted", func(t *testing.T) {
		f := newFloor(t)
		id, caller, _, line, second := f.consulting()
		second.leg.Hangup(bye)
		line.await(t, sip.Ended)
		f.hears(id, map[acd.Party]string{acd.CallerParty: "music", acd.AgentParty: ""})
		caller.leg.Hangup(bye)
		f.record()
	})
	t.Run("the caller", func(t *testing.T) {
		f := newFloor(t)
		_, caller, agent, line, second := f.consulting()
		caller.leg.Hangup(bye)
		for _, e := range []*end{agent, line, second} {
			e.await(t, sip.Ended)
		}
		require.Equal(t, "caller-hangup", f.record().Cause)
		f.state("8001", "ready", "")
	})
	t.Run("the agent on the caller's line", func(t *testing.T) {
		f := newFloor(t)
		_, caller, agent, line, second := f.consulting()
		agent.leg.Hangup(bye)
		for _, e := range []*end{caller, line, second} {
			e.await(t, sip.Ended)
		}
		require.Equal(t, "agent-hangup", f.record().Cause)
	})
}

func TestAColleagueWhoIsNotToBeHadLeavesTheCallerWhereItIs(t *testing.T) {
	f := newFloor(t)
	f.desks["8002"].busy = true
	id, caller, _ := f.talk()
	require.Equal(t, 486, f.desks["8001"].dials("8002").await(t, sip.Failed).Status)
	require.Equal(t, 403, f.desks["8001"].dials("110").await(t, sip.Failed).Status)
	f.hears(id, together)
	f.desks["8003"].deaf = true
	line := f.desks["8001"].dials("8003")
	target := f.desks["8003"].ring()
	line.await(t, sip.Progress)
	line.leg.Hangup(bye) // gives up
	target.await(t, sip.Ended)
	f.hears(id, together)
	f.state("8003", "offline", "")
	caller.leg.Hangup(bye)
	f.record()
}

func TestThreeTalkAndTheAgentLeaves(t *testing.T) {
	f := newFloor(t)
	id, caller, agent := f.talk()
	f.presses(id, acd.AgentParty, "*428002#")
	f.desks["8002"].ring()
	f.hears(id, map[acd.Party]string{acd.CallerParty: "music", acd.AgentParty: "second ", acd.SecondParty: "agent "})
	f.state("8001", "held", "")
	f.presses(id, acd.AgentParty, "*43")
	f.hears(id, map[acd.Party]string{acd.CallerParty: "agent second ", acd.AgentParty: "caller second ", acd.SecondParty: "caller agent "})
	f.state("8001", "talking", "")
	agent.leg.Hangup(bye)
	f.hears(id, together)
	f.state("8001", "ready", "")
	caller.leg.Hangup(bye)
	r := f.record()
	require.Equal(t, []string{"ring 8001 answered", "queue answered", "ring 8002 answered", "hold 8001", "consult 8001 8002 conference",
		"conference 8001 8002 left", "talk 8001 left", "talk 8002 caller-hangup"}, segments(r))
}

func TestThreeTalkAndTheThirdLeaves(t *testing.T) {
	f := newFloor(t)
	id, caller, _ := f.talk()
	require.NoError(t, f.Consult(id, "0755123", "x"))
	out := next(t, f.outside)
	require.Error(t, f.Merge(id, "x"), "not before it has answered")
	out.answer(t)
	require.Eventually(t, func() bool { return f.Merge(id, "x") == nil }, 5e9, 1e6)
	out.leg.Hangup(bye)
	f.hears(id, together)
	require.Error(t, f.Complete(id, "x"))
	caller.leg.Hangup(bye)
	f.record()
}

func TestWhoConsultsOnTheCallersLineHandsItOverByHangingUp(t *testing.T) {
	for name, deaf := range map[string]bool{"who has answered": false, "whose phone still rings": true} {
		t.Run(name, func(t *testing.T) {
			f := newFloor(t)
			f.desks["8002"].deaf = deaf
			id, caller, agent := f.talk()
			f.presses(id, acd.AgentParty, "*428002#")
			second := f.desks["8002"].ring()
			if !deaf {
				f.state("8002", "talking", "")
			} else {
				f.state("8002", "ringing", "")
			}
			agent.leg.Hangup(bye)
			f.state("8001", "ready", "")
			if deaf {
				f.hears(id, map[acd.Party]string{acd.CallerParty: "ringback"})
				second.answer(t)
			}
			f.hears(id, together)
			caller.leg.Hangup(bye)
			require.Equal(t, "8002", f.record().Agent)
		})
	}
}

func TestCodesWorkOnAnotherLineToo(t *testing.T) {
	f := newFloor(t)
	id, caller, agent := f.talk()
	f.desks["8001"].dials("*428002").await(t, sip.Ended)
	f.desks["8002"].ring()
	f.state("8002", "talking", "")
	f.desks["8001"].dials("*40").await(t, sip.Ended)
	agent.await(t, sip.Ended)
	f.hears(id, together)
	caller.leg.Hangup(bye)
	require.Equal(t, "8002", f.record().Agent)
}
