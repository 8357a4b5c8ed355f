package exchange

import (
	"context"
	"testing"
	"time"

	"switchroom/acd"
	"switchroom/acd/dialplan"
	"switchroom/configs"
	"switchroom/sip"

	"github.com/stretchr/testify/require"
)

func TestACallOutIsPlannedWithTheClientsNumberAndEachTrunksForm(t *testing.T) {
	cfg := &configs.Config{
		Clients: []configs.Client{{ID: "courier", Caller: "+86400"}},
		Trunks:  []configs.Trunk{{ID: "a"}, {ID: "b", Out: configs.TrunkOut{Rewrite: []configs.Rewrite{{Prefix: "+86", To: "0"}}}}},
		Outbound: configs.Outbound{Limit: time.Minute,
			Routes: []configs.OutRoute{{Prefix: "+86", Trunks: []string{"a", "b"}}}},
	}
	p := &plan{config: cfg, dial: dialplan.New(cfg)}
	call, d, err := p.outbound("courier", "+86 138", "")
	require.NoError(t, err)
	require.Equal(t, "+86138", call.Number)
	require.Equal(t, sip.Dial{From: sip.Identity{Number: "+86400"}, Limit: time.Minute, Routes: []sip.Route{
		{Trunk: "a", URI: "+86138", From: sip.Identity{Number: "+86400"}},
		{Trunk: "b", URI: "0138", From: sip.Identity{Number: "+86400"}}}}, d)
	_, _, err = p.outbound("courier", "+49891", "")
	require.ErrorIs(t, err, dialplan.ErrNoRoute)
}

func TestAttemptsAreWrittenDownOneByOne(t *testing.T) {
	began := time.Now()
	list := attemptsOf([]sip.Attempt{{Trunk: "a", Number: "1", CallID: "c", Why: sip.Refused, Status: 503, Q850: 41, Text: "No", Began: began, Took: time.Second},
		{Trunk: "b", Why: sip.Taken, Status: 200}})
	require.Len(t, list, 2)
	require.Equal(t, "refused", list[0].Cause)
	require.InDelta(t, 1, list[0].Took, 1e-9)
	require.Equal(t, "taken", list[1].Cause)

	kept := new(keptEvents)
	x := &Exchange{journal: kept, clock: newClock()}
	x.attempted("call", "courier", &sip.Attempt{Trunk: "a", Number: "1", Why: sip.Silent, Status: 408, Took: 4 * time.Second})
	require.Len(t, kept.all, 1)
	e := kept.all[0]
	require.Equal(t, []any{acd.CallAttempted, "call", "courier", "a", "silent", 408, 4.0},
		[]any{e.Kind, e.Call, e.Client, e.Trunk, e.Cause, e.Status, e.Seconds})
	require.Contains(t, string(e.Detail), `"took":4`)
}

// keptEvents is a journal in memory.
type keptEvents struct{ all []acd.Event }

func (k *keptEvents) Append(e acd.Event) uint64 {
	k.all = append(k.all, e)
	return uint64(len(k.all))
}

func (k *keptEvents) AppendSync(_ context.Context, e acd.Event) (uint64, error) {
	return k.Append(e), nil
}
