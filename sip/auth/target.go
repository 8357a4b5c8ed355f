package auth

import "strings"

// sameTarget tells whether the uri of credentials means the Request-URI: scheme,
// user, host and port are compared, parameters are not, for many phones leave
// them out of the one or the other (RFC 7616 3.4.6, RFC 3261 19.1.4).
func sameTarget(uri, requestURI string) bool {
	if uri == requestURI {
		return true
	}
	a, okA := splitTarget(uri)
	b, okB := splitTarget(requestURI)
	return okA && okB && a == b
}

type target struct{ scheme, user, host, port string }

func splitTarget(s string) (t target, ok bool) {
	scheme, rest, found := strings.Cut(s, ":")
	if !found {
		return t, false
	}
	t.scheme = strings.ToLower(scheme)
	if t.scheme != "sip" && t.scheme != "sips" {
		return t, false // others are compared as they are
	}
	if i := strings.LastIndexByte(rest, '@'); i >= 0 {
		t.user, rest = rest[:i], rest[i+1:]
	}
	if i := strings.IndexAny(rest, ";?"); i >= 0 {
		rest = rest[:i]
	}
	host := rest
	if i := strings.LastIndexByte(rest, ':'); i > strings.LastIndexByte(rest, ']') {
		host, t.port = rest[:i], rest[i+1:]
	}
	t.host = strings.ToLower(host)
	if t.port == "" {
		t.port = "5060"
		if t.scheme == "sips" {
			t.port = "5061"
		}
	}
	return t, t.host != ""
}
