package dtmf

import (
	"errors"
	"time"
)

// ErrNotDTMF is what errors about payloads, bodies and digits wrap.
var ErrNotDTMF = errors.New("dtmf: not a DTMF key")

// digits lists the keys by event code (RFC 4733, section 3.2, table 3).
const digits = "0123456789*#ABCD"

// Key is a key that was pressed and let go.
type Key struct {
	Digit  byte // one of 0-9 * # A-D
	Length time.Duration
}

// Digit is the key of an event code; false for an event that is no DTMF.
func Digit(code uint8) (byte, bool) {
	if int(code) >= len(digits) {
		return 0, false
	}
	return digits[code], true
}

// Code is the event code of a key, in either case.
func Code(digit byte) (uint8, bool) {
	switch {
	case digit >= '0' && digit <= '9':
		return digit - '0', true
	case digit == '*':
		return 10, true
	case digit == '#':
		return 11, true
	case digit >= 'A' && digit <= 'D':
		return digit - 'A' + 12, true
	case digit >= 'a' && digit <= 'd':
		return digit - 'a' + 12, true
	}
	return 0, false
}
