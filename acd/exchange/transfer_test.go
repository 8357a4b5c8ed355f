package exchange

import (
	"testing"

	"switchroom/acd"
	"switchroom/sip"

	"github.com/stretchr/testify/require"
)

// referTo asks for a transfer without a word.
func referTo(number string) sip.Event { return sip.Event{ReferTo: "sip:" + number + "@switch;x=y"} }

func TestReferHandsTheCallerToAColleague(t *testing.T) {
	f := newFloor(t)
	id, caller, agent := f.talk()
	f.refers(id, acd.AgentParty, referTo("8002"))
	f.desks["8002"].ring()
	f.state("8002", "talking", "")
	agent.await(t, sip.Ended)
	f.state("8001", "ready", "")
	f.hears(id, together)
	v, _ := f.Call(id)
	require.Equal(t, "8002", v.Agent)
	caller.leg.Hangup(bye)
	r := f.record()
	require.Equal(t, []string{"ring 8001 answered", "queue answered", "ring 8002 answered", "talk 8001 transferred", "talk 8002 caller-hangup"}, segments(r))
	require.Equal(t, "8002", r.Agent)
	require.Equal(t, 1, f.book.count(acd.CallTransferred))
}

func TestReferHandsTheCallerToAQueueByIdOrExtension(t *testing.T) {
	for _, to := range []string{"returns", "700"} {
		t.Run(to, func(t *testing.T) {
			f := newFloor(t)
			id, caller, agent := f.talk()
			require.NoError(t, f.SetAgentState("8001", "not-ready", "x", "test"))
			f.refers(id, acd.AgentParty, referTo(to))
			agent.await(t, sip.Ended)
			f.state("8001", "not-ready", "x")
			v, _ := f.Call(id)
			require.Equal(t, []string{"waiting", "returns", ""}, []string{v.State, v.Queue, v.Agent})
			require.NoError(t, f.SetAgentState("8003", "ready", "", "test"))
			f.desks["8003"].ring()
			f.state("8003", "talking", "")
			f.hears(id, together)
			caller.leg.Hangup(bye)
			r := f.record()
			require.Equal(t, []string{"ring 8001 answered", "queue answered", "talk 8001 transferred", "ring 8003 answered", "queue answered", "talk 8003 caller-hangup"}, segments(r))
			require.Equal(t, "returns", r.Queue)
			for _, q := range f.plan.Load().queues {
				require.Zero(t, q.inside.Load(), "places are given back")
			}
		})
	}
}

func TestReferHandsTheCallerToTheWorldOutside(t *testing.T) {
	f := newFloor(t)
	id, caller, agent := f.talk()
	f.refers(id, acd.AgentParty, referTo("0755123"))
	out := next(t, f.outside)
	require.Equal(t, "0755123", out.inv.Number)
	require.Equal(t, "4001", out.inv.From.Number, "the client's number is shown")
	f.hears(id, map[acd.Party]string{acd.CallerParty: "ringback"})
	out.answer(t)
	agent.await(t, sip.Ended)
	f.state("8001", "ready", "")
	f.hears(id, together)
	caller.leg.Hangup(bye)
	out.await(t, sip.Ended)
	r := f.record()
	require.Equal(t, "talk 0755123 caller-hangup", segments(r)[len(r.Segments)-1])
	require.Equal(t, "8001", r.Agent, "the last agent that talked")
	require.Len(t, r.Attempts, 1)
}

func TestATransferThatFailsLeavesTheCallerWithTheAgent(t *testing.T) {
	for to, prepare := range map[string]func(*floor){
		"8002":    func(f *floor) { f.desks["8002"].busy = true },
		"8003":    func(f *floor) { f.desks["8003"].deaf = true }, // rings out
		"8001":    func(*floor) {},                                // itself
		"12345x":  func(*floor) {},
		"110":     func(*floor) {},
		"0044123": func(*floor) {}, // barred
		"":        func(*floor) {},
	} {
		t.Run("to "+to, func(t *testing.T) {
			f := newFloor(t)
			prepare(f)
			id, caller, agent := f.talk()
			f.refers(id, acd.AgentParty, referTo(to))
			require.Eventually(t, func() bool {
				v, _ := f.Call(id)
				a, _ := f.Agent("8001")
				return v.State == "talking" && v.Agent == "8001" && a.State == "talking"
			}, 5e9, 1e6)
			if to == "8003" {
				f.desks["8003"].ring().await(t, sip.Ended)
				require.Eventually(t, func() bool { return f.book.count(acd.CallTransferFailed) == 1 }, 5e9, 1e6)
			}
			f.hears(id, together)
			caller.leg.Hangup(bye)
			agent.await(t, sip.Ended)
			r := f.record()
			require.Equal(t, "caller-hangup", r.Cause)
			require.Equal(t, "8001", r.Agent)
		})
	}
}

func TestAnAgentWhoHasLeftIsRungAgainWhenTheTransferFails(t *testing.T) {
	f := newFloor(t)
	f.desks["8002"].deaf = true
	id, caller, agent := f.talk()
	f.refers(id, acd.AgentParty, referTo("8002"))
	f.desks["8002"].ring()
	agent.leg.Hangup(bye) // before anybody has answered
	again := f.desks["8001"].ring()
	f.state("8001", "talking", "")
	f.hears(id, together)
	caller.leg.Hangup(bye)
	again.await(t, sip.Ended)
	r := f.record()
	require.Equal(t, []string{"ring 8001 answered", "queue answered", "talk 8001 transferred", "ring 8002 no-answer", "ring 8001 answered", "talk 8001 caller-hangup"}, segments(r))
}

func TestACallerWhomNobodyTakesBackGoesToItsQueue(t *testing.T) {
	f := newFloor(t)
	id, caller, agent := f.talk()
	f.desks["8002"].deaf = true
	f.refers(id, acd.AgentParty, referTo("8002"))
	f.desks["8002"].ring()
	f.desks["8001"].busy = true
	agent.leg.Hangup(bye)
	require.NoError(t, f.SetAgentState("8001", "not-ready", "gone", "test"))
	require.Eventually(t, func() bool { v, _ := f.Call(id); return v.State == "waiting" && v.Queue == "parcels" }, 10e9, 1e6)
	require.NoError(t, f.SetAgentState("8003", "ready", "", "test"))
	f.state("8003", "talking", "")
	caller.leg.Hangup(bye)
	r := f.record()
	require.Equal(t, "8003", r.Agent)
	require.Equal(t, "caller-hangup", r.Cause)
}

func TestTheCallerMayGoAtAnyMomentOfATransfer(t *testing.T) {
	f := newFloor(t)
	f.desks["8002"].deaf = true
	id, caller, agent := f.talk()
	f.refers(id, acd.AgentParty, referTo("8002"))
	target := f.desks["8002"].ring()
	caller.leg.Hangup(bye)
	target.await(t, sip.Ended)
	agent.await(t, sip.Ended)
	require.Equal(t, "caller-hangup", f.record().Cause)
	f.state("8001", "ready", "")
	f.state("8002", "offline", "")
}

func TestOnlyTheAgentMaySendItsCallerAway(t *testing.T) {
	f := newFloor(t)
	id, caller, _ := f.talk()
	f.refers(id, acd.CallerParty, referTo("8002"))
	f.refers(id, acd.AgentParty, sip.Event{ReferTo: "sip:8002@switch", ReplacesGone: true})
	f.hears(id, together)
	require.Empty(t, f.desks["8002"].rung)
	caller.leg.Hangup(bye)
	require.Len(t, f.record().Segments, 3)
}

func TestKeysHandTheCallerOn(t *testing.T) {
	f := newFloor(t)
	id, caller, agent := f.talk()
	f.presses(id, acd.AgentParty, "5*9*418002#")
	f.desks["8002"].ring()
	agent.await(t, sip.Ended)
	f.state("8002", "talking", "")
	caller.leg.Hangup(bye)
	require.Equal(t, "8002", f.record().Agent)
}

func TestTransferByProgram(t *testing.T) {
	f := newFloor(t)
	id, caller, agent := f.talk()
	require.NoError(t, f.Transfer(id, "8002", "supervisor:1"))
	agent.await(t, sip.Ended)
	f.state("8002", "talking", "")
	require.Error(t, f.Transfer(id, "8002", "x"), "to who has it")
	require.Error(t, f.Transfer("nobody", "8002", "x"))
	require.Equal(t, "supervisor:1", f.book.of(acd.SuperviseDid)[0].Reason)
	caller.leg.Hangup(bye)
	f.record()
}

func TestAPhoneThatHangsUpWhenItsTransferFailsIsRungAgain(t *testing.T) {
	for name, to := range map[string]string{"nobody has the number": "12345x", "its owner is busy": "8002"} {
		t.Run(name, func(t *testing.T) {
			f := newFloor(t)
			f.desks["8002"].busy = true
			id, caller, agent := f.talk()
			f.refers(id, acd.AgentParty, referTo(to))
			require.Eventually(t, func() bool { return f.book.count(acd.CallTransferFailed) == 1 }, 5e9, 1e6)
			agent.leg.Hangup(bye)
			f.desks["8001"].ring()
			f.state("8001", "talking", "")
			f.hears(id, together)
			caller.leg.Hangup(bye)
			require.Equal(t, "caller-hangup", f.record().Cause)
		})
	}
}
