package e2e

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// consultable are a queue that calls come to, and one that its agents ask.
const consultable = `
  - {id: parcels, client: courier, rings: [{after: 0s, skills: {parcels: 5}}], ring_timeout: 5s, wrap_up: 0s}
  - {id: returns, client: courier, extension: "700", rings: [{after: 0s, skills: {returns: 5}}], ring_timeout: 5s, wrap_up: 0s}`

// asking is a caller on hold whose agent waits in the queue of returns.
func asking(t *testing.T) (w *World, caller, agent, line *Talk) {
	w = NewWorld(t, Options{Agents: floorAgents, Queues: consultable})
	li := w.Handset("8001", "agent")
	w.AgentIs("8001", "ready")
	caller = w.Rings("13800001", "4008001234")
	agent = li.Takes()
	caller.sound.Hears("agent")
	agent.sound.Hears("caller")
	time.Sleep(700 * time.Millisecond)
	agent.Holds()
	line = li.Calls("700")
	line.sound.HearsMusic()
	caller.sound.HearsMusic()
	return w, caller, agent, line
}

func TestAnAgentConsultsAQueueAndTransfersToWhomItGets(t *testing.T) {
	w, caller, agent, line := asking(t)
	var v struct{ Second, Stage string }
	w.Get("/api/v1/calls/"+w.Calls()[0].ID, &v)
	require.Equal(t, []string{"returns", "waiting"}, []string{v.Second, v.Stage})
	wang := w.Handset("8002", "agent2")
	w.SetAgent("8002", "ready")
	second := wang.Takes()
	line.sound.Hears("agent2")
	second.sound.Hears("agent")
	caller.sound.HearsMusic()
	time.Sleep(time.Second)

	require.Equal(t, "200 OK", agent.Refer(line.instead("700")))
	agent.HungUp()
	line.HungUp()
	caller.sound.Hears("agent2")
	second.sound.Hears("caller")
	w.AgentIs("8001", "ready")
	time.Sleep(time.Second)
	caller.Hangup()
	second.HungUp()

	r := w.CDR()
	require.Equal(t, []string{"ring/answered", "queue/answered", "ring/answered", "queue/answered", "consult/transferred", "hold/", "talk/transferred", "talk/caller-hangup"}, r.kinds())
	require.Equal(t, []string{"returns", "8002"}, []string{r.Queue, r.Agent})
	tape := w.Recording(r.Recording)
	w.heardTogether([][]int16{tape.Agent}, []string{"agent"}, []string{"agent2"})
	w.heardTogether([][]int16{tape.Agent}, []string{"agent2"}, []string{"agent"})
	w.heardTogether([][]int16{tape.Caller}, []string{"caller"}, nil)
	require.Zero(t, longest(tape.Agent, []string{"agent", "agent2"}, nil), "what is said behind the caller's back is on no tape")
	caller.sound.Continuous()
}

func TestACallerWaitsOnWhereItsAgentHasWaited(t *testing.T) {
	w, caller, agent, line := asking(t)
	require.Equal(t, "200 OK", line.Refer(agent.instead("4008001234")))
	agent.HungUp()
	line.HungUp()
	w.AgentIs("8001", "ready")
	caller.sound.HearsMusic()
	require.Equal(t, "returns", w.CallsAre(1, "waiting")[0].Queue)
	wang := w.Handset("8002", "agent2")
	w.SetAgent("8002", "ready")
	second := wang.Takes()
	caller.sound.Hears("agent2")
	second.sound.Hears("caller")
	caller.Hangup()
	second.HungUp()
	r := w.CDR()
	require.Equal(t, []string{"ring/answered", "queue/answered", "hold/", "talk/transferred", "ring/answered", "queue/answered", "talk/caller-hangup"}, r.kinds())
}

func TestAnAgentGivesUpAskingAQueueAndGoesBack(t *testing.T) {
	w, caller, agent, line := asking(t)
	line.Hangup()
	agent.Resumes()
	caller.sound.Hears("agent")
	agent.sound.Hears("caller")
	w.AgentIs("8001", "talking")
	caller.Hangup()
	agent.HungUp()
	require.Contains(t, w.CDR().kinds(), "queue/aborted")
}
