package sip

import "errors"

// What the methods of UA and Leg return.
var (
	// ErrUnreachable: the account has neither a binding nor a fixed contact, or
	// nothing could be sent to it.
	ErrUnreachable = errors.New("sip: account has no binding")
	// ErrNoTrunk: no trunk of that id, or it has no address to call.
	ErrNoTrunk = errors.New("sip: no such trunk")
	// ErrChannels: all channels of the trunk are in use.
	ErrChannels = errors.New("sip: trunk channels in use")
	// ErrRate: the trunk's calls of this second are used up.
	ErrRate = errors.New("sip: trunk call rate exceeded")
	// ErrTrunkDown: the trunk does not answer our OPTIONS.
	ErrTrunkDown = errors.New("sip: trunk down")
	// ErrInsecure: a Dial with secrets found no way over TLS.
	ErrInsecure = errors.New("sip: not over TLS")
	// ErrClosed: the UA has stopped.
	ErrClosed = errors.New("sip: closed")
	// ErrState: the leg is not in a state in which this can be done.
	ErrState = errors.New("sip: not in this state of the leg")
	// ErrPending: another offer is outstanding (RFC 3264 section 4).
	ErrPending = errors.New("sip: offer outstanding")
	// ErrHeader: a text that would go into a header holds CR, LF or NUL.
	ErrHeader = errors.New("sip: control character in header")
	// ErrAddress: a URI or listen address cannot be used.
	ErrAddress = errors.New("sip: bad address")
	// ErrCertificate: a certificate, its key or an authority cannot be used.
	ErrCertificate = errors.New("sip: bad certificate")
	// ErrRegistration: the registrar refused for good.
	ErrRegistration = errors.New("sip: registration refused")
)
