package sip

import (
	"crypto/rand"
	"strconv"
	"strings"
)

// outgoing is a request of ours, apart from what each attempt has of its own:
// branch, flow and credentials.
type outgoing struct {
	method   string
	uri      string
	from, to string // whole header values
	callID   string
	seq      uint32
	nextSeq  func() uint32 // the CSeq of a further attempt
	routes   []string      // values of Route
	contact  bool          // carries a Contact
	user     string        // of the Contact
	// contactParams follow the Contact's URI, with their semicolons.
	contactParams string
	extra         []byte // header lines with their CRLF
	auth          []byte // Authorization lines, with their CRLF
	agent         string
	bodyType      string
	body          []byte
}

// build writes the request for one flow and branch.
func (o *outgoing) build(f flow, branch string) []byte {
	t := make(text, 0, 640+len(o.extra)+len(o.auth)+len(o.body))
	o.start(&t, o.method, f, branch)
	t.line("To", o.to)
	t.line("Call-ID", o.callID)
	t.line("CSeq", strconv.FormatUint(uint64(o.seq), 10), " ", o.method)
	if o.contact {
		t.line("Contact", contactOf(o.user, f), o.contactParams)
	}
	t = append(t, o.auth...)
	t = append(t, o.extra...)
	t.line("User-Agent", o.agent)
	t.end(o.bodyType, o.body)
	return t
}

// start writes the lines that a request shares with its CANCEL and ACK.
func (o *outgoing) start(t *text, method string, f flow, branch string) {
	host, port := f.sentBy()
	t.add(method, " ", o.uri, " SIP/2.0\r\n")
	t.add("Via: SIP/2.0/", f.transport(), " ", host)
	if port != 0 {
		t.add(":", strconv.Itoa(int(port)))
	}
	t.add(";branch=", branch, ";rport\r\n")
	for _, r := range o.routes {
		t.line("Route", r)
	}
	t.line("Max-Forwards", "70")
	t.line("From", o.from)
}

// ackFailure is the ACK to a non-2xx response whose To is given.
func (o *outgoing) ackFailure(f flow, branch, to string) []byte {
	var t text
	o.start(&t, "ACK", f, branch)
	t.line("To", to)
	t.line("Call-ID", o.callID)
	t.line("CSeq", strconv.FormatUint(uint64(o.seq), 10), " ACK")
	t.end("", nil)
	return t
}

// cancel is the request that cancels o (RFC 3261 9.1).
func (o *outgoing) cancel(extra []byte) *outgoing {
	return &outgoing{method: "CANCEL", uri: o.uri, from: o.from, to: o.to, callID: o.callID,
		seq: o.seq, routes: o.routes, extra: extra, agent: o.agent}
}

// contactOf is our Contact towards a flow.
func contactOf(user string, f flow) string {
	host, port := f.sentBy()
	c := "<sip:"
	if user != "" {
		c += user + "@"
	}
	c += host
	if port != 0 {
		c += ":" + strconv.Itoa(int(port))
	}
	switch {
	case f.stream != nil && f.stream.web: // RFC 7118 5.2: the parameter is the same with TLS
		c += ";transport=ws"
	case f.reliable():
		c += ";transport=" + strings.ToLower(f.transport())
	}
	return c + ">"
}

// newTag, newBranch and newCallID are random, so that nobody guesses them.
func newTag() string    { return rand.Text()[:16] }
func newBranch() string { return "z9hG4bK" + rand.Text()[:20] }
func newCallID() string { return rand.Text() }
