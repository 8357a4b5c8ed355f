package exchange

import (
	"slices"
	"strings"
	"testing"

	"switchroom/acd"
	"switchroom/media/sdp"
	"switchroom/sip"

	"github.com/stretchr/testify/require"
)

// named is the Replaces value for the leg of a role, read off the wire.
func (f *floor) named(id string, role acd.Party) string {
	f.t.Helper()
	callID := f.legOf(id, role).CallID()
	tag := func(head, name string) string {
		for line := range strings.SplitSeq(head, "\r\n") {
			if header, v, _ := strings.Cut(line, ":"); strings.EqualFold(header, name) {
				_, tag, _ := strings.Cut(v, ";tag=")
				tag, _, _ = strings.Cut(tag, ";")
				return tag
			}
		}
		return ""
	}
	for _, m := range slices.Backward(f.Ladder(id)) { // a challenge has another tag than the answer
		head, _, _ := strings.Cut(m.Text, "\r\n\r\n")
		ours, theirs := tag(head, "From"), tag(head, "To")
		if (m.Direction == "out") == strings.HasPrefix(head, "SIP/2.0") {
			ours, theirs = theirs, ours
		}
		if m.CallID == callID && ours != "" && theirs != "" {
			return callID + ";to-tag=" + ours + ";from-tag=" + theirs
		}
	}
	f.t.Fatalf("no dialog of %s in the ladder", role)
	return ""
}

// replacing has the phone send an INVITE with Replaces.
func (d *desk) replacing(value string) *end {
	d.t.Helper()
	e := &end{ear: newEar()}
	var err error
	e.leg, err = d.peer.ua.Dial(sip.Dial{URI: "sip:x@" + d.sip, From: sip.Identity{Number: d.id}, Username: d.id, Password: "secret",
		SDP: sdp.Offer(silent), Sink: e, Headers: []sip.Header{{Name: "Replaces", Value: value}}})
	require.NoError(d.t, err)
	return e
}

func TestAnAgentGoesOnAtAnotherLineByReplaces(t *testing.T) {
	f := newFloor(t)
	id, caller, agent := f.talk()
	other := f.desks["8001"].replacing(f.named(id, acd.AgentParty))
	other.await(t, sip.Answered)
	agent.await(t, sip.Ended)
	f.hears(id, together)
	f.state("8001", "talking", "")
	require.NoError(t, other.leg.Reoffer(held(silent, sdp.SendOnly)))
	f.state("8001", "held", "")
	other.await(t, sip.Reanswered)
	again := f.desks["8001"].replacing(f.named(id, acd.AgentParty))
	again.await(t, sip.Answered)
	f.state("8001", "talking", "")
	f.hears(id, together)
	caller.leg.Hangup(bye)
	again.await(t, sip.Ended)
	f.state("8001", "ready", "")
	require.Equal(t, []string{"ring 8001 answered", "queue answered", "hold 8001", "talk 8001 caller-hangup"}, segments(f.record()))
	require.Equal(t, 2, f.book.count(acd.CallMoved))
}

func TestAnAgentPicksUpAtAnotherPhoneWhatRings(t *testing.T) {
	f := newFloor(t)
	f.desks["8001"].deaf = true
	caller := &end{}
	caller.leg, caller.ear = f.dial(f.carrier)
	caller.await(t, sip.Answered)
	rings := f.desks["8001"].ring()
	f.state("8001", "ringing", "")
	id := f.Calls()[0].ID
	other := f.desks["8001"].replacing(f.named(id, acd.AgentParty))
	other.await(t, sip.Answered)
	rings.await(t, sip.Ended)
	f.hears(id, together)
	caller.leg.Hangup(bye)
	other.await(t, sip.Ended)
	f.state("8001", "ready", "")
	require.Equal(t, []string{"ring 8001 answered", "queue answered", "talk 8001 caller-hangup"}, segments(f.record()))
}

func TestWhoIsConsultedTakesTheCallerByReplaces(t *testing.T) {
	for name, role := range map[string]acd.Party{"by the caller's line": acd.AgentParty, "by its own call": acd.LineParty} {
		t.Run(name, func(t *testing.T) {
			f := newFloor(t)
			id, caller, agent, line, second := f.consulting()
			taken := f.desks["8002"].replacing(f.named(id, role))
			taken.await(t, sip.Answered)
			agent.await(t, sip.Ended)
			line.await(t, sip.Ended)
			second.await(t, sip.Ended)
			f.hears(id, together)
			f.state("8001", "ready", "")
			f.state("8002", "talking", "")
			caller.leg.Hangup(bye)
			taken.await(t, sip.Ended)
			f.state("8002", "offline", "")
			require.Equal(t, []string{"ring 8001 answered", "queue answered", "ring 8002 answered", "consult 8001 8002 transferred",
				"hold 8001", "talk 8001 transferred", "talk 8002 caller-hangup"}, segments(f.record()))
		})
	}
	t.Run("before it has answered", func(t *testing.T) {
		f := newFloor(t)
		f.desks["8002"].deaf = true
		id, caller, agent := f.talk()
		line := f.desks["8001"].dials("8002")
		rings := f.desks["8002"].ring()
		f.state("8002", "ringing", "")
		taken := f.desks["8002"].replacing(f.named(id, acd.AgentParty))
		taken.await(t, sip.Answered)
		rings.await(t, sip.Ended)
		agent.await(t, sip.Ended)
		line.await(t, sip.Failed)
		f.hears(id, together)
		caller.leg.Hangup(bye)
		taken.await(t, sip.Ended)
		require.Equal(t, "8002", f.record().Agent)
	})
}

func TestASupervisorTakesACallByReplaces(t *testing.T) {
	t.Run("that stands", func(t *testing.T) {
		f := newFloor(t)
		id, caller, agent := f.talk()
		boss := f.desks["8009"].replacing(f.named(id, acd.AgentParty))
		boss.await(t, sip.Answered)
		agent.await(t, sip.Ended)
		f.hears(id, together)
		f.state("8009", "talking", "")
		caller.leg.Hangup(bye)
		boss.await(t, sip.Ended)
		require.Equal(t, "8009", f.record().Agent)
		require.Equal(t, 1, f.book.count(acd.SuperviseStarted))
		require.Equal(t, 1, f.book.count(acd.SuperviseStopped))
	})
	t.Run("to which it listens", func(t *testing.T) {
		f := newFloor(t)
		id, caller, agent := f.talk()
		listens := f.desks["8009"].dials("*618001")
		listens.await(t, sip.Answered)
		f.hears(id, map[acd.Party]string{acd.CallerParty: "agent ", acd.AgentParty: "caller ", acd.SupervisorParty: "caller agent "})
		boss := f.desks["8009"].replacing(f.named(id, acd.AgentParty))
		boss.await(t, sip.Answered)
		agent.await(t, sip.Ended)
		listens.await(t, sip.Ended)
		f.hears(id, together)
		caller.leg.Hangup(bye)
		boss.await(t, sip.Ended)
		require.Equal(t, "8009", f.record().Agent)
		require.Equal(t, 1, f.book.count(acd.SuperviseStopped))
	})
	t.Run("that rings", func(t *testing.T) {
		f := newFloor(t)
		f.desks["8001"].deaf = true
		caller := &end{}
		caller.leg, caller.ear = f.dial(f.carrier)
		caller.await(t, sip.Answered)
		rings := f.desks["8001"].ring()
		f.state("8001", "ringing", "")
		id := f.Calls()[0].ID
		boss := f.desks["8009"].replacing(f.named(id, acd.AgentParty))
		boss.await(t, sip.Answered)
		rings.await(t, sip.Ended)
		f.state("8001", "ready", "") // it has missed nothing
		f.hears(id, together)
		caller.leg.Hangup(bye)
		boss.await(t, sip.Ended)
		r := f.record()
		require.Equal(t, []string{"ring 8001 pulled", "queue pulled", "ring 8009 answered", "talk 8009 caller-hangup"}, segments(r))
		require.Equal(t, "8009", r.Agent)
		require.Equal(t, "pull", f.book.of(acd.SuperviseDid)[0].State)
	})
}

func TestReplacesIsRefusedWhereItIsNotDue(t *testing.T) {
	f := newFloor(t)
	id, caller, agent := f.talk()
	value := f.named(id, acd.AgentParty)
	refused := func(who, value string) int { return f.desks[who].replacing(value).await(t, sip.Failed).Status }
	require.Equal(t, 403, refused("8002", value), "a colleague's call")
	require.Equal(t, 403, refused("8001", f.named(id, acd.CallerParty)), "the caller's own leg")
	require.Equal(t, 403, refused("8009", f.named(id, acd.CallerParty)))
	require.Equal(t, 486, refused("8001", value+";early-only"), "it stands")
	require.Equal(t, 481, refused("8001", value+"x"), "another tag")
	require.Equal(t, 481, refused("8009", "nobody;to-tag=a;from-tag=b"))
	f.hears(id, together)
	agent.leg.Hangup(bye)
	caller.await(t, sip.Ended)
	f.record()
	require.Equal(t, 481, refused("8001", value), "it is over")
	f.state("8002", "offline", "")
}
