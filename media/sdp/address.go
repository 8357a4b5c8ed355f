package sdp

import (
	"fmt"
	"net/netip"
	"strings"
)

// portMin is the lowest port that media is sent to. RTP lives on dynamic
// ports (RFC 3551, section 8), and what listens below is never a phone.
const portMin = 1024

// connection is the value of a c= line. Addr is valid only for a plain IP
// address; name holds what else stood there, for the error.
type connection struct {
	addr netip.Addr
	name string
}

// parseConnection reads "IN IP4 192.0.2.1". An address type that doesn't fit
// its address, a TTL (which only groups have) and a host name are kept as
// unusable: they may belong to a stream that is refused anyhow.
func parseConnection(value string) (connection, bool) {
	fields := strings.Fields(value)
	if len(fields) != 3 {
		return connection{}, false
	}
	c := connection{name: fields[2]}
	addr, err := netip.ParseAddr(fields[2])
	if err != nil || fields[0] != "IN" || addr.Zone() != "" {
		return c, true
	}
	if addr.Is4() && fields[1] == "IP4" || addr.Is6() && fields[1] == "IP6" {
		c.addr = addr.Unmap() // RFC 5118, 4.10: ::ffff:192.0.2.2 is an IPv4 host
	}
	return c, true
}

// held is whether the address is the 0.0.0.0 by which RFC 2543 put a peer on
// hold (RFC 3264, section 8.4).
func (c connection) held() bool { return c.addr.IsValid() && c.addr.IsUnspecified() }

// target is where media goes. The result is invalid without an error for an
// address that says hold.
func (c connection) target(port uint16, local netip.Addr) (netip.AddrPort, error) {
	local = local.Unmap()
	switch {
	case c.held():
		return netip.AddrPort{}, nil
	case !c.addr.IsValid():
		return netip.AddrPort{}, fmt.Errorf("%w: %q", ErrAddress, c.name)
	case !unicast(c.addr):
		return netip.AddrPort{}, fmt.Errorf("%w: %s is no host", ErrAddress, c.addr)
	case local.IsValid() && local.Is4() != c.addr.Is4():
		return netip.AddrPort{}, fmt.Errorf("%w: %s is not reached from %s", ErrAddress, c.addr, local)
	case port < portMin:
		return netip.AddrPort{}, fmt.Errorf("%w: port %d", ErrAddress, port)
	}
	return netip.AddrPortFrom(c.addr, port), nil
}

var (
	thisNetwork = netip.MustParsePrefix("0.0.0.0/8")
	classE      = netip.MustParsePrefix("240.0.0.0/4") // with 255.255.255.255
)

// unicast is whether one host can have the address. The directed broadcasts
// of other networks can't be told from hosts; a router drops them (RFC 2644).
func unicast(addr netip.Addr) bool {
	return !addr.IsUnspecified() && !addr.IsMulticast() && !thisNetwork.Contains(addr) && !classE.Contains(addr)
}
