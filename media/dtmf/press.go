package dtmf

import (
	"fmt"
	"time"
)

// Bounds of what a Press makes.
const (
	lengthMin    = 40 * time.Millisecond // ITU-T Q.24: shorter is no key
	lengthMax    = 30 * time.Second
	segmentMax   = 0xFFFF // the longest duration that a packet can tell
	endPackets   = 3      // RFC 4733, section 2.5.1.4
	pressVolume  = 10     // -10 dBm0
	intervalMin  = 10 * time.Millisecond
	intervalMost = 60 * time.Millisecond
)

// Press makes the packets of one key press: one every packet time, which all
// carry the timestamp of the key's start, and the end three times. The next
// sound's timestamp goes on after the key's length.
type Press struct {
	code  uint8
	step  uint32 // units a packet
	total uint32 // units
	done  uint32 // units told so far
	base  uint32 // where the present segment begins
	ends  int
	first bool
}

// Packet is what to send at one moment.
type Packet struct {
	Event
	Marker bool   // of the RTP header: set on the first packet alone
	Offset uint32 // to be added to the timestamp of the key's start: a key over 8 s has segments
}

// NewPress begins a key press of the given length, told every ptime.
func NewPress(digit byte, length, ptime time.Duration) (*Press, error) {
	code, ok := Code(digit)
	if !ok {
		return nil, fmt.Errorf("%w: %q", ErrNotDTMF, digit)
	}
	length = max(lengthMin, min(length, lengthMax))
	ptime = max(intervalMin, min(ptime, intervalMost))
	return &Press{code: code, step: units(ptime), total: units(length), first: true}, nil
}

// Next is the packet for the next packet time; false when the key has been let
// go and told.
func (p *Press) Next() (Packet, bool) {
	if p.ends == endPackets {
		return Packet{}, false
	}
	if p.done < p.total {
		if p.done-p.base == segmentMax { // section 2.5.1.3: the next segment begins here
			p.base = p.done
		}
		p.done = min(p.done+p.step, p.total, p.base+segmentMax)
	}
	out := Packet{
		Event:  Event{Code: p.code, Volume: pressVolume, Duration: uint16(p.done - p.base)},
		Marker: p.first, Offset: p.base,
	}
	p.first = false
	if p.done == p.total {
		out.End = true
		p.ends++
	}
	return out, true
}

// Length is how long the key is pressed: what its timestamps span.
func (p *Press) Length() time.Duration { return duration(p.total) }
