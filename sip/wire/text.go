package wire

import (
	"math"
	"strings"
	"unicode/utf8"
)

// Escape makes text from the network fit for a log line or a terminal: at most
// 256 bytes of printable ASCII; a backslash, a quote and everything else become
// escapes, and "..." stands where it was cut.
func Escape(text string) string {
	const (
		hex  = "0123456789abcdef"
		tail = "..."
	)
	clean := len(text) <= maxEscaped
	for i := 0; clean && i < len(text); i++ {
		clean = text[i] >= ' ' && text[i] < 0x7f && text[i] != '\\' && text[i] != '"'
	}
	if clean {
		return text
	}
	var b strings.Builder
	b.Grow(maxEscaped)
	for i := 0; i < len(text); i++ {
		var piece string
		switch c := text[i]; {
		case c == '\\' || c == '"':
			piece = `\` + text[i:i+1]
		case c == '\r':
			piece = `\r`
		case c == '\n':
			piece = `\n`
		case c < ' ' || c >= 0x7f:
			piece = string([]byte{'\\', 'x', hex[c>>4], hex[c&15]})
		default:
			piece = text[i : i+1]
		}
		if b.Len()+len(piece) > maxEscaped-len(tail) && !fits(text[i:], maxEscaped-b.Len()) {
			b.WriteString(tail)
			break
		}
		b.WriteString(piece)
	}
	return b.String()
}

// fits tells whether text needs no more than room bytes, every byte written as
// the longest escape.
func fits(text string, room int) bool { return 4*len(text) <= room }

// Seconds reads delta-seconds; what is too large counts as the largest there is
// (20.19).
func Seconds(text string) (uint32, bool) {
	if text == "" || !utf8.ValidString(text) {
		return 0, false
	}
	var n uint64
	for i := range len(text) {
		if !isDigit(text[i]) {
			return 0, false
		}
		if n = n*10 + uint64(text[i]-'0'); n > math.MaxUint32 {
			n = math.MaxUint32
		}
	}
	return uint32(n), true
}
