package configs

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestCallsOutAreReadAsWritten(t *testing.T) {
	c, err := Parse("x", []byte(with(`clients: [{id: courier, caller: "+86400"}, {id: airline}]

trunks: [{id: telecom, address: "sip:127.0.0.1", channels: 9, out: {channels: 4, failover: [503, 480], patience: 2s, progress: 6s,
 rewrite: [{prefix: "+86", to: "0"}, {prefix: "+", to: ""}], callers: [{prefix: "", digits: 4, to: "+8628"}]}}]

outbound: {limit: 30s, dialled: [{prefix: "00", to: "+"}],
 routes: [{prefix: "+86", client: courier, trunks: [telecom], caller: 4001}, {trunks: []}]}`)))
	require.NoError(t, err)
	require.Equal(t, "+86400", c.Clients[0].Caller)
	require.Equal(t, TrunkOut{Channels: 4, Failover: []int{503, 480}, Patience: 2 * time.Second, Progress: 6 * time.Second,
		Rewrite: []Rewrite{{"+86", 0, "0"}, {"+", 0, ""}}, Callers: []Rewrite{{"", 4, "+8628"}}}, c.Trunks[0].Out)
	require.Equal(t, Outbound{Limit: 30 * time.Second, RingTimeout: 20 * time.Second, Record: "always", Dialled: []Rewrite{{"00", 0, "+"}},
		Routes: []OutRoute{{Prefix: "+86", Client: "courier", Trunks: []string{"telecom"}, Caller: "4001"}, {}}, PerAgent: Caps{2, 120}, Lock: usualLock}, c.Outbound)
}

func TestFaultsOfCallsOutNameTheirPlace(t *testing.T) {
	for _, f := range []struct{ sections, fault string }{
		{"clients: [{id: courier, caller: §a}, {id: airline}]", `caller is "a": digits are wanted, optionally after a +, as callers dial them`},
		{"outbound: {limit: §1s}", `limit is "1s": from 5s to 10m is wanted`},
		{"outbound: {§rotues: []}", `unknown key "rotues" in outbound: did you mean "routes"?`},
		{"outbound: {routes: [§{prefix: 1}]}", "route without trunks: name them in the order in which they are tried, or write trunks: [] for a number that is barred"},
		{"outbound: {routes: [{prefix: §a, trunks: []}]}", `prefix is "a": the beginning of a number is wanted: digits, * and #, optionally after a +`},
		{"outbound: {routes: [{prefix: §\"1+\", trunks: []}]}", `prefix is "1+": the beginning of a number is wanted: digits, * and #, optionally after a +`},
		{"outbound: {routes: [{trunks: [§telekom]}]}", `there is no trunk "telekom": did you mean "telecom"?`},
		{"outbound: {routes: [{trunks: [§telecom]}]}", `trunk "telecom" has neither an address nor a registrar: no call can go out through it`},
		{"outbound: {routes: [{client: §nobody, trunks: []}]}", `there is no client "nobody": defined are airline, courier`},
		{"outbound: {routes: [{prefix: 1, trunks: []}, §{prefix: 1, trunks: []}]}", "a route for the same prefix and client stands already in line 10"},
		{"outbound: {dialled: [{prefix: 1, to: 2}, §{prefix: 1, to: 3}]}", "the same prefix is rewritten already in line 10"},
		{"outbound: {dialled: [§{prefix: 1}]}", `rewrite without to: it is what takes the prefix's place, "" for nothing`},
		{"trunks: [{id: telecom, peers: [127.0.0.1], channels: 2, out: {channels: §3}}]", "out has 3 channels, the trunk 2: it is a part of them"},
		{"trunks: [{id: telecom, peers: [127.0.0.1], out: {failover: [§200]}}]", `failover is "200": a whole number from 400 to 699 is wanted`},
		{"trunks: [{id: telecom, peers: [127.0.0.1], out: {patience: 9s, progress: §4s}}]", "progress is 4s and patience 9s: the first response of all comes first"},
		{"trunks: [{id: telecom, peers: [127.0.0.1], out: {§failovr: []}}]", `unknown key "failovr" in out: did you mean "failover"?`},
	} {
		text, places := marked(with(f.sections))
		require.Len(t, places, 1)
		_, err := parse("x", []byte(text), PortRange{})
		require.EqualError(t, err, fmt.Sprintf("x:%d:%d: %s", places[0].line, places[0].col, f.fault))
	}
}

func TestAReloadTellsWhatChangedOfCallsOut(t *testing.T) {
	read := func(sections string) *Config {
		c, err := Parse("x", []byte(with(sections)))
		require.NoError(t, err)
		return c
	}
	a := read("outbound: {limit: 30s}")
	b := read("outbound: {limit: 40s}\n\ntrunks: [{id: telecom, peers: [127.0.0.1], out: {patience: 1s}}]")
	require.Equal(t, []string{"trunk telecom: out.patience 4s -> 1s", "outbound.limit 30s -> 40s"}, Diff(a, b))
	require.Empty(t, NeedsRestart(a, b))
}
