package wire

// kind is a header whose value this package looks into. The others are text.
type kind uint8

const (
	kindOther kind = iota
	kindVia
	kindFrom
	kindTo
	kindCallID
	kindCSeq
	kindMaxForwards
	kindContentLength
	kindContentType
	kindContact
	kindRoute
	kindRecordRoute
	kindReferTo
	kindReferredBy
	kindRequire
	kindAccept
	kindContentEncoding
	kindContentDisposition
	kindExpires
	kindOnce // any other header that may stand once and decides something
	kinds
)

// header is a known header: how it is spelled, and what it is.
type header struct {
	name string
	kind kind
}

// headers by lower-case name, long and compact (RFC 3261 7.3.3 and IANA).
var headers = map[string]header{
	"v": {"Via", kindVia}, "via": {"Via", kindVia},
	"f": {"From", kindFrom}, "from": {"From", kindFrom},
	"t": {"To", kindTo}, "to": {"To", kindTo},
	"i": {"Call-ID", kindCallID}, "call-id": {"Call-ID", kindCallID},
	"cseq":         {"CSeq", kindCSeq},
	"max-forwards": {"Max-Forwards", kindMaxForwards},
	"l":            {"Content-Length", kindContentLength}, "content-length": {"Content-Length", kindContentLength},
	"c": {"Content-Type", kindContentType}, "content-type": {"Content-Type", kindContentType},
	"m": {"Contact", kindContact}, "contact": {"Contact", kindContact},
	"route":        {"Route", kindRoute},
	"record-route": {"Record-Route", kindRecordRoute},
	"r":            {"Refer-To", kindReferTo}, "refer-to": {"Refer-To", kindReferTo},
	"b": {"Referred-By", kindReferredBy}, "referred-by": {"Referred-By", kindReferredBy},
	"require": {"Require", kindRequire},
	"accept":  {"Accept", kindAccept},
	"e":       {"Content-Encoding", kindContentEncoding}, "content-encoding": {"Content-Encoding", kindContentEncoding},
	"content-disposition": {"Content-Disposition", kindContentDisposition},
	"expires":             {"Expires", kindExpires},

	"x": {"Session-Expires", kindOnce}, "session-expires": {"Session-Expires", kindOnce},
	"o": {"Event", kindOnce}, "event": {"Event", kindOnce},
	"min-se":               {"Min-SE", kindOnce},
	"min-expires":          {"Min-Expires", kindOnce},
	"replaces":             {"Replaces", kindOnce},
	"rack":                 {"RAck", kindOnce},
	"rseq":                 {"RSeq", kindOnce},
	"retry-after":          {"Retry-After", kindOnce},
	"subscription-state":   {"Subscription-State", kindOnce},
	"refer-sub":            {"Refer-Sub", kindOnce},
	"privacy":              {"Privacy", kindOther},
	"p-asserted-identity":  {"P-Asserted-Identity", kindOther},
	"p-preferred-identity": {"P-Preferred-Identity", kindOther},
	"remote-party-id":      {"Remote-Party-ID", kindOther},
	"diversion":            {"Diversion", kindOther},
	"history-info":         {"History-Info", kindOther},
	"reason":               {"Reason", kindOther},

	"a": {"Accept-Contact", kindOther}, "j": {"Reject-Contact", kindOther}, "d": {"Request-Disposition", kindOther},
	"k": {"Supported", kindOther}, "supported": {"Supported", kindOther},
	"s": {"Subject", kindOther}, "subject": {"Subject", kindOther},
	"u": {"Allow-Events", kindOther}, "y": {"Identity", kindOther}, "n": {"Identity-Info", kindOther},
	"allow": {"Allow", kindOther}, "unsupported": {"Unsupported", kindOther}, "warning": {"Warning", kindOther},
	"proxy-require": {"Proxy-Require", kindOther}, "user-agent": {"User-Agent", kindOther}, "server": {"Server", kindOther},
	"authorization": {"Authorization", kindOther}, "proxy-authorization": {"Proxy-Authorization", kindOther},
	"www-authenticate": {"WWW-Authenticate", kindOther}, "proxy-authenticate": {"Proxy-Authenticate", kindOther},
	"path": {"Path", kindOther}, "service-route": {"Service-Route", kindOther},
}

// once tells whether a header of the kind may stand only once.
func (k kind) once() bool {
	switch k {
	case kindFrom, kindTo, kindCallID, kindCSeq, kindMaxForwards, kindContentLength, kindContentType,
		kindReferTo, kindReferredBy, kindContentDisposition, kindExpires:
		return true
	}
	return false
}

// list tells whether the canonical form gives each of its values a line.
func (k kind) list() bool {
	switch k {
	case kindVia, kindContact, kindRoute, kindRecordRoute:
		return true
	}
	return false
}

// address tells whether its value is a name-addr or addr-spec with parameters.
func (k kind) address() bool {
	switch k {
	case kindFrom, kindTo, kindContact, kindRoute, kindRecordRoute, kindReferTo, kindReferredBy:
		return true
	}
	return false
}

// lookup finds a header by its name as written; a name that is not known stays
// as it is.
func lookup(name string) header {
	var lower [24]byte
	if len(name) > len(lower) {
		return header{name: name}
	}
	for i := range len(name) {
		lower[i] = lowerByte(name[i])
	}
	if h, ok := headers[string(lower[:len(name)])]; ok {
		return h
	}
	return header{name: name}
}
