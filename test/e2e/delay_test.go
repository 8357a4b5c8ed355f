package e2e

import (
	"slices"
	"testing"
	"time"

	"switchroom/media/g711"

	"github.com/stretchr/testify/require"
)

// bothWays are two queues of the same agent: in one nothing is said, in the
// other the caller is talked to all the time.
const bothWays = `
  - {id: parcels, client: courier, rings: [{after: 0s}], ring_timeout: 10s, wrap_up: 0s, record: never}
  - {id: chatty, client: courier, rings: [{after: 0s}], ring_timeout: 10s, wrap_up: 0s, record: never, greeting: [welcome, still-busy, welcome, still-busy],
     announce: {first: 1s, every: 5s, position: true, wait: true}}`

// firstOf is when the first packet after a moment came that is a tone.
func (s *Sound) firstOf(tone string, after time.Time) (at time.Time, ok bool) {
	for _, p := range s.packets() {
		if p.at.Before(after) || len(p.payload) < 80 {
			continue
		}
		samples := make([]int16, len(p.payload))
		g711.DecodeULaw(samples, p.payload)
		if share, rms := power(samples, tones[tone]); share > 0.5 && rms > 500 {
			return p.at, true
		}
	}
	return time.Time{}, false
}

// How long a call takes to ring, and how long its parties to hear each other
// once the agent has answered, with a greeting of many seconds under way and
// without: the two are the same but for what the machine makes of it.
func TestWhatIsSaidDelaysNeitherTheRingNorTheConnection(t *testing.T) {
	w := NewWorld(t, Options{Queues: bothWays, Numbers: `[{number: "4008001234", client: courier, queue: parcels}, {number: "4008005678", client: courier, queue: chatty}]`})
	desk := w.Desk(1)
	ring, connect := map[string][]time.Duration{}, map[string][]time.Duration{}
	for range 5 {
		for name, number := range map[string]string{"nothing said": "4008001234", "talked to": "4008005678"} {
			w.AgentIs("8001", "ready")
			caller, agent := w.Sound("caller", pcmu, 101), w.Sound("agent", pcmu, 101)
			began := time.Now()
			k := w.Gateway().Call("13800001", number, caller.SDP("sendrecv"))
			k.sound = caller
			k.Answered()
			ringing := desk.Ring()
			ring[name] = append(ring[name], time.Since(began))
			ringing.sound = agent
			agent.towards(ringing.invite.body)
			time.Sleep(300 * time.Millisecond) // well into the greeting
			answered := time.Now()
			ringing.Answer(agent.SDP("sendrecv"))
			w.Eventually(10*time.Second, "the caller hears the agent", func() bool { _, ok := caller.firstOf("agent", answered); return ok })
			heard, _ := caller.firstOf("agent", answered)
			connect[name] = append(connect[name], heard.Sub(answered))
			k.Hangup()
			ringing.HungUp()
		}
	}
	median := func(d []time.Duration) time.Duration { slices.Sort(d); return d[len(d)/2] }
	for what, took := range map[string]map[string][]time.Duration{"ring": ring, "connection": connect} {
		plain, talked := median(took["nothing said"]), median(took["talked to"])
		t.Logf("%s: %s, talked to %s, difference %s", what, plain, talked, talked-plain)
		require.Less(t, talked-plain, time.Second, "what is said lasts many; 20 ms at most on a machine that has nothing else to do")
	}
}
