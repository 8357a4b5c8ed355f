package wire

import (
	"net/netip"
	"strings"

	"github.com/emiago/sipgo/sip"
)

// readURI reads a URI. A SIP or SIPS URI is taken apart by RFC 3261 19.1.1;
// another's text is kept. It is stricter than sipgo's reader, whose fields it
// fills in: what it accepts has one meaning and is written as it was read.
func readURI(s string) (sip.Uri, Fault) {
	var u sip.Uri
	scheme, rest, found := strings.Cut(s, ":")
	if !found || !isScheme(scheme) || rest == "" {
		return u, FaultURI
	}
	switch {
	case strings.EqualFold(scheme, "sip"):
		u.Scheme = "sip"
	case strings.EqualFold(scheme, "sips"):
		u.Scheme = "sips"
	default:
		if !all(rest, classVisible) || strings.ContainsAny(rest, `<>"`) {
			return u, FaultURI
		}
		if sip.ParseUri(s, &u) != nil { // sipgo has no room for schemes with other than letters
			return u, FaultScheme
		}
		return u, NoFault
	}
	if i := strings.IndexByte(rest, '@'); i >= 0 {
		user, password, _ := strings.Cut(rest[:i], ":")
		if !escaped(user, classUser) || !escaped(password, classUser) {
			return u, FaultURI
		}
		u.User, u.Password = user, password
		rest = rest[i+1:]
	}
	return u, readURITail(rest, &u)
}

// readURITail reads host, port, parameters and headers.
func readURITail(s string, u *sip.Uri) Fault {
	s, headers, hasHeaders := strings.Cut(s, "?")
	hostport, params, hasParams := strings.Cut(s, ";")
	host, port, ok := readHostPort(hostport)
	if !ok {
		return FaultURI
	}
	u.Host, u.Port = host, port
	if hasParams {
		if f := readPairs(params, ';', classParam, &u.UriParams); f != NoFault {
			return f
		}
		lowerKnown(u.UriParams)
	}
	if hasHeaders {
		return readPairs(headers, '&', classHeader, &u.Headers)
	}
	return NoFault
}

func isScheme(s string) bool {
	if s == "" || classes[s[0]]&classToken == 0 || isDigit(s[0]) {
		return false
	}
	for i := range len(s) {
		if b := lowerByte(s[i]); !('a' <= b && b <= 'z' || isDigit(b) || b == '+' || b == '-' || b == '.') {
			return false
		}
	}
	return true
}

// readHostPort reads host[:port]; the host keeps its brackets. Port 0 is none.
func readHostPort(s string) (host string, port int, ok bool) {
	if strings.HasPrefix(s, "[") {
		end := strings.IndexByte(s, ']')
		if end < 0 {
			return "", 0, false
		}
		a, err := netip.ParseAddr(s[1:end])
		if err != nil || !a.Is6() || a.Zone() != "" {
			return "", 0, false
		}
		host, s = s[:end+1], s[end+1:]
		if s == "" {
			return host, 0, true
		}
		if s[0] != ':' {
			return "", 0, false
		}
		s = s[1:]
	} else {
		var found bool
		host, s, found = strings.Cut(s, ":")
		if !isHostName(host) {
			return "", 0, false
		}
		if !found {
			return host, 0, true
		}
	}
	n, ok := digits(s, 65535)
	return host, int(n), ok
}

// isHostName takes an IPv4 address or a name, underscores included: they are in
// use, and nothing resolves a peer's names here.
func isHostName(s string) bool {
	return len(s) <= 255 && all(s, classHost) && s[0] != '.' && s[0] != '-' && !strings.Contains(s, "..")
}

// readPairs reads name[=value] parted by a separator. A name may not come twice.
func readPairs(s string, separator byte, class uint8, into *sip.HeaderParams) Fault {
	count := strings.Count(s, string(separator)) + 1
	if count > maxParams {
		return FaultTooMany
	}
	pairs := make(sip.HeaderParams, 0, count)
	for range count {
		var pair string
		pair, s, _ = strings.Cut(s, string(separator))
		name, value, _ := strings.Cut(pair, "=")
		if name == "" || !escaped(name, class) || !escapedValue(value, class) {
			return FaultURI
		}
		if hasName(pairs, name) {
			return FaultDuplicate
		}
		pairs = append(pairs, sip.HeaderKV{K: name, V: value})
	}
	*into = pairs
	return NoFault
}

// escapedValue lets '=' pass, which peers leave in base64.
func escapedValue(s string, class uint8) bool {
	for more := true; more; {
		var part string
		part, s, more = strings.Cut(s, "=")
		if !escaped(part, class) {
			return false
		}
	}
	return true
}

func hasName(params sip.HeaderParams, name string) bool {
	for _, p := range params {
		if strings.EqualFold(p.K, name) {
			return true
		}
	}
	return false
}

// lowerKnown writes the names of the URI parameters that mean something to us in
// lower case; the names of others stay, for their owner compares them by bytes.
func lowerKnown(params sip.HeaderParams) {
	for i := range params {
		for _, known := range [...]string{"lr", "transport", "user", "maddr", "method", "ttl", "ob"} {
			if len(known) == len(params[i].K) && strings.EqualFold(known, params[i].K) {
				params[i].K = known
			}
		}
	}
}
