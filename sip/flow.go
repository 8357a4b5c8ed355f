package sip

import (
	"fmt"
	"net"
	"net/netip"
	"strings"
	"time"

	"switchroom/sip/trace"
)

// flow is a way to a peer: a UDP socket and an address, or one stream
// connection. It is comparable; the zero flow leads nowhere.
type flow struct {
	packet *packetSocket
	stream *stream
	remote netip.AddrPort
}

func (f flow) valid() bool { return f.packet != nil || f.stream != nil }

// reliable tells whether the transport retransmits for us (RFC 3261 17).
func (f flow) reliable() bool { return f.stream != nil }

// transport is the name that goes into Via.
func (f flow) transport() string {
	switch {
	case f.stream == nil:
		return "UDP"
	case f.stream.web && f.stream.secure:
		return "WSS"
	case f.stream.web:
		return "WS"
	case f.stream.secure:
		return "TLS"
	}
	return "TCP"
}

// send writes or queues message, which must not be changed afterwards. An error
// means that the flow is dead; a datagram that could not be sent counts as lost.
func (f flow) send(message []byte) error {
	f.traced(true, message)
	switch {
	case f.packet != nil:
		return f.packet.send(message, f.remote)
	case f.stream != nil:
		return f.stream.send(message)
	}
	return ErrUnreachable
}

// traced keeps a copy of a call's message for whoever asks what went over the
// wire.
func (f flow) traced(sent bool, message []byte) {
	m := trace.Message{Sent: sent, Transport: f.transport(), Peer: f.remote}
	var to *trace.Store
	switch {
	case f.packet != nil:
		to, m.Local = f.packet.trace, f.packet.local
	case f.stream != nil:
		to, m.Local = f.stream.ua.cfg.Trace, f.stream.address()
	}
	if to != nil {
		m.At = time.Now()
		to.Add(m, message)
	}
}

// broken tells whether nothing more can be sent.
func (f flow) broken() bool {
	if f.stream != nil {
		return f.stream.dead()
	}
	return f.packet == nil
}

func (f flow) String() string {
	return strings.ToLower(f.transport()) + ":" + f.remote.String()
}

// addrPort reads a net.Addr, of whatever type the socket's maker chose.
func addrPort(a net.Addr) (netip.AddrPort, error) {
	if a == nil {
		return netip.AddrPort{}, fmt.Errorf("%w: no address", ErrAddress)
	}
	var ap netip.AddrPort
	switch a := a.(type) {
	case *net.UDPAddr:
		ap = a.AddrPort()
	case *net.TCPAddr:
		ap = a.AddrPort()
	default:
		var err error
		if ap, err = netip.ParseAddrPort(a.String()); err != nil {
			return ap, fmt.Errorf("%w: %q", ErrAddress, a.String())
		}
	}
	return plainAddr(ap), nil
}

// plainAddr turns an IPv4-mapped address into IPv4, so that one peer has one
// address whatever socket it came by.
func plainAddr(ap netip.AddrPort) netip.AddrPort {
	return netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port())
}

// sentBy is what stands in our Via and Contact; a port of 0 is left out. For a
// stream it is the listener's, as a peer may have to open a connection of its
// own.
func (f flow) sentBy() (host string, port uint16) {
	if f.packet != nil {
		return f.packet.sentBy(f.remote.Addr())
	}
	if f.stream != nil {
		return f.stream.ua.streamSentBy(f.stream)
	}
	return "invalid", 0
}
