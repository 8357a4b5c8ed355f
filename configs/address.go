package configs

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// served are the transports that listen and addresses may name, web those that
// listen may name besides.
var (
	served = []string{"udp", "tcp", "tls"}
	web    = []string{"ws", "wss"}
)

// transport checks the name of a SIP transport that the switch connects by.
func transport(s string) error {
	switch {
	case slices.Contains(served, s):
		return nil
	case slices.Contains(web, s):
		return fmt.Errorf("nobody is called by %s: browsers connect to the switch, by %s in listen", s, s)
	}
	if near := nearest(s, served); near != "" {
		return fmt.Errorf("did you mean %s?", near)
	}
	return errors.New("the transport is udp, tcp or tls")
}

// listener reads "udp:HOST:PORT", HOST being an address of this machine.
func listener(s string) (string, error) {
	name, rest, ok := strings.Cut(s, ":")
	if !ok {
		return "", errors.New("TRANSPORT:ADDRESS:PORT is wanted, such as udp:127.0.0.1:5060")
	}
	if err := transport(name); err != nil && !slices.Contains(web, name) {
		if net.ParseIP(name) != nil {
			return "", fmt.Errorf("it lacks the transport, such as udp:%s", s)
		}
		return "", err
	}
	addr, err := netip.ParseAddrPort(rest)
	if err != nil || addr.Addr().Zone() != "" {
		return "", fmt.Errorf("ADDRESS:PORT is wanted behind %s:, such as 127.0.0.1:5060 or [::1]:5060", name)
	}
	return name + ":" + netip.AddrPortFrom(addr.Addr().Unmap(), addr.Port()).String(), nil
}

// address reads an IP address.
func address(s string) (string, error) {
	a, err := netip.ParseAddr(s)
	if err != nil || a.Zone() != "" {
		return "", errors.New("an IP address is wanted, such as 127.0.0.1")
	}
	return a.Unmap().String(), nil
}

// reachable reads an IP address that others can send to.
func reachable(s string) (string, error) {
	a, err := address(s)
	if err == nil && netip.MustParseAddr(a).IsUnspecified() {
		return "", errors.New("nobody can send to it: the address that others see is wanted")
	}
	return a, err
}

// hostPattern is RFC 1123's host name.
var hostPattern = regexp.MustCompile(`^([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)*[A-Za-z]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.?$`)

func isHost(s string) bool {
	if a, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(s, "["), "]")); err == nil {
		return a.Zone() == "" && a.Is6() == strings.HasPrefix(s, "[")
	}
	return len(s) <= 253 && hostPattern.MatchString(s)
}

// advertised reads the host that others see in our Via and Contact.
func advertised(s string) (string, error) {
	if a, err := netip.ParseAddr(s); err == nil {
		_, err := reachable(s)
		return a.String(), err
	}
	if !isHost(s) {
		return "", errors.New("a host name or an IP address without a port is wanted")
	}
	return s, nil
}

// endpoint reads "HOST:PORT" of the API, HOST being empty for every address.
func endpoint(s string) (string, error) {
	host, port, err := net.SplitHostPort(s)
	if err != nil {
		return "", errors.New("ADDRESS:PORT is wanted, such as 127.0.0.1:8080")
	}
	if _, err := portNumber(port); err != nil {
		return "", err
	}
	if a, err := netip.ParseAddr(host); err == nil && a.Zone() == "" || host == "" || isHost(host) {
		return s, nil
	}
	return "", errors.New("an IP address or a host name is wanted before the port")
}

func portNumber(s string) (uint16, error) {
	n, err := strconv.ParseUint(s, 10, 16)
	if err != nil {
		return 0, errors.New("a port is a number up to 65535")
	}
	return uint16(n), nil
}

// peer reads an address or a network in CIDR form.
func peer(s string) (netip.Prefix, error) {
	if a, err := netip.ParseAddr(s); err == nil && a.Zone() == "" {
		a = a.Unmap()
		return netip.PrefixFrom(a, a.BitLen()), nil
	}
	p, err := netip.ParsePrefix(s)
	switch {
	case err != nil:
		return p, errors.New("an IP address or a network is wanted, such as 203.0.113.7 or 203.0.113.0/28")
	case p.Addr().Is4In6():
		return p, errors.New("write it as an IPv4 network")
	case p != p.Masked():
		return p, fmt.Errorf("it names a host within a network: write the network %s or the host %s", p.Masked(), p.Addr())
	}
	return p, nil
}

// portRange reads "MIN-MAX", which must be whole pairs: the even port of a
// pair carries RTP, the odd one above it RTCP (RFC 3550 section 11).
func portRange(s string) (PortRange, error) {
	a, b, ok := strings.Cut(s, "-")
	low, errLow := portNumber(strings.TrimSpace(a))
	high, errHigh := portNumber(strings.TrimSpace(b))
	switch {
	case !ok || errLow != nil || errHigh != nil:
		return PortRange{}, errors.New("two ports are wanted, such as 16384-32767")
	case low < 1024:
		return PortRange{}, errors.New("the ports begin at 1024 or above")
	case low >= high:
		return PortRange{}, errors.New("the smaller port stands first")
	case low%2 != 0 || high%2 != 1:
		return PortRange{}, fmt.Errorf("the ports are used in pairs, the first even and the last odd: write %d-%d", low+low%2, high|1)
	}
	return PortRange{low, high}, nil
}
