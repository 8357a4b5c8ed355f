package sip

import (
	"net"
	"net/netip"
)

// sentBy is the host and port of our Via and Contact towards an address. A
// socket bound to all addresses uses the one that the system would send from.
func (s *packetSocket) sentBy(to netip.Addr) (string, uint16) {
	if s.host != "" {
		return s.host, s.port
	}
	return hostText(outgoingAddr(to)), s.port
}

// streamSentBy is that of a connection: the listener's port, where a peer
// reaches us when the connection is gone, else the connection's own.
func (ua *UA) streamSentBy(s *stream) (string, uint16) {
	s.mu.Lock()
	local := s.local
	s.mu.Unlock()
	if !local.IsValid() {
		local = netip.AddrPortFrom(outgoingAddr(s.remote.Addr()), 0)
	}
	port := local.Port()
	for _, l := range ua.listeners {
		at, err := addrPort(l.Addr())
		if err == nil && l.secure == s.secure && l.web == s.web && (at.Addr() == local.Addr() || at.Addr().IsUnspecified()) {
			port = at.Port()
		}
	}
	if ua.cfg.Advertise != "" {
		return ua.cfg.Advertise, port
	}
	return hostText(local.Addr()), port
}

// outgoingAddr is the address from which the system sends to another. No packet
// is sent to find it.
func outgoingAddr(to netip.Addr) netip.Addr {
	c, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(netip.AddrPortFrom(to, 9)))
	if err != nil {
		return netip.IPv4Unspecified()
	}
	defer c.Close()
	ap, _ := addrPort(c.LocalAddr())
	return ap.Addr()
}
