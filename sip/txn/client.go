package txn

import "time"

// The non-INVITE client transaction: RFC 3261 17.1.2.
//
//	        Start / send request
//	Idle -----------------------> Trying ------ F: tell user, transport: tell user ----+
//	                               |  |  E: send again, interval doubles up to T2      |
//	                    1xx / pass |  | 200-699 / pass                                 |
//	                               v  |                                                |
//	                       Proceeding |   F, transport: tell user -------------------->|
//	       1xx / pass              |  |                                                |
//	       E: send again every T2  |  |                                                |
//	               200-699 / pass  v  v                                                v
//	                             Completed -------------- K ---------------------> Terminated
//	                        responses are absorbed
//
// Timer F runs through Proceeding: a provisional response buys no time (RFC
// 4321 1.2).
func (t *Transaction) stepNonInviteClient(now time.Time, ev Event, out []Action) []Action {
	switch t.state {
	case Idle:
		return t.startClient(now, ev, Trying, out)
	case Trying, Proceeding:
		return t.stepAwaitingFinal(now, ev, out)
	case Completed:
		return t.stepClientCompleted(now, ev, out)
	default:
		return t.ignore(out)
	}
}

func (t *Transaction) stepAwaitingFinal(now time.Time, ev Event, out []Action) []Action {
	switch ev.Kind {
	case Response:
		return t.nonInviteResponse(now, ev.Status, out)
	case Due:
		switch {
		case t.expired(now): // timer F
			return t.fail(TimedOut, out)
		case t.resendDue(now): // timer E
			if t.state == Proceeding {
				t.interval = t.timers.T2
			}
			return t.repeat(now, t.timers.T2, out)
		}
		return out
	case TransportDown:
		return t.fail(Failed, out)
	default:
		return t.ignore(out)
	}
}

func (t *Transaction) nonInviteResponse(now time.Time, status int, out []Action) []Action {
	switch {
	case status < 100 || status > 699:
		return t.ignore(out)
	case status < 200:
		if t.state == Trying {
			resend, interval, expire := t.resend, t.interval, t.expire
			t.to(Proceeding)
			t.resend, t.interval, t.expire = resend, interval, expire // E and F run on
		}
		return append(out, Action{Op: Pass})
	default:
		t.message = nil
		return t.linger(now, Completed, t.unlessReliable(t.timers.T4), append(out, Action{Op: Pass})) // timer K
	}
}

func (t *Transaction) stepClientCompleted(now time.Time, ev Event, out []Action) []Action {
	switch ev.Kind {
	case Response, TransportDown:
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
