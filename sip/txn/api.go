package txn

import "time"

// Kind says which of RFC 3261's four machines a Transaction is.
type Kind uint8

const (
	InviteClient    Kind = iota // 17.1.1, RFC 6026 7.2
	NonInviteClient             // 17.1.2, RFC 4320
	InviteServer                // 17.2.1, RFC 6026 7.1
	NonInviteServer             // 17.2.2, RFC 4320
)

// State is a transaction's state. Not every kind has every state.
type State uint8

const (
	Idle       State = iota // made, Start not yet stepped
	Calling                 // INVITE client: sent, nothing heard
	Trying                  // non-INVITE client: sent; server: received, nothing answered
	Proceeding              // a provisional response was received or may be sent
	Accepted                // INVITE: a 2xx was received or sent (RFC 6026)
	Completed               // a final response was received or sent; repetitions are absorbed
	Confirmed               // INVITE server: ACK received, its repetitions are absorbed
	Terminated              // over
)

// EventKind says what happened.
type EventKind uint8

const (
	Start         EventKind = iota // client: Message is the request to send. Server: the request was received
	Response                       // client: a response with Status was received
	Request                        // server: the request was received again
	Ack                            // INVITE server: an ACK was received
	Respond                        // server: the user sends Message, a response with Status
	Cancelled                      // INVITE client: the user has sent CANCEL; a final response is due within 64*T1
	Due                            // Deadline has passed
	TransportDown                  // a send failed or the connection is gone
)

// Event is one thing that happened to a transaction.
type Event struct {
	Kind    EventKind
	Status  int    // Response, Respond
	Message []byte // Start of a client, Respond: kept for retransmission, not copied
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

// Action is one thing the owner has to do, in order.
type Action struct {
	Op      Op
	Message []byte // Send
}

// Timers are the base values of RFC 3261 table 4. The zero value means the
// defaults 500 ms, 4 s and 5 s.
type Timers struct{ T1, T2, T4 time.Duration }

// Transaction is one transaction. Not safe for concurrent use.
type Transaction struct {
	kind       Kind
	state      State
	unexpected uint32
}

// New makes a transaction that waits for Start. reliable: TCP, TLS, WS.
func New(kind Kind, reliable bool, t Timers) *Transaction { return &Transaction{kind: kind} }

// Step takes an event at the time now and appends to out what has to be done.
func (t *Transaction) Step(now time.Time, ev Event, out []Action) []Action { return out }

// Deadline is when Due has to be stepped; zero: never.
func (t *Transaction) Deadline() time.Time { return time.Time{} }

// State is the present state.
func (t *Transaction) State() State { return t.state }

// Kind is the machine's kind.
func (t *Transaction) Kind() Kind { return t.kind }

// Unexpected counts the events that the state did not allow; they changed nothing.
func (t *Transaction) Unexpected() uint32 { return t.unexpected }

// Key names a transaction among those of one side; comparable, fit for a map.
// Messages of one transaction have equal keys (17.1.3, 17.2.3). wire.ServerKey
// and wire.ClientKey make them from messages.
type Key struct{ Branch, SentBy, Method string }

// Repeat is the resending that the transaction user owes: of a 2xx until its
// ACK (13.3.1.4), of a reliable 1xx until its PRACK (RFC 3262 section 3).
// The zero value is stopped.
type Repeat struct{}

// Begin starts resending: first after T1, doubling up to limit (T2 for a 2xx,
// 0 for no limit), for 64*T1 in all. Over a reliable transport too: the 2xx of a
// UAS is resent end to end.
func (r *Repeat) Begin(now time.Time, t Timers, limit time.Duration) {}

// Stop ends it: the ACK or PRACK has come.
func (r *Repeat) Stop() {}

// Step says what is due now: resend, or gaveUp after 64*T1 (it is then stopped).
func (r *Repeat) Step(now time.Time) (resend, gaveUp bool) { return false, false }

// Deadline is when Step is to be called next; zero: stopped.
func (r *Repeat) Deadline() time.Time { return time.Time{} }
