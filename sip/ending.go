package sip

import (
	"time"

	"switchroom/sip/txn"
)

// Hangup ends the leg by whatever fits its state: a final response, a CANCEL
// that waits for the first 1xx, ACK and BYE, or BYE. Ended follows when the
// peer has agreed, at the latest after 8*T1; what remains to be sent goes on
// without the user. On a call over Routes that nobody has answered it ends the
// whole call, whichever of its legs it is.
func (l *Leg) Hangup(cause Cause) {
	if cause.Side == RemoteSide {
		cause.Side = LocalSide
	}
	if l.hunt != nil {
		l.hunt.hangup(l, cause)
		return
	}
	l.hangupSelf(cause)
}

// hangupSelf ends this leg alone.
func (l *Leg) hangupSelf(cause Cause) {
	l.enter()
	defer l.leave()
	l.hangup(time.Now(), cause)
}

// hangup is Hangup with any side as the cause. mu is held.
func (l *Leg) hangup(now time.Time, cause Cause) {
	switch l.state {
	case invited, early:
		l.refuseInvite(now, statusOf(cause), 0, cause)
	case answered:
		l.cause = cause
		l.uas.byeOwed = true // RFC 3261 15: not before the ACK
		l.closing(now, ending)
	case calling, proceeding:
		l.cause = cause
		l.closing(now, cancelling)
		l.cancel(now)
	case up:
		l.bye(now, cause)
	}
}

// closing enters a state in which the end is only waited for.
func (l *Leg) closing(now time.Time, s State) {
	l.to(s)
	l.deadline = now.Add(8 * l.ua.t.T1)
	l.schedule()
}

// statusOf is the failure that tells a caller of a local cause.
func statusOf(c Cause) int {
	if c.SIP >= 300 && c.SIP <= 699 {
		return c.SIP
	}
	switch c.Q850 {
	case 1:
		return 404
	case 17:
		return 486
	case 21:
		return 603
	case 34, 38, 41, 42, 44:
		return 503
	case 88:
		return 488
	}
	if c.Side == SystemSide {
		return 500
	}
	return 480
}

// bye sends the BYE; the leg is over when it is answered. mu is held.
func (l *Leg) bye(now time.Time, cause Cause) {
	l.cause = cause
	l.uas.byeOwed = false
	l.closing(now, ending)
	out := l.compose("BYE")
	var t text
	reasonLine(&t, cause)
	out.extra = t
	l.send(now, out, func(*exchange, answer) { l.end(Ended, 0, "", l.cause) })
}

// compose begins a request within the dialog.
func (l *Leg) compose(method string) *outgoing {
	out := l.dialog.request(method, l.dialog.next())
	out.agent = l.ua.cfg.UserAgent
	return out
}

// send sends a request within the dialog. Provisional responses are not told.
func (l *Leg) send(now time.Time, out *outgoing, then func(*exchange, answer)) {
	f, err := l.route(&l.dialog)
	if err != nil {
		then(nil, answer{err: errTransport})
		return
	}
	l.ua.ask(now, l, f, out, l.creds, func(x *exchange, a answer) {
		if a.res == nil || a.res.StatusCode >= 200 {
			then(x, a)
		}
	})
}

// cancel sends the CANCEL once there is something to cancel (RFC 3261 9.1).
func (l *Leg) cancel(now time.Time) {
	if l.invite.tx.State() == txn.Calling {
		return // the first provisional response brings us back
	}
	if l.uac.cancelSent {
		return
	}
	l.uac.cancelSent = true
	var t text
	reasonLine(&t, l.cause)
	l.sendCancel(now, l.invite, t)
}

// sendCancel cancels an INVITE of ours that is proceeding; its final response
// is then due within 64*T1.
func (l *Leg) sendCancel(now time.Time, invite *exchange, extra []byte) {
	x := &exchange{ua: l.ua, mu: &l.mu, leg: l, flow: invite.flow, out: invite.out.cancel(extra),
		then: func(*exchange, answer) {}}
	x.launch(now, invite.key.Branch)
	invite.step(now, txn.Event{Kind: txn.Cancelled})
}

// byeIn takes the peer's BYE: in any state it is the end. mu is held.
func (l *Leg) byeIn(now time.Time, x *exchange, in *request) {
	l.takeBye(now, x)
	cause := causeIn(in)
	cause.Side = RemoteSide
	if cause.Q850 == 0 {
		cause.Q850 = 16
	}
	switch l.state {
	case invited, early:
		l.invite.lost = nil
		l.invite.respond(now, 487, l.uas.reply.response(487, l.dialog.localTag, nil, "", nil))
	case calling, proceeding:
		// A BYE for an early dialog of ours: the INVITE may still be answered by
		// another branch, but a peer that sends it means the call.
		l.closing(now, cancelling)
		l.cancel(now)
		l.tell(Event{Kind: Ended, Cause: cause})
		return
	case cancelling:
		return // the INVITE's final response is still owed
	case ending:
		cause = l.cause // both hung up: ours came first
	}
	l.end(Ended, 0, "", cause)
}
