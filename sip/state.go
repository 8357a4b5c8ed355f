package sip

// State is where a leg is in its life.
//
//	in:   invited --18x--> early --200--> answered --ACK--> up
//	          \---------------+--200----------^             |
//	out:  calling --1xx--> proceeding --2xx-> up            |
//	          |                |                            |
//	       cancelling <--------+                          ending
//	          |                                             |
//	          +----------------> over <-------------------- +
//
// A call in that is refused or cancelled goes from invited or early to over; a
// call out that fails goes there from calling or proceeding.
type State uint8

const (
	// invited: an INVITE came in; at most 100 was sent.
	invited State = iota
	// early: an 18x was sent.
	early
	// answered: 200 was sent and no ACK has come.
	answered
	// calling: our INVITE is out and nothing was heard.
	calling
	// proceeding: a provisional response came.
	proceeding
	// up: the call stands.
	up
	// cancelling: our INVITE is to end; the CANCEL waits for a 1xx or for its
	// effect.
	cancelling
	// ending: our BYE is out, or waits for the ACK that must precede it.
	ending
	// over: nothing more is sent or told.
	over
)

var stateNames = [...]string{"invited", "early", "answered", "calling", "proceeding", "up",
	"cancelling", "ending", "over"}

func (s State) String() string {
	if int(s) < len(stateNames) {
		return stateNames[s]
	}
	return "unknown"
}

// legal holds, for each state, those that may follow.
var legal = [...]uint16{
	invited:    1<<early | 1<<answered | 1<<over,
	early:      1<<answered | 1<<over,
	answered:   1<<up | 1<<ending | 1<<over,
	calling:    1<<proceeding | 1<<up | 1<<cancelling | 1<<over,
	proceeding: 1<<up | 1<<cancelling | 1<<over,
	up:         1<<ending | 1<<over,
	cancelling: 1<<ending | 1<<over,
	ending:     1 << over,
	over:       0,
}

// to is the only writer of a leg's state. A transition that is not legal is
// counted and not made.
func (l *Leg) to(s State) bool {
	if l.state == s {
		return true
	}
	if legal[l.state]&(1<<s) == 0 {
		l.ua.count(unexpectedEvent)
		return false
	}
	l.state = s
	if s == over {
		l.dissolve()
	}
	return true
}
