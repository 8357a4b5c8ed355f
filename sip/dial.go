package sip

// Dial is a call out. Account, Trunk or neither is set: a call to an account
// goes to its newest binding, to a trunk with the user or number of URI, and
// with neither to URI itself.
type Dial struct {
	Account, Trunk, URI string
	From                Identity
	// Auth answers a challenge of the peer when neither Account nor Trunk is
	// set: a UA that is itself a phone calls through its registrar with it.
	Username, Password string
	// SDP is the offer; nil asks for a late offer.
	SDP     []byte
	Sink    Sink
	Headers []Header
}

// Header is a header of ours on an outgoing request.
type Header struct{ Name, Value string }
