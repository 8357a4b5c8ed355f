package e2e

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// code dials a feature code and hears that it is carried out.
func (h *Handset) code(dialled string) {
	h.s.t.Helper()
	k := h.Calls(dialled)
	k.HungUp()
}

func TestAnAgentTakesAPhoneAndGivesItBack(t *testing.T) {
	w := NewWorld(t, Options{Agents: floorAgents + `
  - {id: "8003", name: Zhao Lei, site: beijing, pin: "471100", skills: {parcels: 5}, password: secret8003, ready_on_register: false}`, Queues: consultable})
	desk := w.Handset("8001", "agent")
	w.AgentIs("8001", "ready")
	k := desk.Calls("*51*8003*471199")
	k.HungUp() // after the tone that refuses
	require.Equal(t, "offline", w.Agent("8003").State)
	require.Equal(t, "ready", w.Agent("8001").State)

	desk.code("*51*8003*471100#")
	w.AgentIs("8003", "ready")
	w.AgentIs("8001", "offline") // who sits there no more
	caller := w.Rings("13800001", "4008001234")
	agent := desk.Takes()
	caller.sound.Hears("agent")
	require.Equal(t, "talking", w.AgentIs("8003", "talking").State)
	agent.Hangup()
	caller.HungUp()
	require.Equal(t, "8003", w.CDR().Agent)
	w.AgentIs("8003", "ready")

	desk.code("*50")
	w.AgentIs("8003", "offline")
	desk.code("*51")
	w.AgentIs("8001", "ready")
	caller = w.Rings("13800002", "4008001234")
	agent = desk.Takes()
	caller.sound.Hears("agent")
	caller.Hangup()
	agent.HungUp()
	require.Equal(t, "8001", from(t, w.CDRs(2), "13800002").Agent)
}

func TestEachStretchOfSupervisionByCodeIsOnRecord(t *testing.T) {
	w := NewWorld(t, Options{Agents: floorAgents, Queues: consultable})
	li, wang, chen := w.Handset("8001", "agent"), w.Handset("8002", "agent2"), w.Handset("8009", "boss")
	w.AgentIs("8001", "ready")
	caller := w.Rings("13800001", "4008001234")
	agent := li.Takes()
	caller.sound.Hears("agent")
	wang.Dials("*618001").Refused(403) // is nobody's supervisor
	boss := chen.Calls("*618001")
	both := func(who *Talk, one, other string) {
		w.Eventually(8*time.Second, who.s.user+" hears both", func() bool {
			heard := who.sound.last(500 * time.Millisecond)
			return len(heard) > 3000 && hasTone(heard, one) && hasTone(heard, other)
		})
	}
	both(boss, "agent", "caller")
	agent.sound.Hears("caller") // alone
	boss.sound.Press("*62")
	both(agent, "boss", "caller")
	caller.sound.Hears("agent") // still alone
	boss.sound.Press("*63")
	both(caller, "agent", "boss")
	boss.sound.Press("*64")
	agent.HungUp()
	caller.sound.Hears("boss")
	boss.sound.Hears("caller")
	caller.Hangup()
	boss.HungUp()
	r := w.CDR()
	require.Equal(t, "8009", r.Agent)
	var stretches []string
	for _, kind := range r.kinds() {
		if strings.HasPrefix(kind, "supervise/") {
			stretches = append(stretches, kind)
		}
	}
	require.Equal(t, []string{"supervise/mode", "supervise/mode", "supervise/taken-over"}, stretches)
	w.Eventually(5*time.Second, "the audit's entries", func() bool {
		journal := w.journal()
		return strings.Count(journal, `"supervise.started"`) == 3 && strings.Count(journal, `"supervise.stopped"`) == 3
	})
}

func TestACallThatNobodyFilesGetsTheDefault(t *testing.T) {
	w := NewWorld(t, Options{
		Clients: `[{id: courier, name: Courier Express, dispositions: [{code: "01", name: found}, {code: "99", name: unfiled}], disposition_required: true, disposition_default: "99"}]`,
		Queues:  strings.Replace(usualQueue, "wrap_up: 0s", "wrap_up: 2s", 1)})
	w.SetAgent("8002", "not-ready")
	c := w.Converse(pcmu, 101, pcmu, 101)
	c.HearEachOther()
	record, _ := c.End()
	w.AgentIs("8001", "wrap-up")
	status, _ := w.Do("DELETE", "/api/v1/agents/8001/wrap-up", nil)
	require.Equal(t, 409, status, "the call is to be filed first")
	w.AgentIs("8001", "ready") // when the time is over
	w.Eventually(5*time.Second, "the record says what the call came to", func() bool {
		_, body := w.Do("GET", "/api/v1/cdrs/"+record.ID, nil)
		return strings.Contains(string(body), `"disposition":{"code":"99","name":"unfiled"`)
	})
}

func TestATransferToAClosedQueueLeavesTheCallerWithTheAgentOrGoesWhereTheQueueSays(t *testing.T) {
	w := NewWorld(t, Options{Agents: floorAgents, Queues: consultable + `
  - {id: shut, client: courier, extension: "701", hours: never}
  - {id: late, client: courier, extension: "702", hours: never, closed: {queue: night}, holiday: {queue: night}}
  - {id: night, client: courier, rings: [{after: 0s, skills: {none: 9}}]}`,
		Extra: `
calendars: [{id: never, open: "mon 00:00-00:01", holidays: ["2020-01-01..2099-12-31"]}]`})
	li := w.Handset("8001", "agent")
	w.AgentIs("8001", "ready")
	caller := w.Rings("13800001", "4008001234")
	agent := li.Takes()
	caller.sound.Hears("agent")
	require.Equal(t, "480 Temporarily Unavailable", agent.Refer("<"+w.uri("701")+">"))
	caller.sound.Hears("agent")
	agent.sound.Hears("caller")
	li.Dials("701").Refused(480) // nor is it to be consulted
	require.Equal(t, "200 OK", agent.Refer("<"+w.uri("702")+">"))
	agent.HungUp()
	require.Equal(t, "night", w.CallsAre(1, "waiting")[0].Queue)
	caller.sound.HearsMusic()
	caller.Hangup()
	require.Equal(t, "abandoned", w.CDR().Cause)
}
