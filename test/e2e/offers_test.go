package e2e

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestUnansweredOfferTakesTheAgentOutAndTheNextRingTakesTheCall(t *testing.T) {
	w := NewWorld(t, Options{})
	mute := w.Desk(1)
	w.Phone(2, 100*time.Millisecond)
	voice := w.Sound("caller", pcmu, 101)
	caller := w.Gateway().Call("13800001", "4008001234", voice.SDP("sendrecv"))
	caller.sound = voice
	ringing := mute.Ring()
	caller.Answered()
	ringing.Cancelled()
	w.AgentIs("8002", "talking")
	require.Equal(t, "no-answer", w.AgentIs("8001", "not-ready").Reason)
	voice.Hears("agent2")
	time.Sleep(time.Second)
	caller.Hangup()

	c := w.CDR()
	require.Equal(t, "8002", c.Agent)
	require.Equal(t, "beijing", c.Site)
	require.InDelta(t, 3.1, c.Waited, 0.7, "the wait counts from the first arrival")
	require.Equal(t, []string{"ring/no-answer", "ring/answered", "queue/answered", "talk/caller-hangup"}, c.kinds())
	tape := w.Recording(c.Recording)
	w.Holds(tape.Agent, "agent2", 0.3, c.Talked-0.3)
}

// oneSite is a queue that both agents serve alike.
const oneSite = `
  - {id: parcels, client: courier, rings: [{after: 0s}], ring_timeout: 1500ms, wrap_up: 0s}`

func TestCallThatRangOutKeepsItsPlaceBeforeALaterOne(t *testing.T) {
	w := NewWorld(t, Options{Queues: oneSite})
	w.NobodyReady()
	g, one, two := w.Gateway(), w.Desk(1), w.Desk(2)
	first := g.Call("13800001", "4008001234", w.Sound("caller", pcmu, 101).SDP("sendrecv"))
	first.Answered()
	w.SetAgent("8001", "ready")
	mute := one.Ring()
	require.Contains(t, mute.invite.get("From"), "13800001")
	later := g.Call("13800002", "4008001234", w.Sound("caller2", pcmu, 101).SDP("sendrecv"))
	later.Answered()
	mute.Cancelled()
	require.Equal(t, "no-answer", w.AgentIs("8001", "not-ready").Reason)
	w.CallsAre(2, "waiting")

	w.SetAgent("8002", "ready")
	picked := two.Ring()
	require.Contains(t, picked.invite.get("From"), "13800001", "the call that came first is served first")
	picked.Answer(w.Sound("agent2", pcmu, 101).SDP("sendrecv"))
	first.Hangup()
	picked.HungUp()
	next := two.Ring()
	require.Contains(t, next.invite.get("From"), "13800002")
	next.Answer(w.Sound("agent2", pcmu, 101).SDP("sendrecv"))
	next.Hangup()
	later.HungUp()

	all := w.CDRs(2)
	require.Equal(t, []string{"ring/no-answer", "ring/answered", "queue/answered", "talk/caller-hangup"}, from(t, all, "13800001").kinds())
	require.Equal(t, []string{"ring/answered", "queue/answered", "talk/agent-hangup"}, from(t, all, "13800002").kinds())
}

func TestEachRefusalOfAPhoneIsTreatedForItself(t *testing.T) {
	t.Parallel()
	for status, reason := range map[int]string{486: "busy", 600: "busy", 603: "rejected", 403: "rejected",
		500: "unreachable", 404: "unreachable", 503: "unreachable", 488: "unreachable"} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			w := NewWorld(t, Options{Queues: oneSite})
			w.SetAgent("8002", "not-ready")
			refusing := w.Desk(1)
			w.Phone(2, 0)
			caller := w.Gateway().Call("13800001", "4008001234", w.Sound("caller", pcmu, 101).SDP("sendrecv"))
			caller.Answered()
			refusing.Rung(5 * time.Second).Refuse(status)
			require.Equal(t, reason, w.AgentIs("8001", "not-ready").Reason)
			w.SetAgent("8002", "ready")
			w.AgentIs("8002", "talking")
			caller.Hangup()
			c := w.CDR()
			require.Equal(t, "8002", c.Agent)
			require.Equal(t, "ring/"+reason, c.kinds()[0])
		})
	}
}

func TestPhoneThatIsNotThereIsUnreachableAndTheCallGoesOn(t *testing.T) {
	w := NewWorld(t, Options{Queues: `
  - {id: parcels, client: courier, rings: [{after: 0s}], ring_timeout: 20s, wrap_up: 0s}`})
	w.SetAgent("8002", "not-ready")
	w.Phone(2, 0)
	caller := w.Gateway().Call("13800001", "4008001234", w.Sound("caller", pcmu, 101).SDP("sendrecv"))
	caller.Answered()
	require.Equal(t, "unreachable", w.AgentIs("8001", "not-ready").Reason)
	w.SetAgent("8002", "ready")
	w.AgentIs("8002", "talking")
	caller.Hangup()
	require.Equal(t, "8002", w.CDR().Agent)
}

func TestCallerWhoHangsUpWhileThePhoneRingsLeavesNoPhoneRinging(t *testing.T) {
	w := NewWorld(t, Options{})
	desk := w.Desk(1)
	caller := w.Gateway().Call("13800001", "4008001234", w.Sound("caller", pcmu, 101).SDP("sendrecv"))
	caller.Answered()
	ringing := desk.Ring()
	w.AgentIs("8001", "ringing")
	caller.Hangup()
	ringing.Cancelled()
	require.Equal(t, "abandoned", w.CDR().Cause)
	w.AgentIs("8001", "ready")
}

func TestOurCancelCrossedByThePhonesAnswerEndsInBye(t *testing.T) {
	t.Parallel()
	for name, answerFirst := range map[string]bool{"200 then 200 to CANCEL": false, "200 to CANCEL then 200": true} {
		t.Run(name, func(t *testing.T) {
			w := NewWorld(t, Options{})
			desk := w.Desk(1)
			caller := w.Gateway().Call("13800001", "4008001234", w.Sound("caller", pcmu, 101).SDP("sendrecv"))
			caller.Answered()
			ringing := desk.Ring()
			w.AgentIs("8001", "ringing")
			caller.Hangup()
			cancel := ringing.Expect("CANCEL")
			if answerFirst {
				desk.send(cancel.reply(200, "OK", ringing.tag))
			}
			ringing.reply(200, "OK", w.Sound("agent", pcmu, 101).SDP("sendrecv"))
			ringing.Expect("ACK")
			if !answerFirst {
				desk.send(cancel.reply(200, "OK", ringing.tag))
			}
			ringing.HungUp()
			c := w.CDR()
			require.Equal(t, "abandoned", c.Cause)
			require.Empty(t, c.Agent)
			require.Empty(t, c.Recording)
			w.AgentIs("8001", "ready")
		})
	}
}

func TestRingTimeoutCrossedByThePhonesAnswerEndsInBye(t *testing.T) {
	w := NewWorld(t, Options{Queues: oneSite})
	w.SetAgent("8002", "not-ready")
	desk := w.Desk(1)
	caller := w.Gateway().Call("13800001", "4008001234", w.Sound("caller", pcmu, 101).SDP("sendrecv"))
	caller.Answered()
	ringing := desk.Ring()
	cancel := ringing.Expect("CANCEL")
	ringing.reply(200, "OK", w.Sound("agent", pcmu, 101).SDP("sendrecv"))
	ringing.Expect("ACK")
	desk.send(cancel.reply(200, "OK", ringing.tag))
	ringing.HungUp()
	require.Equal(t, "no-answer", w.AgentIs("8001", "not-ready").Reason)
	w.CallsAre(1, "waiting")
	caller.Hangup()
	require.Equal(t, "abandoned", w.CDR().Cause)
}

func TestPhonesLateAnswersAreAcknowledgedAgain(t *testing.T) {
	w := NewWorld(t, Options{})
	desk := w.Desk(1)
	caller := w.Gateway().Call("13800001", "4008001234", w.Sound("caller", pcmu, 101).SDP("sendrecv"))
	caller.Answered()
	ringing := desk.Ring()
	body := w.Sound("agent", pcmu, 101).SDP("sendrecv")
	ringing.Answer(body)
	ringing.reply(200, "OK", body)
	require.Equal(t, 1, ringing.Repeats("ACK", 500*time.Millisecond), "RFC 3261 13.2.2.4: each 2xx is acknowledged")
	ringing.Hangup()
	caller.HungUp()
	require.Equal(t, "agent-hangup", w.CDR().Cause)
}
