package configs

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestWhoMayCallWhomIsReadAsWritten(t *testing.T) {
	c, err := Parse("x", []byte(with(`http: {tokens: [{token: abc, role: supervisor, client: courier, team: dawn}]}

outbound: {ring_timeout: 10s, wrap_up: 5s, record: never, forbidden: ["110", "+881"]}

queues: [{id: parcels, client: courier, extension: "700", keep_arrival: true}]

agents: [{id: "8001", contact: "sip:a@127.0.0.1", team: dawn, supervisor: true, clients: [airline, courier], dial: ["+86", all]}]`)))
	require.NoError(t, err)
	require.Equal(t, Token{Token: "abc", Role: "supervisor", Client: "courier", Team: "dawn"}, c.HTTP.Tokens[0])
	require.Equal(t, Outbound{Limit: time.Minute, RingTimeout: 10 * time.Second, WrapUp: 5 * time.Second, Record: "never", Forbidden: []string{"110", "+881"}, PerAgent: Caps{2, 120}, Lock: usualLock}, c.Outbound)
	require.Equal(t, "700", c.Queues[0].Extension)
	require.True(t, c.Queues[0].KeepArrival)
	a := c.Agents[0]
	require.Equal(t, []any{"dawn", true, []string{"airline", "courier"}, []string{"+86", "all"}}, []any{a.Team, a.Supervisor, a.Clients, a.Dial})
}

func TestFaultsOfDialRightsNameTheirPlace(t *testing.T) {
	agent := func(more string) string {
		return `agents: [{id: "8001", contact: "sip:a@127.0.0.1", ` + more + `}]`
	}
	for _, f := range []struct{ sections, fault string }{
		{agent(`clients: [courier], dial: [§sip]`), `dial has "sip": the beginning of a number is wanted: digits, * and #, optionally after a +`},
		{agent(`clients: [courier], dial: [§""]`), "dial has an empty beginning, which every number has: write all"},
		{agent(`clients: [courier], dial: ["0", §"0"]`), `dial names "0" twice: once is enough`},
		{agent(`dial: §["0"]`), "an agent who dials out names its clients: whose call it is decides the number that is shown"},
		{agent(`clients: [§curier]`), `there is no client "curier": did you mean "courier"?`},
		{agent(`supervisor: §yes`), `supervisor is a text: true or false is wanted`},
		{agent(`team: §"a\tb"`), `team is "a\tb": a control character or line break in it: write it on one line`},
		{`outbound: {forbidden: [§all]}`, `forbidden has "all": the beginning of a number is wanted: digits, * and #, optionally after a +`},
		{`outbound: {record: §allways}`, `record is "allways": did you mean "always"? It is one of always, never`},
		{`outbound: {wrap_up: §2h}`, `wrap_up is "2h": from 0s to 1h is wanted`},
		{`outbound: {ring_timeout: §0s}`, `ring_timeout is "0s": from 1s to 3m is wanted`},
		{`queues: [{id: parcels, client: courier, extension: §7x}]`, `extension is "7x": digits, * and # are wanted, as an agent dials them`},
		{`queues: [{id: parcels, client: courier, extension: §"8001"}]`, `extension "8001" is an agent's id: who dials it would reach the agent`},
		{`queues: [{id: a, extension: "7"}, {id: parcels, client: courier, extension: §"7"}]`, `extension "7" is queue "a"'s already`},
		{`queues: [{id: "7"}, {id: parcels, client: courier, extension: §"7"}]`, `extension "7" is queue "7"'s already`},
		{`http: {tokens: [{token: abc, role: qa, team: §dawn}]}`, "team goes with the role supervisor only, and this role is qa"},
	} {
		text, places := marked(with(f.sections))
		_, err := parse("x", []byte(text), PortRange{})
		require.EqualError(t, err, fmt.Sprintf("x:%d:%d: %s", places[0].line, places[0].col, f.fault), text)
	}
}
