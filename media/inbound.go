package media

import "time"

// Limits of a believable sequence number (RFC 3550, appendix A.1).
const (
	dropoutMax  = 3000 // a jump ahead by less is loss
	misorderMax = 100  // a jump back by less is reordering
	window      = 64   // packets behind the newest that are still told apart
)

// verdict is what becomes of a received packet.
type verdict uint8

const (
	fresh     verdict = iota // newer than all before
	late                     // older than the newest, not seen before
	duplicate                // seen before
	tooLate                  // too old to tell
	suspect                  // its number can't follow: dropped unless the next agrees
)

// inbound follows one peer's stream: order, loss and jitter.
type inbound struct {
	// run numbers the stream's uninterrupted stretches over a whole loop: it
	// changes with the SSRC and when sequence numbers jump. 0: nothing came.
	run  uint64
	ssrc uint32
	// high is the highest sequence number extended by its cycles; seen has bit
	// n set when high-n was received. base is the first one of the run.
	base, high uint32
	seen       uint64
	// badNext is the number that confirms a jump (RFC 3550, A.1), or noBad.
	badNext uint32

	received      uint64 // of this run
	transit       int64  // of the newest packet, in ticks
	jitter        int64  // in ticks, times 16 (A.8)
	jitterMax     int64
	lastTimestamp uint32

	resumed                        bool   // the next packet begins a new run, whatever it is
	restarts                       uint64 // by the peer: changes of SSRC, jumps of its numbers
	expectedBefore, receivedBefore uint64 // totals of earlier runs
}

const noBad = 1 << 16

// accept judges a packet by its number and returns its extended number. next
// is called when a new run begins and returns the run's number.
func (in *inbound) accept(h *header, now int64, next *uint64) (uint32, verdict) {
	switch {
	case in.run == 0 || in.resumed:
		in.restart(h, now, next)
		return in.high, fresh
	case h.ssrc != in.ssrc:
		in.restarts++
		in.restart(h, now, next)
		return in.high, fresh
	}
	ahead := h.seq - uint16(in.high)
	switch {
	case ahead == 0:
		return in.high, duplicate
	case ahead < dropoutMax:
		in.advance(uint32(ahead), h, now)
		return in.high, fresh
	case ahead > 1<<16-misorderMax:
		return in.behind(uint32(-ahead))
	case uint32(h.seq) == in.badNext:
		in.restarts++
		in.restart(h, now, next)
		return in.high, fresh
	}
	in.badNext = uint32(h.seq + 1)
	return 0, suspect
}

// cut ends the run: what comes next doesn't follow what came before.
func (in *inbound) cut() { in.resumed = true }

func (in *inbound) advance(ahead uint32, h *header, now int64) {
	in.high += ahead
	in.seen = in.seen<<ahead | 1
	in.badNext = noBad
	in.received++
	in.measure(h, now)
}

func (in *inbound) behind(back uint32) (uint32, verdict) {
	ext := in.high - back
	if back >= window {
		return ext, tooLate
	}
	if in.seen&(1<<back) != 0 {
		return ext, duplicate
	}
	in.seen |= 1 << back
	in.received++
	if int32(ext-in.base) < 0 {
		in.base = ext
	}
	return ext, late
}

func (in *inbound) restart(h *header, now int64, next *uint64) {
	in.expectedBefore += in.expected()
	in.receivedBefore += in.received
	*next++
	in.run, in.ssrc, in.resumed = *next, h.ssrc, false
	// A cycle ahead of 0, so that what is late never goes below it.
	in.base = 1<<16 | uint32(h.seq)
	in.high, in.seen, in.badNext = in.base, 1, noBad
	in.received = 1
	in.transit = ticks(now) - int64(h.timestamp)
	in.lastTimestamp = h.timestamp
}

// measure updates the jitter. Packets that share a timestamp (telephone
// events) say nothing about it, nor does a step of the sender's clock.
func (in *inbound) measure(h *header, now int64) {
	if h.timestamp == in.lastTimestamp {
		return
	}
	in.lastTimestamp = h.timestamp
	transit := ticks(now) - int64(h.timestamp)
	d := int64(int32(uint32(transit) - uint32(in.transit)))
	in.transit = transit
	d = max(d, -d)
	if d > ClockRate {
		return
	}
	in.jitter += d - (in.jitter+8)>>4
	in.jitterMax = max(in.jitterMax, in.jitter)
}

// expected is how many packets the run should have brought.
func (in *inbound) expected() uint64 {
	if in.run == 0 {
		return 0
	}
	return uint64(in.high-in.base) + 1
}

func (in *inbound) totals() (expected, received uint64) {
	return in.expectedBefore + in.expected(), in.receivedBefore + in.received
}

// lost may be negative: a peer's duplicates don't count, but packets of before
// the first one we saw may.
func (in *inbound) lost() int64 {
	expected, received := in.totals()
	return int64(expected) - int64(received)
}

// ticks converts nanoseconds to RTP clock ticks.
func ticks(ns int64) int64 { return ns / (int64(time.Second) / ClockRate) }

// tickTime converts RTP clock ticks to time.
func tickTime(t int64) time.Duration {
	return time.Duration(t) * (time.Second / ClockRate)
}
