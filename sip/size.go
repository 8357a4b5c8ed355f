package sip

import "net/netip"

// datagramRoom is the largest request that goes by UDP where there is a choice:
// beyond it a path of Ethernet's MTU cuts it into fragments, which many a
// firewall drops (RFC 3261 18.1.1).
const datagramRoom = 1300

// roomier is a connection to the peer of a UDP flow, for a request too large
// for that: one which the trunk has opened, or one to a trunk whose address
// says TCP. Others keep to UDP, as nobody knows whether they take anything else.
func (ua *UA) roomier(f flow, size int) (flow, bool) {
	if f.packet == nil || size <= datagramRoom {
		return f, false
	}
	addr := f.remote.Addr()
	to, known := ua.tcpOf(addr)
	if !known {
		return f, false
	}
	if s := ua.openTo(addr); s != nil {
		return flow{stream: s, remote: s.remote}, true
	}
	if !to.IsValid() {
		return f, false
	}
	g, err := ua.flowTo("TCP", to, "", nil)
	return g, err == nil
}

// tcpOf tells whether an address is a trunk's, and where that takes TCP, when
// its configuration says so.
func (ua *UA) tcpOf(addr netip.Addr) (to netip.AddrPort, known bool) {
	p, spots := ua.plan.Load(), ua.spots.Load()
	known = ua.trunkAt(addr) != nil
	for _, t := range p.trunks {
		if !spots.has(t.target, addr) {
			continue
		}
		known = true
		for _, p := range spots.of(t.target) {
			if p.Transport == "TCP" && p.Addr.Addr() == addr {
				to = p.Addr
			}
		}
	}
	return to, known
}

// openTo is a connection without TLS that stands to an address; nil: none.
func (ua *UA) openTo(addr netip.Addr) *stream {
	ua.streamsMu.Lock()
	defer ua.streamsMu.Unlock()
	for k, s := range ua.streams {
		if k.remote.Addr() == addr && !k.secure && !k.web && s.stands() {
			return s
		}
	}
	return nil
}

// stands tells whether a connection is open and was not lost.
func (s *stream) stands() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.conn != nil && !s.over
}
