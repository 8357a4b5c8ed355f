package dtmf

import (
	"fmt"
	"time"
)

// State is where a Receiver stands.
//
//	         event                   end, or its packets stay away
//	Idle ------------> Pressed ------------------------------------> Released
//	                    ^   |  event with another timestamp             |
//	                    |   +--> reports the key, Pressed               |
//	                    +-----------------------------------------------+
//	                          event with a later timestamp
type State uint8

const (
	Idle     State = iota // no key yet
	Pressed               // a key is down
	Released              // the last key was reported; its repeated ends are passed over
)

// String returns the state's name.
func (s State) String() string {
	switch s {
	case Idle:
		return "idle"
	case Pressed:
		return "pressed"
	case Released:
		return "released"
	}
	return fmt.Sprintf("State(%d)", uint8(s))
}

// gone is how long after the last packet a key is let go whose end packets
// were all lost. RFC 4733, section 2.6.2, wants more than a few packet times.
const gone = 300 * time.Millisecond

// Receiver turns the packets of a stream of telephone events into keys, each
// reported once: when it is let go, when another one follows, or when its
// packets stay away. One key's packets have one timestamp (section 2.2.2).
type Receiver struct {
	state     State
	timestamp uint32 // of the present segment
	code      uint8
	before    uint32 // units of the segments that went before
	within    uint16 // units of the present segment
	last      time.Duration
	stray     uint64
}

// State is where the receiver stands.
func (r *Receiver) State() State { return r.state }

// Stray counts packets that were of no key or late ones of an earlier key.
func (r *Receiver) Stray() uint64 { return r.stray }

// Packet takes a packet in, received at now on any clock that doesn't go
// back, and returns the key that it ends, if it ends one.
func (r *Receiver) Packet(timestamp uint32, e Event, now time.Duration) (key Key, ok bool) {
	if _, dtmf := Digit(e.Code); !dtmf {
		r.stray++
		return Key{}, false
	}
	switch {
	case r.state == Idle:
		r.begin(timestamp, e)
	case timestamp == r.timestamp:
		if r.state == Released || e.Code != r.code {
			return Key{}, false // its end, said again
		}
		r.within = max(r.within, e.Duration)
	case r.state == Pressed && e.Code == r.code && timestamp == r.timestamp+segmentMax:
		r.before += segmentMax
		r.timestamp, r.within = timestamp, e.Duration
	case int32(timestamp-r.timestamp) < 0:
		r.stray++
		return Key{}, false
	default:
		key, ok = r.release()
		r.begin(timestamp, e)
	}
	r.last = now
	if e.End && !ok {
		return r.release()
	}
	return key, ok
}

// Expire returns the key that is down although its packets stay away. It is
// to be called now and then; between calls of Packet is often enough.
func (r *Receiver) Expire(now time.Duration) (Key, bool) {
	if r.state != Pressed || now-r.last < gone {
		return Key{}, false
	}
	return r.release()
}

// Reset forgets where the stream was, for a new SSRC; a key that is down is
// reported.
func (r *Receiver) Reset() (Key, bool) {
	key, ok := r.release()
	*r = Receiver{stray: r.stray}
	return key, ok
}

func (r *Receiver) begin(timestamp uint32, e Event) {
	r.state, r.timestamp, r.code = Pressed, timestamp, e.Code
	r.before, r.within = 0, e.Duration
}

func (r *Receiver) release() (Key, bool) {
	if r.state != Pressed {
		return Key{}, false
	}
	r.state = Released
	digit, _ := Digit(r.code)
	return Key{Digit: digit, Length: duration(r.before + uint32(r.within))}, true
}
