package cli

import (
	"testing"

	"github.com/stretchr/testify/require"

	"switchroom/acd"
)

func TestCallsAreSteeredFromTheShell(t *testing.T) {
	f := newFake(t)
	f.answer("POST /api/v1/calls", acd.CallView{ID: "c9", State: "summoning", Agent: "8001"})
	f.answer("POST /api/v1/calls/c1/{verb}", acd.CallView{ID: "c1", State: "talking", Agent: "8002", Supervisor: "8009", Mode: "whisper"})
	for _, x := range []struct {
		args       []string
		path, body string
	}{
		{[]string{"dial", "8001", "0755123", "--client", "courier"}, "/api/v1/calls", `{"agent":"8001","number":"0755123","client":"courier"}`},
		{[]string{"transfer", "c1", "8002"}, "/api/v1/calls/c1/transfer", `{"to":"8002"}`},
		{[]string{"consult", "c1", "8002"}, "/api/v1/calls/c1/consult", `{"to":"8002"}`},
		{[]string{"third", "c1", "merge"}, "/api/v1/calls/c1/merge", ""},
		{[]string{"supervise", "c1", "8009", "whisper"}, "/api/v1/calls/c1/supervisor", `{"phone":"8009","mode":"whisper"}`},
		{[]string{"supervise", "c1", "8009", "take-over"}, "/api/v1/calls/c1/take-over", ""},
		{[]string{"pull", "c1", "8009"}, "/api/v1/calls/c1/pull", `{"agent":"8009"}`},
		{[]string{"priority", "c1", "7"}, "/api/v1/calls/c1/priority", `{"priority":7}`},
	} {
		got := f.ask(t, append([]string{"calls"}, x.args...)...)
		require.Equal(t, Done, got.code, "%v: %s", x.args, got.stderr)
		require.Equal(t, "POST "+x.path, f.asked[len(f.asked)-1])
		if sent := f.sent[len(f.sent)-1]; x.body != "" {
			require.JSONEq(t, x.body, sent)
		} else {
			require.Empty(t, sent)
		}
		require.Contains(t, got.stdout, "state")
	}
	require.NotEqual(t, Done, f.ask(t, "calls", "supervise", "c1", "8009", "shout").code)
	require.NotEqual(t, Done, f.ask(t, "calls", "transfer", "c2", "8002").code, "no such call")
}
