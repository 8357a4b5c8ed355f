package exchange

import (
	"slices"
	"strings"
	"testing"
	"time"

	"switchroom/acd"

	"github.com/stretchr/testify/require"
)

// Whoever reads the journal knows an agent, and a queue's new rules, before
// anything comes of them.
func TestARoutingIsWrittenDownBeforeItDecides(t *testing.T) {
	r := newRig(t, setting{agents: agentAt("8001", deaf(t))})
	r.state("8001", "ready", "")
	old := r.text()
	r.text = func() string {
		return strings.Replace(old, "agents: [", `agents: [{id: "8002", name: B, site: chengdu, contact: "sip:8002@127.0.0.1:9"}, `, 1)
	}
	_, err := r.Reload(t.Context())
	require.NoError(t, err)
	require.Eventually(t, func() bool { v, _ := r.Agent("8002"); return v.State == "ready" }, soon, time.Millisecond)
	r.book.mu.Lock()
	defer r.book.mu.Unlock()
	ready := slices.IndexFunc(r.book.events, func(e acd.Event) bool { return e.Kind == acd.AgentChanged && e.Agent == "8002" })
	routing := slices.IndexFunc(r.book.events, func(e acd.Event) bool {
		return e.Kind == acd.ConfigRouting && strings.Contains(string(e.Detail), `"8002"`)
	})
	require.GreaterOrEqual(t, routing, 0)
	require.Less(t, routing, ready)
}
