package sip

import (
	"encoding/binary"
	"net"
	"net/netip"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// datagramWay sends on an IPv4 socket past the lock that package net holds for a
// write: each call's goroutine and the socket's reader send on one socket, and
// who waited for the other would park and be woken for the kernel's ten
// microseconds. The kernel takes datagramWay from all of them at once.
type datagramWay struct{ raw syscall.RawConn }

// newDatagramWay is nil for a socket of another family.
func newDatagramWay(conn *net.UDPConn) *datagramWay {
	raw, err := conn.SyscallConn()
	if err != nil {
		return nil
	}
	ours := false
	err = raw.Control(func(fd uintptr) {
		at, err := unix.Getsockname(int(fd))
		_, ours = at.(*unix.SockaddrInet4)
		ours = ours && err == nil
	})
	if err != nil || !ours {
		return nil
	}
	return &datagramWay{raw}
}

// send is false when the message was not handed over, for want of room or
// because the socket is closed: then the long way is to be taken.
func (d *datagramWay) send(message []byte, to netip.AddrPort) bool {
	if d == nil || !to.Addr().Is4() || len(message) == 0 {
		return false
	}
	addr := unix.RawSockaddrInet4{Family: unix.AF_INET, Addr: to.Addr().As4()}
	binary.BigEndian.PutUint16((*[2]byte)(unsafe.Pointer(&addr.Port))[:], to.Port())
	var errno unix.Errno
	err := d.raw.Control(func(fd uintptr) { // keeps the descriptor from being closed meanwhile
		_, _, errno = unix.RawSyscall6(unix.SYS_SENDTO, fd, uintptr(unsafe.Pointer(&message[0])), uintptr(len(message)),
			unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL, uintptr(unsafe.Pointer(&addr)), unix.SizeofSockaddrInet4)
	})
	return err == nil && errno != unix.EAGAIN && errno != unix.EINTR && errno != unix.ENOBUFS
}
