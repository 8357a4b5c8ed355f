package sip

import "net/netip"

// Core is what the user of a UA provides. It is called on the goroutine that
// read the message and must return at once.
type Core interface {
	// Invite announces a call in. The sink gets the leg's events from then on.
	// Nil means the core has rejected the leg by leg.Reject.
	Invite(leg *Leg, inv Invite) Sink
	// Registration tells that an account became reachable or ceased to be.
	Registration(Registration)
}

// Sink receives the events of one leg: in order, never concurrently. It must
// not block and may call methods of any leg.
type Sink interface{ LegEvent(Event) }

// Invite is a call in, as far as it concerns routing.
type Invite struct {
	// Trunk or Account says who calls: exactly one is set.
	Trunk, Account string
	// Number is what was called: the user of the Request-URI or a tel: number
	// with visual separators and parameters removed and a leading "+" kept.
	Number string
	From   Identity
	CallID string
	// SDP is the offer; nil for a late offer.
	SDP    []byte
	Source netip.AddrPort
	// Diversion are the numbers the call was forwarded from, the latest first.
	Diversion []string
	// Replaces is the leg this call is to take the place of (RFC 3891); nil mostly.
	Replaces *Leg
}

// Identity is a caller as shown.
type Identity struct {
	Number, Display string
	// Private asks that the number not be shown to the called party.
	Private bool
}

// Registration is a change in an account's reachability.
type Registration struct {
	Account    string
	Registered bool
	// Contact and Source are those of the newest binding.
	Contact, Source string
	// Reason is "registered", "unregistered", "expired", "connection" or
	// "removed".
	Reason string
}

// Kind tells what happened to a leg.
type Kind uint8

// Exactly one Failed or Ended ends a leg's events, or those of a call over Routes.
const (
	// Progress: a 1xx other than 100, perhaps with SDP.
	Progress Kind = iota + 1
	// Answered: a 2xx to our INVITE, with SDP. The ACK has been sent.
	Answered
	// Failed: our INVITE was finally refused; the leg is over.
	Failed
	// Confirmed: the ACK to our 2xx came, with SDP when the offer was ours.
	Confirmed
	// Offered: the peer offers a change; AcceptOffer or RefuseOffer is owed.
	// A nil SDP asks for an offer of ours.
	Offered
	// Reanswered: the answer to our Reoffer.
	Reanswered
	// ReofferFailed: our Reoffer was refused; the session is as before.
	ReofferFailed
	// Digit: a DTMF digit by INFO.
	Digit
	// Referred: the peer asks us to call ReferTo, or to join Replaces.
	Referred
	// Ended: BYE, CANCEL, time-out or our own hang-up is done; the leg is over.
	Ended
	// Attempted: a call over Routes had no success on one of them and goes on to
	// the next. Leg is nil where nothing was sent; else nothing more is told of it.
	Attempted
)

var kindNames = [...]string{"none", "progress", "answered", "failed", "confirmed",
	"offered", "reanswered", "reoffer failed", "digit", "referred", "ended", "attempted"}

func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return "unknown"
}

// Event is one thing that happened to a leg.
type Event struct {
	Leg  *Leg
	Kind Kind
	// Status and Reason are those of the response in Progress, Answered, Failed
	// and ReofferFailed.
	Status int
	Reason string
	// Cause is set in Failed and Ended.
	Cause Cause
	// SDP is the body of type application/sdp, or nil. The sink may keep it.
	SDP []byte
	// Digit is one of 0-9, *, #, A-D; DigitMs how long it was held.
	Digit   byte
	DigitMs int
	// ReferTo is the target's URI; Replaces the leg named in its Replaces
	// header, when it is one of ours.
	ReferTo  string
	Replaces *Leg
	// ReplacesGone: Replaces names a dialog that is none of ours, or none any
	// more; what is owed is 481.
	ReplacesGone bool
	// Attempt is the one that is over, in Attempted and in what settles a call
	// over Routes: Answered, Failed or Ended. That one brings all Attempts.
	Attempt  *Attempt
	Attempts []Attempt
}

// Side says who ended a leg.
type Side uint8

const (
	// LocalSide: our user hung up or rejected.
	LocalSide Side = iota
	// RemoteSide: the peer did.
	RemoteSide
	// SystemSide: a time-out, a limit or a fault.
	SystemSide
)

func (s Side) String() string {
	switch s {
	case LocalSide:
		return "local"
	case RemoteSide:
		return "remote"
	case SystemSide:
		return "system"
	}
	return "unknown"
}

// Cause is why a leg ended.
type Cause struct {
	// Q850 is the release cause (ITU-T Q.850), as the peer gave it in a Reason
	// header or as RFC 3398 maps the status. 0 is none.
	Q850 int
	// SIP is the status that ended it; 0 for a BYE.
	SIP  int
	Text string
	Side Side
}
