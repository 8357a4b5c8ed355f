//go:build linux

package main

import (
	"encoding/binary"
	"net/netip"
	"unsafe"

	"golang.org/x/sys/unix"
)

// batchLen is how many datagrams one recvmmsg or sendmmsg moves at most.
const batchLen = 64

// bytesMax is more than any packet here has.
const bytesMax = 512

// mmsghdr is the kernel's struct mmsghdr.
type mmsghdr struct {
	hdr unix.Msghdr
	n   uint32
	_   [4]byte
}

// batch is room for datagrams, with their addresses and receive stamps.
type batch struct {
	buf  [batchLen][bytesMax]byte
	addr [batchLen]unix.RawSockaddrInet4
	ctl  [batchLen][64]byte
	iov  [batchLen]unix.Iovec
	msg  [batchLen]mmsghdr
}

func newBatch() *batch {
	b := &batch{}
	for i := range b.msg {
		b.iov[i].Base = &b.buf[i][0]
		b.msg[i].hdr.Iov = &b.iov[i]
		b.msg[i].hdr.Iovlen = 1
	}
	return b
}

// receive reads what is there; stamped: with the kernel's receive times.
func (b *batch) receive(fd int, stamped bool) int {
	for i := range b.msg {
		h := &b.msg[i].hdr
		b.iov[i].Len = bytesMax
		h.Name, h.Namelen = nil, 0
		h.Control, h.Controllen = nil, 0
		if stamped {
			h.Control, h.Controllen = &b.ctl[i][0], uint64(len(b.ctl[i]))
		}
	}
	n, _, errno := unix.RawSyscall6(unix.SYS_RECVMMSG, uintptr(fd), uintptr(unsafe.Pointer(&b.msg[0])), batchLen, unix.MSG_DONTWAIT, 0, 0)
	if errno != 0 {
		return 0
	}
	return int(n)
}

// stamp is when the kernel received datagram i, in ns of the wall clock.
func (b *batch) stamp(i int) int64 {
	if b.msg[i].hdr.Controllen < unix.SizeofCmsghdr+16 {
		return 0
	}
	return int64(binary.NativeEndian.Uint64(b.ctl[i][unix.SizeofCmsghdr:]))*1e9 +
		int64(binary.NativeEndian.Uint64(b.ctl[i][unix.SizeofCmsghdr+8:]))
}

// aim sets where datagram i of n octets goes.
func (b *batch) aim(i, n int, to *unix.RawSockaddrInet4) {
	b.iov[i].Len = uint64(n)
	b.addr[i] = *to
	h := &b.msg[i].hdr
	h.Name, h.Namelen = (*byte)(unsafe.Pointer(&b.addr[i])), unix.SizeofSockaddrInet4
	h.Control, h.Controllen = nil, 0
}

// send sends the first n and returns how many the kernel took.
func (b *batch) send(fd, n int) int {
	sent := 0
	for sent < n {
		k, _, errno := unix.RawSyscall6(unix.SYS_SENDMMSG, uintptr(fd), uintptr(unsafe.Pointer(&b.msg[sent])), uintptr(n-sent), unix.MSG_DONTWAIT, 0, 0)
		if errno != 0 || k == 0 {
			break
		}
		sent += int(k)
	}
	return sent
}

// openSocket binds a UDP socket with a large buffer on a free loopback port.
func openSocket() (int, netip.AddrPort, error) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return -1, netip.AddrPort{}, err
	}
	const size = 4 << 20
	for _, option := range []int{unix.SO_RCVBUFFORCE, unix.SO_SNDBUFFORCE, unix.SO_RCVBUF, unix.SO_SNDBUF} {
		// What is not allowed is not needed on an idle machine.
		if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, option, size); err == nil && option == unix.SO_SNDBUFFORCE {
			break
		}
	}
	if err := unix.Bind(fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		unix.Close(fd)
		return -1, netip.AddrPort{}, err
	}
	sa, err := unix.Getsockname(fd)
	if err != nil {
		unix.Close(fd)
		return -1, netip.AddrPort{}, err
	}
	in := sa.(*unix.SockaddrInet4)
	return fd, netip.AddrPortFrom(netip.AddrFrom4(in.Addr), uint16(in.Port)), nil
}

func rawAddr(a netip.AddrPort) unix.RawSockaddrInet4 {
	var port [2]byte
	binary.BigEndian.PutUint16(port[:], a.Port())
	return unix.RawSockaddrInet4{Family: unix.AF_INET, Port: binary.NativeEndian.Uint16(port[:]), Addr: a.Addr().As4()}
}
