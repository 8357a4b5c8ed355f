package configs

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// aSecret signs a webhook's events in tests.
const aSecret = "whsec_c3NzczNjcmV0IHRoYXQgbm8gZmF1bHQgc2hvd3M="

func TestTheJournalKeepsAsLongAsItIsTold(t *testing.T) {
	c, err := Parse("x", []byte(base))
	require.NoError(t, err)
	require.Equal(t, Journal{Retention: 90 * day, Records: Forever, Patience: 7 * day}, c.Journal)
	require.Empty(t, c.Webhooks)
	c, err = Parse("x", []byte(with("journal: {retention: 36h, records: 400d, patience: 24h}")))
	require.NoError(t, err)
	require.Equal(t, Journal{Retention: 36 * time.Hour, Records: 400 * day, Patience: day}, c.Journal)
}

func TestAWebhookIsReadWithItsDefaults(t *testing.T) {
	c, err := Parse("x", []byte(with("webhooks: [{id: crm, url: 'https://crm.example.com:8443/x?y=1', secret: '"+aSecret+"'},\n"+
		" {id: own, client: courier, url: 'http://127.0.0.1:9000/', secret: '"+aSecret+"', old_secret: '"+aSecret+"',\n"+
		"  events: [call.record, recording.], parallel: 1, timeout: 2s, give_up: 1h, ca: ca.pem}]")))
	require.NoError(t, err)
	require.Equal(t, []Webhook{
		{ID: "crm", URL: "https://crm.example.com:8443/x?y=1", Secret: aSecret, Events: []string{"call."}, Parallel: 4, Timeout: 10 * time.Second, GiveUp: 3 * day},
		{ID: "own", URL: "http://127.0.0.1:9000/", Secret: aSecret, OldSecret: aSecret, Client: "courier", Events: []string{"call.record", "recording."},
			Parallel: 1, Timeout: 2 * time.Second, GiveUp: time.Hour, CA: "ca.pem"},
	}, c.Webhooks)
	require.NotContains(t, fmt.Sprintf("%v %+v %s", c.Webhooks, c.Webhooks, c.Webhooks[0]), aSecret)
}

func TestFaultsOfTheJournalAndOfWebhooks(t *testing.T) {
	hook := func(more string) string {
		return "webhooks: [{id: crm, secret: '" + aSecret + "', " + more + "}]"
	}
	for _, tt := range []struct{ sections, fault string }{
		{"journal: {retention: 90d, records: §30d}", "records is 30d: they are kept at least as long as everything else, which is 90d"},
		{"journal: {retention: forever, records: §30d}", "records is 30d: they are kept at least as long as everything else, which is forever"},
		{"journal: {retention: §90}", `retention is "90": a duration has a unit, such as 90d`},
		{"journal: {patience: §1m}", `patience is "1m": from 1h to 90d is wanted`},
		{"webhooks: [§{id: crm, url: 'https://a.example'}]", "webhook without secret: it is what signs them"},
		{"webhooks: [§{id: crm, secret: '" + aSecret + "'}]", "webhook without url: it is where events are sent"},
		{"webhooks: [{id: crm, url: 'https://a.example', secret: §s3cret}]", "secret: whsec_ and 24 to 64 random bytes in Base64 are wanted, such as the output of: echo whsec_$(head -c 32 /dev/urandom | base64)"},
		{hook("url: §crm"), `url is "crm": a URL is wanted, such as https://crm.example.com/switchroom`},
		{hook("url: §'http://crm.example.com/'"), `url is "http://crm.example.com/": https is wanted: without TLS events are sent to this machine alone`},
		{hook("url: §'ftp://127.0.0.1/'"), `url is "ftp://127.0.0.1/": https is wanted`},
		{hook("url: §'https://u:p@a.example/'"), `url is "https://u:p@a.example/": a name and password have no place in it: the secret signs every request`},
		{hook("url: 'https://a.example', events: §[]"), "events is empty: a webhook is told something"},
		{hook("url: 'https://a.example', events: [§switch.alive]"), `events is "switch.alive": a kind of event is wanted, such as call.record, or a beginning, one of call., agent., queue., recording., trunk.`},
		{hook("url: 'https://a.example', client: courier, events: [§agent.state]"), `events is "agent.state": a kind of event is wanted, such as call.record, or a beginning, one of call., queue., recording.`},
		{hook("url: 'https://a.example', events: [call., §call.]"), `events names "call." twice: once is enough`},
		{hook("url: 'https://a.example', client: §nobody"), `there is no client "nobody": defined are airline, courier`},
		{hook("url: 'https://a.example', parallel: §0"), `parallel is "0": a whole number from 1 to 64 is wanted`},
	} {
		text, places := marked(with(tt.sections))
		require.Len(t, places, 1)
		_, err := parse("switch.yaml", []byte(text), PortRange{})
		require.EqualError(t, err, fmt.Sprintf("switch.yaml:%d:%d: %s", places[0].line, places[0].col, tt.fault))
		require.False(t, strings.Contains(err.Error(), aSecret) || strings.Contains(err.Error(), "s3cret"))
	}
}

func TestDiffDoesNotShowASigningSecret(t *testing.T) {
	before, after := changed(t, `old_secret: ""`, `old_secret: "`+aSecret+`"`, "parallel: 4", "parallel: 8")
	require.Equal(t, []string{"webhook courier-crm: old_secret changed", "webhook courier-crm: parallel 4 -> 8"}, Diff(before, after))
	require.Empty(t, NeedsRestart(before, after))
}
