package media

import (
	"encoding/binary"
	"time"
)

// The payload of a telephone event (RFC 4733, section 2.3):
//
//	 0                   1                   2                   3
//	 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//	+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//	|     event     |E|R| volume    |          duration             |
//	+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
const (
	eventLen = 4
	endBit   = 0x80
	digits   = "0123456789*#ABCD"
)

// keyGone is how long after its last packet an event is over whose end packets
// were all lost, ns.
const keyGone = 300e6

// keypress follows one peer's telephone events. An event is told from the next
// by its timestamp (section 2.5.1.2); its end, which is sent three times or
// more, counts once.
type keypress struct {
	run       uint64
	timestamp uint32
	pressed   bool
	known     bool // run and timestamp are those of an event
	event     uint8
	duration  uint16
	at        int64
}

// press follows a telephone event packet and reports a key that was let go.
func (l *loop) press(leg *Leg, h *header, body []byte) {
	if len(body) < eventLen || int(body[0]) >= len(digits) {
		return
	}
	k := &leg.key
	if !k.known || k.run != leg.in.run || k.timestamp != h.timestamp {
		if k.known && k.run == leg.in.run && int32(h.timestamp-k.timestamp) < 0 {
			return // a straggler of an earlier key
		}
		l.finishKey(leg)
		*k = keypress{run: leg.in.run, timestamp: h.timestamp, pressed: true, known: true, event: body[0]}
	}
	if !k.pressed {
		return // its end was reported
	}
	k.duration = max(k.duration, binary.BigEndian.Uint16(body[2:]))
	k.at = l.now
	if body[1]&endBit != 0 {
		l.finishKey(leg)
	}
}

// finishKey reports the key that is pressed, if one is.
func (l *loop) finishKey(leg *Leg) {
	k := &leg.key
	if !k.pressed {
		return
	}
	k.pressed = false
	leg.count.Digits++
	leg.session.emit(Event{Leg: leg, Kind: Digit, Digit: digits[k.event],
		Duration: time.Duration(k.duration) * (time.Second / ClockRate)})
}
