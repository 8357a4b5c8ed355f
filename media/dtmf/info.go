package dtmf

import (
	"fmt"
	"mime"
	"strconv"
	"strings"
	"time"
)

// The media types of INFO bodies that carry a key. Neither has an RFC; the
// first is Cisco's and everybody's, the second is a bare digit.
const (
	RelayType = "application/dtmf-relay"
	DigitType = "application/dtmf"
)

const (
	infoBytesMax  = 256
	infoLength    = 160 * time.Millisecond // when the body doesn't say
	infoLengthMax = 8 * time.Second
)

// ParseInfo reads the body of an INFO:
//
//	Signal=5
//	Duration=160
//
// or a single digit. Codes as in RFC 4733 (10 for *, 11 for #) stand for
// their keys. A length out of reason is brought into 40 ms to 8 s.
func ParseInfo(contentType string, body []byte) (Key, error) {
	kind, _, err := mime.ParseMediaType(contentType)
	if err != nil || len(body) > infoBytesMax {
		return Key{}, fmt.Errorf("%w: INFO of %d octets of %q", ErrNotDTMF, len(body), contentType)
	}
	switch kind {
	case RelayType:
		return parseRelay(string(body))
	case DigitType:
		return parseSignal(strings.TrimSpace(string(body)))
	}
	return Key{}, fmt.Errorf("%w: INFO of type %q", ErrNotDTMF, contentType)
}

func parseRelay(body string) (Key, error) {
	key, found := Key{}, false
	length := infoLength
	for line := range strings.Lines(body) {
		name, value, _ := strings.Cut(line, "=")
		value = strings.TrimSpace(value)
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "signal":
			var err error
			if key, err = parseSignal(value); err != nil {
				return Key{}, err
			}
			found = true
		case "duration":
			ms, err := strconv.ParseUint(value, 10, 32)
			if err != nil {
				return Key{}, fmt.Errorf("%w: duration %q", ErrNotDTMF, value)
			}
			length = time.Duration(ms) * time.Millisecond
		}
	}
	if !found {
		return Key{}, fmt.Errorf("%w: INFO without a signal", ErrNotDTMF)
	}
	key.Length = max(lengthMin, min(length, infoLengthMax))
	return key, nil
}

func parseSignal(value string) (Key, error) {
	if len(value) == 1 {
		if code, ok := Code(value[0]); ok {
			digit, _ := Digit(code)
			return Key{Digit: digit, Length: infoLength}, nil
		}
	}
	if code, err := strconv.ParseUint(value, 10, 8); err == nil && len(value) == 2 {
		if digit, ok := Digit(uint8(code)); ok {
			return Key{Digit: digit, Length: infoLength}, nil
		}
	}
	return Key{}, fmt.Errorf("%w: signal %q", ErrNotDTMF, value)
}

// RelayBody is the body of type RelayType for a key.
func RelayBody(k Key) []byte {
	return fmt.Appendf(nil, "Signal=%c\r\nDuration=%d\r\n", k.Digit, k.Length.Milliseconds())
}
