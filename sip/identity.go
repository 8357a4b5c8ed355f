package sip

import (
	"strings"

	sipgo "github.com/emiago/sipgo/sip"

	"switchroom/sip/number"
)

// identityIn is the caller of an INVITE. P-Asserted-Identity is believed from a
// trusted peer only (RFC 3325).
func identityIn(in *request, trusted bool) Identity {
	from := in.From()
	id := Identity{Display: displayText(from.DisplayName)}
	if n, err := number.Parse(from.Address.String()); err == nil {
		id.Number, id.Private = n.Number, n.Anonymous
	}
	if !trusted {
		return id
	}
	asserted := in.listed("p-asserted-identity")
	if len(asserted) == 0 {
		asserted = id.remoteParty(in)
	}
	for _, value := range asserted {
		if n, err := number.Parse(bracketed(value)); err == nil && n.Number != "" {
			id.Number = n.Number
			if display, _, found := strings.Cut(value, "<"); found && strings.TrimSpace(display) != "" {
				id.Display = displayText(strings.Trim(strings.TrimSpace(display), `"`))
			}
			break
		}
	}
	for p := range strings.FieldsFuncSeq(in.header("privacy"), func(r rune) bool { return r == ';' || r == ' ' }) {
		switch strings.ToLower(p) {
		case "id", "user", "header":
			id.Private = true
		}
	}
	return id
}

// remoteParty are the callers of Remote-Party-ID, P-Asserted-Identity's
// forerunner, which PBXs send to this day; it brings its own privacy.
func (id *Identity) remoteParty(in *request) []string {
	var callers []string
	for _, value := range in.listed("remote-party-id") {
		_, params, _ := strings.Cut(value, ">")
		calling, private := true, false
		for p := range strings.SplitSeq(params, ";") {
			name, v, _ := strings.Cut(strings.TrimSpace(p), "=")
			switch strings.ToLower(name) {
			case "party":
				calling = strings.EqualFold(v, "calling")
			case "privacy":
				private = !strings.EqualFold(v, "off")
			}
		}
		if calling {
			callers = append(callers, value)
			id.Private = id.Private || private
		}
	}
	return callers
}

// listed are the values of a header that is a list, over all its lines.
func (in *request) listed(name string) []string {
	var values []string
	for h := range named(in, name) {
		values = append(values, splitList(h.Value())...)
	}
	return values
}

// displayMax bounds a display name in bytes.
const displayMax = 128

// displayText is a display name without escapes and control characters.
func displayText(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, strings.ReplaceAll(strings.ReplaceAll(s, `\"`, `"`), `\\`, `\`))
	if len(s) > displayMax {
		s = strings.ToValidUTF8(s[:displayMax], "")
	}
	return strings.TrimSpace(s)
}

// diversionsMax bounds the forwardings that are believed to be one call.
const diversionsMax = 5

// diversions are the numbers a call was forwarded from, the latest first
// (RFC 5806; of History-Info, RFC 7044, the entries before the last).
func diversions(in *request) []string {
	values := in.listed("diversion")
	if history := in.listed("history-info"); len(history) > 1 {
		values = nil
		for i := len(history) - 2; i >= 0; i-- {
			values = append(values, history[i])
		}
	}
	var numbers []string
	for _, v := range values {
		if n, err := number.Parse(bracketed(v)); err == nil && n.Number != "" && len(numbers) < diversionsMax {
			numbers = append(numbers, n.Number)
		}
	}
	return numbers
}

// fromHeader is our From for an identity, without the tag.
func fromHeader(id Identity, host string) (value string, uri sipgo.Uri) {
	if id.Private {
		return `"Anonymous" <sip:anonymous@anonymous.invalid>`, uri
	}
	uri = sipgo.Uri{Scheme: "sip", User: escapeUser(id.Number), Host: host}
	return quoted(id.Display) + "<" + uri.String() + ">", uri
}

// escapeUser escapes what may not stand in the user part of a URI.
func escapeUser(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' ||
			strings.IndexByte("-_.!~*'()&=+$,;?/", c) >= 0 {
			b.WriteByte(c)
			continue
		}
		const hex = "0123456789ABCDEF"
		b.Write([]byte{'%', hex[c>>4], hex[c&15]})
	}
	return b.String()
}
