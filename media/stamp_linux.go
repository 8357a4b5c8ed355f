package media

import (
	"time"

	"golang.org/x/sys/unix"
)

// When a packet arrived is what recordings place it by. Usually that is when it
// was read; a loop that was kept from the processor reads late, all its packets
// by the same half a second, and that would look like a pause of their senders.
// The kernel stamps packets as they come. Taking the stamp costs more, so it is
// taken while the loop is in doubt: after each deadline, of which there is one
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
	_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TIMESTAMPNS_NEW, 1)
}
