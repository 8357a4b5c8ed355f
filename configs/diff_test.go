package configs

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func sample(t require.TestingT) string {
	text := mustRead(t, "switchroom.yaml")
	return text
}

func changed(t require.TestingT, pairs ...string) (before, after *Config) {
	text := sample(t)
	before, err := Parse("a", []byte(text))
	require.NoError(t, err)
	for i := 0; i < len(pairs); i += 2 {
		require.Contains(t, text, pairs[i])
		text = strings.Replace(text, pairs[i], pairs[i+1], 1)
	}
	after, err = Parse("b", []byte(text))
	require.NoError(t, err)
	return before, after
}

func TestDiffOfEqualConfigurationsIsNil(t *testing.T) {
	before, after := changed(t, "# Sample", "# Another sample")
	require.Nil(t, Diff(before, after))
	require.NotEqual(t, before.Version, after.Version)
}

func TestDiffNamesEachChange(t *testing.T) {
	before, after := changed(t,
		"ring_timeout: 15s", "ring_timeout: 20s",
		"channels: 30", "channels: 60",
		"drain_timeout: 60s", "drain_timeout: 2m",
		"target: 80", "target: 90",
		"{after: 20s, sites: [chengdu, beijing], skills: {parcels: 3}}", "{after: 25s}",
		`{number: "4008005678", client: airline, queue: bookings}`, `{number: "4008005679", client: airline, queue: bookings}`,
		"ports: 16384-32767", "ports: 16384-20001",
		"name: Li Wei", "name: Li Na",
	)
	require.Equal(t, []string{
		"media.ports 16384-32767 -> 16384-20001",
		"drain_timeout 1m -> 2m",
		"trunk telecom: channels 30 -> 60",
		"number 4008005678: removed",
		"number 4008005679: added",
		"queue parcels: rings [{after 0s, sites [chengdu], skills map[parcels:5]} {after 20s, sites [chengdu beijing], skills map[parcels:3]}] -> " +
			"[{after 0s, sites [chengdu], skills map[parcels:5]} {after 25s, sites [], skills map[]}]",
		"queue parcels: ring_timeout 15s -> 20s",
		"queue parcels: service_level.target 80 -> 90",
		`agent 8001: name "Li Wei" -> "Li Na"`,
	}, Diff(before, after))
	require.Equal(t, []string{"media.ports 16384-32767 -> 16384-20001"}, NeedsRestart(before, after))
}

func TestDiffShowsNoSecret(t *testing.T) {
	before, after := changed(t,
		"change-me-admin", "hidden-one", "change me too", "hidden-two", "change me as well", "hidden-three", "471100", "4712")
	lines := Diff(before, after)
	require.Equal(t, []string{"http.tokens changed", "trunk branch-pbx: password changed", "agent 8001: password changed", "agent 8001: pin changed"}, lines)
	require.Empty(t, NeedsRestart(before, after))
}

func TestDiffShowsNothingOfTheDatabase(t *testing.T) {
	before, after := changed(t, `database: "" `, `database: "postgres://a:hidden@b/c"`)
	require.Equal(t, []string{"database changed"}, Diff(before, after))
	require.Equal(t, []string{"database changed"}, NeedsRestart(before, after))
}

func TestDiffSeesANewOrderOfAgents(t *testing.T) {
	before, _ := changed(t)
	after, _ := changed(t)
	after.Agents[0], after.Agents[1] = after.Agents[1], after.Agents[0]
	require.Equal(t, []string{"agents: in another order"}, Diff(before, after))
}

func TestKeysOfFieldsAreThoseOfTheFile(t *testing.T) {
	for field, key := range map[string]string{
		"SIP": "sip", "HTTP": "http", "T1": "t1", "ID": "id", "RingTimeout": "ring_timeout",
		"ReadyOnRegister": "ready_on_register", "MaxWaiting": "max_waiting", "WrapUp": "wrap_up",
	} {
		require.Equal(t, key, keyOf(field))
	}
}

func TestDistanceIsAMetricOfSlips(t *testing.T) {
	for _, c := range []struct {
		a, b string
		n    int
	}{{"", "", 0}, {"abc", "", 3}, {"strategy", "stratgey", 1}, {"listen", "Listen", 0}, {"wrap_up", "wrap-up", 0},
		{"parcels", "parcls", 1}, {"kitten", "sitting", 3}, {"包裹", "包里", 1}} {
		require.Equal(t, c.n, distance(c.a, c.b), "%s %s", c.a, c.b)
	}
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.StringMatching(`[a-z]{0,8}`)
		a, b := word.Draw(t, "a"), word.Draw(t, "b")
		n := distance(a, b)
		require.Equal(t, n, distance(b, a))
		require.Equal(t, a == b, n == 0)
		require.LessOrEqual(t, n, max(len(a), len(b)))
		require.GreaterOrEqual(t, n, max(len(a), len(b))-min(len(a), len(b)))
	})
}
