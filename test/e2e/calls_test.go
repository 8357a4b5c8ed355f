package e2e

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The tests of this file have SIPp, an implementation that is nobody's here, on
// the carrier's side.

func bothTransports(t *testing.T, test func(t *testing.T, transport string)) {
	t.Parallel()
	for name, flag := range map[string]string{"UDP": "u1", "TCP": "t1"} {
		t.Run(name, func(t *testing.T) { test(t, flag) })
	}
}

func TestCallIsAnsweredQueuedRungConnectedAndRecorded(t *testing.T) {
	bothTransports(t, func(t *testing.T, transport string) {
		w := NewWorld(t, Options{})
		w.Phone(1, 500*time.Millisecond)
		caller := w.Carrier("carrier_talk", "4008001234", 1, "-d", "3500", "-t", transport)
		w.AgentIs("8001", "ringing")
		w.AgentIs("8001", "talking")
		caller.Wait()

		c := w.CDR()
		require.Equal(t, "caller-hangup", c.Cause)
		require.Equal(t, "caller", c.Side)
		require.Equal(t, 16, c.Q850)
		require.Equal(t, []string{"8001", "chengdu", "courier", "parcels", "telecom"}, []string{c.Agent, c.Site, c.Client, c.Queue, c.Trunk})
		require.Equal(t, []string{"13800001", "4008001234"}, []string{c.From, c.Number})
		require.Equal(t, []string{"ring/answered", "queue/answered", "talk/caller-hangup"}, c.kinds())
		require.InDelta(t, 0.5, c.Waited, 0.4, "the phone rang for half a second")
		require.InDelta(t, 3.0, c.Talked, 0.5)
		require.InDelta(t, c.Duration, c.Waited+c.Talked, 0.2)
		require.Equal(t, c.ID, c.Recording)
		w.AgentIs("8001", "ready")

		tape := w.Recording(c.Recording)
		require.InDelta(t, c.Talked, tape.Length(), 0.3)
		w.Holds(tape.Caller, "caller", 0.3, c.Talked-0.3)
		w.Holds(tape.Agent, "agent", 0.3, c.Talked-0.3)
	})
}

func TestAgentMayHangUp(t *testing.T) {
	bothTransports(t, func(t *testing.T, transport string) {
		w := NewWorld(t, Options{})
		w.Desk(1).PicksUp(0, 1200*time.Millisecond, w.Sound("agent", pcmu, 101))
		w.Carrier("carrier_waits_for_bye", "4008001234", 1, "-t", transport).Wait()
		c := w.CDR()
		require.Equal(t, "agent-hangup", c.Cause)
		require.Equal(t, "agent", c.Side)
		w.AgentIs("8001", "ready")
	})
}

func TestUnknownNumberIs404(t *testing.T) {
	bothTransports(t, func(t *testing.T, transport string) {
		w := NewWorld(t, Options{})
		w.Carrier("carrier_unknown", "5550000", 3, "-t", transport).Wait()
		require.Zero(t, w.Invariants().Admitted)
	})
}

func TestOfferWithoutACommonCodecIs488(t *testing.T) {
	w := NewWorld(t, Options{})
	w.Carrier("carrier_refused_488", "4008001234", 1).Wait()
	require.Equal(t, "no-media", w.CDR().Cause)
}

func TestCallBeyondTheTrunksChannelsIs503WithRetryAfter(t *testing.T) {
	bothTransports(t, func(t *testing.T, transport string) {
		w := NewWorld(t, Options{Trunks: `[{id: telecom, peers: [127.0.0.1], channels: 1}]`})
		w.NobodyReady()
		first := w.Carrier("carrier_silent", "4008001234", 1, "-d", "2500")
		w.CallsAre(1, "waiting")
		w.Carrier("carrier_refused_503", "4008001234", 2, "-t", transport).Wait()
		first.Wait()
		require.Equal(t, "abandoned", w.CDR().Cause, "the call that was there went on")
		w.Carrier("carrier_silent", "4008001234", 1, "-d", "100").Wait()
		w.CDRs(2)
	})
}

func TestCallerWhoHangsUpWhileWaitingIsAbandoned(t *testing.T) {
	bothTransports(t, func(t *testing.T, transport string) {
		w := NewWorld(t, Options{})
		w.NobodyReady()
		w.Carrier("carrier_talk", "4008001234", 1, "-d", "1200", "-t", transport).Wait()
		c := w.CDR()
		require.Equal(t, "abandoned", c.Cause)
		require.Equal(t, "caller", c.Side)
		require.Empty(t, c.Agent)
		require.Empty(t, c.Recording)
		require.InDelta(t, 1.2, c.Waited, 0.4)
		require.Equal(t, []string{"queue/abandoned"}, c.kinds())
	})
}

func TestCancelWhileThePhoneRingsStopsItsRinging(t *testing.T) {
	bothTransports(t, func(t *testing.T, transport string) {
		w := NewWorld(t, Options{Queues: earlyMediaQueue})
		phone := w.Phone(1, time.Minute)
		w.Carrier("carrier_cancel", "4008001234", 1, "-d", "800", "-t", transport).Wait()
		require.Equal(t, "abandoned", w.CDR().Cause)
		w.AgentIs("8001", "ready")
		require.True(t, phone.saw("CANCEL"))
	})
}

func TestCancelAtTheFirstResponse(t *testing.T) {
	bothTransports(t, func(t *testing.T, transport string) {
		w := NewWorld(t, Options{Queues: earlyMediaQueue})
		w.NobodyReady()
		w.Carrier("carrier_cancel_at_once", "4008001234", 5, "-r", "5", "-t", transport).Wait()
		for _, c := range w.CDRs(5) {
			require.Equal(t, "abandoned", c.Cause)
		}
	})
}

func TestLateACKBringsTheAnswerAgainAndTheCallGoesOn(t *testing.T) {
	w := NewWorld(t, Options{})
	w.Phone(1, 600*time.Millisecond)
	caller := w.Carrier("carrier_late_ack", "4008001234", 1, "-d", "1500")
	caller.Wait()
	early, _, _ := strings.Cut(caller.Messages(), "\nACK sip:")
	require.GreaterOrEqual(t, strings.Count(early, "\nSIP/2.0 200"), 3, "RFC 3261 13.3.1.4: at T1, then doubled")
	c := w.CDR()
	require.Equal(t, "caller-hangup", c.Cause)
	require.InDelta(t, 1.3, c.Talked, 0.6)
}

func TestCallerWhoNeverAcknowledgesIsReleased(t *testing.T) {
	w := NewWorld(t, Options{})
	w.NobodyReady()
	w.Carrier("carrier_never_acks", "4008001234", 1).Wait()
	c := w.CDR()
	require.Equal(t, "signal-lost", c.Cause)
	require.InDelta(t, 3.2, c.Duration, 1.5, "64 times T1")
}

func TestRepeatedINVITEIsOneCall(t *testing.T) {
	w := NewWorld(t, Options{})
	w.NobodyReady()
	w.Carrier("carrier_retransmits", "4008001234", 3, "-r", "3", "-d", "500").Wait()
	w.CDRs(3)
	require.EqualValues(t, 3, w.Invariants().Admitted)
}

func TestStrangerGetsNoAnswerAndCostsNothing(t *testing.T) {
	bothTransports(t, func(t *testing.T, transport string) {
		w := NewWorld(t, Options{Trunks: `[{id: telecom, peers: [127.0.0.9], channels: 30}]`})
		stranger := w.Carrier("carrier_silent", "4008001234", 1, "-d", "100", "-t", transport)
		time.Sleep(1500 * time.Millisecond)
		v := w.Invariants()
		require.Zero(t, v.Admitted)
		require.Zero(t, v.Transactions)
		require.Zero(t, v.Legs)
		stranger.Kill()
		require.Contains(t, stranger.Messages(), "INVITE sip:4008001234", "it did call")
		require.NotContains(t, stranger.Messages(), "SIP/2.0 4", "silence, not a refusal")
		require.NotContains(t, stranger.Messages(), "SIP/2.0 100")
	})
}

const earlyMediaQueue = `
  - id: parcels
    client: courier
    rings: [{after: 0s, sites: [chengdu], skills: {parcels: 5}}]
    ring_timeout: 10s
    wrap_up: 0s
    answer: agent`

func TestEarlyMediaUntilAnAgentAnswers(t *testing.T) {
	bothTransports(t, func(t *testing.T, transport string) {
		w := NewWorld(t, Options{Queues: earlyMediaQueue})
		w.Phone(1, 800*time.Millisecond)
		caller := w.Carrier("carrier_talk", "4008001234", 1, "-d", "1500", "-t", transport)
		caller.Wait()
		require.Contains(t, caller.Messages(), "SIP/2.0 183")
		c := w.CDR()
		require.Equal(t, "8001", c.Agent)
		require.InDelta(t, 0.8, c.Waited, 0.4)
		require.InDelta(t, 1.5, c.Talked, 0.5)
	})
}
