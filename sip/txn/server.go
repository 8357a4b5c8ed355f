package txn

import "time"

// The non-INVITE server transaction: RFC 3261 17.2.2 and RFC 4320.
//
//	        Start / pass
//	Idle ----------------> Trying ------ 64*T1, transport: tell user ------+
//	   request again: absorbed |                                           |
//	           100 / send |    | 200-699 / send                            |
//	                      v    |                                           |
//	              Proceeding   |         64*T1, transport: tell user ----->|
//	 request again: 100 again  |                                           |
//	        200-699 / send |   |                                           |
//	                       v   v                                           v
//	                     Completed ----------- J, transport ----------> Terminated
//	         request again: response again
//
// RFC 4320 forbids a provisional response other than 100 and a 408: whoever
// waits has given up by then. The user who does not answer within 64*T1 has
// lost its chance, so the transaction ends without a response.
func (t *Transaction) stepNonInviteServer(now time.Time, ev Event, out []Action) []Action {
	switch t.state {
	case Idle:
		if ev.Kind != Start {
			return t.ignore(out)
		}
		t.to(Trying)
		t.expire = now.Add(t.timers.Lifetime())
		return append(out, Action{Op: Pass})
	case Trying, Proceeding:
		return t.stepUnanswered(now, ev, out)
	case Completed:
		return t.stepServerCompleted(now, ev, out)
	default:
		return t.ignore(out)
	}
}

func (t *Transaction) stepUnanswered(now time.Time, ev Event, out []Action) []Action {
	switch ev.Kind {
	case Request:
		if t.message == nil {
			return out
		}
		return t.send(out)
	case Respond:
		return t.nonInviteRespond(now, ev, out)
	case Due:
		if t.expired(now) {
			return t.fail(TimedOut, out)
		}
		return out
	case TransportDown:
		return t.fail(Failed, out)
	default:
		return t.ignore(out)
	}
}

func (t *Transaction) nonInviteRespond(now time.Time, ev Event, out []Action) []Action {
	switch {
	case ev.Status == 100:
		if t.state == Trying {
			expire := t.expire
			t.to(Proceeding)
			t.expire = expire
		}
		t.message = ev.Message
		return t.send(out)
	case ev.Status < 200 || ev.Status > 699 || ev.Status == 408:
		return t.ignore(out)
	default:
		t.message = ev.Message
		return t.linger(now, Completed, t.unlessReliable(t.timers.Lifetime()), t.send(out)) // timer J
	}
}

func (t *Transaction) stepServerCompleted(now time.Time, ev Event, out []Action) []Action {
	switch ev.Kind {
	case Request:
		return t.send(out)
	case Due:
		if t.expired(now) {
			return t.finish(out)
		}
		return out
	case TransportDown:
		return t.fail(Failed, out)
	default:
		return t.ignore(out)
	}
}
