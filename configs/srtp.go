package configs

import (
	"slices"
	"strings"
)

// SRTPs says whether the sound to and from a phone or trunk is encrypted. Its
// keys stand in the signalling (SDES, RFC 4568), so over UDP and TCP allow means
// no encryption, and require means no call.
var SRTPs = []string{"never", "allow", "require"}

// srtp reads what uri, an agent's contact or a trunk's address, must then fit.
func (d *decoder) srtp(m *mapping, dst, uri *string) {
	m.choice("srtp", dst, SRTPs)
	at, wanted := m.place("srtp"), *dst
	lower := strings.ToLower(*uri)
	if wanted == "require" && (strings.Contains(lower, "transport=udp") || strings.Contains(lower, "transport=tcp") && !strings.HasPrefix(lower, "sips:")) {
		d.fault(at, "srtp is require, but calls go to %s without TLS, which shows the keys: write ;transport=tls, or srtp: allow", *uri)
	}
	d.later(func(c *Config) {
		secure := slices.ContainsFunc(c.SIP.Listen, func(l string) bool { return strings.HasPrefix(l, "tls:") })
		if wanted == "require" && !secure && lower == "" {
			d.fault(at, "srtp is require, which needs TLS, and sip listens on no tls address: its calls would all be refused")
		}
	})
}
