package wire

import (
	"hash/fnv"
	"net/netip"
	"strconv"
	"strings"

	"github.com/emiago/sipgo/sip"
)

// Echo is what an answer repeats of a request (8.2.6.2): in canonical form where
// it could be read, as received where not, never with line ends.
// Empty: the request had none.
type Echo struct {
	Via                    []string
	From, To, CallID, CSeq string
}

func (r *reading) echo() *Echo {
	e := &Echo{Via: make([]string, 0, min(r.count[kindVia], maxPerKind))}
	for i := range r.fields {
		f := &r.fields[i]
		switch f.kind {
		case kindVia:
			if len(e.Via) < maxPerKind {
				e.Via = append(e.Via, printable(f.value))
			}
		case kindFrom:
			keep(&e.From, f.value)
		case kindTo:
			keep(&e.To, f.value)
		case kindCallID:
			keep(&e.CallID, f.value)
		case kindCSeq:
			keep(&e.CSeq, f.value)
		}
	}
	return e
}

func keep(into *string, value string) {
	if *into == "" {
		*into = printable(value)
	}
}

// printable is s as it is when its control characters, if any, stand in quoted
// pairs, where they are legal and never line ends; else without them.
func printable(s string) string {
	if isClean(s) {
		return s
	}
	return strings.Map(func(c rune) rune {
		if c < 0x80 && isControl(byte(c)) {
			return -1
		}
		return c
	}, s)
}

// EchoOf collects what an answer to an accepted request repeats.
func EchoOf(req *sip.Request) *Echo {
	e := &Echo{}
	for _, h := range req.Headers() {
		switch h := h.(type) {
		case *sip.ViaHeader:
			e.Via = append(e.Via, printable(h.Value()))
		case *sip.FromHeader:
			keep(&e.From, h.Value())
		case *sip.ToHeader:
			keep(&e.To, h.Value())
		case *sip.CallIDHeader:
			keep(&e.CallID, h.Value())
		case *sip.CSeqHeader:
			keep(&e.CSeq, h.Value())
		}
	}
	return e
}

// Header is one header field to be written. Its value must come from us: it is
// cut at the first control character.
type Header struct{ Name, Value string }

// AppendReply appends a whole response without a body, made without state: the
// To tag is a function of the request, so that its repetitions get the same
// (8.2.7), and received and rport are filled in from source (18.2.1, RFC 3581).
// It is to be sent to source.
func AppendReply(dst []byte, e *Echo, source netip.AddrPort, status int, reason string, headers ...Header) []byte {
	dst = append(dst, "SIP/2.0 "...)
	dst = strconv.AppendInt(dst, int64(status), 10)
	dst = append(append(append(dst, ' '), reason...), "\r\n"...)
	for i, via := range e.Via {
		dst = append(dst, "Via: "...)
		if i == 0 {
			dst = appendTopVia(dst, via, source)
		} else {
			dst = append(dst, via...)
		}
		dst = append(dst, "\r\n"...)
	}
	dst = appendHeader(dst, "From", e.From)
	if e.To != "" {
		dst = append(append(dst, "To: "...), e.To...)
		if status > 100 && !hasTag(e.To) {
			dst = appendTag(dst, e)
		}
		dst = append(dst, "\r\n"...)
	}
	dst = appendHeader(dst, "Call-ID", e.CallID)
	dst = appendHeader(dst, "CSeq", e.CSeq)
	for _, h := range headers {
		value := h.Value
		if i := strings.IndexFunc(value, func(c rune) bool { return c < 0x20 || c == 0x7f }); i >= 0 {
			value = value[:i]
		}
		dst = appendHeader(dst, h.Name, value)
	}
	return append(dst, "Content-Length: 0\r\n\r\n"...)
}

// AppendRefusal is AppendReply for a Refuse verdict, with the headers that its
// status wants: Allow with 405 and 501, Unsupported with 420, Accept with 415
// and 406.
func AppendRefusal(dst []byte, m *Message, source netip.AddrPort, rules *Rules) []byte {
	var headers []Header
	switch m.Verdict.Status {
	case 405, 501:
		headers = []Header{{"Allow", strings.Join(rules.Methods, ", ")}}
	case 420:
		headers = []Header{{"Unsupported", strings.Join(m.Verdict.Unsupported, ", ")}}
	case 406, 415:
		headers = acceptable(m)
	}
	return AppendReply(dst, m.Echo, source, m.Verdict.Status, m.Verdict.Reason, headers...)
}

func acceptable(m *Message) []Header {
	types := sessionTypes
	if m.Request != nil {
		if t := mediaTypes(string(m.Request.Method)); t != nil {
			types = t
		}
	}
	return []Header{{"Accept", strings.Join(types, ", ")}, {"Accept-Encoding", "identity"}}
}

func appendHeader(dst []byte, name, value string) []byte {
	if value == "" {
		return dst
	}
	dst = append(append(dst, name...), ": "...)
	return append(append(dst, value...), "\r\n"...)
}

// hasTag tells whether a To has a tag; one that cannot be read gets none added.
func hasTag(to string) bool {
	a, fault := readAddress(to)
	return fault != NoFault || a.params.Has("tag")
}

// appendTag adds a tag that is the same whenever the same request comes.
func appendTag(dst []byte, e *Echo) []byte {
	h := fnv.New64a()
	for _, s := range [...]string{e.Via[0], e.From, e.CallID, e.CSeq} {
		_, _ = h.Write([]byte(s))
		_, _ = h.Write([]byte{0})
	}
	return strconv.AppendUint(append(dst, ";tag="...), h.Sum64(), 36)
}

// appendTopVia writes the top Via with received and rport; as it was when it
// cannot be read.
func appendTopVia(dst []byte, text string, source netip.AddrPort) []byte {
	via, fault := readVia(text)
	if fault != NoFault || !source.IsValid() {
		return append(dst, text...)
	}
	Stamp(via, source)
	return append(dst, via.Value()...)
}

// Stamp notes in a request's top Via where it really came from: received when
// the sent-by says otherwise or rport is asked for, and rport (18.2.1, RFC 3581).
func Stamp(via *sip.ViaHeader, source netip.AddrPort) {
	addr := source.Addr().Unmap().WithZone("")
	host, err := netip.ParseAddr(strings.Trim(via.Host, "[]"))
	rport := via.Params.Has("rport")
	if rport {
		via.Params.Add("rport", strconv.Itoa(int(source.Port())))
	}
	if rport || err != nil || host.Unmap() != addr || via.Params.Has("received") {
		via.Params.Add("received", addr.String())
	}
}
