package sip

import sipgo "github.com/emiago/sipgo/sip"

// Assertion is the header that tells a trunk who calls, beside From.
type Assertion uint8

const (
	// AssertPAI is P-Asserted-Identity (RFC 3325), with Privacy: id for a caller
	// who is not to be shown.
	AssertPAI Assertion = iota
	// AssertRPID is Remote-Party-ID, its forerunner.
	AssertRPID
	// AssertNothing leaves it to From: the number of a caller who is not to be
	// shown does not leave the house.
	AssertNothing
)

// Forwarding is the header that tells a trunk where a call came from before us.
type Forwarding uint8

const (
	// ForwardDiversion is Diversion (RFC 5806).
	ForwardDiversion Forwarding = iota
	// ForwardHistory is History-Info (RFC 7044).
	ForwardHistory
	// ForwardNothing keeps it to ourselves.
	ForwardNothing
)

// IdentityForm is how a trunk is told who calls, and whether it is believed.
type IdentityForm struct {
	Assert     Assertion
	Forwarding Forwarding
	// User stands in From in place of the caller's number, for a carrier that
	// wants its account there; the number is in what Assert says.
	User string
	// Domain is the host of the caller's URIs; "" is ours.
	Domain string
	// Distrusted: what it asserts of its callers is not believed, From alone is.
	Distrusted bool
}

// callerLines are our From, without the tag, and the headers beside it.
func callerLines(id Identity, f *IdentityForm, host, called string, diversion []string) (from string, own text) {
	if f == nil { // a phone, or nobody we know: From is all
		from, _ = fromHeader(id, host)
		if id.Private {
			own.line("Privacy", "id")
		}
		return from, own
	}
	if f.Domain != "" {
		host = f.Domain
	}
	from, _ = fromHeader(id, host)
	if f.User != "" && !id.Private {
		from = quoted(id.Display) + "<" + (&sipgo.Uri{Scheme: "sip", User: escapeUser(f.User), Host: host}).String() + ">"
	}
	uri := sipgo.Uri{Scheme: "sip", User: escapeUser(id.Number), Host: host}
	value := quoted(id.Display) + "<" + uri.String() + ">"
	switch {
	case id.Number == "":
	case f.Assert == AssertPAI:
		own.line("P-Asserted-Identity", value)
	case f.Assert == AssertRPID:
		privacy := "off"
		if id.Private {
			privacy = "full"
		}
		own.line("Remote-Party-ID", value, ";party=calling;screen=yes;privacy=", privacy)
	}
	if id.Private {
		own.line("Privacy", "id")
	}
	f.forwarded(&own, diversion, host, called)
	return from, own
}

// forwarded writes the numbers that a call was forwarded from, given the latest
// first. History-Info has them in the order of time and ends with where the call
// goes now.
func (f *IdentityForm) forwarded(t *text, diversion []string, host, called string) {
	diversion = diversion[:min(len(diversion), diversionsMax)]
	if len(diversion) == 0 || f.Forwarding == ForwardNothing {
		return
	}
	uriOf := func(number string) string {
		return (&sipgo.Uri{Scheme: "sip", User: escapeUser(number), Host: host}).String()
	}
	if f.Forwarding == ForwardDiversion {
		for _, n := range diversion {
			t.line("Diversion", "<", uriOf(n), ">;reason=unconditional")
		}
		return
	}
	index := "1"
	for i := len(diversion) - 1; i >= 0; i-- {
		t.line("History-Info", "<", uriOf(diversion[i]), ">;index=", index)
		index += ".1"
	}
	t.line("History-Info", "<", called, ">;index=", index)
}
