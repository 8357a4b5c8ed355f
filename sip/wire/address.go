package wire

import (
	"strings"

	"github.com/emiago/sipgo/sip"
)

// address is a name-addr or addr-spec with its header parameters (RFC 3261
// 20.10), read from canonical form.
type address struct {
	display string // without its quotes, escapes kept
	uri     sip.Uri
	star    bool // "*"
	params  sip.HeaderParams
}

func readAddress(s string) (address, Fault) {
	var a address
	if s == "*" {
		a.star, a.uri = true, sip.Uri{Host: "*", Wildcard: true}
		return a, NoFault
	}
	text, params, f := a.split(s)
	if f != NoFault {
		return a, f
	}
	if a.uri, f = readURI(text); f != NoFault {
		if f == FaultURI || f == FaultScheme {
			f = FaultAddress
		}
		return a, f
	}
	return a, readParams(params, FaultAddress, &a.params)
}

// split parts s into display name, URI and parameters, which begin with ';'
// when there are any.
func (a *address) split(s string) (uri, params string, f Fault) {
	open := indexOutside(s, '<')
	if open < 0 {
		end := strings.IndexByte(s, ';')
		if end < 0 {
			end = len(s)
		}
		if strings.ContainsAny(s[:end], ",?") { // 20.10: these want brackets
			return "", "", FaultAddress
		}
		return s[:end], s[end:], NoFault
	}
	end := strings.IndexByte(s[open:], '>')
	if end < 0 {
		return "", "", FaultAddress
	}
	end += open
	var ok bool
	if a.display, ok = readDisplay(strings.TrimSuffix(s[:open], " ")); !ok {
		return "", "", FaultAddress
	}
	return s[open+1 : end], s[end+1:], NoFault
}

// readDisplay reads a quoted string or words. Words are taken more liberally
// than tokens, which many phones go beyond, but for what could be mistaken for
// something else.
func readDisplay(s string) (string, bool) {
	if s == "" {
		return "", true
	}
	if s[0] == '"' {
		if endOfQuoted(s, 0) != len(s) || !isQuoted(s) {
			return "", false
		}
		return s[1 : len(s)-1], true
	}
	if strings.ContainsAny(s, `,;:"<>\`) || !isClean(s) {
		return "", false
	}
	return s, true
}

// isQuoted tells whether s is one whole quoted string.
func isQuoted(s string) bool {
	if len(s) < 2 || s[0] != '"' {
		return false
	}
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '\\':
			if i++; i >= len(s) || s[i] == '\r' || s[i] == '\n' {
				return false
			}
		case s[i] == '"':
			return i == len(s)-1
		case isControl(s[i]):
			return false
		}
	}
	return false
}

// isClean tells whether s has no control character outside of quoted pairs.
func isClean(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) && s[i+1] != '\r' && s[i+1] != '\n' {
			i++
			continue
		}
		if isControl(s[i]) {
			return false
		}
	}
	return true
}

// readParams reads *(";" name ["=" value]). An empty parameter is a fault, so is
// a name that comes twice.
func readParams(s string, fault Fault, into *sip.HeaderParams) Fault {
	if s == "" {
		return NoFault
	}
	var params sip.HeaderParams
	for s != "" {
		if s[0] != ';' {
			return fault
		}
		pair := s[1:]
		if end := indexOutsideQuotes(pair, ';'); end >= 0 {
			pair = pair[:end]
		}
		s = s[1+len(pair):]
		name, value, hasValue := strings.Cut(pair, "=")
		if !all(name, classToken) {
			return fault
		}
		value, ok := readParamValue(value)
		if !ok && hasValue {
			return fault
		}
		if hasName(params, name) {
			return FaultDuplicate
		}
		if len(params) == maxParams {
			return FaultTooMany
		}
		if params == nil {
			params = make(sip.HeaderParams, 0, min(1+strings.Count(s, ";"), maxParams))
		}
		params = append(params, sip.HeaderKV{K: name, V: value})
	}
	*into = params
	return NoFault
}

// readParamValue takes a token, a host or a quoted string. A quoted string that
// holds white space loses its quotes, for sipgo adds them when it writes one.
func readParamValue(s string) (string, bool) {
	if s == "" {
		return "", true
	}
	if s[0] == '"' {
		if !isQuoted(s) {
			return "", false
		}
		if strings.ContainsAny(s, " \t") {
			return s[1 : len(s)-1], true
		}
		return s, true
	}
	for i := range len(s) {
		if s[i] <= ' ' || s[i] == 0x7f || strings.IndexByte(`",;<>\`, s[i]) >= 0 {
			return "", false
		}
	}
	return s, true
}

func indexOutsideQuotes(s string, b byte) int {
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case b:
			return i
		case '"':
			i = endOfQuoted(s, i) - 1
		}
	}
	return -1
}

// Unquote is the text that a display name or parameter value stands for: quotes
// and escapes undone, control characters dropped, invalid UTF-8 replaced.
func Unquote(s string) string {
	if len(s) >= 2 && s[0] == '"' && s[len(s)-1] == '"' {
		s = s[1 : len(s)-1]
	}
	var b strings.Builder
	b.Grow(len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
		}
		if !isControl(s[i]) {
			b.WriteByte(s[i])
		}
	}
	return strings.ToValidUTF8(b.String(), "\uFFFD")
}
