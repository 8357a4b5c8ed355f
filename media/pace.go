package media

// In a loop that carries much, some packet comes every few dozen microseconds,
// and waking up for each costs more than relaying it. Such a loop reads in
// ticks: it sleeps for 2 ms and takes all that came together. A loop that
// carries little reads each packet as it comes.
//
// Ticks add 1 ms to the delay on average and 2 ms at most. They add no jitter to
// an even stream: every packet time is a multiple of the tick, so each of its
// packets waits equally long.
const (
	tickEvery = 2_000_000 // ns

	// paceEvery is how long packets are counted for before the pace is set
	// anew: a stream has at least one packet in it.
	paceEvery = 20_000_000
	// A loop begins with ticks at the packets that thirty calls send in
	// paceEvery, and ends with them at half of that.
	ticksFrom  = 60
	ticksUntil = 30
)

// pace decides how a loop reads.
type pace struct {
	from, until int // packets in paceEvery
	since       int64
	packets     int // since then
	ticks       bool
}

// judge counts packets read by now, and tells whether the pace changed.
func (p *pace) judge(packets int, now int64) bool {
	p.packets += packets
	if now-p.since < paceEvery {
		return false
	}
	was, enough := p.ticks, p.from
	if was {
		enough = p.until
	}
	p.ticks = p.packets >= enough
	p.since, p.packets = now, 0
	return p.ticks != was
}
