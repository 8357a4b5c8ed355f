package configs

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestARegistrationIsReadAndLetsCallsOut(t *testing.T) {
	c, err := Parse("x", []byte(with(`sip: {listen: ["udp:127.0.0.1:5060"], dns: [192.0.2.53, "[2001:db8::53]:5353"]}

trunks: [{id: regional, username: us, password: pw, register: {registrars: ["sip:a.example", "sip:192.0.2.1;transport=tcp"], user: "0281234", domain: ims.example, expires: 10m, outbound: true}}]

outbound: {routes: [{trunks: [regional]}]}`)))
	require.NoError(t, err)
	require.Equal(t, Registration{Registrars: []string{"sip:a.example", "sip:192.0.2.1;transport=tcp"}, User: "0281234", Domain: "ims.example",
		Expires: 10 * time.Minute, Outbound: true}, c.Trunks[0].Register)
	require.Equal(t, []netip.AddrPort{netip.MustParseAddrPort("192.0.2.53:53"), netip.MustParseAddrPort("[2001:db8::53]:5353")}, c.SIP.DNS)
}

func TestFaultsOfARegistrationNameTheirPlace(t *testing.T) {
	const trunk = "trunks: [{id: r, username: us, password: pw, register: %s}]"
	for _, f := range []struct{ sections, fault string }{
		{fmt.Sprintf(trunk, "§{expires: 5m}"), "register without registrars: they are where the switch registers, such as sip:registrar.example"},
		{fmt.Sprintf(trunk, "{registrars: [§a.example]}"), `registrars has "a.example": a SIP URI is wanted, such as sip:8001@192.0.2.7:5060 or sip:192.0.2.7;transport=tcp`},
		{fmt.Sprintf(trunk, `{registrars: ["sip:a"], expires: §30s}`), `expires is "30s": from 1m to 24h is wanted`},
		{fmt.Sprintf(trunk, `{registrars: ["sip:a"], domain: §"a b"}`), `domain is "a b": a host name or an IP address is wanted`},
		{fmt.Sprintf(trunk, `{registrars: ["sip:a"], §outbund: true}`), `unknown key "outbund" in register: did you mean "outbound"?`},
		{`trunks: [{id: r, peers: [127.0.0.1], register: §{registrars: ["sip:a"]}}]`, "register without username: it is what the registrar asks for, with password"},
		{`trunks: [{id: r, username: us, password: pw}, {id: s, username: §us, password: px}]`, `username "us" is another trunk's already, in line 6: a call must belong to one trunk`},
		{"sip: {dns: [§a.example]}", `dns has "a.example": an IP address is wanted, with :PORT where it is not 53`},
	} {
		text, places := marked(with(f.sections))
		require.Len(t, places, 1)
		_, err := parse("x", []byte(text), PortRange{})
		require.EqualError(t, err, fmt.Sprintf("x:%d:%d: %s", places[0].line, places[0].col, f.fault))
	}
}

// usual is a trunk with the defaults of what it does not say.
func usual(t Trunk) Trunk {
	t.SRTP = "never"
	t.Channels, t.Out = 30, defaultTrunkOut()
	t.Register.Expires = 5 * time.Minute
	t.Codecs = []string{"pcmu", "pcma"}
	t.Identity = Identity{Assert: "p-asserted-identity", Forwarding: "diversion", Trusted: true}
	return t
}

func TestWhoMaySpeakIsRead(t *testing.T) {
	c, err := Parse("x", []byte(with(`sip: {listen: ["udp:127.0.0.1:5060"], strangers: refuse, deny: [192.0.2.0/24, 198.51.100.1], phones: ["2001:db8::/32"]}`)))
	require.NoError(t, err)
	require.Equal(t, "refuse", c.SIP.Strangers)
	require.Equal(t, []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("198.51.100.1/32")}, c.SIP.Deny)
	require.Equal(t, []netip.Prefix{netip.MustParsePrefix("2001:db8::/32")}, c.SIP.Phones)
	for sections, fault := range map[string]string{
		"sip: {strangers: §answer}":              `strangers is "answer": it is one of drop, refuse`,
		"sip: {deny: [§192.0.2.1/24]}":           `deny has "192.0.2.1/24": it names a host within a network: write the network 192.0.2.0/24 or the host 192.0.2.1`,
		"sip: {phones: [192.0.2.1, §192.0.2.1]}": "phones has 192.0.2.1/32 twice, first in line 1: once is enough",
	} {
		text, places := marked(with(sections))
		_, err := parse("x", []byte(text), PortRange{})
		require.EqualError(t, err, fmt.Sprintf("x:%d:%d: %s", places[0].line, places[0].col, fault))
	}
}

func TestATrunksFormsAreRead(t *testing.T) {
	c, err := Parse("x", []byte(with(`trunks: [{id: t, peers: [127.0.0.1], codecs: [PCMA], identity: {assert: remote-party-id, forwarding: history-info, user: account7, domain: ims.example, trusted: false}}]`)))
	require.NoError(t, err)
	require.Equal(t, []string{"pcma"}, c.Trunks[0].Codecs)
	require.Equal(t, Identity{"remote-party-id", "history-info", "account7", "ims.example", false}, c.Trunks[0].Identity)
	const trunk = "trunks: [{id: t, peers: [127.0.0.1], %s}]"
	for part, fault := range map[string]string{
		"codecs: §[]":                "codecs is empty: one at least of pcmu, pcma is wanted",
		"codecs: [§g729]":            `codecs has "g729": known are pcmu, pcma`,
		"codecs: [pcmu, §PCMU]":      `codecs has "PCMU" twice: once is enough`,
		"identity: {assert: §pai}":   `assert is "pai": it is one of p-asserted-identity, remote-party-id, none`,
		"identity: {domain: §'a b'}": `domain is "a b": a host name or an IP address is wanted`,
		"identity: {§trust: true}":   `unknown key "trust" in identity: did you mean "trusted"?`,
	} {
		text, places := marked(with(fmt.Sprintf(trunk, part)))
		_, err := parse("x", []byte(text), PortRange{})
		require.EqualError(t, err, fmt.Sprintf("x:%d:%d: %s", places[0].line, places[0].col, fault))
	}
}
