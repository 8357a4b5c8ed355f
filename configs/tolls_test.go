package configs

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var usualLock = Lock{Refusals: 3, Within: 10 * time.Minute, For: time.Hour}

func TestCapsOfCallsOutsideAreReadAndHaveTheirDefaults(t *testing.T) {
	c, err := Parse("x", []byte(with(`clients: [{id: courier, outside: {calls: 7}}, {id: airline}]

agents: [{id: "8001", contact: "sip:a@127.0.0.1", outside: {hourly: 9}}, {id: "8002", contact: "sip:b@127.0.0.1"}]

calendars: [{id: office, open: ["mon-fri 09:00-18:00"]}]

outbound: {per_agent: {calls: 4}, per_client: {hourly: 500}, lock: {refusals: 0, within: 5m, for: 2h}, routes: [{prefix: "+", hours: office, trunks: []}]}`)))
	require.NoError(t, err)
	require.Equal(t, []Caps{{4, 9}, {4, 120}}, []Caps{c.AgentCaps(&c.Agents[0]), c.AgentCaps(&c.Agents[1])})
	require.Equal(t, []Caps{{7, 500}, {0, 500}, {0, 500}}, []Caps{c.ClientCaps("courier"), c.ClientCaps("airline"), c.ClientCaps("")})
	require.Equal(t, Lock{0, 5 * time.Minute, 2 * time.Hour}, c.Outbound.Lock)
	require.Equal(t, "office", c.Outbound.Routes[0].Hours)
	require.Equal(t, Caps{2, 120}, defaultOutbound().PerAgent, "who says nothing is not open to thieves")
	require.Equal(t, usualLock, defaultOutbound().Lock)
}

func TestFaultsOfCapsNameTheirPlace(t *testing.T) {
	agent := func(more string) string { return `agents: [{id: "8001", contact: "sip:a@127.0.0.1", ` + more + `}]` }
	for _, f := range []struct{ sections, fault string }{
		{`outbound: {per_agent: {calls: §-1}}`, `calls is "-1": a whole number from 0 to 100000 is wanted`},
		{`outbound: {per_agent: {hourly: §many}}`, `hourly is a text: a whole number from 0 to 1000000 is wanted, without quotes`},
		{`outbound: {per_agent: {§daily: 1}}`, `unknown key "daily" in per_agent: known are calls, hourly`},
		{`outbound: {per_client: §5}`, `per_client is a number: a mapping of keys to values is wanted`},
		{`outbound: {lock: {within: §1s}}`, `within is "1s": from 1m to 24h is wanted`},
		{`outbound: {lock: {for: §30d}}`, `for is "30d": from 1m to 7d is wanted`},
		{`outbound: {lock: {§refusal: 1}}`, `unknown key "refusal" in lock: did you mean "refusals"?`},
		{`outbound: {routes: [{hours: §office, trunks: []}]}`, `there is no calendar "office": no calendar is defined`},
		{agent(`outside: {calls: §x}`), `calls is a text: a whole number from 0 to 100000 is wanted, without quotes`},
		{`clients: [{id: courier, outside: {§call: 1}}, {id: airline}]`, `unknown key "call" in outside: did you mean "calls"?`},
	} {
		text, places := marked(with(f.sections))
		_, err := parse("x", []byte(text), PortRange{})
		require.EqualError(t, err, fmt.Sprintf("x:%d:%d: %s", places[0].line, places[0].col, f.fault), text)
	}
}

func TestAReloadTellsOfCaps(t *testing.T) {
	read := func(text string) *Config {
		c, err := Parse("x", []byte(with(text)))
		require.NoError(t, err)
		return c
	}
	require.Equal(t, []string{"client courier: outside as usual -> {calls 3, hourly 0}", "outbound.per_agent.calls 2 -> 3", "outbound.lock.for 1h -> 2h"},
		Diff(read("outbound: {}"), read("clients: [{id: courier, outside: {calls: 3}}, {id: airline}]\n\noutbound: {per_agent: {calls: 3}, lock: {for: 2h}}")))
}
