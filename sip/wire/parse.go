package wire

import (
	"strings"
	"sync"

	"github.com/emiago/sipgo/sip"
)

// scratch is what reading a message needs and nobody keeps.
type scratch struct {
	canonical []byte
	reading   reading
}

var scratches = sync.Pool{New: func() any {
	return &scratch{canonical: make([]byte, 0, 2048)}
}}

// Parse reads one whole message: a datagram, or what a Splitter gave. It never
// fails; what is wrong is in the verdict. Nothing returned refers to raw.
func Parse(raw []byte, rules *Rules) Message {
	s := scratches.Get().(*scratch)
	defer s.release()
	limit := rules.MaxMessage
	if limit <= 0 {
		limit = MaxMessage
	}
	tooLarge := len(raw) > limit
	if tooLarge {
		raw = raw[:limit] // enough to answer by
	}
	canonical, buf, ok := canonical(raw, s.canonical)
	s.canonical = buf
	if !ok {
		return Message{Verdict: Verdict{Action: Discard, Fault: FaultNotSIP, Close: rules.Stream}}
	}
	r := &s.reading
	r.rules = rules
	fault := r.scan(string(canonical))
	if tooLarge {
		fault = FaultTooLarge
	}
	if !r.request {
		return r.readResponse(fault)
	}
	return r.readRequest(fault)
}

// release clears the scratch of references into messages and gives it back.
func (s *scratch) release() {
	fields := s.reading.fields
	clear(fields)
	s.reading = reading{fields: fields[:0]}
	scratches.Put(s)
}

func (r *reading) readResponse(fault Fault) Message {
	if fault != NoFault {
		return Message{Verdict: r.closing(discard(fault))}
	}
	res := sip.NewResponse(r.status, r.phrase)
	if fault = r.build(res); fault == NoFault {
		fault = r.framed()
	}
	if fault == NoFault && r.count[kindVia] != 1 { // 8.1.3.3: it was not for us
		fault = FaultResponseVias
	}
	if fault == NoFault && r.star > 0 {
		fault = FaultContact
	}
	if fault != NoFault {
		return Message{Verdict: r.closing(discard(fault))}
	}
	res.SetBody(r.bodyBytes())
	return Message{Response: res}
}

func (r *reading) readRequest(fault Fault) Message {
	if fault != NoFault {
		return r.refused(nil, r.syntax(fault))
	}
	if !strings.EqualFold(r.version, "SIP/2.0") {
		return r.refused(nil, refuse(505, FaultVersion))
	}
	req := sip.NewRequest(sip.RequestMethod(r.method), sip.Uri{})
	if fault = r.requestSyntax(req); fault != NoFault {
		return r.refused(nil, r.syntax(fault))
	}
	req.Recipient = r.uri
	req.SetBody(r.bodyBytes())
	if v := r.owed(); v.Action != Accept {
		return r.refused(req, v)
	}
	return Message{Request: req}
}

// requestSyntax reads everything a request says.
func (r *reading) requestSyntax(req *sip.Request) (fault Fault) {
	if r.uri, fault = readURI(r.target); fault != NoFault {
		return fault
	}
	if fault = r.build(req); fault != NoFault {
		return fault
	}
	if fault = r.framed(); fault != NoFault {
		return fault
	}
	if string(r.cseq.MethodName) != r.method {
		return FaultCSeq
	}
	return branchFault(r.via)
}

// syntax is the verdict on a request that could not be read.
func (r *reading) syntax(fault Fault) Verdict {
	v := refuse(400, fault)
	switch fault {
	case FaultTooLarge:
		v = refuse(513, fault)
	case FaultScheme:
		v = refuse(416, fault)
	case FaultBranch:
		v.Stateless = true
	}
	return r.closing(v)
}

// closing says whether a stream's framing is lost with the message. A Splitter
// cuts at the first Content-Length, so with two the next message's start is
// doubtful.
func (r *reading) closing(v Verdict) Verdict {
	v.Close = r.rules.Stream && !r.wellFramed()
	return v
}

func (r *reading) wellFramed() bool {
	value, _ := r.first(kindContentLength)
	n, ok := digits(value, uint64(len(r.body)))
	return ok && n <= uint64(len(r.body)) && r.ended && r.count[kindContentLength] == 1
}

// refused is a refusal, or silence where there is nobody to tell: an ACK is
// never answered, nor is a request without a Via.
func (r *reading) refused(req *sip.Request, v Verdict) Message {
	if r.method == "ACK" || r.count[kindVia] == 0 {
		return Message{Verdict: Verdict{Action: Discard, Fault: v.Fault, Close: v.Close}}
	}
	if req == nil {
		v.Stateless = true
	}
	return Message{Request: req, Verdict: v, Echo: r.echo()}
}
