package exchange

import (
	"testing"

	"switchroom/acd"
	"switchroom/sip"

	"github.com/stretchr/testify/require"
)

// modes are what is heard with a supervisor in a call.
var modes = map[string]map[acd.Party]string{
	"listen":  {acd.CallerParty: "agent ", acd.AgentParty: "caller ", acd.SupervisorParty: "caller agent "},
	"whisper": {acd.CallerParty: "agent ", acd.AgentParty: "caller supervisor ", acd.SupervisorParty: "caller agent "},
	"barge":   {acd.CallerParty: "agent supervisor ", acd.AgentParty: "caller supervisor ", acd.SupervisorParty: "caller agent "},
}

// audit is who supervised how, as the journal has it.
func (f *floor) audit() (out []string) {
	for _, kind := range []acd.Kind{acd.SuperviseStarted, acd.SuperviseStopped} {
		for _, e := range f.book.of(kind) {
			out = append(out, string(kind)+" "+e.Agent+" by "+e.Reason+" "+e.State)
		}
	}
	return out
}

func TestASupervisorListensWhispersAndBargesInByCode(t *testing.T) {
	f := newFloor(t)
	id, caller, _ := f.talk()
	boss := f.desks["8009"].dials("*618001")
	boss.await(t, sip.Answered)
	f.hears(id, modes["listen"])
	f.state("8009", "talking", "")
	f.presses(id, acd.SupervisorParty, "*62")
	f.hears(id, modes["whisper"])
	f.presses(id, acd.SupervisorParty, "*63")
	f.hears(id, modes["barge"])
	boss.leg.Hangup(bye)
	f.hears(id, together)
	f.state("8009", "offline", "")
	require.Equal(t, []string{
		"supervise.started 8001 by 8009 listen", "supervise.started 8001 by 8009 whisper", "supervise.started 8001 by 8009 barge",
		"supervise.stopped 8001 by 8009 listen", "supervise.stopped 8001 by 8009 whisper", "supervise.stopped 8001 by 8009 barge"}, f.audit())
	caller.leg.Hangup(bye)
	r := f.record()
	require.Equal(t, "caller-hangup", r.Cause)
	require.Contains(t, segments(r), "supervise 8001 8009 whisper mode")
}

func TestASupervisorsPhoneIsRungForAProgram(t *testing.T) {
	f := newFloor(t)
	id, caller, agent := f.talk()
	require.NoError(t, f.Supervise(id, "8009", "barge", "supervisor:1"))
	boss := f.desks["8009"].ring()
	f.hears(id, modes["barge"])
	require.NoError(t, f.Supervise(id, "8009", "listen", "supervisor:1"))
	f.hears(id, modes["listen"])
	require.Error(t, f.Supervise(id, "8003", "listen", "x"), "one at a time")
	require.Error(t, f.Supervise(id, "8009", "shout", "x"))
	require.NoError(t, f.Unsupervise(id, "supervisor:1"))
	boss.await(t, sip.Ended)
	f.hears(id, together)
	require.Error(t, f.Unsupervise(id, "x"))
	require.Error(t, f.TakeOver(id, "x"))
	agent.leg.Hangup(bye)
	caller.await(t, sip.Ended)
	f.record()
}

func TestASupervisorTakesOver(t *testing.T) {
	for name, take := range map[string]func(*floor, string){
		"by code": func(f *floor, id string) { f.desks["8009"].dials("*648001") },
		"by keys, having listened": func(f *floor, id string) {
			f.desks["8009"].dials("*618001").await(f.t, sip.Answered)
			f.hears(id, modes["listen"])
			f.presses(id, acd.SupervisorParty, "*64")
		},
		"by program": func(f *floor, id string) {
			require.NoError(f.t, f.Supervise(id, "8009", "listen", "x"))
			f.hears(id, modes["listen"])
			require.NoError(f.t, f.TakeOver(id, "x"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFloor(t)
			id, caller, agent := f.talk()
			take(f, id)
			agent.await(t, sip.Ended)
			f.state("8001", "ready", "")
			f.state("8009", "talking", "")
			f.hears(id, together)
			caller.leg.Hangup(bye)
			r := f.record()
			require.Equal(t, "8009", r.Agent)
			require.Contains(t, segments(r), "talk 8001 taken-over")
			require.Len(t, f.audit(), 2)
		})
	}
}

func TestTheEndOfACallEndsItsSupervisionToo(t *testing.T) {
	f := newFloor(t)
	id, caller, _ := f.talk()
	boss := f.desks["8009"].dials("*618001")
	boss.await(t, sip.Answered)
	f.hears(id, modes["listen"])
	caller.leg.Hangup(bye)
	boss.await(t, sip.Ended)
	f.record()
	require.Len(t, f.audit(), 2)
	f.state("8009", "offline", "")
}

func TestOnlySupervisorsOfTheTeamAndClientMaySupervise(t *testing.T) {
	f := newFloor(t, func(s *setting) {
		s.agents += `,{id: "8010", name: B, site: chengdu, password: secret, team: dusk, supervisor: true}`
	})
	_, caller, _ := f.talk()
	require.Equal(t, 403, f.desks["8003"].dials("*618001").await(t, sip.Failed).Status, "no supervisor")
	stranger := *f.desks["8003"]
	stranger.id = "8010"
	stranger.register()
	require.Equal(t, 403, stranger.dials("*618001").await(t, sip.Failed).Status, "another team's")
	require.Equal(t, 404, f.desks["8009"].dials("*614711").await(t, sip.Failed).Status)
	require.Equal(t, 403, f.desks["8009"].dials("*618002").await(t, sip.Failed).Status, "in no call")
	require.Empty(t, f.audit())
	caller.leg.Hangup(bye)
	f.record()
}

func TestAWaitingCallIsPulledPastTheQueue(t *testing.T) {
	for name, pull := range map[string]func(*floor, string){
		"by code":    func(f *floor, id string) { f.desks["8009"].dials("*65600").await(f.t, sip.Ended) },
		"by program": func(f *floor, id string) { require.NoError(f.t, f.Pull(id, "8009", "supervisor:1")) },
	} {
		t.Run(name, func(t *testing.T) {
			f := newFloor(t)
			require.NoError(t, f.SetAgentState("8001", "not-ready", "x", "test"))
			caller := &end{}
			caller.leg, caller.ear = f.dial(f.carrier)
			caller.await(t, sip.Answered)
			id := f.Calls()[0].ID
			pull(f, id)
			f.desks["8009"].ring()
			f.state("8009", "talking", "")
			f.hears(id, together)
			caller.leg.Hangup(bye)
			r := f.record()
			require.Equal(t, []string{"queue pulled", "ring 8009 answered", "talk 8009 caller-hangup"}, segments(r))
			require.Equal(t, "pull", f.book.of(acd.SuperviseDid)[1].State)
		})
	}
}

func TestAPulledCallThatIsNotTakenGoesBackToItsPlace(t *testing.T) {
	f := newFloor(t)
	require.NoError(t, f.SetAgentState("8001", "not-ready", "x", "test"))
	f.desks["8009"].deaf = true
	caller := &end{}
	caller.leg, caller.ear = f.dial(f.carrier)
	caller.await(t, sip.Answered)
	id := f.Calls()[0].ID
	require.NoError(t, f.Pull(id, "8009", "x"))
	f.desks["8009"].ring().await(t, sip.Ended)
	require.Eventually(t, func() bool { v, _ := f.Call(id); return v.State == "waiting" }, 5e9, 1e6)
	require.NoError(t, f.SetAgentState("8001", "ready", "", "test"))
	f.state("8001", "talking", "")
	require.Error(t, f.Pull(id, "8009", "x"), "it does not wait")
	caller.leg.Hangup(bye)
	require.Equal(t, "8001", f.record().Agent)
}

func TestASupervisorSetsAnAgentsState(t *testing.T) {
	f := newFloor(t)
	f.desks["8009"].dials("*678001").await(t, sip.Ended)
	f.state("8001", "not-ready", "supervisor")
	f.desks["8009"].dials("*668001").await(t, sip.Ended)
	f.state("8001", "ready", "")
	f.desks["8009"].dials("*688001").await(t, sip.Ended)
	f.state("8001", "offline", "")
	require.Equal(t, 403, f.desks["8002"].dials("*668001").await(t, sip.Failed).Status)
	require.Equal(t, 3, f.book.count(acd.SuperviseDid))
	f.idle()
}
