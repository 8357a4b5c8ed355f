package txn

import "time"

// The INVITE server transaction: RFC 3261 17.2.1 with the state Accepted and
// timer L of RFC 6026 7.1.
//
//	        Start / pass          INVITE again: last provisional again, or a 100
//	Idle ----------------> Proceeding   200 ms without an answer: a 100
//	                        |      |    user's 1xx / send
//	        2xx / send      |      |  300-699 / send
//	        +---------------+      +------------+
//	        v                                   v
//	     Accepted                           Completed ---- ACK ----> Confirmed
//	INVITE: absorbed           INVITE, G: send again                 INVITE, ACK: absorbed
//	ACK / pass; 2xx / send                      |                        |
//	        | L                                 | H: tell user           | I
//	        +------------> Terminated <---------+------------------------+
//
// A transport failure is told to the user and changes no state: the peer's next
// repetition may come by another connection (RFC 6026 8.9).
func (t *Transaction) stepInviteServer(now time.Time, ev Event, out []Action) []Action {
	switch t.state {
	case Idle:
		if ev.Kind != Start {
			return t.ignore(out)
		}
		t.to(Proceeding)
		t.resend = now.Add(tryingAfter)
		return append(out, Action{Op: Pass})
	case Proceeding:
		return t.stepInviteServerProceeding(now, ev, out)
	case Accepted:
		return t.stepInviteServerAccepted(now, ev, out)
	case Completed:
		return t.stepInviteServerCompleted(now, ev, out)
	case Confirmed:
		return t.stepConfirmed(now, ev, out)
	default:
		return t.ignore(out)
	}
}

func (t *Transaction) stepInviteServerProceeding(now time.Time, ev Event, out []Action) []Action {
	switch ev.Kind {
	case Request:
		if t.message == nil {
			t.resend = time.Time{}
			return append(out, Action{Op: SendTrying})
		}
		return t.send(out)
	case Respond:
		return t.inviteRespond(now, ev, out)
	case Due:
		if t.resendDue(now) {
			t.resend = time.Time{}
			return append(out, Action{Op: SendTrying})
		}
		return out
	case TransportDown:
		return append(out, Action{Op: Failed})
	default:
		return t.ignore(out)
	}
}

func (t *Transaction) inviteRespond(now time.Time, ev Event, out []Action) []Action {
	switch {
	case ev.Status < 100 || ev.Status > 699:
		return t.ignore(out)
	case ev.Status < 200:
		t.message, t.resend = ev.Message, time.Time{}
		return t.send(out)
	case ev.Status < 300:
		t.message = nil // its repetition is the user's (13.3.1.4)
		out = append(out, Action{Op: Send, Message: ev.Message})
		return t.linger(now, Accepted, t.timers.Lifetime(), out) // timer L
	default:
		t.to(Completed)
		t.message = ev.Message
		t.expire = now.Add(t.timers.Lifetime()) // timer H
		if !t.reliable {
			t.interval = t.timers.T1
			t.resend = now.Add(t.interval) // timer G
		}
		return t.send(out)
	}
}

func (t *Transaction) stepInviteServerAccepted(now time.Time, ev Event, out []Action) []Action {
	switch ev.Kind {
	case Request:
		return out
	case Ack:
		return append(out, Action{Op: Pass})
	case Respond:
		if ev.Status >= 200 && ev.Status < 300 {
			return append(out, Action{Op: Send, Message: ev.Message})
		}
		return t.ignore(out)
	case Due:
		if t.expired(now) {
			return t.finish(out)
		}
		return out
	case TransportDown:
		return append(out, Action{Op: Failed})
	default:
		return t.ignore(out)
	}
}

func (t *Transaction) stepInviteServerCompleted(now time.Time, ev Event, out []Action) []Action {
	switch ev.Kind {
	case Request:
		return t.send(out)
	case Ack:
		t.message = nil
		return t.linger(now, Confirmed, t.unlessReliable(t.timers.T4), out) // timer I
	case Due:
		switch {
		case t.expired(now): // timer H
			return t.fail(TimedOut, out)
		case t.resendDue(now): // timer G
			return t.repeat(now, t.timers.T2, out)
		}
		return out
	case TransportDown:
		return append(out, Action{Op: Failed})
	default:
		return t.ignore(out)
	}
}

func (t *Transaction) stepConfirmed(now time.Time, ev Event, out []Action) []Action {
	switch ev.Kind {
	case Request, Ack, TransportDown:
		return out
	case Due:
		if t.expired(now) {
			return t.finish(out)
		}
		return out
	default:
		return t.ignore(out)
	}
}
