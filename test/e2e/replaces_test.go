package e2e

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// inPlaceOf is the header of an INVITE for the place of a line (RFC 3891).
func inPlaceOf(k *Talk) [2]string { return [2]string{"Replaces", k.replaces()} }

func TestPhonesTakeTheirPlacesByReplaces(t *testing.T) {
	w := NewWorld(t, Options{Agents: floorAgents, Queues: consultable})
	li, wang, chen := w.Handset("8001", "agent"), w.Handset("8002", "agent2"), w.Handset("8009", "boss")
	w.AgentIs("8001", "ready")
	caller := w.Rings("13800001", "4008001234")
	agent := li.Takes()
	caller.sound.Hears("agent")

	// Nobody else's place, and no other dialog's.
	wang.Dials("8001", inPlaceOf(agent)).Refused(403)
	li.Dials("8001", [2]string{"Replaces", agent.replaces() + "x"}).Refused(481)
	li.Dials("8001", [2]string{"Replaces", agent.replaces() + ";early-only"}).Refused(486)

	// An agent goes on at another line of its own.
	moved := li.Calls("8001", inPlaceOf(agent))
	agent.HungUp()
	caller.sound.Hears("agent")
	moved.sound.Hears("caller")

	// Who is consulted takes the caller.
	moved.Holds()
	line := li.Dials("8002")
	asked := wang.Takes()
	line.Answered()
	asked.sound.Hears("agent")
	taken := wang.Calls("8001", inPlaceOf(moved))
	moved.HungUp()
	line.HungUp()
	asked.HungUp()
	caller.sound.Hears("agent2")
	taken.sound.Hears("caller")
	w.AgentIs("8001", "ready")

	// The supervisor takes the call over.
	over := chen.Calls("8002", inPlaceOf(taken))
	taken.HungUp()
	caller.sound.Hears("boss")
	over.sound.Hears("caller")
	caller.Hangup()
	over.HungUp()
	r := w.CDR()
	require.Equal(t, []string{"ring/answered", "queue/answered", "ring/answered", "consult/transferred", "hold/", "talk/transferred",
		"supervise/taken-over", "talk/taken-over", "talk/caller-hangup"}, r.kinds())
	require.Equal(t, "8009", r.Agent)
	caller.sound.Continuous()

	// And picks up what rings at an agent's.
	caller = w.Rings("13800002", "4008001234")
	rings := li.s.Ring()
	w.AgentIs("8001", "ringing")
	over = chen.Calls("8001", inPlaceOf(rings))
	rings.Cancelled()
	caller.sound.Hears("boss")
	w.AgentIs("8001", "ready") // it has missed nothing
	caller.Hangup()
	over.HungUp()
	require.Equal(t, "8009", from(t, w.CDRs(2), "13800002").Agent)
}
