package txn

import "strconv"

// EventKind says what happened.
type EventKind uint8

const (
	Start         EventKind = iota // client: Message is the request to send. Server: the request was received
	Response                       // client: a response with Status was received
	Request                        // server: the request was received again
	Ack                            // INVITE server: an ACK was received
	Respond                        // server: the user sends Message, a response with Status
	Cancelled                      // INVITE client: the user has sent CANCEL, which it may only after a 1xx; a final response is due within 64*T1 (9.1)
	Due                            // Deadline has passed
	TransportDown                  // a send failed or the connection is gone
)

var eventNames = [...]string{
	"start", "response", "request", "ack", "respond", "cancelled", "due", "transport down",
}

func (k EventKind) String() string {
	if int(k) < len(eventNames) {
		return eventNames[k]
	}
	return "event " + strconv.Itoa(int(k))
}

// Event is one thing that happened to a transaction.
type Event struct {
	Kind    EventKind
	Status  int    // Response, Respond: 100 to 699
	Message []byte // Start of a client, Respond: sent again as it is, so it must not change afterwards
}

// Op says what the owner has to do.
type Op uint8

const (
	Send       Op = iota // write Message to the peer
	SendAck              // write the ACK to the non-2xx final response (17.1.1.3): built the first time, the same bytes each time after
	SendTrying           // step Respond with a 100: the user has not answered for 200 ms (17.2.1)
	Pass                 // hand the event's message to the user
	TimedOut             // tell the user: no final response (timers B, F), or no ACK (timer H)
	Failed               // tell the user: the transport failed
	Over                 // forget the transaction
)

var opNames = [...]string{"send", "send-ack", "send-trying", "pass", "timed-out", "failed", "over"}

func (o Op) String() string {
	if int(o) < len(opNames) {
		return opNames[o]
	}
	return "op " + strconv.Itoa(int(o))
}

// Action is one thing the owner has to do.
type Action struct {
	Op      Op
	Message []byte // Send
}
