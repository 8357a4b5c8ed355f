package media

// stepMax is how far a source's timestamps may differ from the time that
// passed, in ticks, before they are taken for a step of its clock: 2 s.
const stepMax = 2 * ClockRate

// outbound keeps what one peer hears continuous: one SSRC, sequence numbers
// without a jump, timestamps that follow the time that passed, whatever the
// source (RFC 3550, section 5.1; the marker begins a talkspurt, RFC 3551,
// section 4.1). Within a source's run the mapping is an addition, so loss and
// reordering on the way here stay visible to the peer.
type outbound struct {
	ssrc uint32
	// run is the inbound run or the play that is being sent; 0: none yet.
	run uint64
	// An extended source number n goes out as uint16(n) + seqShift, a source
	// timestamp t as t + tsShift. Numbers below first belong to what was sent
	// before and are never used again.
	first    uint32
	high     uint32 // highest source number of this run
	seqShift uint16
	tsShift  uint32

	seq uint16 // highest number sent
	// ts is the newest timestamp sent, at the time it was first sent; sourceTS
	// is what the source called it.
	ts, sourceTS uint32
	at           int64
	started      bool

	packets, octets uint64
}

// sample is one source packet to be numbered: its extended sequence number,
// timestamp and length in ticks, and whether it is a telephone event, whose
// timestamp stands still (RFC 4733, section 2.2).
type sample struct {
	run       uint64
	number    uint32
	timestamp uint32
	length    uint32
	event     bool
	marker    bool
}

// number maps s. False: it came too late to have a number.
func (o *outbound) number(s sample, now int64, h *header) bool {
	if s.run != o.run {
		o.turn(s, now)
		s.marker = true
	}
	if int32(s.number-o.first) < 0 {
		return false
	}
	if int32(s.number-o.high) >= 0 {
		o.high = s.number
		s.marker = o.follow(s, now) || s.marker
		o.seq = uint16(s.number) + o.seqShift
	}
	h.ssrc = o.ssrc
	h.seq = uint16(s.number) + o.seqShift
	h.timestamp = s.timestamp + o.tsShift
	h.marker = s.marker
	return true
}

// turn makes s the first packet of a new source.
func (o *outbound) turn(s sample, now int64) {
	o.run, o.first, o.high = s.run, s.number, s.number
	if !o.started {
		// The initial values are random (RFC 3550, section 5.1).
		o.started = true
		o.seqShift = o.seq + 1 - uint16(s.number)
		o.tsShift = o.ts - s.timestamp
	} else {
		o.seqShift = o.seq + 1 - uint16(s.number)
		o.tsShift = o.due(s.length, now) - s.timestamp
	}
	o.note(s, now)
}

// follow notes the newest timestamp and tells whether the source's clock made
// a step that had to be evened out.
func (o *outbound) follow(s sample, now int64) bool {
	if s.timestamp == o.sourceTS {
		return false
	}
	step := int64(int32(s.timestamp-o.sourceTS)) - ticks(now-o.at)
	stepped := !s.event && (step > stepMax || step < -stepMax)
	if stepped {
		o.tsShift = o.due(s.length, now) - s.timestamp
	}
	if stepped || int32(s.timestamp-o.sourceTS) > 0 {
		o.note(s, now)
	}
	return stepped
}

// due is the timestamp for a packet sent now: the time that passed, and at
// least a packet's length, after the newest one.
func (o *outbound) due(length uint32, now int64) uint32 {
	return o.ts + max(uint32(ticks(now-o.at)), length, 1)
}

func (o *outbound) note(s sample, now int64) {
	o.ts, o.sourceTS, o.at = s.timestamp+o.tsShift, s.timestamp, now
}

// skip closes the gap that a packet leaves which is not passed on. Older ones
// that come after it have no number any more.
func (o *outbound) skip(run uint64, number uint32) {
	if run != o.run || int32(number-o.high) <= 0 {
		return
	}
	o.high, o.first = number, number+1
	o.seqShift--
}

// cut ends what is sent of run, since some of it is being left out: what comes
// of it later is numbered anew.
func (o *outbound) cut(run uint64) {
	if o.run == run {
		o.run = 0
	}
}

// current is the timestamp that a packet sent now would have.
func (o *outbound) current(now int64) uint32 { return o.ts + uint32(ticks(now-o.at)) }
