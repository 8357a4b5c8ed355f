package e2e

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// cdr is what the API gives of a finished call.
type cdr struct {
	ID, Client, Queue, From, Number, Trunk, Agent, Site, Cause, Side, Recording string
	Waited, Talked, Held, Duration                                              float64
	Q850                                                                        int
	Segments                                                                    []struct {
		Kind, Agent, Cause string
		Start, Length      float64
	}
}

// CDRs waits until n calls are recorded and gives them, newest first.
func (w *World) CDRs(n int) []cdr {
	w.t.Helper()
	var got list[cdr]
	w.Eventually(10*time.Second, "the calls' records", func() bool {
		w.Get("/api/v1/cdrs", &got)
		return len(got.Items) >= n
	})
	require.Len(w.t, got.Items, n)
	return got.Items
}

type agentView struct{ ID, Site, State, Reason, CallID string }

// AgentIs waits until an agent is seen in a state.
func (w *World) AgentIs(id, state string) agentView {
	w.t.Helper()
	var a agentView
	w.Eventually(8*time.Second, "agent "+id+" is "+state, func() bool {
		w.Get("/api/v1/agents/"+id, &a)
		return a.State == state
	})
	return a
}

// SetAgent makes an agent ready, not-ready or offline.
func (w *World) SetAgent(id, state string) {
	w.t.Helper()
	status, body := w.Do("POST", "/api/v1/agents/"+id+"/state", map[string]string{"state": state, "reason": ""})
	require.Less(w.t, status, 300, "%s", body)
}

func bothTransports(t *testing.T, test func(t *testing.T, transport string)) {
	for name, flag := range map[string]string{"UDP": "u1", "TCP": "t1"} {
		t.Run(name, func(t *testing.T) { test(t, flag) })
	}
}

func TestACallIsAnsweredQueuedRungConnectedAndRecorded(t *testing.T) {
	bothTransports(t, func(t *testing.T, transport string) {
		w := NewWorld(t, Options{})
		phone := w.Phone(1, "phone_answers", 1, "-d", "500")
		caller := w.Carrier("carrier_talk", "4008001234", 1, "-d", "4000", "-t", transport)
		w.AgentIs("8001", "talking")
		caller.Wait()
		phone.Wait()

		c := w.CDRs(1)[0]
		require.Equal(t, "caller-hangup", c.Cause)
		require.Equal(t, "8001", c.Agent)
		require.Equal(t, "chengdu", c.Site)
		require.Equal(t, "courier", c.Client)
		require.Equal(t, "13800001", c.From)
		require.Equal(t, "4008001234", c.Number)
		require.InDelta(t, 0.5, c.Waited, 0.4, "the phone rang for half a second")
		require.InDelta(t, 3.5, c.Talked, 0.5)
		require.Equal(t, c.ID, c.Recording)
		w.AgentIs("8001", "ready")

		s := w.Recording(c.Recording)
		require.InDelta(t, c.Talked, float64(len(s.Caller))/8000, 0.3)
		w.Holds(s.Caller, "caller", 0.3, c.Talked-0.3)
		w.Holds(s.Agent, "agent", 0.3, c.Talked-0.3)
	})
}

func TestANumberIsFoundWithAndWithoutPlus(t *testing.T) {
	w := NewWorld(t, Options{})
	w.Phone(1, "phone_answers", 1, "-d", "100")
	w.Carrier("carrier_talk", "+4008001234", 1, "-d", "1000").Wait()
	require.Equal(t, "8001", w.CDRs(1)[0].Agent)
}

func TestTheAgentMayHangUp(t *testing.T) {
	w := NewWorld(t, Options{})
	phone := w.Phone(1, "phone_answers_hangs_up", 1, "-d", "1500")
	w.Carrier("carrier_waits_for_bye", "4008001234", 1).Wait()
	phone.Wait()
	c := w.CDRs(1)[0]
	require.Equal(t, "agent-hangup", c.Cause)
	require.Equal(t, "agent", c.Side)
}

func TestUnknownNumberIs404(t *testing.T) {
	w := NewWorld(t, Options{})
	w.Carrier("carrier_unknown", "5550000", 1).Wait()
	require.Zero(t, w.Invariants().Admitted)
}

func TestOfferWithoutACommonCodecIs488(t *testing.T) {
	w := NewWorld(t, Options{})
	w.Carrier("carrier_refused_488", "4008001234", 1).Wait()
	require.Equal(t, "no-media", w.CDRs(1)[0].Cause)
}

func TestCallBeyondTheTrunksChannelsIs503WithRetryAfter(t *testing.T) {
	w := NewWorld(t, Options{Trunks: `[{id: telecom, peers: [127.0.0.1], channels: 1}]`})
	first := w.Carrier("carrier_silent", "4008001234", 1, "-d", "3000")
	w.Eventually(5*time.Second, "the first call is up", func() bool { return w.Invariants().Calls == 1 })
	w.Carrier("carrier_refused_503", "4008001234", 1).Wait()
	first.Wait()
	require.Equal(t, "abandoned", w.CDRs(1)[0].Cause)
}

func TestCallerWhoHangsUpWhileWaitingIsAbandoned(t *testing.T) {
	w := NewWorld(t, Options{})
	w.SetAgent("8001", "not-ready")
	w.SetAgent("8002", "not-ready")
	w.Carrier("carrier_talk", "4008001234", 1, "-d", "1200").Wait()
	c := w.CDRs(1)[0]
	require.Equal(t, "abandoned", c.Cause)
	require.Equal(t, "caller", c.Side)
	require.Empty(t, c.Agent)
	require.Empty(t, c.Recording)
	require.InDelta(t, 1.2, c.Waited, 0.4)
}

func TestCallerWhoHangsUpWhileThePhoneRingsLeavesNoPhoneRinging(t *testing.T) {
	w := NewWorld(t, Options{})
	phone := w.Phone(1, "phone_rings_out", 1)
	w.Carrier("carrier_talk", "4008001234", 1, "-d", "1000").Wait()
	phone.Wait()
	require.Equal(t, "abandoned", w.CDRs(1)[0].Cause)
	w.AgentIs("8001", "ready")
}

func TestRONATakesTheAgentOutAndTheNextRingTakesTheCall(t *testing.T) {
	w := NewWorld(t, Options{})
	mute := w.Phone(1, "phone_rings_out", 1)
	second := w.Phone(2, "phone2_answers", 1, "-d", "100")
	w.Carrier("carrier_talk", "4008001234", 1, "-d", "6000").Wait()
	mute.Wait()
	second.Wait()
	require.Equal(t, "no-answer", w.AgentIs("8001", "not-ready").Reason)
	c := w.CDRs(1)[0]
	require.Equal(t, "8002", c.Agent)
	require.InDelta(t, 3.1, c.Waited, 0.7, "the wait counts from the first arrival")
	s := w.Recording(c.Recording)
	w.Holds(s.Agent, "agent2", 0.3, c.Talked-0.3)
}

func TestBusyAndRejectingPhonesAreTreatedEachForItself(t *testing.T) {
	for scenario, reason := range map[string]string{"phone_busy": "busy", "phone_rejects": "rejected"} {
		t.Run(reason, func(t *testing.T) {
			w := NewWorld(t, Options{})
			w.Phone(1, scenario, 1)
			second := w.Phone(2, "phone2_answers", 1, "-d", "100")
			w.Carrier("carrier_talk", "4008001234", 1, "-d", "4000").Wait()
			second.Wait()
			require.Equal(t, reason, w.AgentIs("8001", "not-ready").Reason)
			require.Equal(t, "8002", w.CDRs(1)[0].Agent)
		})
	}
}

func TestAnswerThatCrossesTheCancelIsEndedAndTheAgentIsFree(t *testing.T) {
	w := NewWorld(t, Options{})
	phone := w.Phone(1, "phone_answers_over_cancel", 1)
	w.Carrier("carrier_talk", "4008001234", 1, "-d", "1000").Wait()
	phone.Wait()
	require.Equal(t, "abandoned", w.CDRs(1)[0].Cause)
	w.AgentIs("8001", "ready")
}

const earlyMediaQueue = `
  - id: parcels
    client: courier
    rings: [{after: 0s, sites: [chengdu], skills: {parcels: 5}}]
    ring_timeout: 10s
    wrap_up: 0s
    answer: agent`

func TestEarlyMediaUntilAnAgentAnswers(t *testing.T) {
	w := NewWorld(t, Options{Queues: earlyMediaQueue})
	phone := w.Phone(1, "phone_answers", 1, "-d", "800")
	caller := w.Carrier("carrier_talk", "4008001234", 1, "-d", "2000")
	caller.Wait()
	phone.Wait()
	require.Contains(t, caller.Messages(), "SIP/2.0 183")
	c := w.CDRs(1)[0]
	require.Equal(t, "8001", c.Agent)
	require.InDelta(t, 2.0, c.Talked, 0.5)
}

func TestCancelWhileThePhoneRings(t *testing.T) {
	w := NewWorld(t, Options{Queues: earlyMediaQueue})
	phone := w.Phone(1, "phone_rings_out", 1)
	w.Carrier("carrier_cancel", "4008001234", 1, "-d", "1000").Wait()
	phone.Wait()
	require.Equal(t, "abandoned", w.CDRs(1)[0].Cause)
	w.AgentIs("8001", "ready")
}

func TestCancelBeforeAnyResponseWasRead(t *testing.T) {
	w := NewWorld(t, Options{Queues: earlyMediaQueue})
	w.SetAgent("8001", "not-ready")
	w.Carrier("carrier_cancel_at_once", "4008001234", 1).Wait()
	require.Equal(t, "abandoned", w.CDRs(1)[0].Cause)
}

func TestLostACKBringsTheAnswerAgain(t *testing.T) {
	w := NewWorld(t, Options{})
	phone := w.Phone(1, "phone_answers", 1, "-d", "100")
	w.Carrier("carrier_no_ack", "4008001234", 1, "-d", "1000").Wait()
	phone.Wait()
	require.Equal(t, "caller-hangup", w.CDRs(1)[0].Cause)
}

func TestCallerWhoNeverAcknowledgesIsReleased(t *testing.T) {
	w := NewWorld(t, Options{SIPExtra: "  t1: 50ms"})
	w.SetAgent("8001", "not-ready")
	w.SetAgent("8002", "not-ready")
	w.Carrier("carrier_never_acks", "4008001234", 1).Wait()
	require.Equal(t, "signal-lost", w.CDRs(1)[0].Cause)
}

func TestDoubledINVITEIsOneCall(t *testing.T) {
	w := NewWorld(t, Options{})
	w.SetAgent("8001", "not-ready")
	w.SetAgent("8002", "not-ready")
	w.Carrier("carrier_retransmits", "4008001234", 1, "-d", "500").Wait()
	w.CDRs(1)
}

func TestBothSidesMayHangUpAtOnce(t *testing.T) {
	w := NewWorld(t, Options{})
	for range 10 {
		phone := w.Phone(1, "phone_answers_hangs_up", 1, "-d", "1000")
		caller := w.Carrier("carrier_talk_or_bye", "4008001234", 1, "-d", "1000")
		caller.Wait()
		phone.Wait()
		w.AgentIs("8001", "ready")
	}
	w.CDRs(10)
}

func TestStrangerGetsNoAnswerAndCostsNothing(t *testing.T) {
	w := NewWorld(t, Options{Trunks: `[{id: telecom, peers: [127.0.0.9], channels: 30}]`})
	stranger := w.Carrier("carrier_silent", "4008001234", 1, "-d", "100")
	time.Sleep(3 * time.Second)
	v := w.Invariants()
	require.Zero(t, v.Admitted)
	require.Zero(t, v.Transactions)
	stranger.Kill()
	require.NotContains(t, stranger.Messages(), "SIP/2.0 4", "silence, not a refusal")
}
