package media

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"sync/atomic"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// eventsMax bounds the packets handled between two looks at the clock's and
// the inbox' descriptors.
const eventsMax = 128

// defaultDriver makes the driver that engines use on this system.
func defaultDriver(v6 bool) (driver, error) { return newEpoll(v6) }

// epoll waits for a loop's sockets with one epoll instance, level-triggered:
// what is left in a socket is reported again, so one read per report serves all
// sockets evenly. Commands come by an eventfd, deadlines by a timerfd.
//
// It waits in one of two ways. While packets come thick and fast it blocks in
// unix.EpollWait, which wakes soonest and lets the scheduler have the
// processor. A thread in a system call keeps the runtime's monitor awake,
// though, at a third of a millisecond of CPU for each wait: a quiet loop parks
// in the runtime's own poller instead, which watches the epoll descriptor. All
// other calls don't wait and are raw.
type epoll struct {
	v6          bool
	fd          int
	file        *os.File // owns fd
	quiet       syscall.RawConn
	event, tick int   // eventfd and timerfd
	armed       int64 // the timer's, on the clock of Now; 0: off
	doubt       int   // see arrival
	looked      int64 // when the last wait ended or the last packet was read
	woken       atomic.Bool
	// slots tells which socket an event is for. Only the loop uses it. A
	// report carries the slot's serial, as the slot may have got a new user
	// since it was made.
	slots []slot
	free  []int32

	poll   func(uintptr) bool // one look, for the runtime's poller
	ready  int                // what it saw
	events [eventsMax]unix.EpollEvent
	buf    [bytesMax]byte
	from   sockaddr
}

// slot is what events are about: a descriptor of a leg's socket.
type slot struct {
	serial  int32
	fd      int
	leg     *Leg
	control bool
}

// The indices of epoll's own descriptors, which have no slot.
const (
	eventSlot = -1
	tickSlot  = -2
)

func newEpoll(v6 bool) (*epoll, error) {
	d := &epoll{v6: v6, fd: -1, event: -1, tick: -1}
	d.poll = func(uintptr) bool { // made once: a closure a wait would be garbage a packet
		d.ready, _ = unix.EpollWait(d.fd, d.events[:], 0)
		return d.ready > 0
	}
	var err error
	if d.fd, err = unix.EpollCreate1(unix.EPOLL_CLOEXEC); err != nil {
		return nil, fmt.Errorf("epoll_create1: %w", err)
	}
	// Non-blocking is what makes os.NewFile give it to the poller.
	if err = unix.SetNonblock(d.fd, true); err != nil {
		d.close()
		return nil, fmt.Errorf("epoll: %w", err)
	}
	d.file = os.NewFile(uintptr(d.fd), "epoll")
	if d.quiet, err = d.file.SyscallConn(); err != nil {
		d.close()
		return nil, fmt.Errorf("epoll: %w", err)
	}
	if d.event, err = unix.Eventfd(0, unix.EFD_NONBLOCK|unix.EFD_CLOEXEC); err != nil {
		d.close()
		return nil, fmt.Errorf("eventfd: %w", err)
	}
	if d.tick, err = unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC); err != nil {
		d.close()
		return nil, fmt.Errorf("timerfd_create: %w", err)
	}
	if err := errors.Join(d.add(d.event, eventSlot, 0), d.add(d.tick, tickSlot, 0)); err != nil {
		d.close()
		return nil, err
	}
	return d, nil
}

func (d *epoll) add(fd int, index, serial int32) error {
	ev := unix.EpollEvent{Events: unix.EPOLLIN, Fd: index, Pad: serial}
	if err := unix.EpollCtl(d.fd, unix.EPOLL_CTL_ADD, fd, &ev); err != nil {
		return fmt.Errorf("epoll_ctl: %w", err)
	}
	return nil
}

func (d *epoll) close() {
	if d.file != nil {
		d.file.Close()
	} else if d.fd >= 0 {
		unix.Close(d.fd)
	}
	for _, fd := range []int{d.event, d.tick} {
		if fd >= 0 {
			unix.Close(fd)
		}
	}
}

// quietAfter is how long a wait lasts in a loop that may park: with fewer than
// 2000 wake-ups a second parking is the cheaper way.
const quietAfter = 500_000 // ns

// wait gives the next events and tells whether it took long.
func (d *epoll) wait(park bool) (n int, long bool) {
	began := Now()
	if park {
		d.ready = 0
		_ = d.quiet.Read(d.poll) // fails when the file is closed, which is ours to do
		n = d.ready
	} else {
		n, _ = unix.EpollWait(d.fd, d.events[:], -1) // EINTR is the only way it can fail
	}
	ended := Now()
	d.looked = ended
	if d.armed != 0 && ended-d.armed > lateAfter {
		d.doubt = doubts
	}
	return max(n, 0), ended-began >= quietAfter
}

// wake writes the eventfd unless a wake-up is on its way already.
func (d *epoll) wake() {
	if d.woken.Swap(true) {
		return
	}
	one := [8]byte{0: 1}
	unix.Write(d.event, one[:])
}

func (d *epoll) run(l *loop) {
	// The thread is never given back, so what it was made ends with it.
	runtime.LockOSThread()
	d.hurry()
	defer d.close()
	quiet := false
	for !l.stopped {
		var n int
		n, quiet = d.wait(quiet)
		for i := range n {
			d.handle(l, &d.events[i])
		}
		d.arm(l.deadline())
	}
	l.commands(Now()) // what was posted while it stopped, and from now on no more
}

// nice is the loops' scheduling priority, where the system allows it: sound
// can't wait for reports, disks and the collector.
const nice = -10

func (d *epoll) hurry() {
	// Without the privilege the loop runs like everybody else.
	_ = unix.Setpriority(unix.PRIO_PROCESS, unix.Gettid(), nice)
}

func (d *epoll) handle(l *loop, ev *unix.EpollEvent) {
	switch ev.Fd {
	case eventSlot:
		var count [8]byte
		unix.Read(d.event, count[:])
		// Cleared before the inbox is read: a post after that wakes again.
		d.woken.Store(false)
		l.commands(Now())
	case tickSlot:
		d.armed, d.doubt = 0, doubts
		var count [8]byte
		unix.Read(d.tick, count[:])
		l.tick(Now())
	default:
		if s := &d.slots[ev.Fd]; s.serial == ev.Pad && s.leg != nil {
			d.read(l, s)
		}
	}
}

// read takes one packet off a socket and gives it to the loop.
func (d *epoll) read(l *loop, s *slot) {
	d.from.len = unix.SizeofSockaddrInet6
	n, _, errno := unix.RawSyscall6(unix.SYS_RECVFROM, uintptr(s.fd), uintptr(unsafe.Pointer(&d.buf)),
		bytesMax, unix.MSG_DONTWAIT|unix.MSG_TRUNC, uintptr(unsafe.Pointer(&d.from.raw)), uintptr(unsafe.Pointer(&d.from.len)))
	if errno != 0 {
		return // nothing there, or an ICMP error that is now taken
	}
	if n > bytesMax {
		n = 0 // no RTP packet is that long
	}
	// The source is looked at even where the descriptor is connected: what
	// came between its bind and its connect came from anybody.
	now := Now()
	at := now
	if now-d.looked > lateAfter { // held up between two packets of one wait
		d.doubt = doubts
	}
	d.looked = now
	if d.doubt > 0 {
		at = d.arrival(s.fd, now)
	}
	l.receive(s.leg, s.control, d.from.addrPort(), d.buf[:n], now, at)
}

// arm sets the timer to deadline on the clock of Now; 0: off.
func (d *epoll) arm(deadline int64) {
	if deadline == d.armed {
		return
	}
	d.armed = deadline
	var spec unix.ItimerSpec
	if deadline != 0 {
		// A time of zero would switch the timer off.
		spec.Value = unix.NsecToTimespec(max(deadline-Now(), 1))
	}
	unix.TimerfdSettime(d.tick, 0, &spec, nil)
}

// take gives a descriptor a slot.
func (d *epoll) take(s slot) (int32, error) {
	if len(d.free) == 0 {
		d.slots = append(d.slots, slot{})
		d.free = append(d.free, int32(len(d.slots)-1))
	}
	i := d.free[len(d.free)-1]
	s.serial = d.slots[i].serial + 1
	if err := d.add(s.fd, i, s.serial); err != nil {
		return -1, err
	}
	d.free = d.free[:len(d.free)-1]
	d.slots[i] = s
	return i, nil
}

// forget ends the reports about a slot's descriptor.
func (d *epoll) forget(i int32) {
	s := &d.slots[i]
	// It fails only for what is not watched, which then is the aim.
	_ = unix.EpollCtl(d.fd, unix.EPOLL_CTL_DEL, s.fd, nil)
	*s = slot{serial: s.serial}
	d.free = append(d.free, i)
}
