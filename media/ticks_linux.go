package media

import "golang.org/x/sys/unix"

// looksMax bounds how often a loop in ticks looks at its sockets before it looks
// at what else there is to do: a flood keeps it from nothing.
const looksMax = 8

// setPace begins or ends reading in ticks.
func (d *epoll) setPace() {
	events := uint32(unix.EPOLLIN)
	var beat unix.ItimerSpec
	d.armed, d.behind = 0, false
	if d.pace.ticks {
		events = 0
		// Always at the same times, lest a change of pace be heard.
		rest := tickEvery - Now()%tickEvery
		d.armed = Now() + rest
		beat.Value, beat.Interval = unix.NsecToTimespec(rest), unix.NsecToTimespec(tickEvery)
	}
	// What is changed is there, so these can't fail.
	for why, fd := range [...]int{commandsCame: d.event, timerExpired: d.tick, packetsCame: d.sockets} {
		_ = unix.EpollCtl(d.fd, unix.EPOLL_CTL_MOD, fd, &unix.EpollEvent{Events: events, Fd: int32(why)})
	}
	_ = unix.TimerfdSettime(d.tick, 0, &beat, nil)
}

// beat waits for commands or the timer; not if the loop is behind.
func (d *epoll) beat() {
	timeout := -1
	if d.behind {
		timeout = 0
	}
	// Interrupted, it has no reason: the loop waits again.
	if n, _ := unix.Poll(d.beating[:], timeout); n <= 0 {
		return
	}
	for why := range d.beating {
		if d.beating[why].Revents != 0 {
			d.reasons[d.ready].Fd = int32(why)
			d.ready++
		}
	}
}

// expire serves the timer and returns how many packets it read.
func (d *epoll) expire(l *loop) (packets int) {
	var count [8]byte
	unix.Read(d.tick, count[:])
	if !d.pace.ticks {
		d.armed, d.doubt = 0, doubts
		l.tick(Now())
		return 0
	}
	d.armed = d.looked + tickEvery - d.looked%tickEvery
	packets = d.catchUp(l)
	if due := l.deadline(); due != 0 && due <= d.looked {
		l.tick(d.looked)
	}
	return packets
}

// catchUp reads the sockets empty, or is behind.
func (d *epoll) catchUp(l *loop) (packets int) {
	d.behind = true
	for range looksMax {
		n := d.look(l)
		if packets += n; n == 0 {
			d.behind = false
			break
		}
	}
	return packets
}

// look reads one packet from each socket that has one, and returns how many had.
func (d *epoll) look(l *loop) int {
	n, _ := unix.EpollWait(d.sockets, d.events[:], 0)
	for i := range max(n, 0) {
		ev := &d.events[i]
		// A packet's receiver may close the sockets of those after it.
		if s := &d.slots[ev.Fd]; s.serial == ev.Pad && s.leg != nil {
			d.serve(l, ev.Fd)
		}
	}
	return max(n, 0)
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
