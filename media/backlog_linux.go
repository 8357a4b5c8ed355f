package media

import (
	"encoding/binary"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// backlogMax is how many packets a loop in doubt takes off a socket with one call.
// A loop that was held up finds several in each: what a call costs it pays once
// for them, and so catches up.
const backlogMax = 16

// stamps is room for the kernel's stamp of a packet.
const stamps = 64

// backlog reads packets together with the times at which they came.
type backlog struct {
	buf   [backlogMax][bytesMax]byte
	from  [backlogMax]sockaddr
	stamp [backlogMax][stamps]byte
	parts [backlogMax]unix.Iovec
	heads [backlogMax]messageHead
}

// messageHead is the kernel's struct mmsghdr.
type messageHead struct {
	unix.Msghdr
	size uint32 // of the datagram, which may be more than there was room for
}

func newBacklog() *backlog {
	b := &backlog{}
	for i := range b.heads {
		b.parts[i].Base = &b.buf[i][0]
		b.parts[i].SetLen(bytesMax)
		h := &b.heads[i].Msghdr
		h.Name = (*byte)(unsafe.Pointer(&b.from[i].raw))
		h.Iov = &b.parts[i]
		h.SetIovlen(1)
		h.Control = &b.stamp[i][0]
	}
	return b
}

// receive takes packets off a socket and returns how many. It never waits.
func (b *backlog) receive(fd int) int {
	for i := range b.heads {
		b.heads[i].Namelen = unix.SizeofSockaddrInet6
		b.heads[i].SetControllen(stamps)
	}
	n, _, errno := unix.RawSyscall6(unix.SYS_RECVMMSG, uintptr(fd), uintptr(unsafe.Pointer(&b.heads)),
		backlogMax, unix.MSG_DONTWAIT|unix.MSG_TRUNC, 0, 0)
	if errno != 0 {
		return 0 // nothing there, or an ICMP error that is now taken
	}
	return int(n)
}

// packet is the i-th that was received. One that is longer than any RTP packet
// is empty.
func (b *backlog) packet(i int) []byte {
	if size := b.heads[i].size; size <= bytesMax {
		return b.buf[i][:size]
	}
	return b.buf[i][:0]
}

// age is how long before the given moment of the wall clock, in ns, packet i
// came; 0 if that is not known.
func (b *backlog) age(i int, wall int64) int64 {
	head := (*unix.Cmsghdr)(unsafe.Pointer(&b.stamp[i]))
	if int(b.heads[i].Controllen) < unix.CmsgLen(16) || head.Level != unix.SOL_SOCKET || head.Type != unix.SO_TIMESTAMPNS_NEW {
		return 0
	}
	stamp := b.stamp[i][unix.CmsgLen(0):]
	came := int64(binary.NativeEndian.Uint64(stamp))*1e9 + int64(binary.NativeEndian.Uint64(stamp[8:]))
	if age := wall - came; age >= 0 && age <= ageMax {
		return age
	}
	return 0
}

// readLate gives the loop what a socket has, each packet with the time at which
// it came.
func (d *epoll) readLate(l *loop, index int32) {
	s := d.slots[index]
	n := d.backlog.receive(s.fd)
	now, wall := Now(), time.Now().UnixNano()
	d.looked = now
	for i := range n {
		// What a packet leads to may close its socket, and move the slots.
		if d.slots[index].serial != s.serial {
			return
		}
		age := d.backlog.age(i, wall)
		if d.doubt = max(d.doubt-1, 0); age > lateAfter {
			d.doubt = doubts
		}
		l.receive(s.leg, s.control, d.backlog.from[i].addrPort(), d.backlog.packet(i), now, now-age)
	}
}
