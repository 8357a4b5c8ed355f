package e2e

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

type decision struct {
	Agent, Outcome, Trigger string
	Ring                    int
	NotReady                int `json:"not_ready"`
	NoSite                  int `json:"no_site"`
	NoSkill                 int `json:"no_skill"`
	Waited, Idle            float64
	RunnersUp               []struct {
		Agent string
		Idle  float64
	} `json:"runners_up"`
}

func TestRingsWidenBySiteAndSkillAsTheCallWaits(t *testing.T) {
	w := NewWorld(t, Options{})
	w.SetAgent("8001", "not-ready")
	far := w.Desk(2)
	caller := w.Gateway().Call("13800001", "4008001234", w.Sound("caller", pcmu, 101).SDP("sendrecv"))
	caller.Answered()
	time.Sleep(1500 * time.Millisecond)
	far.NotRung()
	ringing := far.Ring()
	waiting := w.CallsAre(1, "ringing")[0]
	require.GreaterOrEqual(t, waiting.Waited, 2.0)
	var why list[decision]
	w.Get("/api/v1/calls/"+waiting.ID+"/decision", &why)
	require.Len(t, why.Items, 1)
	require.Equal(t, "8002", why.Items[0].Agent)
	require.Equal(t, 1, why.Items[0].Ring)
	require.Equal(t, 1, why.Items[0].NotReady)
	ringing.Answer(w.Sound("agent2", pcmu, 101).SDP("sendrecv"))
	caller.Hangup()
	ringing.HungUp()
	require.Equal(t, "beijing", w.CDR().Site)
}

func TestAgentWithoutTheSkillIsNeverRung(t *testing.T) {
	w := NewWorld(t, Options{Queues: `
  - {id: parcels, client: courier, rings: [{after: 0s, skills: {parcels: 4}}], ring_timeout: 3s, wrap_up: 0s}`})
	w.SetAgent("8001", "not-ready")
	unskilled := w.Desk(2)
	caller := w.Gateway().Call("13800001", "4008001234", w.Sound("caller", pcmu, 101).SDP("sendrecv"))
	caller.Answered()
	time.Sleep(time.Second)
	unskilled.NotRung()
	caller.Hangup()
	require.Equal(t, "abandoned", w.CDR().Cause)
}

const twoNumbers = `
  - {number: "4008001234", client: courier, queue: parcels}
  - {number: "4008009999", client: courier, queue: second}`

func TestHigherPriorityIsServedFirst(t *testing.T) {
	w := NewWorld(t, Options{Numbers: twoNumbers, Queues: `
  - {id: parcels, client: courier, rings: [{after: 0s}], ring_timeout: 5s, wrap_up: 0s}
  - {id: second, client: courier, priority: 3, rings: [{after: 0s}], ring_timeout: 5s, wrap_up: 0s}`})
	w.NobodyReady()
	g, desk := w.Gateway(), w.Desk(1)
	plain := g.Call("13800001", "4008001234", w.Sound("caller", pcmu, 101).SDP("sendrecv"))
	plain.Answered()
	urgent := g.Call("13800002", "4008009999", w.Sound("caller2", pcmu, 101).SDP("sendrecv"))
	urgent.Answered()
	w.CallsAre(2, "waiting")
	w.SetAgent("8001", "ready")
	first := desk.Ring()
	require.Contains(t, first.invite.get("From"), "13800002")
	first.Answer(w.Sound("agent", pcmu, 101).SDP("sendrecv"))
	urgent.Hangup()
	first.HungUp()
	second := desk.Ring()
	require.Contains(t, second.invite.get("From"), "13800001")
	second.Answer(w.Sound("agent", pcmu, 101).SDP("sendrecv"))
	plain.Hangup()
	second.HungUp()
	w.CDRs(2)
}

func TestCallsThatWaitAreServedInTheirOrder(t *testing.T) {
	w := NewWorld(t, Options{Queues: oneSite})
	w.NobodyReady()
	g, desk := w.Gateway(), w.Desk(1)
	var waiting []*Talk
	for i := range 4 {
		k := g.Call(fmt.Sprintf("1380000%d", i), "4008001234", w.Sound("caller", pcmu, 101).SDP("sendrecv"))
		k.Answered()
		waiting = append(waiting, k)
	}
	w.SetAgent("8001", "ready")
	for i, k := range waiting {
		ringing := desk.Ring()
		require.Contains(t, ringing.invite.get("From"), fmt.Sprintf("1380000%d", i))
		ringing.Answer(w.Sound("agent", pcmu, 101).SDP("sendrecv"))
		k.Hangup()
		ringing.HungUp()
	}
	w.CDRs(4)
}

func TestCallGoesToTheAgentWhoHasBeenIdleLongest(t *testing.T) {
	w := NewWorld(t, Options{Queues: oneSite})
	w.NobodyReady()
	desks := []*Station{w.Desk(1), w.Desk(2)}
	w.SetAgent("8002", "ready")
	w.SetAgent("8001", "ready")
	g := w.Gateway()
	for i := range 4 {
		k := g.Call("13800001", "4008001234", w.Sound("caller", pcmu, 101).SDP("sendrecv"))
		k.Answered()
		ringing := desks[(i+1)%2].Ring()
		ringing.Answer(w.Sound("agent", pcmu, 101).SDP("sendrecv"))
		k.Hangup()
		ringing.HungUp()
		w.AgentIs(fmt.Sprintf("800%d", (i+1)%2+1), "ready")
	}
	for _, r := range w.CDRs(4) {
		w.explained(r.ID, r.Agent, map[string]string{"8001": "8002", "8002": "8001"}[r.Agent])
	}
}

func TestFullQueueIsBusy(t *testing.T) {
	w := NewWorld(t, Options{Queues: `
  - {id: parcels, client: courier, rings: [{after: 0s}], ring_timeout: 5s, wrap_up: 0s, max_waiting: 2}`})
	w.NobodyReady()
	g := w.Gateway()
	var waiting []*Talk
	for range 2 {
		k := g.Call("13800001", "4008001234", w.Sound("caller", pcmu, 101).SDP("sendrecv"))
		k.Answered()
		waiting = append(waiting, k)
	}
	w.CallsAre(2, "waiting")
	g.Call("13800003", "4008001234", w.Sound("caller", pcmu, 101).SDP("sendrecv")).Refused(486)
	waiting[0].Hangup()
	w.CallsAre(1, "waiting")
	k := g.Call("13800004", "4008001234", w.Sound("caller", pcmu, 101).SDP("sendrecv"))
	k.Answered()
	k.Hangup()
	waiting[1].Hangup()
	w.CDRs(3)
}

func TestFullQueueOverflows(t *testing.T) {
	w := NewWorld(t, Options{Queues: `
  - {id: parcels, client: courier, rings: [{after: 0s, sites: [chengdu]}], ring_timeout: 5s, wrap_up: 0s, max_waiting: 1, overflow: second}
  - {id: second, client: courier, rings: [{after: 0s, sites: [beijing]}], ring_timeout: 5s, wrap_up: 0s}`})
	w.SetAgent("8001", "not-ready")
	w.Phone(2, 0)
	g := w.Gateway()
	stays := g.Call("13800001", "4008001234", w.Sound("caller", pcmu, 101).SDP("sendrecv"))
	stays.Answered()
	w.CallsAre(1, "waiting")
	moves := g.Call("13800002", "4008001234", w.Sound("caller", pcmu, 101).SDP("sendrecv"))
	moves.Answered()
	w.AgentIs("8002", "talking")
	moves.Hangup()
	stays.Hangup()
	all := w.CDRs(2)
	require.Equal(t, "second", from(t, all, "13800002").Queue)
	require.Equal(t, "8002", from(t, all, "13800002").Agent)
	require.Equal(t, "abandoned", from(t, all, "13800001").Cause)
}

func TestLongestWaitEndsTheCall(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]string{"answered": "queue", "early media": "agent"} {
		t.Run(name, func(t *testing.T) {
			w := NewWorld(t, Options{Queues: fmt.Sprintf(`
  - {id: parcels, client: courier, rings: [{after: 0s}], max_wait: 1s, answer: %s}`, answer)})
			w.NobodyReady()
			k := w.Gateway().Call("13800001", "4008001234", w.Sound("caller", pcmu, 101).SDP("sendrecv"))
			if answer == "queue" {
				k.Answered()
				require.NotEmpty(t, k.HungUp().get("Reason"), "RFC 3326")
			} else {
				k.Refused(480)
			}
			c := w.CDR()
			require.Equal(t, "max-wait", c.Cause)
			require.Equal(t, "system", c.Side)
			require.InDelta(t, 1.0, c.Waited, 0.3)
		})
	}
}

func TestLongestWaitOverflowsAndCountsOnFromTheArrival(t *testing.T) {
	w := NewWorld(t, Options{Queues: `
  - {id: parcels, client: courier, rings: [{after: 0s, sites: [chengdu]}], max_wait: 1s, overflow: second}
  - {id: second, client: courier, rings: [{after: 0s, sites: [beijing]}], wrap_up: 0s}`})
	w.SetAgent("8001", "not-ready")
	w.Phone(2, 0)
	k := w.Gateway().Call("13800001", "4008001234", w.Sound("caller", pcmu, 101).SDP("sendrecv"))
	k.Answered()
	w.AgentIs("8002", "talking")
	k.Hangup()
	c := w.CDR()
	require.Equal(t, "8002", c.Agent)
	require.Equal(t, "second", c.Queue)
	require.Equal(t, []string{"queue/overflow", "ring/answered", "queue/answered", "talk/caller-hangup"}, c.kinds())
	require.Equal(t, "parcels", c.Segments[0].Queue)
	require.GreaterOrEqual(t, c.Duration-c.Talked, 1.0)
}

func TestWrapUpKeepsTheNextCallAway(t *testing.T) {
	w := NewWorld(t, Options{Queues: `
  - {id: parcels, client: courier, rings: [{after: 0s, sites: [chengdu]}], wrap_up: 1500ms}`})
	desk, g := w.Desk(1), w.Gateway()
	first := g.Call("13800001", "4008001234", w.Sound("caller", pcmu, 101).SDP("sendrecv"))
	first.Answered()
	ringing := desk.Ring()
	ringing.Answer(w.Sound("agent", pcmu, 101).SDP("sendrecv"))
	second := g.Call("13800002", "4008001234", w.Sound("caller", pcmu, 101).SDP("sendrecv"))
	second.Answered()
	first.Hangup()
	ringing.HungUp()
	w.AgentIs("8001", "wrap-up")
	time.Sleep(700 * time.Millisecond)
	desk.NotRung()
	next := desk.Ring()
	next.Answer(w.Sound("agent", pcmu, 101).SDP("sendrecv"))
	second.Hangup()
	next.HungUp()
	w.CDRs(2)
}

func TestNumberIsFoundHoweverItIsWritten(t *testing.T) {
	w := NewWorld(t, Options{Numbers: `
  - {number: "4008001234", client: courier, queue: parcels}
  - {number: "+862888", client: courier, queue: parcels}`})
	w.NobodyReady()
	g := w.Gateway()
	uris := []string{"sip:4008001234@127.0.0.1", "sip:+4008001234@127.0.0.1", "sip:400-800-1234;phone-context=+86@127.0.0.1;user=phone",
		"tel:4008001234;phone-context=example.com", "tel:+4008001234", "tel:+400-800-1234", "sip:+862888@127.0.0.1", "sip:862888@127.0.0.1", "tel:+86-28-88"}
	for _, uri := range uris {
		k := g.Prepare("13800001", uri, w.Sound("caller", pcmu, 101).SDP("sendrecv"))
		g.send(k.invite)
		m := k.ExpectOneOf("200 INVITE", "404 INVITE", "400 INVITE", "416 INVITE")
		require.Equal(t, 200, m.status(), uri)
		k.Ack("")
		k.Hangup()
	}
	w.CDRs(len(uris))
	for _, uri := range []string{"sip:40080012345@127.0.0.1", "sip:400800123@127.0.0.1", "sip:127.0.0.1", "tel:+14155550100"} {
		k := g.Prepare("13800001", uri, w.Sound("caller", pcmu, 101).SDP("sendrecv"))
		g.send(k.invite)
		k.Refused(404)
	}
}

// explained holds the shell's and the API's explanation of a call's only offer
// against who was chosen and who would have been next.
func (w *World) explained(call, chosen, next string) {
	w.t.Helper()
	var why list[decision]
	w.Get("/api/v1/calls/"+call+"/decision", &why)
	require.Len(w.t, why.Items, 1)
	o := why.Items[0]
	require.Equal(w.t, chosen, o.Agent)
	require.Len(w.t, o.RunnersUp, 1)
	require.Equal(w.t, next, o.RunnersUp[0].Agent)
	require.LessOrEqual(w.t, o.RunnersUp[0].Idle, o.Idle)
	out, ok := w.shell("calls", "why", call)
	require.True(w.t, ok, out)
	require.Contains(w.t, out, "agent "+next+": idle ")
	require.Contains(w.t, out, "it had been idle for less time")
}
