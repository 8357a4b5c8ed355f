package configs

import "net/netip"

// Strangers says what a source that is no trunk and no phone gets.
var Strangers = []string{"drop", "refuse"}

// admission reads who may speak at all.
func (d *decoder) admission(m *mapping, s *SIP) {
	m.choice("strangers", &s.Strangers, Strangers)
	s.Deny = d.networks(m, "deny")
	s.Phones = d.networks(m, "phones")
}

// networks reads a list of addresses and networks, none of them twice.
func (d *decoder) networks(m *mapping, key string) []netip.Prefix {
	var list []netip.Prefix
	seen := map[netip.Prefix]place{}
	for _, n := range m.items(key) {
		text, ok := d.text(n, key)
		if !ok {
			continue
		}
		p, err := peer(text)
		if err != nil {
			d.fault(position(n), "%s has %s: %v", key, quote(text), err)
			continue
		}
		if first, twice := seen[p]; twice {
			d.fault(position(n), "%s has %s twice, first in line %d: once is enough", key, p, first.line)
			continue
		}
		seen[p] = position(n)
		list = append(list, p)
	}
	return list
}
