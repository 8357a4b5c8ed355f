package wire

import (
	"slices"
	"strings"
)

// known are the methods some RFC defines: 405 where they are not spoken. Any
// other is unknown to us: 501 (8.2.1).
var known = []string{
	"INVITE", "ACK", "CANCEL", "BYE", "REGISTER", "OPTIONS", "PRACK", "UPDATE", "INFO", "REFER",
	"SUBSCRIBE", "NOTIFY", "PUBLISH", "MESSAGE",
}

// owed judges a well-formed request in the order of RFC 3261 8.2.
func (r *reading) owed() Verdict {
	if !slices.Contains(r.rules.Methods, r.method) {
		if slices.Contains(known, r.method) {
			return refuse(405, FaultMethod)
		}
		return refuse(501, FaultMethod)
	}
	if v := r.owedAddress(); v.Action != Accept {
		return v
	}
	if v := r.owedExtensions(); v.Action != Accept {
		return v
	}
	return r.owedContent()
}

// owedAddress judges whom the request is for.
func (r *reading) owedAddress() Verdict {
	switch r.uri.Scheme {
	case "sip", "sips", "tel":
	default:
		return refuse(416, FaultScheme)
	}
	if len(r.uri.Headers) > 0 { // 19.1.1: they never are ours to apply
		return refuse(400, FaultURIHeaders)
	}
	if r.method == "REGISTER" {
		return r.owedRegistration()
	}
	if r.star > 0 {
		return refuse(400, FaultContact)
	}
	// An INVITE makes us place a call of our own; one whose hops are used up has
	// been round already.
	if r.method == "INVITE" && r.hops == 0 && !r.to.Params.Has("tag") {
		return refuse(483, FaultHops)
	}
	return accept()
}

// owedRegistration: the address of record is a SIP one, and "*" means all
// bindings and stands alone, with Expires: 0 (10.2.2, 10.3).
func (r *reading) owedRegistration() Verdict {
	switch r.to.Address.Scheme {
	case "sip", "sips", "tel":
	default:
		return refuse(400, FaultScheme)
	}
	if r.star > 0 {
		expires, _ := r.first(kindExpires)
		if n, ok := Seconds(expires); r.count[kindContact] != 1 || !ok || n != 0 {
			return refuse(400, FaultContact)
		}
	}
	return accept()
}

// owedExtensions: what the peer requires must be known here. In ACK and CANCEL
// it is not looked at (8.2.2.3).
func (r *reading) owedExtensions() Verdict {
	if r.count[kindRequire] == 0 || r.method == "ACK" || r.method == "CANCEL" {
		return accept()
	}
	var unsupported []string
	for i := range r.fields {
		if r.fields[i].kind != kindRequire {
			continue
		}
		for tag := range strings.SplitSeq(r.fields[i].value, ",") {
			if tag = trim(tag); tag == "" {
				continue
			}
			if !all(tag, classToken) {
				return refuse(400, FaultExtension)
			}
			if !containsFold(r.rules.Extensions, tag) && len(unsupported) < maxPerKind {
				unsupported = append(unsupported, tag)
			}
		}
	}
	if unsupported == nil {
		return accept()
	}
	v := refuse(420, FaultExtension)
	v.Unsupported = unsupported
	return v
}

func containsFold(list []string, s string) bool {
	for _, l := range list {
		if strings.EqualFold(l, s) {
			return true
		}
	}
	return false
}

// owedContent judges the body, and what may be sent back. Only methods that
// carry something for us are looked at: a BYE is a BYE whatever comes with it.
func (r *reading) owedContent() Verdict {
	types := mediaTypes(r.method)
	if types == nil || r.method == "ACK" {
		return accept()
	}
	if r.body != "" {
		if v := r.owedBody(types); v.Action != Accept {
			return v
		}
	}
	if (r.method == "INVITE" || r.method == "UPDATE") && !r.acceptsSDP() {
		return refuse(406, FaultNotAcceptable)
	}
	return accept()
}

func (r *reading) owedBody(types []string) Verdict {
	if d, ok := r.first(kindContentDisposition); ok && isOptional(d) {
		return accept() // SDP finds nothing in it
	}
	for i := range r.fields {
		if r.fields[i].kind == kindContentEncoding && r.fields[i].value != "" &&
			!strings.EqualFold(r.fields[i].value, "identity") {
			return refuse(415, FaultMediaType)
		}
	}
	value, ok := r.first(kindContentType)
	if !ok {
		return refuse(400, FaultContentType)
	}
	media := mediaType(value)
	switch {
	case containsFold(types, media):
		return accept()
	case r.rules.Multipart && isMultipart(media) && containsFold(types, sdpType):
		return accept()
	}
	return refuse(415, FaultMediaType)
}

const sdpType = "application/sdp"

var (
	sessionTypes = []string{sdpType}
	digitTypes   = []string{"application/dtmf-relay", "application/dtmf"} // RFC 6086
)

// mediaTypes are what a method's body may be; nil: whatever it is, it is ignored.
func mediaTypes(method string) []string {
	switch method {
	case "INVITE", "ACK", "UPDATE", "PRACK":
		return sessionTypes
	case "INFO":
		return digitTypes
	}
	return nil
}

// mediaType is the type/subtype of a Content-Type or Accept element.
func mediaType(value string) string {
	media, _, _ := strings.Cut(value, ";")
	kind, subtype, _ := strings.Cut(media, "/")
	return trim(kind) + "/" + trim(subtype)
}

func isMultipart(media string) bool {
	return len(media) > 10 && strings.EqualFold(media[:10], "multipart/")
}

// isOptional tells whether a Content-Disposition lets the body be ignored.
func isOptional(value string) bool {
	for param := range strings.SplitSeq(value, ";") {
		name, v, _ := strings.Cut(param, "=")
		if strings.EqualFold(trim(name), "handling") && strings.EqualFold(trim(v), "optional") {
			return true
		}
	}
	return false
}

// acceptsSDP tells whether an answer may hold a session description: there is no
// Accept, or it names one (20.1). An empty Accept takes nothing.
func (r *reading) acceptsSDP() bool {
	if r.count[kindAccept] == 0 {
		return true
	}
	for i := range r.fields {
		if r.fields[i].kind != kindAccept {
			continue
		}
		for element := range strings.SplitSeq(r.fields[i].value, ",") {
			switch media := mediaType(element); {
			case strings.EqualFold(media, sdpType), media == "*/*", strings.EqualFold(media, "application/*"):
				return true
			}
		}
	}
	return false
}
