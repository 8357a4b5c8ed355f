package media

import (
	"fmt"
	"net/netip"
	"unsafe"

	"golang.org/x/sys/unix"
)

// expeditedForwarding is the DSCP for speech (RFC 4594), as a TOS octet.
const expeditedForwarding = 46 << 2

// udpSocket is one UDP port. It is bound once and hears everybody. To pin its
// peer a second descriptor is bound to the same port and connected to it: the
// kernel then needs no route per packet sent and gives that descriptor the
// peer's packets, while the first one still sees the strangers', which are to
// be learned from, or counted and not answered with ICMP.
type udpSocket struct {
	d       *epoll
	local   netip.AddrPort
	leg     *Leg
	control bool

	fd, pinned       int   // -1: none
	slot, pinnedSlot int32 // -1: not watched
	peer             netip.AddrPort
	target           sockaddr // peer in the kernel's form
}

func (d *epoll) listen(addr netip.AddrPort) (socket, error) {
	fd, err := d.bind(addr, false)
	if err != nil {
		return nil, err
	}
	return &udpSocket{d: d, local: addr, fd: fd, pinned: -1, slot: -1, pinnedSlot: -1}, nil
}

// bind opens a socket on addr, exclusively or beside one that shares.
func (d *epoll) bind(addr netip.AddrPort, share bool) (int, error) {
	family := unix.AF_INET
	if d.v6 {
		family = unix.AF_INET6
	}
	fd, err := unix.Socket(family, unix.SOCK_DGRAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return -1, fmt.Errorf("socket: %w", err)
	}
	if d.v6 {
		unix.SetsockoptInt(fd, unix.IPPROTO_IPV6, unix.IPV6_V6ONLY, 1)
		unix.SetsockoptInt(fd, unix.IPPROTO_IPV6, unix.IPV6_TCLASS, expeditedForwarding)
		unix.SetsockoptInt(fd, unix.IPPROTO_IPV6, unix.IPV6_MTU_DISCOVER, unix.IPV6_PMTUDISC_PROBE)
	} else {
		unix.SetsockoptInt(fd, unix.IPPROTO_IP, unix.IP_TOS, expeditedForwarding)
		// A packet fits every path, so nobody needs to be asked or believed how
		// long it may be, and it needs no number to be put together by.
		unix.SetsockoptInt(fd, unix.IPPROTO_IP, unix.IP_MTU_DISCOVER, unix.IP_PMTUDISC_PROBE)
	}
	if share {
		unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1)
	}
	stamped(fd)
	var sa unix.Sockaddr
	if d.v6 {
		sa = &unix.SockaddrInet6{Port: int(addr.Port()), Addr: addr.Addr().As16()}
	} else {
		sa = &unix.SockaddrInet4{Port: int(addr.Port()), Addr: addr.Addr().As4()}
	}
	if err := unix.Bind(fd, sa); err != nil {
		unix.Close(fd)
		return -1, fmt.Errorf("bind: %w", err)
	}
	return fd, nil
}

func (s *udpSocket) watch(leg *Leg, control bool) error {
	s.leg, s.control = leg, control
	var err error
	s.slot, err = s.d.take(slot{fd: s.fd, leg: leg, control: control})
	return err
}

func (s *udpSocket) leave() {
	for _, i := range []*int32{&s.slot, &s.pinnedSlot} {
		if *i >= 0 {
			s.d.forget(*i)
			*i = -1
		}
	}
}

func (s *udpSocket) join(d driver) error {
	s.d = d.(*epoll)
	if s.pinned >= 0 {
		i, err := s.d.take(slot{fd: s.pinned, leg: s.leg, control: s.control})
		if err != nil {
			return err
		}
		s.pinnedSlot = i
	}
	return s.watch(s.leg, s.control)
}

func (s *udpSocket) aim(to netip.AddrPort) {
	if s.pinned >= 0 && s.peer != to {
		s.unpin()
	}
	s.peer = to
	s.target.set(to)
}

func (s *udpSocket) pin() {
	if s.pinned >= 0 || s.target.len == 0 || s.slot < 0 {
		return
	}
	// Both descriptors agree to share the port for this moment only, so that
	// no other process ever can.
	unix.SetsockoptInt(s.fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1)
	fd, err := s.d.bind(s.local, true)
	unix.SetsockoptInt(s.fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 0)
	if err != nil {
		return // no descriptors: the long way serves as well
	}
	unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 0)
	_, _, errno := unix.RawSyscall(unix.SYS_CONNECT, uintptr(fd), uintptr(unsafe.Pointer(&s.target.raw)), uintptr(s.target.len))
	if errno != 0 {
		unix.Close(fd)
		return
	}
	i, err := s.d.take(slot{fd: fd, leg: s.leg, control: s.control})
	if err != nil {
		unix.Close(fd)
		return
	}
	s.pinned, s.pinnedSlot = fd, i
}

func (s *udpSocket) unpin() {
	s.pinned, s.pinnedSlot = s.drop(s.pinned, s.pinnedSlot)
}

// drop closes a descriptor, watched or not, and returns what stands for none.
func (s *udpSocket) drop(fd int, i int32) (int, int32) {
	if i >= 0 {
		s.d.forget(i)
	}
	if fd >= 0 {
		unix.Close(fd)
	}
	return -1, -1
}

func (s *udpSocket) send(b []byte) bool {
	if s.pinned >= 0 {
		errno := sendTo(s.pinned, b, nil)
		if errno == unix.ECONNREFUSED {
			// The report of an earlier packet: this one was not sent.
			errno = sendTo(s.pinned, b, nil)
		}
		return errno == 0
	}
	return s.target.len != 0 && sendTo(s.fd, b, &s.target) == 0
}

func sendTo(fd int, b []byte, to *sockaddr) unix.Errno {
	var addr, size uintptr
	if to != nil {
		addr, size = uintptr(unsafe.Pointer(&to.raw)), uintptr(to.len)
	}
	_, _, errno := unix.RawSyscall6(unix.SYS_SENDTO, uintptr(fd), uintptr(unsafe.Pointer(&b[0])),
		uintptr(len(b)), unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL, addr, size)
	return errno
}

func (s *udpSocket) close() {
	s.unpin()
	s.fd, s.slot = s.drop(s.fd, s.slot)
}
