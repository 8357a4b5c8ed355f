package exchange

import (
	"strings"
	"testing"

	"switchroom/acd"
	"switchroom/sip"

	"github.com/stretchr/testify/require"
)

func TestACallThatIsRaisedGoesBeforeOlderOnes(t *testing.T) {
	f := newFloor(t)
	require.NoError(t, f.SetAgentState("8001", "not-ready", "x", "test"))
	var legs []*sip.Leg
	for range 3 {
		leg, ear := f.dial(f.carrier)
		ear.await(t, sip.Answered)
		legs = append(legs, leg)
	}
	ids := f.Calls()
	require.NoError(t, f.Prioritise(ids[1].ID, 3, "supervisor:1"))
	require.NoError(t, f.Prioritise(ids[2].ID, 5, "supervisor:1"))
	require.NoError(t, f.Prioritise(ids[2].ID, 4, "supervisor:1"), "and again")
	require.Eventually(t, func() bool { q, _ := f.Queue("parcels"); return q.Waiting == 3 }, 5e9, 1e6, "whatever their priority")
	old := f.text()
	f.text = func() string { return strings.Replace(old, "ring_timeout: 1s", "ring_timeout: 1s, priority: 1", 1) }
	_, err := f.Reload(t.Context())
	require.NoError(t, err, "new rules leave raised calls raised")
	require.NoError(t, f.SetAgentState("8001", "ready", "", "test"))
	f.state("8001", "talking", "")
	for _, v := range f.Calls() {
		require.Equal(t, v.ID == ids[2].ID, v.State == "talking", "the highest first")
	}
	require.Error(t, f.Prioritise(ids[2].ID, 1, "x"), "it does not wait")
	require.Error(t, f.Prioritise("nobody", 1, "x"))
	for _, leg := range legs {
		leg.Hangup(bye)
	}
	f.idle()
	require.Equal(t, 3, f.book.count(acd.CallRecord))
	q, _ := f.Queue("parcels")
	require.Zero(t, q.Waiting)
	for _, p := range f.plan.Load().queues {
		require.Zero(t, p.inside.Load())
	}
}
