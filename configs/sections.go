package configs

import (
	"errors"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
)

// config reads the whole text and fills in the defaults.
func (d *decoder) config(m *mapping) *Config {
	c := &Config{
		SIP: SIP{
			Listen: []string{"udp:127.0.0.1:5060", "tcp:127.0.0.1:5060"},
			Realm:  "switchroom",
			T1:     500 * time.Millisecond,

			Strangers: "drop",
			Trace:     32, Qualify: 30 * time.Second,
		},
		Media: Media{Listen: "127.0.0.1", Ports: PortRange{16384, 32767}, Timeout: 30 * time.Second},
		HTTP:  HTTP{Listen: "127.0.0.1:8080"}, Recording: defaultRecording(), Journal: defaultJournal(),
		Data: "./data", DrainTimeout: time.Minute, MaxTalk: 4 * time.Hour,
	}
	d.sip(m.section("sip"), &c.SIP)
	ports := d.media(m.section("media"), &c.Media)
	d.http(m.section("http"), &c.HTTP)
	d.recording(m.section("recording"), &c.Recording)
	d.journal(m.section("journal"), &c.Journal)
	read(m, "data", &c.Data, printable)
	m.database(&c.Database)
	m.duration("drain_timeout", &c.DrainTimeout, 0, 24*time.Hour)
	m.duration("max_talk", &c.MaxTalk, time.Minute, 24*time.Hour)

	c.Clients = each(m, "clients", "client", d.client)
	c.Sites = each(m, "sites", "site", d.site)
	for _, key := range []string{"trunks", "numbers", "queues", "agents"} {
		if !slices.ContainsFunc(m.entries, func(e entry) bool { return e.key == key }) {
			d.fault(place{1, 1}, "the key %s is missing: it has no default; write %s: [] for none", key, key)
		}
	}
	c.Trunks = each(m, "trunks", "trunk", d.trunk)
	c.Outbound = defaultOutbound()
	d.outbound(m.section("outbound"), &c.Outbound)
	read(m, "prompts", &c.Prompts, optional(printable))
	c.Calendars = each(m, "calendars", "calendar", d.calendar)
	c.Menus = each(m, "menus", "menu", d.menu)
	c.Phones = each(m, "phones", "phone", d.phone)
	c.Numbers = each(m, "numbers", "number", d.number)
	c.Queues = each(m, "queues", "queue", d.queue)
	c.Agents = each(m, "agents", "agent", d.agent)
	c.Webhooks = each(m, "webhooks", "webhook", d.webhook)
	m.done()
	d.later(func(c *Config) { d.across(c, ports) })
	d.later(d.findSounds)
	return c
}

func (d *decoder) sip(m *mapping, s *SIP) {
	if m == nil {
		return
	}
	defer m.done()
	addresses := m.items("listen")
	if m.has("listen") {
		s.Listen = nil
		if _, list := m.value("listen").(*ast.SequenceNode); list && len(addresses) == 0 {
			d.fault(m.place("listen"), "listen is empty: the switch needs one address at least, such as udp:127.0.0.1:5060")
		}
	}
	for _, n := range addresses {
		text, ok := d.text(n, "listen")
		if !ok {
			continue
		}
		l, err := listener(text)
		switch {
		case err != nil:
			d.fault(position(n), "listen is %s: %v", quote(text), err)
		case slices.Contains(s.Listen, l) && !strings.HasSuffix(l, ":0"):
			d.fault(position(n), "listen names %s twice: once is enough", quote(text))
		default:
			s.Listen = append(s.Listen, l)
		}
	}
	read(m, "advertise", &s.Advertise, optional(advertised))
	read(m, "realm", &s.Realm, realm)
	m.duration("t1", &s.T1, 50*time.Millisecond, 4*time.Second)
	m.integer("trace", &s.Trace, 0, 4096)
	read(m, "qualify", &s.Qualify, qualifying)

	d.tls(m.section("tls"), &s.TLS)
	d.dns(m, s)
	d.admission(m, s)

	at := m.place("listen")
	d.later(func(c *Config) {
		for _, name := range []string{"tls", "wss"} {
			secure := slices.ContainsFunc(c.SIP.Listen, func(l string) bool { return strings.HasPrefix(l, name+":") })
			if secure && c.SIP.TLS.Cert == "" {
				d.fault(at, "listen has a %s address, so tls must name its cert and key", name)
			}
		}
		for _, l := range c.SIP.Listen {
			_, hostport, _ := strings.Cut(l, ":")
			if netip.MustParseAddrPort(hostport).Addr().IsUnspecified() && c.SIP.Advertise == "" {
				d.fault(at, "listen is on every address, so advertise must say which one others reach")
				return
			}
		}
	})
}

// tls reads file names. The files are the switch's to read, which does so again
// when they change.
func (d *decoder) tls(m *mapping, t *TLS) {
	if m == nil {
		return
	}
	defer m.done()
	read(m, "cert", &t.Cert, optional(printable))
	read(m, "key", &t.Key, optional(printable))
	read(m, "ca", &t.CA, optional(printable))
	switch {
	case m.filled("cert") && !m.filled("key"):
		d.fault(m.place("cert"), "cert without key: a certificate is shown by who has its key")
	case m.filled("key") && !m.filled("cert"):
		d.fault(m.place("key"), "key without cert: a key is for a certificate")
	}
}

// realm reads what stands within quotes in a challenge (RFC 3261 section 25.1).
func realm(s string) (string, error) {
	if strings.ContainsAny(s, `"\`) {
		return "", errors.New(`a realm has no quotes or backslashes`)
	}
	return printable(s)
}

// media gives the place of the ports, which others depend on.
func (d *decoder) media(m *mapping, v *Media) (ports place) {
	if m == nil {
		return place{1, 1}
	}
	defer m.done()
	read(m, "listen", &v.Listen, address)
	read(m, "advertise", &v.Advertise, optional(reachable))
	read(m, "ports", &v.Ports, portRange)
	m.duration("timeout", &v.Timeout, time.Second, time.Hour)

	listen := m.place("listen")
	ports = m.place("ports")
	d.later(func(c *Config) {
		if netip.MustParseAddr(c.Media.Listen).IsUnspecified() && c.Media.Advertise == "" {
			d.fault(listen, "listen is every address, so advertise must say which one callers send sound to")
		}
		if e, p := d.ephemeral, c.Media.Ports; e.Max > 0 && p.Min <= e.Max && e.Min <= p.Max {
			d.warn(ports, "ports %d-%d overlap %d-%d, from which the kernel serves other sockets: "+
				"a call may find its port taken", p.Min, p.Max, e.Min, e.Max)
		}
	})
	return ports
}

func (d *decoder) http(m *mapping, h *HTTP) {
	if m == nil {
		return
	}
	defer m.done()
	read(m, "listen", &h.Listen, endpoint)
	seen := map[string]place{}
	h.Tokens = each(m, "tokens", "token", func(m *mapping) Token { return d.token(m, seen) })
}

func (d *decoder) token(m *mapping, seen map[string]place) (t Token) {
	m.need("token", "it is the secret a program shows")
	m.need("role", "it is one of "+strings.Join(Roles, ", "))
	m.secret("token", &t.Token)
	m.choice("role", &t.Role, Roles)
	m.refer("client", aClient, &t.Client)
	read(m, "team", &t.Team, optional(printable))

	at := m.place("token")
	if strings.ContainsFunc(t.Token, func(r rune) bool { return r <= ' ' || r > '~' }) {
		d.fault(at, "token: only visible ASCII characters without spaces pass in an HTTP header")
	}
	if first, twice := seen[t.Token]; twice && t.Token != "" {
		d.fault(at, "the same token stands in line %d: tokens are unique", first.line)
	}
	seen[t.Token] = at
	switch {
	case t.Role == "client" && !m.filled("client"):
		d.fault(m.at, "a token with the role client names its client")
	case t.Role != "client" && t.Role != "supervisor" && t.Role != "" && m.filled("client"):
		d.fault(m.place("client"), "client goes with the roles client and supervisor only, and this role is %s", t.Role)
	case t.Role != "supervisor" && t.Role != "" && m.filled("team"):
		d.fault(m.place("team"), "team goes with the role supervisor only, and this role is %s", t.Role)
	}
	return t
}

func (d *decoder) client(m *mapping) (c Client) {
	m.define(aClient, &c.ID)
	c.Name = c.ID
	read(m, "name", &c.Name, printable)
	read(m, "caller", &c.Caller, optional(dialled))
	d.outside(m, &c.Outside, func(o *Outbound) Caps { return o.PerClient })
	d.retention(m, &c.Retention)
	d.dispositions(m, &c)
	c.Language = Languages[0]
	m.choice("language", &c.Language, Languages)
	d.prompt(m, "whisper", &c.Whisper, &c.ID)
	return c
}

func (d *decoder) site(m *mapping) (s Site) {
	m.define(aSite, &s.ID)
	s.Name = s.ID
	read(m, "name", &s.Name, printable)
	return s
}
