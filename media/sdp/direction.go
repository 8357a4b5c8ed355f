package sdp

import "fmt"

// Direction says who sends in a stream, seen from the side whose description
// it stands in (RFC 8866, section 6.7).
type Direction uint8

const (
	SendRecv Direction = iota // both send; what no attribute means
	SendOnly                  // this side sends: it holds the other one, perhaps with music
	RecvOnly                  // this side listens only
	Inactive                  // nobody sends
)

// direction is the Direction in which this side sends or not, receives or not.
func direction(send, recv bool) Direction {
	switch {
	case send && recv:
		return SendRecv
	case send:
		return SendOnly
	case recv:
		return RecvOnly
	}
	return Inactive
}

// Sends is whether the side that says so sends.
func (d Direction) Sends() bool { return d == SendRecv || d == SendOnly }

// Receives is whether the side that says so wants to receive.
func (d Direction) Receives() bool { return d == SendRecv || d == RecvOnly }

// meet is the most that a side that wants `d` may do when its peer said `peer`
// (RFC 3264, section 6.1).
func (d Direction) meet(peer Direction) Direction {
	return direction(d.Sends() && peer.Receives(), d.Receives() && peer.Sends())
}

// String returns the attribute's name.
func (d Direction) String() string {
	switch d {
	case SendRecv:
		return "sendrecv"
	case SendOnly:
		return "sendonly"
	case RecvOnly:
		return "recvonly"
	case Inactive:
		return "inactive"
	}
	return fmt.Sprintf("Direction(%d)", uint8(d))
}

// parseDirection is the inverse of String.
func parseDirection(name string) (Direction, bool) {
	for d := SendRecv; d <= Inactive; d++ {
		if d.String() == name {
			return d, true
		}
	}
	return SendRecv, false
}
