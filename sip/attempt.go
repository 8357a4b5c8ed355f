package sip

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"time"
)

// Route is one way for a call out: a trunk, and whom it is asked for there.
type Route struct {
	Trunk string
	// URI is the number as this trunk wants it, or a URI with it.
	URI string
	// From is the caller as this trunk wants it; without a number it is the
	// Dial's.
	From Identity
	// SDP is the offer for this trunk; nil: the Dial's.
	SDP []byte
	// SecureSDP and Secure are as in a Dial, in its stead.
	SecureSDP []byte
	Secure    bool
}

// Attempt is one try of a Dial with Routes at one place of a trunk, over: why the
// call went on to the next, failed, or was answered.
type Attempt struct {
	Trunk  string
	Number string         // as the trunk was asked for it
	Addr   netip.AddrPort // where the INVITE went; invalid when none was sent
	CallID string         // of it; "" when none was sent
	Why    Why
	Status int // the final response, or the one that stands for its absence
	Q850   int
	Text   string // the reason phrase or the cause's text
	Began  time.Time
	Took   time.Duration
}

// Why says how an attempt ended.
type Why uint8

const (
	// Taken: the call was answered.
	Taken Why = iota + 1
	// Refused: a final failure came.
	Refused
	// Silent: nothing came within Trunk.Patience, or a 100 and then nothing
	// within Trunk.Progress.
	Silent
	// Unreached: nothing could be sent, or the connection was lost.
	Unreached
	// Unavailable: the trunk is down, resting or not there; nothing was sent.
	Unavailable
	// Occupied: the trunk's channels or its rate are used up; nothing was sent.
	Occupied
	// Abandoned: our user hung up, or nobody answered within Dial.Limit.
	Abandoned
)

var whyNames = [...]string{"none", "taken", "refused", "silent", "unreached", "unavailable", "occupied", "abandoned"}

func (w Why) String() string {
	if int(w) < len(whyNames) {
		return whyNames[w]
	}
	return "unknown"
}

// Exhausted is the error of a Dial none of whose Routes could be tried.
type Exhausted struct {
	Attempts []Attempt
	last     error
}

func (e *Exhausted) Error() string {
	return fmt.Sprintf("sip: none of %d trunks could be tried, the last: %v", len(e.Attempts), e.last)
}

func (e *Exhausted) Unwrap() error { return e.last }

// whyNot tells why a trunk could not be tried at all.
func whyNot(err error) (Why, int) {
	switch {
	case errors.Is(err, ErrChannels), errors.Is(err, ErrRate):
		return Occupied, 503
	case errors.Is(err, ErrNoTrunk), errors.Is(err, ErrTrunkDown), errors.Is(err, ErrUnreachable):
		return Unavailable, 503
	}
	return Unreached, 503
}

// failoverCauses are the statuses after which the next trunk is tried where
// Trunk.Failover names none: the trunk failed, not the callee.
var failoverCauses = []int{408, 500, 502, 503, 504}

// goesOn tells whether a failed attempt is to be followed by another. A
// redirection is followed by nobody, and so another trunk is owed. What the
// network says of the callee (Q.850) outweighs a status that is put in its
// stead by a gateway.
func (t *Trunk) goesOn(e Event) bool {
	if e.Cause.Side == RemoteSide && aboutTheCallee(e.Cause.Q850) && e.Status >= 500 && e.Status < 600 {
		return false
	}
	if e.Status >= 300 && e.Status < 400 {
		return true
	}
	if e.Cause.Side == SystemSide && e.Status == 503 { // nothing was heard: the transport failed
		return true
	}
	causes := t.Failover
	if len(causes) == 0 {
		causes = failoverCauses
	}
	return slices.Contains(causes, e.Status)
}

// aboutTheCallee tells whether a release cause (ITU-T Q.850) is about the
// called party, whom another trunk would find the same.
func aboutTheCallee(q850 int) bool {
	switch q850 {
	case 1, 17, 18, 19, 20, 21, 22, 28:
		return true
	}
	return false
}
