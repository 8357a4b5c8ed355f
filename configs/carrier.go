package configs

import (
	"errors"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// Registration is kept by the switch at a carrier's registrars. Calls from there
// are the trunk's, and one without an address is called there.
type Registration struct {
	Registrars []string // SIP URIs, in the order in which they are asked; none: no registration
	User       string   // of the address of record; "": the trunk's username
	Domain     string   // of the address of record; "": the registrar's host
	Expires    time.Duration
	Outbound   bool // reg-id and +sip.instance in the Contact (RFC 5626)
}

// registrarsMax bounds the registrars of a trunk.
const registrarsMax = 8

func (d *decoder) register(m *mapping, t *Trunk) {
	t.Register.Expires = 5 * time.Minute
	section := m.section("register")
	if section == nil {
		return
	}
	defer section.done()
	section.need("registrars", "they are where the switch registers, such as sip:registrar.example")
	for _, n := range section.items("registrars") {
		text, ok := d.text(n, "registrars")
		if !ok {
			continue
		}
		uri, err := sipURI(text)
		if err != nil {
			d.fault(position(n), "registrars has %s: %v", quote(text), err)
			continue
		}
		t.Register.Registrars = append(t.Register.Registrars, uri)
	}
	if len(t.Register.Registrars) > registrarsMax {
		d.fault(section.place("registrars"), "%d registrars: at most %d", len(t.Register.Registrars), registrarsMax)
	}
	read(section, "user", &t.Register.User, optional(username))
	read(section, "domain", &t.Register.Domain, optional(domain))
	section.duration("expires", &t.Register.Expires, time.Minute, 24*time.Hour)
	section.boolean("outbound", &t.Register.Outbound)
	if !m.filled("username") {
		d.fault(section.at, "register without username: it is what the registrar asks for, with password")
	}
}

// domain reads the host of an address of record.
func domain(s string) (string, error) {
	if !isHost(s) {
		return "", errors.New("a host name or an IP address is wanted")
	}
	return s, nil
}

// calledAt says whether calls can go out through a trunk.
func (t *Trunk) calledAt() bool { return t.Address != "" || len(t.Register.Registrars) > 0 }

// dns reads the servers that are asked for names.
func (d *decoder) dns(m *mapping, s *SIP) {
	for _, n := range m.items("dns") {
		text, ok := d.text(n, "dns")
		if !ok {
			continue
		}
		server, err := netip.ParseAddrPort(text)
		if err != nil {
			if a, bare := netip.ParseAddr(text); bare == nil {
				server, err = netip.AddrPortFrom(a, 53), nil
			}
		}
		if err != nil || server.Port() == 0 || server.Addr().Zone() != "" {
			d.fault(position(n), "dns has %s: an IP address is wanted, with :PORT where it is not 53", quote(text))
			continue
		}
		s.DNS = append(s.DNS, server)
	}
}

// Identity is how a trunk is told who calls, and whether it is believed.
type Identity struct {
	Assert     string // one of Asserts
	Forwarding string // one of Forwardings
	User       string // stands in From in place of the caller's number, or ""
	Domain     string // host of the caller's URIs; "": the switch's
	Trusted    bool   // what it asserts of its callers is believed
}

// The words of an identity, and of codecs.
var (
	Asserts     = []string{"p-asserted-identity", "remote-party-id", "none"}
	Forwardings = []string{"diversion", "history-info", "none"}
	Codecs      = []string{"pcmu", "pcma"}
)

func (d *decoder) identity(m *mapping, i *Identity) {
	if m == nil {
		return
	}
	defer m.done()
	m.choice("assert", &i.Assert, Asserts)
	m.choice("forwarding", &i.Forwarding, Forwardings)
	read(m, "user", &i.User, optional(username))
	read(m, "domain", &i.Domain, optional(domain))
	m.boolean("trusted", &i.Trusted)
}

// codecs reads what is spoken with a trunk, in the order of preference.
func (d *decoder) codecs(m *mapping, t *Trunk) {
	nodes := m.items("codecs")
	if m.has("codecs") {
		t.Codecs = nil
		if len(nodes) == 0 {
			d.fault(m.place("codecs"), "codecs is empty: one at least of %s is wanted", strings.Join(Codecs, ", "))
		}
	}
	for _, n := range nodes {
		text, ok := d.text(n, "codecs")
		if !ok {
			continue
		}
		name := strings.ToLower(text)
		switch {
		case !slices.Contains(Codecs, name):
			d.fault(position(n), "codecs has %s: known are %s", quote(text), strings.Join(Codecs, ", "))
		case slices.Contains(t.Codecs, name):
			d.fault(position(n), "codecs has %s twice: once is enough", quote(text))
		default:
			t.Codecs = append(t.Codecs, name)
		}
	}
}

// uniqueLogin reports a user name that two trunks would prove themselves with: a
// call must belong to one. A trunk that the switch registers at proves nothing
// here.
func (d *decoder) uniqueLogin(m *mapping, t *Trunk) {
	if t.Username == "" || len(t.Register.Registrars) > 0 {
		return
	}
	at := m.place("username")
	if d.ids[aLogin] == nil {
		d.ids[aLogin] = map[string]place{}
	}
	if first, twice := d.ids[aLogin][t.Username]; twice {
		d.fault(at, "username %s is another trunk's already, in line %d: a call must belong to one trunk", quote(t.Username), first.line)
		return
	}
	d.ids[aLogin][t.Username] = at
}
