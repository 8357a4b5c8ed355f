package txn

import "strconv"

// Kind says which of RFC 3261's four machines a Transaction is.
type Kind uint8

const (
	InviteClient    Kind = iota // 17.1.1, RFC 6026 7.2
	NonInviteClient             // 17.1.2, RFC 4320
	InviteServer                // 17.2.1, RFC 6026 7.1
	NonInviteServer             // 17.2.2, RFC 4320
)

var kindNames = [...]string{"invite client", "non-invite client", "invite server", "non-invite server"}

func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return "kind " + strconv.Itoa(int(k))
}

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

var stateNames = [...]string{
	"idle", "calling", "trying", "proceeding", "accepted", "completed", "confirmed", "terminated",
}

func (s State) String() string {
	if int(s) < len(stateNames) {
		return stateNames[s]
	}
	return "state " + strconv.Itoa(int(s))
}

// legal holds, by kind and state, the set of states that may follow.
var legal = [...][Terminated + 1]uint8{
	InviteClient: {
		Idle:       set(Calling),
		Calling:    set(Proceeding, Accepted, Completed, Terminated),
		Proceeding: set(Accepted, Completed, Terminated),
		Accepted:   set(Terminated),
		Completed:  set(Terminated),
	},
	NonInviteClient: {
		Idle:       set(Trying),
		Trying:     set(Proceeding, Completed, Terminated),
		Proceeding: set(Completed, Terminated),
		Completed:  set(Terminated),
	},
	InviteServer: {
		Idle:       set(Proceeding),
		Proceeding: set(Accepted, Completed),
		Accepted:   set(Terminated),
		Completed:  set(Confirmed, Terminated),
		Confirmed:  set(Terminated),
	},
	NonInviteServer: {
		Idle:       set(Trying),
		Trying:     set(Proceeding, Completed, Terminated),
		Proceeding: set(Completed, Terminated),
		Completed:  set(Terminated),
	},
}

func set(states ...State) uint8 {
	var s uint8
	for _, state := range states {
		s |= 1 << state
	}
	return s
}
