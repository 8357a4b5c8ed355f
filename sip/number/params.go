package number

import (
	"fmt"
	"strings"
)

// maxParams bounds the parameters of one number.
const maxParams = 32

// readParams reads "name[=value];..." and keeps what it knows.
func (n *Number) readParams(s string) error {
	for count := 0; s != ""; count++ {
		if count == maxParams {
			return fmt.Errorf("%w: too many parameters", ErrInvalid)
		}
		var param string
		param, s, _ = strings.Cut(s, ";")
		name, value, _ := strings.Cut(param, "=")
		if err := n.readParam(strings.ToLower(name), value); err != nil {
			return err
		}
	}
	return nil
}

func (n *Number) readParam(name, value string) error {
	var err error
	switch name {
	case "npdi":
		n.Dipped = true
	case "rn":
		n.Routing, err = readDigits(name, value)
	case "ext":
		n.Ext, err = readDigits(name, value)
	case "phone-context":
		n.Context, err = readContext(value)
	case "isub":
		n.Subaddr, err = readText(name, value)
	}
	return err
}

// readDigits reads a number of digits. Routing numbers may have hexadecimal ones
// (RFC 4694 4).
func readDigits(name, value string) (string, error) {
	var b strings.Builder
	for i := range len(value) {
		switch c := value[i]; {
		case c == '-' || c == '.' || c == '(' || c == ')':
		case isDial(c) || c == '+' && b.Len() == 0 || hexValue(c) >= 0:
			b.WriteByte(c)
		default:
			return "", fmt.Errorf("%w: %s", ErrInvalid, name)
		}
	}
	if b.Len() == 0 || b.Len() > MaxLen {
		return "", fmt.Errorf("%w: %s", ErrInvalid, name)
	}
	return b.String(), nil
}

// readContext reads what a local number is local to: "+49-89" or "example.com".
func readContext(value string) (string, error) {
	if strings.HasPrefix(value, "+") {
		return readDigits("phone-context", value)
	}
	value = strings.ToLower(value)
	if len(value) > 255 || !isName([]byte(value)) {
		return "", fmt.Errorf("%w: phone-context", ErrInvalid)
	}
	return value, nil
}

// readText reads a value of printable characters, escapes undone once.
func readText(name, value string) (string, error) {
	var plain [3 * MaxLen]byte
	if value == "" || len(value) > len(plain) {
		return "", fmt.Errorf("%w: %s", ErrInvalid, name)
	}
	n, err := unescape(&plain, value)
	if err != nil {
		return "", err
	}
	for _, b := range plain[:n] {
		if b <= ' ' || b >= 0x7f {
			return "", fmt.Errorf("%w: %s", ErrInvalid, name)
		}
	}
	return bounded(string(plain[:n]))
}
