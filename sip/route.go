package sip

import (
	"fmt"
	"net/netip"
)

// route is the flow that a request within a dialog takes: straight to the next
// hop when that is an address of the same party, else the way the peer's own
// messages come, which is what reaches a phone behind NAT. No name that a peer
// wrote is ever looked up.
func (l *Leg) route(d *dialog) (flow, error) {
	hop, err := parseTarget(d.hop())
	direct := err == nil && hop.addr.IsValid() && l.reaches(hop.addr)
	if l.flow.stream != nil {
		same := !direct || hop.addr == l.flow.remote.Addr()
		if same && !l.flow.broken() {
			return l.flow, nil
		}
	}
	if !direct {
		if l.flow.broken() {
			return flow{}, fmt.Errorf("leg %s: %w", l.id, ErrUnreachable)
		}
		return l.flow, nil
	}
	to := netip.AddrPortFrom(hop.addr, hop.port)
	if s := l.flow.stream; s != nil {
		return l.ua.flowTo(l.flow.transport(), to, s.name, nil)
	}
	return l.ua.flowTo(hop.transport, to, "", l.flow.packet)
}

// reaches tells whether an address that the peer named is the peer's own.
func (l *Leg) reaches(addr netip.Addr) bool {
	if addr == l.flow.remote.Addr() {
		return true
	}
	if l.trunk == nil {
		return false
	}
	p := l.ua.plan.Load()
	t := p.trunks[l.trunk.cfg.ID]
	return t != nil && (l.ua.trunkAt(addr) == t || l.ua.spots.Load().has(t.target, addr))
}

// flowTo finds the way to an address: prefer, when it is a socket of the right
// family, else the best socket, or a connection. By TLS the peer must prove
// name, or its address where that is "".
func (ua *UA) flowTo(transport string, to netip.AddrPort, name string, prefer *packetSocket) (flow, error) {
	to = plainAddr(to)
	if !to.IsValid() || to.Addr().IsUnspecified() || to.Addr().IsMulticast() || to.Port() == 0 ||
		to.Addr() == netip.AddrFrom4([4]byte{255, 255, 255, 255}) {
		return flow{}, fmt.Errorf("%w: %s", ErrAddress, to)
	}
	if transport == "WS" || transport == "WSS" {
		return flow{}, fmt.Errorf("%w: a WebSocket is the peer's to open", ErrUnreachable)
	}
	if transport != "UDP" {
		k := streamKey{remote: to, secure: transport == "TLS"}
		if k.name = name; k.secure && name == "" {
			k.name = to.Addr().String()
		} else if !k.secure {
			k.name = ""
		}
		s, err := ua.connect(k)
		if err != nil {
			return flow{}, err
		}
		return flow{stream: s, remote: to}, nil
	}
	if prefer != nil {
		return flow{packet: prefer, remote: to}, nil
	}
	var best *packetSocket
	score := -1
	for _, s := range ua.packets {
		if v := s.suits(to.Addr()); v > score {
			best, score = s, v
		}
	}
	if best == nil || score < 0 {
		return flow{}, fmt.Errorf("%w: no UDP socket reaches %s", ErrUnreachable, to)
	}
	return flow{packet: best, remote: to}, nil
}

// suits ranks a socket for an address; negative is never.
func (s *packetSocket) suits(to netip.Addr) int {
	local := s.local.Addr()
	switch {
	case local.Is4() != to.Is4() && !local.IsUnspecified():
		return -1
	case local == to:
		return 3
	case local.IsLoopback() == to.IsLoopback() && !local.IsUnspecified():
		return 2
	case local.IsUnspecified():
		return 1
	}
	return 0
}
