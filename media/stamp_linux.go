package media

import (
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// When a packet arrived is what recordings place it by. Usually that is when it
// was read; a loop that was kept from the processor reads late, all its packets
// by the same half a second, and that would look like a pause of their senders.
// The kernel stamps packets as they come. Asking it costs a system call, so it
// is asked while the loop is in doubt: after each deadline, of which there is one
// every 50 ms at least, and until as many packets as doubts in a row were young.
const (
	doubts = 8
	// lateAfter is the age from which a packet, or a deadline, is late, ns.
	lateAfter = 10_000_000
	// ageMax bounds how old a packet is believed to be: the stamp is of the wall
	// clock, which may have been set.
	ageMax = int64(10 * time.Second)
)

// stamped has the kernel stamp what comes to a socket. Without it packets have
// the time at which they are read.
func stamped(fd int) {
	var t unix.Timespec
	unix.RawSyscall(unix.SYS_IOCTL, uintptr(fd), unix.SIOCGSTAMPNS_NEW, uintptr(unsafe.Pointer(&t)))
}

// arrival is when the packet last read from a socket came to it; now if that is
// not known.
func (d *epoll) arrival(fd int, now int64) int64 {
	d.doubt = max(d.doubt-1, 0)
	var stamp, wall unix.Timespec
	_, _, errno := unix.RawSyscall(unix.SYS_IOCTL, uintptr(fd), unix.SIOCGSTAMPNS_NEW, uintptr(unsafe.Pointer(&stamp)))
	if errno != 0 || unix.ClockGettime(unix.CLOCK_REALTIME, &wall) != nil {
		return now
	}
	age := wall.Nano() - stamp.Nano()
	if age < 0 || age > ageMax {
		return now
	}
	if age > lateAfter {
		d.doubt = doubts
	}
	return now - age
}
