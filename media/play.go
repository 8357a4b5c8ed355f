package media

import (
	"math/bits"
	"time"

	"github.com/pion/rtp"

	"switchroom/media/dtmf"
)

const (
	// frameTicks is the usual packet length, 20 ms.
	frameTicks = ClockRate / 50
	// catchUpMax is how many packets a late player sends at once; the rest of
	// what it missed is left out, as the time has passed.
	catchUpMax = 3
	// slotFull is how many players share a slot before the next is used: few
	// slots mean few wake-ups, full ones mean bursts.
	slotFull = 32

	millisecond = int64(time.Millisecond)
)

// play is what is being played to a leg: a clip, a key, or the mix of those it
// hears. run is 0 when nothing is.
type play struct {
	run    uint64
	id     PlayID
	clip   *Clip
	loop   bool
	mix    bool
	key    bool        // a key that is pressed to the leg,
	press  *dtmf.Press // as telephone events; nil: a clip
	rests  bool        // the leg cannot be sent to: not in the wheel until it can
	pos    int
	number uint32 // of the next packet
	ts     uint32
	due    int64 // ms on the engine's clock
}

// wheel orders the players of a loop by the millisecond their next packet is
// due in. A packet is at most 60 ms long, so a turn of 64 slots never mixes
// two turns.
type wheel struct {
	slots  [64][]slotEntry
	filled uint64 // bit i: slots[i] is not empty
	spare  []slotEntry
	at     int64 // ms up to which all is done
	size   int   // players, without entries of plays that have ended
}

// slotEntry is valid while leg still plays run.
type slotEntry struct {
	leg *Leg
	run uint64
}

func (w *wheel) put(ms int64, e slotEntry) {
	i := ms & 63
	w.slots[i] = append(w.slots[i], e)
	w.filled |= 1 << i
}

// next is when the first packet is due, in ns; 0: nothing is played.
func (w *wheel) next() int64 {
	if w.filled == 0 {
		return 0
	}
	first := w.at + 1
	ahead := bits.TrailingZeros64(bits.RotateLeft64(w.filled, -int(first&63)))
	return (first + int64(ahead)) * millisecond
}

// begin picks the millisecond of a new player's first packet: soon, and
// together with others.
func (w *wheel) begin(ptime int64) int64 {
	for ms := w.at + 1; ms <= w.at+ptime; ms++ {
		if n := len(w.slots[ms&63]); n > 0 && n < slotFull {
			return ms
		}
	}
	best := w.at + 1
	for ms := w.at + 1; ms <= w.at+ptime; ms++ {
		if len(w.slots[ms&63]) < len(w.slots[best&63]) {
			best = ms
		}
	}
	return best
}

// begin plays p to leg, to which nothing is played.
func (l *loop) begin(leg *Leg, p play) {
	if l.wheel.filled == 0 {
		l.wheel.at = l.now / millisecond
	}
	l.runs++
	p.run, p.number = l.runs, 1<<16
	p.due = l.wheel.begin(leg.ptime())
	leg.play = p
	l.wheel.put(p.due, slotEntry{leg, p.run})
	l.wheel.size++
}

// wakePlay goes on with a play that rested, now that the leg can be sent to.
// It is a new run of sound: the time between was real.
func (l *loop) wakePlay(leg *Leg) {
	p := &leg.play
	if !p.rests || !leg.sendable() {
		return
	}
	if l.wheel.filled == 0 {
		l.wheel.at = l.now / millisecond
	}
	l.runs++
	p.rests, p.run = false, l.runs
	p.due = l.wheel.begin(leg.ptime())
	l.wheel.put(p.due, slotEntry{leg, p.run})
}

// ptime is the length of what we generate for the leg, in ms.
func (leg *Leg) ptime() int64 {
	if !leg.connected {
		return 20
	}
	return int64(leg.params.PtimeMs)
}

// playDue sends what is due by now.
func (l *loop) playDue() {
	w, nowMs := &l.wheel, l.now/millisecond
	if w.filled == 0 {
		return
	}
	for w.at = max(w.at, nowMs-64); w.at < nowMs; {
		w.at++
		i := w.at & 63
		if w.filled&(1<<i) == 0 {
			continue
		}
		entries := w.slots[i]
		w.slots[i], w.spare = w.spare[:0], nil
		w.filled &^= 1 << i
		for _, e := range entries {
			if e.leg.play.run == e.run {
				l.playOn(e, nowMs)
			}
		}
		clear(entries)
		w.spare = entries
	}
}

// playOn sends a player's packets that are due and puts it back.
func (l *loop) playOn(e slotEntry, nowMs int64) {
	defer l.guard(e.leg)
	leg, p := e.leg, &e.leg.play
	ptime := leg.ptime()
	length := uint32(ptime) * ClockRate / 1000
	if !leg.sendable() {
		p.rests = true // a thousand callers on hold should not wake anybody up
		return
	}
	for sent := 0; p.due <= nowMs; sent++ {
		if p.press != nil {
			// A key that is late is pressed for longer: leaving some of it out
			// would make two keys of it.
			p.due = nowMs
		} else if sent == catchUpMax {
			missed := (nowMs-p.due)/ptime + 1
			l.count.FramesSkipped += uint64(missed)
			p.due += missed * ptime
			p.ts += uint32(missed) * length
			break
		}
		if !l.playFrame(leg, int(length)) {
			return
		}
		p.due += ptime
	}
	l.wheel.put(p.due, e)
}

// playFrame sends the next n samples of what leg hears; false: the play is
// over.
func (l *loop) playFrame(leg *Leg, n int) bool {
	p := &leg.play
	if p.press != nil {
		return l.playKey(leg, n)
	}
	packet := l.out[:headerLen+n]
	if p.mix {
		l.mixInto(packet[headerLen:], leg, p.due*ClockRate/1000)
	} else {
		p.pos = p.clip.fill(packet[headerLen:], leg.params.Codec, p.pos, p.loop)
	}
	l.sendOwn(leg, leg.params.PayloadType, packet, sample{run: p.run, number: p.number, timestamp: p.ts, length: uint32(n)})
	p.number++
	p.ts += uint32(n)
	if p.loop || p.mix || p.pos < p.clip.len() {
		return true
	}
	id, key := p.id, p.key
	l.uncover(leg)
	if !key {
		leg.session.emit(Event{Leg: leg, Kind: PlayEnded, Play: id})
	}
	return false
}

// playKey sends the next packet of a key that is pressed to leg.
func (l *loop) playKey(leg *Leg, n int) bool {
	p := &leg.play
	k, more := p.press.Next()
	if !more {
		l.uncover(leg)
		return false
	}
	packet := l.out[:headerLen+dtmf.EventLen]
	k.AppendTo(packet[:headerLen])
	l.sendOwn(leg, leg.params.DTMFPayloadType, packet, sample{run: p.run, number: p.number, timestamp: p.ts + k.Offset,
		length: uint32(n), event: true, marker: k.Marker})
	p.number++
	return true
}

// sendOwn numbers and sends a packet of our own making, whose payload is in
// place.
func (l *loop) sendOwn(leg *Leg, pt uint8, packet []byte, s sample) {
	var h header
	if !leg.out.number(s, l.now, &h) {
		return
	}
	whole := rtp.Header{Version: 2, Marker: h.marker, PayloadType: pt,
		SequenceNumber: h.seq, Timestamp: h.timestamp, SSRC: h.ssrc}
	if _, err := whole.MarshalTo(packet); err != nil {
		l.count.Dropped++ // a packet has room for its header
		return
	}
	l.send(leg, packet)
}
