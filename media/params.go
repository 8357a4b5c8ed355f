package media

import "net/netip"

// Params is what one offer/answer exchange agreed for a leg.
type Params struct {
	// Remote is where the peer wants its RTP: the c= and m= lines. An invalid
	// or forbidden address (see [Engine.CheckRemote]) leaves the leg mute.
	Remote netip.AddrPort
	// RemoteRTCP is where the peer wants its RTCP. Invalid: Remote's port + 1.
	RemoteRTCP netip.AddrPort
	// Codec is what we send, in packets of PayloadType.
	Codec       Codec
	PayloadType uint8
	// DTMFPayloadType is the peer's telephone-event type (RFC 4733); 0: none.
	DTMFPayloadType uint8
	// InbandDTMF looks for keys in the peer's sound too, which costs a few
	// times what relaying it does: for peers without telephone-event.
	InbandDTMF bool
	// CNPayloadType is the comfort noise type (RFC 3389), 13; 0: none.
	CNPayloadType uint8
	// PtimeMs is the packet length for what we generate, 10 to 60; 0: 20.
	// Relayed packets keep the length they came with.
	PtimeMs int
	// Send and Recv are the direction from our side. While Recv is false the
	// peer is on hold: its packets are dropped and its silence is no fault.
	Send, Recv bool
	// Early is true before the call is answered: the peer's silence is then no
	// fault either.
	Early bool
	// Learn is an address that a source may have besides Remote's: where the
	// signalling of a phone behind NAT comes from. Invalid: none.
	Learn netip.Addr
	// SRTP are the keys of a leg whose packets are protected (RFC 3711); the
	// zero value: they are not. Keys that are the same as before go on where
	// they were, so a session refresh must not draw new ones for itself alone.
	SRTP Keys
}
