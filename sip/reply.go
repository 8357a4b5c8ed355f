package sip

import (
	"net/netip"
	"strconv"
	"strings"

	sipgo "github.com/emiago/sipgo/sip"
)

// reply is what of a request its responses repeat (RFC 3261 8.2.6.2), ready to
// be written.
type reply struct {
	head   string // Via lines, From, Call-ID and CSeq
	to     string // To as received
	tagged bool   // to has a tag
	routes string // Record-Route lines, for responses that make a dialog
	server string
	sentBy netip.AddrPort // of the top Via, when it is an address
}

func newReply(in *request) *reply {
	t := make(text, 0, 512)
	first := true
	for _, h := range in.Headers() {
		via, ok := h.(*sipgo.ViaHeader)
		if !ok {
			continue
		}
		if first {
			via = stampVia(via, in.flow)
			first = false
		}
		t.header(via)
	}
	t.header(in.From())
	t.header(in.CallID())
	t.header(in.CSeq())
	head := len(t)
	t.header(in.To())
	to := len(t)
	for _, h := range in.Headers() {
		if rr, ok := h.(*sipgo.RecordRouteHeader); ok {
			t.header(rr)
		}
	}
	all := string(t)
	return &reply{head: all[:head], to: all[head+len("To: ") : to-len("\r\n")], routes: all[to:],
		tagged: in.toTag() != "", server: in.ua.cfg.UserAgent, sentBy: sentBy(in.Via())}
}

// stampVia adds where the request really came from (RFC 3261 18.2.1, RFC 3581).
func stampVia(via *sipgo.ViaHeader, f flow) *sipgo.ViaHeader {
	via = via.Clone()
	source := f.remote.Addr().String()
	if _, asked := via.Params.Get("rport"); asked {
		via.Params.Add("rport", strconv.Itoa(int(f.remote.Port())))
		via.Params.Add("received", source)
	} else if strings.Trim(via.Host, "[]") != source {
		via.Params.Add("received", source)
	}
	return via
}

// sentBy is where a Via says its request came from, when that is an address.
func sentBy(via *sipgo.ViaHeader) netip.AddrPort {
	addr, err := netip.ParseAddr(strings.Trim(via.Host, "[]"))
	if err != nil || via.Port < 0 || via.Port > 65535 {
		return netip.AddrPort{}
	}
	port := uint16(via.Port)
	if port == 0 {
		port = defaultPort(via.Transport)
	}
	return netip.AddrPortFrom(addr.Unmap(), port)
}

// response writes one. extra are header lines with their CRLF; tag is added to
// a To that has none.
func (r *reply) response(status int, tag string, extra []byte, contentType string, body []byte) []byte {
	t := make(text, 0, len(r.head)+len(r.to)+len(extra)+len(body)+256)
	t.add("SIP/2.0 ", strconv.Itoa(status), " ", reasonPhrase(status), "\r\n", r.head)
	if tag == "" || r.tagged {
		t.line("To", r.to)
	} else {
		t.line("To", r.to, ";tag=", tag)
	}
	if status > 100 && status < 300 {
		t.add(r.routes)
	}
	t.line("Server", r.server)
	t = append(t, extra...)
	t.end(contentType, body)
	return t
}
