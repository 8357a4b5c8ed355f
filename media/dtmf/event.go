package dtmf

import (
	"encoding/binary"
	"fmt"
	"time"
)

// EventLen is the length of an event's payload.
//
//	 0                   1                   2                   3
//	 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//	+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//	|     event     |E|R| volume    |          duration             |
//	+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//
// (RFC 4733, section 2.3.)
const EventLen = 4

// Event is the payload of one telephone-event packet.
type Event struct {
	Code     uint8  // 0 to 15 are the keys
	End      bool   // the key was let go
	Volume   uint8  // 0 to 63: dBm0 with the sign dropped
	Duration uint16 // since the packet's timestamp, in its units (1/8000 s)
}

// ParseEvent reads a payload. It may be longer than one event (section 2.5.1.4
// allows several): the first one counts.
func ParseEvent(payload []byte) (Event, error) {
	if len(payload) < EventLen {
		return Event{}, fmt.Errorf("%w: payload of %d octets", ErrNotDTMF, len(payload))
	}
	return Event{
		Code: payload[0], End: payload[1]&0x80 != 0, Volume: payload[1] & 0x3F,
		Duration: binary.BigEndian.Uint16(payload[2:]),
	}, nil
}

// AppendTo appends the payload to b.
func (e Event) AppendTo(b []byte) []byte {
	flags := e.Volume & 0x3F
	if e.End {
		flags |= 0x80
	}
	return binary.BigEndian.AppendUint16(append(b, e.Code, flags), e.Duration)
}

// rate is the clock of telephone-event/8000.
const rate = 8000

// duration is a length in timestamp units as a time.
func duration(units uint32) time.Duration { return time.Duration(units) * time.Second / rate }

// units is the inverse of duration.
func units(d time.Duration) uint32 { return uint32(d * rate / time.Second) }
