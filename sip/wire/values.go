package wire

import "github.com/emiago/sipgo/sip"

// Address is one value of a header that holds addresses.
type Address struct {
	Display string // as between its quotes; Unquote gives the text
	URI     sip.Uri
	Params  sip.HeaderParams
}

// maxAddresses bounds what Addresses reads of one header.
const maxAddresses = 16

// Addresses reads a header that Parse leaves as text: P-Asserted-Identity,
// P-Preferred-Identity, Remote-Party-ID, Diversion, History-Info, Reply-To,
// Path, Service-Route. White space and case are taken as Parse takes them. It
// reports false when a value is malformed or there are more than 16, and gives
// those before it.
func Addresses(value string) ([]Address, bool) {
	var out []Address
	if trim(value) == "" {
		return nil, true
	}
	for more := true; more; {
		if len(out) == maxAddresses {
			return out, false
		}
		var element string
		element, value, more = cutElement(value)
		w := rewriter{in: element}
		w.address(trimLWS(element))
		text := element[:w.n]
		if w.differs {
			text = string(w.buf)
		}
		a, fault := readAddress(text)
		if fault != NoFault || a.star {
			return out, false
		}
		out = append(out, Address{Display: a.display, URI: a.uri, Params: a.params})
	}
	return out, true
}
