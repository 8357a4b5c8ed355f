package media

import "fmt"

// Side says which party of a call a leg leads to.
type Side uint8

const (
	// Caller is who called us. It is the zero value.
	Caller Side = iota
	// Agent is who serves the call.
	Agent
	// Other is a third party: a consulted agent, a supervisor.
	Other
)

// String returns the side's name.
func (s Side) String() string {
	switch s {
	case Caller:
		return "caller"
	case Agent:
		return "agent"
	case Other:
		return "other"
	}
	return fmt.Sprintf("Side(%d)", uint8(s))
}

// Tap hears a session. Frame is called on the loop, after the packet was
// relayed, for each audio packet accepted from any leg of the session, as it
// was received: before mapping and transcoding, in order of arrival (which may
// not be the order of Seq), without duplicates, telephone events and comfort
// noise. It must copy what it needs and must never wait.
type Tap interface {
	Frame(*Frame)
}

// Frame is one audio packet as received from one side. It and its Payload are
// valid only during the call of [Tap.Frame].
type Frame struct {
	Side      Side
	Codec     Codec
	Seq       uint16
	Timestamp uint32
	SSRC      uint32
	Marker    bool
	// Arrival is when the packet came to the socket, on the clock of [Now], as
	// far as the system tells. A loop that was held up calls later than that, and
	// then not in the order of arrival across a session's legs.
	Arrival int64
	Payload []byte
}
