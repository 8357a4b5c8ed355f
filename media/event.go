package media

import (
	"fmt"
	"time"
)

// Kind says what an [Event] reports.
type Kind uint8

const (
	// FirstPacket is the first RTP packet accepted since the leg's Connect.
	FirstPacket Kind = iota + 1
	// Digit is a key that was let go: 0-9, *, #, A-D, with how long it was
	// down. Once per key, however often its end was sent and in however many
	// forms it came.
	Digit
	// Timeout means that nothing came from a connected peer that is not on
	// hold for Config.Timeout. Reported once until something comes again.
	Timeout
	// PlayEnded means that the clip Play played to its end. A clip that was
	// stopped, replaced or looped reports nothing.
	PlayEnded
	// ForeignPackets means that Count more packets came from sources the leg
	// doesn't accept: an attack or a misconfigured peer. At most one in 5 s.
	ForeignPackets
	// Closed is a leg's last event and carries its final Stats.
	Closed
	// Fault means that a fault of ours, or of the session's tap or events, has
	// ended the session's sound for good: it is to be closed. Leg is nil.
	Fault
	// SessionClosed is a session's last event, after each leg's Closed. Leg is
	// nil.
	SessionClosed
)

var kindNames = [...]string{"Kind(0)", "first_packet", "digit", "timeout", "play_ended", "foreign_packets", "closed", "fault", "session_closed"}

// String returns the kind's name.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return fmt.Sprintf("Kind(%d)", uint8(k))
}

// Event is what happened on a leg.
type Event struct {
	Leg      *Leg
	Kind     Kind
	Digit    byte
	Duration time.Duration
	Count    uint64
	Play     PlayID
	// Stats is filled for Closed.
	Stats LegStats
}

// Events receives a session's events: on the session's loop, one at a time, in
// order. It must not block; it may call the session's methods.
type Events interface {
	MediaEvent(Event)
}
