package sip

import (
	"slices"
	"strings"

	sipgo "github.com/emiago/sipgo/sip"
)

// dialog is the state of RFC 3261 section 12: who speaks to whom about what, by
// which way, and where both are in their numbering. It is pure.
type dialog struct {
	callID    string
	localTag  string
	remoteTag string
	local     string // our From: name-addr with our tag
	remote    string // their To: name-addr, with their tag once known
	target    string // where requests go: their Contact's URI
	routes    []string
	localSeq  uint32
	remoteSeq uint32
	heard     bool // remoteSeq is set
}

// newServerDialog is made from a request that we answer (12.1.1).
func newServerDialog(in *request, tag string) dialog {
	d := dialog{callID: in.CallID().Value(), localTag: tag, remoteTag: in.fromTag(),
		remote: in.From().Value(), local: in.To().Value() + ";tag=" + tag,
		remoteSeq: in.CSeq().SeqNo, heard: true, target: contactURI(in.Contact())}
	for h := range named(in, "record-route") {
		d.routes = append(d.routes, h.Value())
	}
	return d
}

// establish takes what a response that makes or confirms the dialog says
// (12.1.2). The route set is the response's, turned round.
func (d *dialog) establish(res *sipgo.Response) {
	to := res.To()
	d.remote = to.Value()
	d.remoteTag, _ = to.Params.Get("tag")
	d.routes = d.routes[:0:0]
	for h := range named(res, "record-route") {
		d.routes = append(d.routes, h.Value())
	}
	slices.Reverse(d.routes)
	d.refresh(res.Contact())
}

// refresh takes a new remote target (12.2); a message without a Contact leaves
// the old one.
func (d *dialog) refresh(c *sipgo.ContactHeader) {
	if uri := contactURI(c); uri != "" {
		d.target = uri
	}
}

// number takes the CSeq of a request of theirs: false when it is out of order
// and owed a 500 (12.2.2). Jumps are welcome.
func (d *dialog) number(seq uint32) bool {
	if d.heard && seq <= d.remoteSeq {
		return false
	}
	d.remoteSeq, d.heard = seq, true
	return true
}

// next is the CSeq of our next request.
func (d *dialog) next() uint32 {
	d.localSeq++
	return d.localSeq
}

// path is the Request-URI and the Route values of a request of ours
// (12.2.1.1): the target by loose routers, or the first router itself when it
// is a strict one.
func (d *dialog) path() (uri string, routes []string) {
	if len(d.routes) == 0 {
		return d.target, nil
	}
	first := bracketed(d.routes[0])
	if looseRouter(first) {
		return d.target, d.routes
	}
	return first, append(slices.Clone(d.routes[1:]), "<"+d.target+">")
}

// hop is the URI that a request of ours is sent to.
func (d *dialog) hop() string {
	if len(d.routes) == 0 {
		return d.target
	}
	return bracketed(d.routes[0])
}

// request fills in what the dialog says of a request. seq is its CSeq.
func (d *dialog) request(method string, seq uint32) *outgoing {
	uri, routes := d.path()
	return &outgoing{method: method, uri: uri, routes: routes, from: d.local, to: d.remote,
		callID: d.callID, seq: seq, nextSeq: d.next}
}

// contactURI is a Contact's URI without what must not stand in a Request-URI.
func contactURI(c *sipgo.ContactHeader) string {
	if c == nil || c.Address.Wildcard {
		return ""
	}
	uri := c.Address
	uri.Headers = nil // RFC 3261 19.1.5: never applied to a request of ours
	return uri.String()
}

// bracketed is the URI within a Route's angle brackets.
func bracketed(route string) string {
	if i := strings.IndexByte(route, '<'); i >= 0 {
		route = route[i+1:]
		if j := strings.IndexByte(route, '>'); j >= 0 {
			route = route[:j]
		}
	}
	return route
}

// looseRouter tells whether a URI has the lr parameter (RFC 3261 16.12).
func looseRouter(uri string) bool {
	_, params, _ := strings.Cut(uri, ";")
	for p := range strings.SplitSeq(params, ";") {
		if name, _, _ := strings.Cut(p, "="); strings.EqualFold(strings.TrimSpace(name), "lr") {
			return true
		}
	}
	return false
}
