package txn

import (
	"fmt"
	"time"
)

// Transaction is one transaction. Not safe for concurrent use.
type Transaction struct {
	kind       Kind
	state      State
	reliable   bool
	unexpected uint32
	timers     Timers

	// message is what a repetition sends: a client's request, a server's last
	// response. Nil once nothing can be repeated any more.
	message []byte
	// resend is when message goes out again (timers A, E, G) or, in an INVITE
	// server that has sent nothing yet, when a 100 is due. Zero: never.
	resend   time.Time
	interval time.Duration // until the repetition after next
	// expire ends the state: timers B, D, F, H, I, J, K, L, M. Zero: never.
	expire time.Time
}

// New makes a transaction that waits for Start. reliable: TCP, TLS, WebSocket.
func New(kind Kind, reliable bool, timers Timers) *Transaction {
	if int(kind) >= len(legal) {
		panic(fmt.Sprintf("txn: no such kind: %d", kind))
	}
	return &Transaction{kind: kind, reliable: reliable, timers: timers.orDefaults()}
}

// Step takes an event at the time now and appends to out what has to be done,
// in that order. An event that the state does not allow is counted and changes
// nothing; Due before the Deadline does nothing.
func (t *Transaction) Step(now time.Time, ev Event, out []Action) []Action {
	switch t.kind {
	case InviteClient:
		return t.stepInviteClient(now, ev, out)
	case NonInviteClient:
		return t.stepNonInviteClient(now, ev, out)
	case InviteServer:
		return t.stepInviteServer(now, ev, out)
	default:
		return t.stepNonInviteServer(now, ev, out)
	}
}

// Deadline is when Due has to be stepped; zero: never. It may change with every
// step.
func (t *Transaction) Deadline() time.Time {
	if t.resend.IsZero() || !t.expire.IsZero() && t.expire.Before(t.resend) {
		return t.expire
	}
	return t.resend
}

// State is the present state.
func (t *Transaction) State() State { return t.state }

// Kind is the machine's kind.
func (t *Transaction) Kind() Kind { return t.kind }

// Reliable tells whether the transport repeats what is lost.
func (t *Transaction) Reliable() bool { return t.reliable }

// Unexpected counts the events that the state did not allow.
func (t *Transaction) Unexpected() uint32 { return t.unexpected }

// to is the only writer of state. Every state starts without deadlines.
func (t *Transaction) to(next State) {
	if legal[t.kind][t.state]&set(next) == 0 {
		panic(fmt.Sprintf("txn: %v: %v to %v", t.kind, t.state, next))
	}
	t.state, t.resend, t.interval, t.expire = next, time.Time{}, 0, time.Time{}
}

// linger enters a state that only absorbs repetitions; it is over after wait,
// over a reliable transport, where wait is zero, at once.
func (t *Transaction) linger(now time.Time, state State, wait time.Duration, out []Action) []Action {
	t.to(state)
	if wait <= 0 {
		return t.finish(out)
	}
	t.expire = now.Add(wait)
	return out
}

// finish ends the transaction.
func (t *Transaction) finish(out []Action) []Action {
	t.to(Terminated)
	t.message = nil
	return append(out, Action{Op: Over})
}

// fail ends the transaction and tells the user why.
func (t *Transaction) fail(why Op, out []Action) []Action {
	return t.finish(append(out, Action{Op: why}))
}

func (t *Transaction) send(out []Action) []Action {
	return append(out, Action{Op: Send, Message: t.message})
}

// repeat sends message again and doubles the interval up to limit; 0: none.
func (t *Transaction) repeat(now time.Time, limit time.Duration, out []Action) []Action {
	t.interval *= 2
	if limit > 0 && t.interval > limit {
		t.interval = limit
	}
	t.resend = now.Add(t.interval)
	return t.send(out)
}

// expired and resendDue say which deadline a Due means; expiry goes first, so
// that a late Due does not send what nobody waits for.
func (t *Transaction) expired(now time.Time) bool {
	return !t.expire.IsZero() && !now.Before(t.expire)
}

func (t *Transaction) resendDue(now time.Time) bool {
	return !t.resend.IsZero() && !now.Before(t.resend)
}

// ignore counts an event that the state does not allow.
func (t *Transaction) ignore(out []Action) []Action {
	t.unexpected++
	return out
}

// unlessReliable is wait over an unreliable transport and nothing otherwise.
func (t *Transaction) unlessReliable(wait time.Duration) time.Duration {
	if t.reliable {
		return 0
	}
	return wait
}
