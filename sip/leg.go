package sip

import (
	"net/netip"
	"time"
)

// Leg is one call between us and one peer.
type Leg struct{ id string }

// ID is unique in this process.
func (l *Leg) ID() string { return l.id }

// CallID is the Call-ID header's value.
func (l *Leg) CallID() string { return "" }

// Account is the phone at the other end; "" for a trunk.
func (l *Leg) Account() string { return "" }

// Trunk is the trunk at the other end; "" for a phone.
func (l *Leg) Trunk() string { return "" }

// MediaSource is the peer's signalling address, for learning RTP behind NAT.
func (l *Leg) MediaSource() netip.Addr { return netip.Addr{} }

// Ring sends a provisional response, 180 or 183, with sdp or nil.
func (l *Leg) Ring(code int, sdp []byte) error { return ErrState }

// Answer sends 200. sdp is the answer, or the offer when the INVITE had none.
func (l *Leg) Answer(sdp []byte) error { return ErrState }

// Reject sends a final failure.
func (l *Leg) Reject(code int, retryAfter time.Duration) {}

// Hangup ends the leg by whatever fits its state.
func (l *Leg) Hangup(cause Cause) {}

// Reoffer sends a re-INVITE with a new offer.
func (l *Leg) Reoffer(sdp []byte) error { return ErrState }

// AcceptOffer answers an Offered event.
func (l *Leg) AcceptOffer(sdp []byte) error { return ErrState }

// RefuseOffer refuses an Offered event.
func (l *Leg) RefuseOffer(code int) error { return ErrState }
