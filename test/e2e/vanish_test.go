package e2e

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// silence is after how long a party that says nothing is taken to be gone: much
// more than a busy machine keeps a sender from its core.
const silence = 4 * time.Second

// askedPhone is an agent whose phone registers, and is asked each half minute whether it is there.
const askedPhone = `
  - {id: "8001", name: Li Wei, site: chengdu, password: secret1, skills: {parcels: 5}}`

// The agent's phone is killed in the middle of a call: the caller hears BYE when
// the sound has been away long enough, and the next call waits, since the phone
// is not there. When it is back it gets that call.
func TestAPhoneThatVanishesEndsItsCallAndIsOfferedNone(t *testing.T) {
	w := NewWorld(t, Options{Agents: askedPhone, Silence: silence})
	phone := w.Softphone("agent")
	phone.Login("8001", "secret1", "")
	w.AgentIs("8001", "ready")
	voice := w.Sound("caller", pcmu, 101)
	caller := w.Gateway().Call("13800001", "4008001234", voice.SDP("sendrecv"))
	caller.sound = voice
	caller.Answered()
	w.AgentIs("8001", "talking")
	voice.Hears("agent")
	died := time.Now()
	phone.Die()
	caller.HungUp()
	t.Logf("BYE %.1f s after the phone has died, where %s of silence are allowed", time.Since(died).Seconds(), silence)
	w.AgentIs("8001", "offline")
	require.Equal(t, "unreachable", w.Agent("8001").Reason)
	record := w.CDR()
	require.Equal(t, "media-timeout", record.Cause)
	require.Equal(t, "8001", record.Agent)

	next := w.Sound("caller2", pcmu, 101)
	waits := w.Gateway().Call("13800002", "4008001234", next.SDP("sendrecv"))
	waits.sound = next
	waits.Answered()
	next.HearsMusic()
	w.CallsAre(1, "waiting")
	w.AgentIs("8001", "offline")
	var offers list[decision]
	w.Get("/api/v1/calls/"+w.Calls()[0].ID+"/decision", &offers)
	require.Empty(t, offers.Items, "nobody was rung")
	again := w.Softphone("agent")
	again.Login("8001", "secret1", "")
	w.CallsAre(1, "talking")
	next.Hears("agent")
	waits.Hangup()
	again.Saw("CALL_CLOSED", 1)
	w.CDRs(2)
}

// Either party, or both, say nothing any more, and no report comes from them:
// that is the end of the call for both.
func TestSilenceOfAPartyEndsTheCallForBoth(t *testing.T) {
	t.Parallel()
	for name, who := range map[string]struct{ caller, agent bool }{"caller": {caller: true}, "agent": {agent: true}, "both": {true, true}} {
		t.Run(name, func(t *testing.T) {
			w := NewWorld(t, Options{Silence: silence})
			c := w.Converse(pcmu, 101, pcmu, 101)
			c.HearEachOther()
			c.voice.vanish(who.caller)
			c.desk.vanish(who.agent)
			c.caller.HungUp()
			c.agent.HungUp()
			record := w.CDR()
			require.Equal(t, "media-timeout", record.Cause)
			require.Equal(t, "system", record.Side)
			require.Greater(t, record.Talked, silence.Seconds())
			w.Recording(record.Recording)
		})
	}
}

// A hold is no silence, however long.
func TestAHoldIsNotTakenForSilence(t *testing.T) {
	w := NewWorld(t, Options{Silence: silence})
	c := w.Converse(pcmu, 101, pcmu, 101)
	c.HearEachOther()
	c.agent.Reinvite(c.desk.SDP("inactive"))
	c.voice.HearsMusic()
	c.desk.vanish(true)
	time.Sleep(2*silence + silence/2)
	w.AgentIs("8001", "held")
	c.desk.vanish(false)
	c.agent.Reinvite(c.desk.SDP("sendrecv"))
	c.HearEachOther()
	record, _ := c.End()
	require.Equal(t, "caller-hangup", record.Cause)
	require.Greater(t, record.Held, 2*silence.Seconds())
}

// vanish has the party send nothing, or again.
func (s *Sound) vanish(gone bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.held = gone
}
