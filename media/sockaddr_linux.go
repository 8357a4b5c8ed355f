package media

import (
	"encoding/binary"
	"net/netip"
	"unsafe"

	"golang.org/x/sys/unix"
)

// sockaddr is a socket address in the kernel's form, which is the same for
// both families up to the port. It is filled in place, so that neither
// receiving nor sending allocates.
type sockaddr struct {
	raw unix.RawSockaddrInet6
	len uint32
}

// inet4 sees the address as one of IPv4.
func (a *sockaddr) inet4() *unix.RawSockaddrInet4 {
	return (*unix.RawSockaddrInet4)(unsafe.Pointer(&a.raw))
}

// set stores to; an invalid one empties a.
func (a *sockaddr) set(to netip.AddrPort) {
	*a = sockaddr{}
	switch ip := to.Addr(); {
	case ip.Is4():
		sa := a.inet4()
		sa.Family, sa.Addr = unix.AF_INET, ip.As4()
		sa.Port = networkOrder(to.Port())
		a.len = unix.SizeofSockaddrInet4
	case ip.Is6():
		a.raw.Family, a.raw.Addr = unix.AF_INET6, ip.As16()
		a.raw.Port = networkOrder(to.Port())
		a.len = unix.SizeofSockaddrInet6
	}
}

// addrPort is the address that the kernel stored.
func (a *sockaddr) addrPort() netip.AddrPort {
	switch a.raw.Family {
	case unix.AF_INET:
		sa := a.inet4()
		return netip.AddrPortFrom(netip.AddrFrom4(sa.Addr), networkOrder(sa.Port))
	case unix.AF_INET6:
		return netip.AddrPortFrom(netip.AddrFrom16(a.raw.Addr).Unmap(), networkOrder(a.raw.Port))
	}
	return netip.AddrPort{}
}

// networkOrder converts a port between the host's order and the network's.
func networkOrder(port uint16) uint16 {
	var b [2]byte
	binary.BigEndian.PutUint16(b[:], port)
	return binary.NativeEndian.Uint16(b[:])
}
