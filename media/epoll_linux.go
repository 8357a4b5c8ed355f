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

// eventsMax bounds the packets handled between two looks at the sockets.
const eventsMax = 256

// defaultDriver makes the driver that engines use on this system.
func defaultDriver(v6 bool) (driver, error) { return newEpoll(v6) }

// epoll waits for a loop's sockets, for commands (an eventfd) and for deadlines
// (a timerfd). The legs' sockets have an epoll instance of their own,
// level-triggered: what is left in a socket is reported again, so one read per
// report serves all sockets evenly.
//
// It waits in one of two ways. A loop that carries little parks in the runtime's
// poller, which watches an instance that watches the three: a goroutine that
// blocks in a system call of its own keeps the runtime's monitor awake and its
// processor from others. A loop that reads in ticks (see pace) blocks in poll for
// commands and the timer, which beats: that wakes its own thread, with its own
// priority. Then the other instance watches nothing, or each packet and each beat
// would wake the runtime's poller as well. All other calls don't wait and are raw.
type epoll struct {
	v6      bool
	fd      int
	file    *os.File // owns fd
	parked  syscall.RawConn
	sockets int   // the legs'
	event   int   // eventfd
	tick    int   // timerfd
	armed   int64 // when the timer is to expire, on the clock of Now; 0: never
	pace    pace
	behind  bool  // in ticks: the sockets were not read empty
	doubt   int   // see doubts
	looked  int64 // when the last wait ended or the last packet was read
	woken   atomic.Bool
	// slots tells which socket an event is for. Only the loop uses it. A
	// report carries the slot's serial, as the slot may have got a new user
	// since it was made.
	slots []slot
	free  []int32

	poll    func(uintptr) bool // one look, for the runtime's poller
	ready   int                // what it saw
	reasons [3]unix.EpollEvent // to wake up
	beating [2]unix.PollFd     // what is waited for in ticks, in the order of the reasons
	events  [eventsMax]unix.EpollEvent
	buf     [bytesMax]byte
	from    sockaddr
	backlog *backlog
}

// slot is what events are about: a descriptor of a leg's socket.
type slot struct {
	serial  int32
	fd      int
	leg     *Leg
	control bool
}

// Why a loop wakes up.
const (
	commandsCame = iota
	timerExpired
	packetsCame
)

func newEpoll(v6 bool) (*epoll, error) {
	d := &epoll{v6: v6, fd: -1, sockets: -1, event: -1, tick: -1, pace: pace{from: ticksFrom, until: ticksUntil}, backlog: newBacklog()}
	d.poll = func(uintptr) bool { // made once: a closure a wait would be garbage a packet
		d.ready, _ = unix.EpollWait(d.fd, d.reasons[:], 0)
		return d.ready > 0
	}
	if err := d.open(); err != nil {
		d.close()
		return nil, err
	}
	return d, nil
}

func (d *epoll) open() (err error) {
	if d.fd, err = unix.EpollCreate1(unix.EPOLL_CLOEXEC); err != nil {
		return fmt.Errorf("epoll_create1: %w", err)
	}
	// Non-blocking is what makes os.NewFile give it to the poller.
	if err = unix.SetNonblock(d.fd, true); err != nil {
		return fmt.Errorf("epoll: %w", err)
	}
	d.file = os.NewFile(uintptr(d.fd), "epoll")
	if d.parked, err = d.file.SyscallConn(); err != nil {
		return fmt.Errorf("epoll: %w", err)
	}
	if d.sockets, err = unix.EpollCreate1(unix.EPOLL_CLOEXEC); err != nil {
		return fmt.Errorf("epoll_create1: %w", err)
	}
	if d.event, err = unix.Eventfd(0, unix.EFD_NONBLOCK|unix.EFD_CLOEXEC); err != nil {
		return fmt.Errorf("eventfd: %w", err)
	}
	if d.tick, err = unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC); err != nil {
		return fmt.Errorf("timerfd_create: %w", err)
	}
	d.beating = [2]unix.PollFd{
		commandsCame: {Fd: int32(d.event), Events: unix.POLLIN},
		timerExpired: {Fd: int32(d.tick), Events: unix.POLLIN},
	}
	return errors.Join(watch(d.fd, d.event, commandsCame, 0), watch(d.fd, d.tick, timerExpired, 0),
		watch(d.fd, d.sockets, packetsCame, 0))
}

// watch has an epoll instance report fd as index and serial.
func watch(instance, fd int, index, serial int32) error {
	ev := unix.EpollEvent{Events: unix.EPOLLIN, Fd: index, Pad: serial}
	if err := unix.EpollCtl(instance, unix.EPOLL_CTL_ADD, fd, &ev); err != nil {
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
	for _, fd := range []int{d.sockets, d.event, d.tick} {
		if fd >= 0 {
			unix.Close(fd)
		}
	}
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
	for !l.stopped {
		packets := 0
		for _, why := range d.wait() {
			switch why.Fd {
			case commandsCame:
				d.commands(l)
			case timerExpired:
				packets += d.expire(l)
			case packetsCame:
				packets += d.look(l)
			}
		}
		if d.behind { // and was not woken by the timer
			packets += d.catchUp(l)
		}
		if d.pace.judge(packets, d.looked) {
			d.setPace()
		}
		if !d.pace.ticks {
			d.arm(l.deadline())
		}
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

// wait waits for a reason to wake up.
func (d *epoll) wait() []unix.EpollEvent {
	if d.ready = 0; d.pace.ticks {
		d.beat()
	} else {
		_ = d.parked.Read(d.poll) // fails when the file is closed, which is ours to do
	}
	d.looked = Now()
	if d.armed != 0 && d.looked-d.armed > lateAfter {
		d.doubt = doubts
	}
	return d.reasons[:max(d.ready, 0)]
}

func (d *epoll) commands(l *loop) {
	var count [8]byte
	unix.Read(d.event, count[:])
	// Cleared before the inbox is read: a post after that wakes again.
	d.woken.Store(false)
	l.commands(Now())
}

// take gives a descriptor a slot.
func (d *epoll) take(s slot) (int32, error) {
	if len(d.free) == 0 {
		d.slots = append(d.slots, slot{})
		d.free = append(d.free, int32(len(d.slots)-1))
	}
	i := d.free[len(d.free)-1]
	s.serial = d.slots[i].serial + 1
	if err := watch(d.sockets, s.fd, i, s.serial); err != nil {
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
	_ = unix.EpollCtl(d.sockets, unix.EPOLL_CTL_DEL, s.fd, nil)
	*s = slot{serial: s.serial}
	d.free = append(d.free, i)
}

// serve reads from the socket that slot index is of.
func (d *epoll) serve(l *loop, index int32) {
	now := Now()
	if now-d.looked > lateAfter { // held up between two packets of one wait
		d.doubt = doubts
	}
	d.looked = now
	if s := &d.slots[index]; d.doubt > 0 || s.control { // a report's age is part of the round trip
		d.readLate(l, index)
	} else {
		d.read(l, s, now)
	}
}

// read takes one packet off a socket and gives it to the loop.
func (d *epoll) read(l *loop, s *slot, now int64) {
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
	l.receive(s.leg, s.control, d.from.addrPort(), d.buf[:n], now, now)
}
