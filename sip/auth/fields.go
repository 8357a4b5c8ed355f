package auth

import (
	"fmt"
	"strings"
)

const (
	maxHeader = 4 << 10 // bytes of one Authorization or challenge
	maxFields = 32
)

// fields are the parameters of a Digest challenge or of credentials. Quoted
// values are without their quotes; escapes in them are left as they are, for
// hashes are made of what was sent.
type fields struct {
	realm, nonce, opaque, algorithm, qop string
	username, uri, response, cnonce, nc  string
	stale                                string
}

func (f *fields) named(name string) *string {
	switch name {
	case "realm":
		return &f.realm
	case "nonce":
		return &f.nonce
	case "opaque":
		return &f.opaque
	case "algorithm":
		return &f.algorithm
	case "qop":
		return &f.qop
	case "username":
		return &f.username
	case "uri":
		return &f.uri
	case "response":
		return &f.response
	case "cnonce":
		return &f.cnonce
	case "nc":
		return &f.nc
	case "stale":
		return &f.stale
	}
	return nil
}

// isDigest tells whether a header value is of the scheme Digest.
func isDigest(value string) bool {
	return len(value) > 7 && strings.EqualFold(value[:6], "digest") && isSpace(value[6])
}

// parseFields reads "Digest name=value, ...". A parameter that comes twice is a
// fault: two readers might take different ones.
func parseFields(value string) (fields, error) {
	var f fields
	if len(value) > maxHeader || !isDigest(value) {
		return f, errMalformed
	}
	var seen [maxFields]string
	count := 0
	rest := skip(value[7:])
	for rest != "" {
		name, v, after, err := cutField(rest)
		if err != nil {
			return f, err
		}
		for _, s := range seen[:count] {
			if strings.EqualFold(s, name) {
				return f, fmt.Errorf("%w: %q twice", errMalformed, name)
			}
		}
		if count == maxFields {
			return f, fmt.Errorf("%w: too many parameters", errMalformed)
		}
		seen[count] = name
		count++
		if into := f.named(strings.ToLower(name)); into != nil {
			*into = v
		}
		rest = after
	}
	return f, nil
}

// cutField takes one name=value and the comma after it off s.
func cutField(s string) (name, value, rest string, err error) {
	name, s, found := strings.Cut(s, "=")
	name = strings.TrimRight(name, " \t")
	if !found || !isToken(name) {
		return "", "", "", errMalformed
	}
	s = skip(s)
	if strings.HasPrefix(s, `"`) {
		end := closingQuote(s)
		if end < 0 {
			return "", "", "", errMalformed
		}
		value, s = s[1:end], s[end+1:]
	} else {
		end := strings.IndexAny(s, ", \t")
		if end < 0 {
			end = len(s)
		}
		if value, s = s[:end], s[end:]; !isToken(value) {
			return "", "", "", errMalformed
		}
	}
	s = skip(s)
	if s == "" {
		return name, value, "", nil
	}
	if s[0] != ',' {
		return "", "", "", errMalformed
	}
	if s = skip(s[1:]); s == "" {
		return "", "", "", errMalformed
	}
	return name, value, s, nil
}

// closingQuote is the index of the quote that ends the quoted string at the
// start of s; -1 when there is none or a control character stands before it.
func closingQuote(s string) int {
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '"':
			return i
		case s[i] < ' ' && s[i] != '\t' || s[i] == 0x7f:
			return -1
		case s[i] == '\\':
			i++
			if i < len(s) && s[i] < ' ' {
				return -1
			}
		}
	}
	return -1
}

func skip(s string) string { return strings.TrimLeft(s, " \t") }

func isSpace(b byte) bool { return b == ' ' || b == '\t' }

func isToken(s string) bool {
	for i := range len(s) {
		b := s[i]
		if !('a' <= b && b <= 'z' || 'A' <= b && b <= 'Z' || '0' <= b && b <= '9') &&
			strings.IndexByte("-.!%*_+`'~", b) < 0 {
			return false
		}
	}
	return s != ""
}

// quotable tells whether s can stand between quotes as it is.
func quotable(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] == 0x7f || s[i] == '"' || s[i] == '\\' {
			return false
		}
	}
	return true
}
