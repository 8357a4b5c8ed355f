package e2e

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"switchroom/acd"
	"switchroom/acd/journal"

	"github.com/stretchr/testify/require"
)

// floorAgents are five agents of unequal skill; nobody sits at 8004's phone.
func (w *World) floorAgents(ids ...int) string {
	text := ""
	for _, n := range ids {
		text += fmt.Sprintf("\n  - {id: \"800%d\", name: Agent, site: %s, contact: \"sip:800%d@127.0.0.1:%d\", skills: {parcels: %d}}",
			n, map[bool]string{true: "beijing", false: "chengdu"}[n == 2], n, w.PhonePort(n), []int{0, 5, 3, 7, 6, 8}[n])
	}
	return text
}

func floorQueues(level int) string {
	return fmt.Sprintf(`
  - id: parcels
    client: courier
    strategy: best-skill
    rings: [{after: 0s, sites: [chengdu], skills: {parcels: %d}}, {after: 1s, sites: [chengdu, beijing], skills: {parcels: 3}}]
    ring_timeout: 3s
    wrap_up: 200ms
  - {id: second, client: courier, priority: 1, strategy: fewest-calls, rings: [{after: 0s}], ring_timeout: 3s, wrap_up: 0s}`, level)
}

// What a real switch decided - rings that opened, phones that rang out, calls
// that were handed on, raised and pulled, over a reload and a kill -9 - the
// replay decides again from what the switch wrote.
func TestTheDecisionsOfARealSwitchAreMadeAgain(t *testing.T) {
	w := NewWorld(t, Options{Numbers: twoNumbers, Queues: floorQueues(5)})
	w.Configure(Options{Numbers: twoNumbers, Queues: floorQueues(5), Agents: w.floorAgents(1, 2, 3, 4)})
	w.reload()
	for n := 1; n <= 5; n++ {
		after := 50 * time.Millisecond
		if n == 4 {
			after = time.Hour
		}
		w.Desk(n).PicksUp(after, 0, w.Sound([]string{"agent", "agent2"}[n%2], pcmu, 101))
	}
	g, placed := w.Gateway(), 0
	place := func(number string) *Talk {
		placed++
		k := g.Call(fmt.Sprintf("138%08d", placed), number, w.Sound("caller", pcmu, 101).SDP("sendrecv"))
		k.Answered()
		return k
	}
	const parcels, second = "4008001234", "4008009999"
	// More calls than agents; the last ones wait, and one of them gives up.
	rush := func(stay int) {
		var up []*Talk
		for i := range 6 {
			up = append(up, place([]string{parcels, second, parcels}[i%3]))
			time.Sleep(150 * time.Millisecond)
		}
		w.Eventually(10*time.Second, "three talk", func() bool { return w.inState("talking") >= 3+stay })
		up[5].Hangup()
		for _, k := range up[:5] {
			k.Hangup()
			time.Sleep(150 * time.Millisecond)
		}
		w.Eventually(10*time.Second, "all are over", func() bool { return len(w.Calls()) == stay })
	}
	steer := func(what string, body map[string]any) {
		for _, c := range w.Calls() {
			w.Do("POST", "/api/v1/calls/"+c.ID+"/"+what, body) // may come too late for what it asks
		}
	}
	all := func(state string) {
		for n := 1; n <= 4; n++ {
			w.SetAgent(fmt.Sprintf("800%d", n), state)
		}
	}
	rush(0)
	all("not-ready")
	w.SetAgent("8004", "ready")
	alone := place(parcels)
	w.AgentIs("8004", "ringing")
	w.AgentIs("8004", "not-ready") // nobody picked up, and meanwhile a ring has opened
	w.SetAgent("8002", "ready")
	w.AgentIs("8002", "talking")
	alone.Hangup()
	for _, id := range []string{"8001", "8002", "8003"} {
		w.SetAgent(id, "ready")
		w.AgentIs(id, "ready")
	}
	first, other := place(parcels), place(parcels)
	w.Eventually(10*time.Second, "both talk", func() bool { return w.inState("talking") == 2 })
	steer("transfer", map[string]any{"to": "second"})
	waits := place(parcels)
	steer("pull", map[string]any{"agent": "8001"})
	w.Eventually(10*time.Second, "all are served", func() bool { return w.inState("talking") == 3 })
	for _, k := range []*Talk{first, other, waits} {
		k.Hangup()
	}
	all("not-ready")
	older, raised := place(parcels), place(parcels)
	calls := w.CallsAre(2, "waiting")
	status, body := w.Do("POST", "/api/v1/calls/"+calls[1].ID+"/priority", map[string]any{"priority": 3})
	require.Less(t, status, 300, "%s", body)
	w.SetAgent("8001", "ready")
	w.Eventually(10*time.Second, "the raised one is served first", func() bool {
		now := w.Calls()
		return len(now) == 2 && now[1].Agent == "8001" && now[0].Agent == ""
	})
	all("ready")
	older.Hangup()
	raised.Hangup()
	w.Eventually(10*time.Second, "both are over", func() bool { return len(w.Calls()) == 0 })
	live := place(second)
	w.Configure(Options{Numbers: twoNumbers, Queues: floorQueues(8), Agents: w.floorAgents(5, 1, 2, 3)})
	w.reload()
	rush(1)
	up := []*Talk{live, place(parcels), place(second), place(parcels)}
	w.Eventually(10*time.Second, "some talk", func() bool { return w.inState("talking") >= 2 })
	w.Kill()
	require.Len(t, up, 4)
	w.Start()
	rush(0)
	w.CDRs(placed)
	w.Stop()

	offers, runs, rang, widened := 0, 0, 0, 0
	for ev, err := range journal.Scan(w.path("data", "journal")) {
		require.NoError(t, err)
		switch {
		case ev.Kind == acd.CallOffered:
			offers++
			widened += ev.Decision.Ring
		case ev.Kind == acd.SwitchStarted:
			runs++
		case ev.Kind == acd.CallDeclined && ev.Cause == string(acd.NoAnswer):
			rang++
		}
	}
	require.Equal(t, 2, runs)
	require.NotZero(t, rang)
	require.NotZero(t, widened)
	// A crowded machine lets a goroutine stand still between two inputs.
	out, ok := w.shell("replay", w.path("data", "journal"), "--json", "--overlap", "3s")
	var got struct {
		Report struct{ Decisions, Same, Different, Unjudged uint64 }
	}
	require.NoError(t, json.Unmarshal([]byte(out), &got), out)
	t.Logf("%d offers, %d rang out: %+v", offers, rang, got.Report)
	require.True(t, ok, out)
	require.Equal(t, uint64(offers), got.Report.Decisions)
	require.Zero(t, got.Report.Different+got.Report.Unjudged, out)
	require.Greater(t, got.Report.Same, got.Report.Decisions*3/4, out)
}

func (w *World) reload() {
	w.t.Helper()
	status, body := w.Do("POST", "/api/v1/config/reload", nil)
	require.Equal(w.t, 200, status, "%s", body)
}

func (w *World) inState(state string) (n int) {
	for _, c := range w.Calls() {
		if c.State == state {
			n++
		}
	}
	return n
}
