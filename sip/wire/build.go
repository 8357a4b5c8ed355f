package wire

import (
	"strings"

	"github.com/emiago/sipgo/sip"
)

// appender is what sipgo's requests and responses have in common here.
type appender interface{ AppendHeader(sip.Header) }

// build reads every header into msg and stops at the first fault.
func (r *reading) build(msg appender) Fault {
	for i := range r.fields {
		f := &r.fields[i]
		if !all(f.name, classToken) || !isClean(f.value) {
			return FaultField
		}
		if r.count[f.kind] > 1 && f.kind.once() {
			return FaultDuplicate
		}
		if r.count[f.kind] > maxPerKind && f.kind != kindOther && f.kind != kindOnce {
			return FaultTooMany
		}
		h, fault := r.header(f)
		if fault != NoFault {
			return fault
		}
		msg.AppendHeader(h)
	}
	if fault := r.repeatedOnce(); fault != NoFault {
		return fault
	}
	return r.mandatory()
}

// header reads one field.
func (r *reading) header(f *field) (sip.Header, Fault) {
	if f.kind.address() {
		return r.addressHeader(f)
	}
	switch f.kind {
	case kindVia:
		via, fault := readVia(f.value)
		if fault != NoFault {
			return nil, fault
		}
		if r.via == nil {
			r.via = via
		}
		return via, NoFault
	case kindCallID:
		if len(f.value) > maxTag || !all(f.value, classVisible) {
			return nil, FaultCallID
		}
		h := sip.CallIDHeader(f.value)
		return &h, NoFault
	case kindCSeq:
		return r.cseqHeader(f.value)
	case kindMaxForwards:
		n, ok := digits(f.value, 255)
		if !ok {
			return nil, FaultMaxForwards
		}
		r.hops = int(n)
		h := sip.MaxForwardsHeader(n)
		return &h, NoFault
	case kindContentLength:
		n, ok := digits(f.value, 1<<31-1)
		if !ok {
			return nil, FaultContentLength
		}
		r.length = int(n)
		h := sip.ContentLengthHeader(n)
		return &h, NoFault
	case kindContentType:
		if f.value == "" {
			return nil, FaultContentType
		}
		h := sip.ContentTypeHeader(f.value)
		return &h, NoFault
	}
	return sip.NewHeader(f.name, f.value), NoFault
}

func (r *reading) cseqHeader(value string) (sip.Header, Fault) {
	number, method, _ := strings.Cut(value, " ")
	n, ok := digits(number, 1<<31-1) // 8.1.1.5
	if !ok || !all(method, classToken) || len(method) > maxMethod {
		return nil, FaultCSeq
	}
	r.cseq = &sip.CSeqHeader{SeqNo: uint32(n), MethodName: sip.RequestMethod(method)}
	return r.cseq, NoFault
}

func (r *reading) addressHeader(f *field) (sip.Header, Fault) {
	a, fault := readAddress(f.value)
	if fault != NoFault {
		return nil, fault
	}
	if a.star && f.kind != kindContact {
		return nil, FaultAddress
	}
	if len(a.uri.Headers) > 0 && !r.mayHaveHeaders(f.kind) {
		return nil, FaultURIHeaders
	}
	switch f.kind {
	case kindFrom:
		r.from = &sip.FromHeader{DisplayName: a.display, Address: a.uri, Params: a.params}
		return r.from, tagFault(a.params)
	case kindTo:
		r.to = &sip.ToHeader{DisplayName: a.display, Address: a.uri, Params: a.params}
		return r.to, tagFault(a.params)
	case kindContact:
		if a.star {
			r.star++
		}
		return &sip.ContactHeader{DisplayName: a.display, Address: a.uri, Params: a.params}, NoFault
	case kindRoute:
		return &sip.RouteHeader{Address: a.uri}, NoFault
	case kindRecordRoute:
		return &sip.RecordRouteHeader{Address: a.uri}, NoFault
	case kindReferTo:
		return &sip.ReferToHeader{Address: a.uri}, NoFault
	default:
		return &sip.ReferredByHeader{DisplayName: a.display, Address: a.uri, Params: a.params}, NoFault
	}
}

// mayHaveHeaders follows RFC 3261 table 1, but for REGISTER: a binding with
// headers would be ours to apply with each call, so it is not taken.
func (r *reading) mayHaveHeaders(k kind) bool {
	return k == kindReferTo || k == kindContact && !r.request // of a redirection
}

func tagFault(params sip.HeaderParams) Fault {
	tag, ok := params.Get("tag")
	if ok && (len(tag) > maxTag || !all(tag, classToken)) {
		return FaultTag
	}
	return NoFault
}

// repeatedOnce finds two of a header that this package doesn't look into but
// that may stand once.
func (r *reading) repeatedOnce() Fault {
	if r.count[kindOnce] < 2 {
		return NoFault
	}
	for i := range r.fields {
		if r.fields[i].kind != kindOnce {
			continue
		}
		for j := range i {
			if r.fields[j].kind == kindOnce && strings.EqualFold(r.fields[i].name, r.fields[j].name) {
				return FaultDuplicate
			}
		}
	}
	return NoFault
}

// mandatory wants what every message has (8.1.1). Max-Forwards is forgiven, as
// RFC 2543 had it optional.
func (r *reading) mandatory() Fault {
	for _, k := range [...]kind{kindVia, kindFrom, kindTo, kindCallID, kindCSeq} {
		if r.count[k] == 0 {
			return FaultMissing
		}
	}
	// Within a dialog an RFC 2543 element's From may have none (RFC 3261 12.1.1).
	if !r.from.Params.Has("tag") && !r.to.Params.Has("tag") {
		return FaultTag
	}
	return NoFault
}

// framed checks the body against Content-Length and cuts what a datagram has
// beyond it (18.3).
func (r *reading) framed() Fault {
	switch {
	case !r.ended:
		return FaultTruncated
	case r.length > len(r.body):
		return FaultTruncated
	case r.length >= 0:
		r.body = r.body[:r.length]
	case r.rules.Stream:
		return FaultContentLength
	}
	return NoFault
}

// sipgo's messages hold a body as bytes; nil when there is none.
func (r *reading) bodyBytes() []byte {
	if r.body == "" {
		return nil
	}
	return []byte(r.body)
}
