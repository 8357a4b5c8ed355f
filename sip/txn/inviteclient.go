package txn

import "time"

// The INVITE client transaction: RFC 3261 17.1.1 with the state Accepted and
// timer M of RFC 6026 7.2.
//
//	        Start / send request                 A: send again, interval doubles
//	Idle -----------------------> Calling -----+ B, transport: tell user ---> Terminated
//	                                 |
//	             1xx / pass          |  2xx / pass         300-699 / ACK, pass
//	        +------------------------+--------------+------------------------+
//	        v                                       v                        v
//	   Proceeding --- 2xx / pass -------------> Accepted                 Completed
//	    1xx / pass --- 300-699 / ACK, pass --------------------------------->|
//	    Cancelled, 64*T1 / tell user         2xx / pass           300-699 / ACK
//	        |                                       | M                      | D, transport
//	        +----------> Terminated <---------------+------------------------+
//
// Proceeding has no timer of its own: how long a phone may ring is the user's
// decision (timer C is a proxy's). Only after a CANCEL a final response is due.
func (t *Transaction) stepInviteClient(now time.Time, ev Event, out []Action) []Action {
	switch t.state {
	case Idle:
		return t.startClient(now, ev, Calling, out)
	case Calling:
		return t.stepCalling(now, ev, out)
	case Proceeding:
		return t.stepInviteProceeding(now, ev, out)
	case Accepted:
		return t.stepInviteClientAccepted(now, ev, out)
	case Completed:
		return t.stepInviteClientCompleted(now, ev, out)
	default:
		return t.ignore(out)
	}
}

// startClient sends a client's request and arms timers A and B, or E and F.
func (t *Transaction) startClient(now time.Time, ev Event, next State, out []Action) []Action {
	if ev.Kind != Start {
		return t.ignore(out)
	}
	t.to(next)
	t.message = ev.Message
	t.expire = now.Add(t.timers.Lifetime())
	if !t.reliable {
		t.interval = t.timers.T1
		t.resend = now.Add(t.interval)
	}
	return t.send(out)
}

func (t *Transaction) stepCalling(now time.Time, ev Event, out []Action) []Action {
	switch ev.Kind {
	case Response:
		return t.inviteResponse(now, ev.Status, out)
	case Due:
		switch {
		case t.expired(now): // timer B
			return t.fail(TimedOut, out)
		case t.resendDue(now): // timer A
			return t.repeat(now, 0, out)
		}
		return out
	case TransportDown:
		return t.fail(Failed, out)
	default:
		return t.ignore(out)
	}
}

func (t *Transaction) stepInviteProceeding(now time.Time, ev Event, out []Action) []Action {
	switch ev.Kind {
	case Response:
		return t.inviteResponse(now, ev.Status, out)
	case Cancelled:
		if t.expire.IsZero() {
			t.expire = now.Add(t.timers.Lifetime())
		}
		return out
	case Due:
		if t.expired(now) {
			return t.fail(TimedOut, out)
		}
		return out
	case TransportDown: // no connection can bring the response any more (18.2.2)
		return t.fail(Failed, out)
	default:
		return t.ignore(out)
	}
}

// inviteResponse takes a response in Calling and Proceeding.
func (t *Transaction) inviteResponse(now time.Time, status int, out []Action) []Action {
	switch {
	case status < 100 || status > 699:
		return t.ignore(out)
	case status < 200:
		if t.state == Calling {
			t.to(Proceeding)
			t.message = nil
		}
		return append(out, Action{Op: Pass})
	case status < 300:
		t.message = nil
		return t.linger(now, Accepted, t.timers.Lifetime(), append(out, Action{Op: Pass})) // timer M
	default:
		t.message = nil
		out = append(out, Action{Op: SendAck}, Action{Op: Pass})
		return t.linger(now, Completed, t.unlessReliable(max(timerD, t.timers.Lifetime())), out)
	}
}

// In Accepted every 2xx is the user's: repeated, its ACK was lost; with another
// tag, another fork has answered.
func (t *Transaction) stepInviteClientAccepted(now time.Time, ev Event, out []Action) []Action {
	switch ev.Kind {
	case Response:
		if ev.Status >= 200 && ev.Status < 300 {
			return append(out, Action{Op: Pass})
		}
		return out // late
	case Due:
		if t.expired(now) {
			return t.finish(out)
		}
		return out
	case Cancelled, TransportDown:
		return out // the 200 crossed the CANCEL; there is nothing to send
	default:
		return t.ignore(out)
	}
}

func (t *Transaction) stepInviteClientCompleted(now time.Time, ev Event, out []Action) []Action {
	switch ev.Kind {
	case Response:
		if ev.Status >= 300 && ev.Status <= 699 {
			return append(out, Action{Op: SendAck})
		}
		return out // late
	case Due:
		if t.expired(now) { // timer D
			return t.finish(out)
		}
		return out
	case Cancelled:
		return out
	case TransportDown: // the ACK could not be sent
		return t.fail(Failed, out)
	default:
		return t.ignore(out)
	}
}
