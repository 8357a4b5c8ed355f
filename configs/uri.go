package configs

import (
	"errors"
	"regexp"
	"strings"
)

// userPattern is a SIP URI's user part without escapes (RFC 3261 section 25.1).
var userPattern = regexp.MustCompile(`^[A-Za-z0-9._~!*'()&=+$,;?/-]{1,128}$`)

var errURI = errors.New("a SIP URI is wanted, such as sip:8001@192.0.2.7:5060 or sip:192.0.2.7;transport=tcp")

// sipURI checks a URI that requests are sent to: scheme, host, optionally user,
// port and transport, and nothing else.
func sipURI(s string) (string, error) {
	scheme, rest, _ := strings.Cut(s, ":")
	switch {
	case strings.EqualFold(scheme, "sips"):
		return "", errors.New("sips is not read here: write sip: with ;transport=tls")
	case !strings.EqualFold(scheme, "sip"):
		return "", errURI
	}
	if user, host, ok := strings.Cut(rest, "@"); ok {
		if !userPattern.MatchString(user) {
			return "", errors.New("the part before @ is not a SIP user")
		}
		rest = host
	}
	hostport, params, has := strings.Cut(rest, ";")
	if err := hostAndPort(hostport); err != nil {
		return "", err
	}
	if !has {
		return s, nil
	}
	name, value, _ := strings.Cut(params, "=")
	if !strings.EqualFold(name, "transport") {
		return "", errors.New("the one parameter read here is ;transport=udp, ;transport=tcp or ;transport=tls")
	}
	return s, transport(strings.ToLower(value))
}

func hostAndPort(s string) error {
	host := s
	if i := strings.LastIndexByte(s, ':'); i > strings.LastIndexByte(s, ']') {
		host = s[:i]
		if port, err := portNumber(s[i+1:]); err != nil || port == 0 {
			return errors.New("the port is a number from 1 to 65535")
		}
	}
	if !isHost(host) {
		return errURI
	}
	return nil
}

// uri reads a SIP URI. One with a password in it is not shown.
func (m *mapping) uri(key string, dst *string) {
	e, ok := m.take(key)
	if !ok {
		return
	}
	text, ok := m.d.text(e.value, key)
	if !ok || text == "" {
		return
	}
	at := position(e.value)
	if before, _, user := strings.Cut(text, "@"); user && strings.Count(before, ":") > 1 {
		m.d.fault(at, "%s holds a password in its URI: leave it out", key)
		return
	}
	v, err := sipURI(text)
	if err != nil {
		m.d.fault(at, "%s is %s: %v", key, quote(text), err)
		return
	}
	*dst = v
}
