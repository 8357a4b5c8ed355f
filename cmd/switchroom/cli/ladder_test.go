package cli

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"switchroom/acd/api"
)

func rungs() []api.SIPMessage {
	at := time.Date(2026, 3, 1, 8, 0, 0, 1_000_000, time.Local)
	return []api.SIPMessage{
		{Time: at, Direction: "in", Peer: "192.0.2.1:5060", Summary: "INVITE, SDP", Text: "INVITE sip:\x1b[2J@b SIP/2.0\r\nVia: x\r\n", Cut: 7},
		{Time: at.Add(time.Millisecond), Direction: "out", Peer: "198.51.100.7:5062", Summary: "INVITE\x1b[31m, SDP"},
		{Time: at.Add(2 * time.Millisecond), Direction: "out", Peer: "192.0.2.1:5060", Summary: "200 OK to INVITE, with more than a line of that length holds"},
	}
}

func TestTheLadderDrawsWhoSentWhatToWhom(t *testing.T) {
	var b strings.Builder
	require.NoError(t, drawLadder(&b, rungs(), false))
	require.Equal(t, `
              192.0.2.1:5060                    switchroom                        198.51.100.7:5062
08:00:00.001  |--- INVITE, SDP ---------------->|                                 |
08:00:00.002  |                                 |--- INVITE\x1b[31m, SDP -------->|
08:00:00.003  |<-- 200 OK to INVITE, with m~ ---|                                 |
`, "\n"+b.String())
}

func TestTheLadderWritesMessagesOutWithoutWhatSteersATerminal(t *testing.T) {
	var b strings.Builder
	require.NoError(t, drawLadder(&b, rungs()[:1], true))
	require.Contains(t, b.String(), "\n                INVITE sip:\\x1b[2J@b SIP/2.0\n                Via: x\n                (7 bytes more)\n")
	require.NotContains(t, b.String(), "\x1b")
}

func TestCallsShowAsksForTheLadder(t *testing.T) {
	f := newFake(t)
	f.answer("GET /api/v1/calls/7/ladder", list[api.SIPMessage]{Items: rungs()})
	env := map[string]string{"SWITCHROOM_URL": f.URL, "SWITCHROOM_TOKEN": testToken}
	got := run(t, env, "calls", "show", "7", "--ladder")
	require.Zero(t, got.code, got.stderr)
	require.Contains(t, got.stdout, "switchroom")
	got = run(t, env, "--json", "calls", "show", "7", "--ladder")
	require.Contains(t, got.stdout, `"summary"`)
	got = run(t, env, "calls", "show", "8", "--ladder")
	require.Equal(t, 1, got.code)
}
