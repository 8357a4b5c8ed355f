package number

import (
	"fmt"
	"strings"
)

// Normalise reads the user part of a SIP URI or the number of a tel URI: percent
// escapes are undone once, parameters from the first ';' on are left out, so are
// RFC 3966's visual separators and spaces unless it is a name, '+' is kept.
func Normalise(user string) (string, error) {
	user, _, _ = strings.Cut(user, ";")
	if len(user) > 3*MaxLen {
		return "", fmt.Errorf("%w: too long", ErrInvalid)
	}
	var plain [3 * MaxLen]byte
	n, err := unescape(&plain, user)
	if err != nil {
		return "", err
	}
	text := plain[:n]
	if digits, ok := dialable(text); ok {
		return bounded(digits)
	}
	if !isName(text) {
		return "", fmt.Errorf("%w: neither digits nor a name", ErrInvalid)
	}
	return bounded(string(text))
}

func bounded(s string) (string, error) {
	if len(s) > MaxLen {
		return "", fmt.Errorf("%w: too long", ErrInvalid)
	}
	return s, nil
}

// unescape undoes %HH once, so that what was escaped twice keeps a '%' and is
// refused.
func unescape(into *[3 * MaxLen]byte, s string) (n int, err error) {
	for i := 0; i < len(s); i++ {
		b := s[i]
		if b == '%' {
			if i+2 >= len(s) {
				return 0, fmt.Errorf("%w: cut escape", ErrInvalid)
			}
			high, low := hexValue(s[i+1]), hexValue(s[i+2])
			if high < 0 || low < 0 {
				return 0, fmt.Errorf("%w: bad escape", ErrInvalid)
			}
			b = byte(high<<4 | low)
			i += 2
		}
		into[n] = b
		n++
	}
	return n, nil
}

func hexValue(b byte) int {
	switch {
	case '0' <= b && b <= '9':
		return int(b - '0')
	case 'a' <= b && b <= 'f':
		return int(b-'a') + 10
	case 'A' <= b && b <= 'F':
		return int(b-'A') + 10
	}
	return -1
}

// dialable removes visual separators and tells whether something is left, all of
// it dialable with '+' at most in front.
func dialable(text []byte) (string, bool) {
	var out [3 * MaxLen]byte
	n := 0
	for _, b := range text {
		switch b {
		case '-', '.', '(', ')', ' ':
			continue
		case '+':
			if n > 0 {
				return "", false
			}
		default:
			if !isDial(b) {
				return "", false
			}
		}
		out[n] = b
		n++
	}
	if n == 0 || n == 1 && out[0] == '+' {
		return "", false
	}
	return string(out[:n]), true
}

func isDial(b byte) bool { return '0' <= b && b <= '9' || b == '*' || b == '#' }

// isDialable tells whether a normalised number is digits, not a name.
func isDialable(s string) bool {
	for i := range len(s) {
		if !isDial(s[i]) && (i > 0 || s[i] != '+') {
			return false
		}
	}
	return s != ""
}

func isAlphanumeric(b byte) bool {
	return '0' <= b && b <= '9' || 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z'
}

// isName tells whether text is an extension's name: letters, digits and "-_."
// between them.
func isName(text []byte) bool {
	if len(text) == 0 || !isAlphanumeric(text[0]) {
		return false
	}
	for _, b := range text {
		if !isAlphanumeric(b) && b != '-' && b != '_' && b != '.' {
			return false
		}
	}
	return true
}
