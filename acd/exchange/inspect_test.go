package exchange

import (
	"testing"
	"time"

	"switchroom/acd"
	"switchroom/sip"

	"github.com/stretchr/testify/require"
)

// later is the same moment, so much later on the monotonic clock.
func (f *floor) later(d time.Duration) acd.Instant {
	now := f.clock.now()
	now.Mono += d
	return now
}

func TestACallThatOutlivesItsDeadlineIsReportedOnce(t *testing.T) {
	f := newFloor(t)
	_, caller, _ := f.talk()
	f.inspect(f.later(time.Minute))
	require.Empty(t, f.Invariants().Violations, "a talk is not late")
	f.inspect(f.later(5 * time.Hour))
	f.inspect(f.later(6 * time.Hour))
	require.Len(t, f.Invariants().Violations, 1)
	require.Contains(t, f.Invariants().Violations[0], "is talking 59m")
	f.mu.Lock()
	f.violations = nil
	f.mu.Unlock()
	caller.leg.Hangup(bye)
	f.record()
}

func TestAnAgentWhomACallHasLeftBehindIsLetGo(t *testing.T) {
	f := newFloor(t)
	a := f.agents.get("8001")
	require.NoError(t, a.claim("a call that never was", acd.PhaseReserved))
	f.state("8001", "reserved", "")
	f.inspect(f.later(time.Second))
	require.Empty(t, f.Invariants().Violations, "it may have just been made")
	f.inspect(f.later(20 * time.Second))
	require.Len(t, f.Invariants().Violations, 1)
	f.state("8001", "ready", "")
	q := f.plan.Load().queues["parcels"]
	require.Equal(t, 1, f.queue.AgentsReady(q.class), "and the queue has it again")
}

// A call that is up and does not know of an agent who believes to be its own,
// and a phone that is there and is not believed to be: neither can come about,
// and were they to, they would be told of and mended.
func TestWhatContradictsItselfIsReportedOnceAndMended(t *testing.T) {
	f := newFloor(t, func(s *setting) {
		s.agents += `,{id: "8055", name: B, site: chengdu, password: secret, ready_on_register: true}`
	})
	id, caller, _ := f.talk()
	phone := newPeer(t, "127.0.0.1", nobody)
	require.NoError(t, phone.ua.Register(t.Context(), sip.RegisterRequest{Registrar: "sip:" + f.sip, Account: "8055", Password: "secret"}))
	f.state("8055", "ready", "")
	require.Eventually(t, func() bool { return len(f.Contradictions()) == 0 }, soon, time.Millisecond)

	require.NoError(t, f.agents.get("8002").claim(id, acd.PhaseReserved))
	f.agents.get("8055").step(acd.AgentInput{Kind: acd.AgentLose})
	require.Len(t, f.Contradictions(), 2)
	f.inspect(f.later(time.Second))
	f.inspect(f.later(2 * time.Second))
	require.Empty(t, f.Invariants().Violations, "it may be on its way")
	f.inspect(f.later(20 * time.Second))
	require.Len(t, f.Invariants().Violations, 2)
	require.Empty(t, f.Contradictions())
	f.state("8055", "ready", "")
	f.state("8002", "offline", "")
	f.inspect(f.later(40 * time.Second))
	require.Len(t, f.Invariants().Violations, 2)
	f.mu.Lock()
	f.violations = nil
	f.mu.Unlock()
	caller.leg.Hangup(bye)
	f.record()
}

// A conversation that lasts as long as any may ends, be it on hold: both sides
// hear BYE, the record says why, and the agent is free.
func TestAConversationEndsWhenItHasLastedAsLongAsAnyMay(t *testing.T) {
	for name, held := range map[string]bool{"talking": false, "held": true} {
		t.Run(name, func(t *testing.T) {
			f := newFloor(t)
			require.NoError(t, f.SetAgentState("8001", "not-ready", "test", "test"))
			caller := &end{}
			caller.leg, caller.ear = f.dial(f.carrier)
			caller.await(t, sip.Answered)
			require.NoError(t, f.ask(f.Calls()[0].ID, func(c *call) error {
				c.core.Plan.MaxTalk = 2 * time.Second // no configuration allows so little
				if held {
					c.step(acd.CallInput{Kind: acd.InputHold, Party: acd.CallerParty}) // it counts from the connection on
				}
				return nil
			}))
			require.NoError(t, f.SetAgentState("8001", "ready", "", "test"))
			agent := f.desks["8001"].ring()
			caller.await(t, sip.Ended)
			agent.await(t, sip.Ended)
			f.state("8001", "ready", "")
			record := f.record()
			require.Equal(t, string(acd.MaxTalk), record.Cause)
			require.Equal(t, "system", record.Side)
			require.GreaterOrEqual(t, record.Talked, 1.9)
			require.Equal(t, held, record.Held > 1.9)
		})
	}
}
