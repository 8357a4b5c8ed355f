package sip

import "switchroom/sip/wire"

// methods are those spoken; allow is how they stand in Allow.
var methods = []string{"INVITE", "ACK", "CANCEL", "BYE", "OPTIONS", "REGISTER", "PRACK", "UPDATE", "INFO", "REFER", "NOTIFY"}

const allow = "INVITE, ACK, CANCEL, BYE, OPTIONS, REGISTER, PRACK, UPDATE, INFO, REFER, NOTIFY"

// extensions are the option tags we understand.
var extensions = []string{"100rel", "timer", "replaces", "norefersub"}

const supported = "100rel, timer, replaces, norefersub"

// supportedLate goes with an INVITE that makes no offer: a reliable provisional
// response would bring one, which is answered no sooner than the call is.
const supportedLate = "timer, replaces, norefersub"

// preAuthMax bounds a message from a source that has proved nothing yet.
const preAuthMax = 4 << 10

var (
	carrierPacket  = &wire.Rules{Methods: methods, Extensions: extensions, Multipart: true}
	carrierStream  = &wire.Rules{Methods: methods, Extensions: extensions, Multipart: true, Stream: true}
	phonePacket    = &wire.Rules{Methods: methods, Extensions: extensions}
	phoneStream    = &wire.Rules{Methods: methods, Extensions: extensions, Stream: true}
	strangerPacket = &wire.Rules{Methods: methods, Extensions: extensions, MaxMessage: preAuthMax}
	strangerStream = &wire.Rules{Methods: methods, Extensions: extensions, MaxMessage: preAuthMax, Stream: true}
)

// rules are what a message from such a source is judged by.
func (ua *UA) rules(f flow, from standing) *wire.Rules {
	packet, stream := phonePacket, phoneStream
	switch from {
	case carrier:
		packet, stream = carrierPacket, carrierStream
	case stranger:
		packet, stream = strangerPacket, strangerStream
	}
	if f.stream != nil && !f.stream.web { // a WebSocket's frame is as good as a datagram
		return stream
	}
	return packet
}
