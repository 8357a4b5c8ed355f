package sip

import (
	"strconv"
	"strings"

	sipgo "github.com/emiago/sipgo/sip"
)

// text is a message being written.
type text []byte

// WriteString makes text the io.StringWriter that sipgo's headers write to.
func (t *text) WriteString(s string) (int, error) {
	*t = append(*t, s...)
	return len(s), nil
}

func (t *text) add(parts ...string) {
	for _, p := range parts {
		*t = append(*t, p...)
	}
}

// line writes one header.
func (t *text) line(name string, value ...string) {
	t.add(name, ": ")
	t.add(value...)
	t.add("\r\n")
}

// header writes one as sipgo does.
func (t *text) header(h sipgo.Header) {
	h.StringWrite(t)
	t.add("\r\n")
}

// end writes Content-Length and the body.
func (t *text) end(contentType string, body []byte) {
	if len(body) > 0 {
		t.line("Content-Type", contentType)
	}
	t.line("Content-Length", strconv.Itoa(len(body)))
	t.add("\r\n")
	*t = append(*t, body...)
}

const sdpType = "application/sdp"

// clean tells whether a text of ours may stand in a header: no CR, LF or NUL,
// by which one header becomes two.
func clean(s string) bool { return !strings.ContainsAny(s, "\r\n\x00") }

var escaped = strings.NewReplacer(`\`, `\\`, `"`, `\"`)

// quoted is a display name as a quoted-string (RFC 3261 25.1).
func quoted(display string) string {
	if display == "" {
		return ""
	}
	return `"` + escaped.Replace(display) + `" `
}
