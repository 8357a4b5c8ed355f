package sip

import (
	"time"

	sipgo "github.com/emiago/sipgo/sip"

	"switchroom/sip/wire"
)

// ringingMax is how long a called peer may go on with provisional responses
// and nothing final (Timer C of RFC 3261 16.6).
const ringingMax = 3*time.Minute + 10*time.Second

// call sends the INVITE. mu is held.
func (l *Leg) call(now time.Time, out *outgoing) {
	l.uac.out = out
	l.invite = &exchange{ua: l.ua, mu: &l.mu, leg: l, flow: l.flow, out: out, creds: l.creds, then: l.inviteAnswered}
	l.invite.launch(now, newBranch())
}

// renewed: an exchange was sent again with credentials.
func (l *Leg) renewed(old, next *exchange) {
	switch old {
	case l.invite:
		l.invite = next
	case l.neg.x:
		l.neg.x = next
	}
}

// inviteAnswered takes what the INVITE brought. mu is held.
func (l *Leg) inviteAnswered(x *exchange, a answer) {
	now := time.Now()
	switch {
	case a.res == nil || a.res.StatusCode >= 300:
		l.inviteFailed(now, a)
	case a.res.StatusCode >= 200:
		l.accepted(now, a.res)
	default:
		l.provisional(now, a.res)
	}
	l.schedule()
}

// provisional takes a 1xx.
func (l *Leg) provisional(now time.Time, res *sipgo.Response) {
	switch l.state {
	case calling:
		l.to(proceeding)
		if l.trunk != nil {
			l.trunk.state.spoke()
		}
	case cancelling:
		l.cancel(now)
		return
	case proceeding:
	default:
		return
	}
	l.uac.giveUp = now.Add(ringingMax)
	if res.StatusCode == 100 {
		return
	}
	l.learn(res)
	if !l.acknowledge(now, res) {
		return // a reliable one out of order or repeated
	}
	e := Event{Kind: Progress, Status: res.StatusCode, Reason: res.Reason}
	if l.offered { // else it would be an offer, and not one's turn to answer
		e.SDP = wire.SDP(res)
	}
	l.emit(e)
}

// learn keeps the early dialog that a 1xx makes; each To tag is one of its own.
func (l *Leg) learn(res *sipgo.Response) *dialog {
	tag, _ := res.To().Params.Get("tag")
	d := l.uac.early[tag]
	if d == nil {
		copied := l.dialog
		d = &copied
		if l.uac.early == nil {
			l.uac.early = map[string]*dialog{}
		}
		if len(l.uac.early) < forksMax {
			l.uac.early[tag] = d
		}
		d.establish(res)
	} else {
		d.refresh(res.Contact())
	}
	return d
}

// forksMax bounds the early dialogs kept of one INVITE.
const forksMax = 16

// accepted takes a 2xx: the first answers the call, another fork's is
// acknowledged and ended, a repetition is acknowledged again.
func (l *Leg) accepted(now time.Time, res *sipgo.Response) {
	tag, _ := res.To().Params.Get("tag")
	if ack, known := l.uac.acks[tag]; known {
		if ack != nil {
			l.sendAck(&l.dialog, ack)
		}
		return
	}
	if l.uac.acks == nil {
		l.uac.acks = map[string][]byte{}
	}
	if l.state != calling && l.state != proceeding {
		l.disown(now, tag, res)
		return
	}
	l.uac.giveUp = time.Time{}
	if d := l.uac.early[tag]; d != nil {
		l.dialog.localSeq = max(l.dialog.localSeq, d.localSeq)
		l.dialog.remoteSeq, l.dialog.heard = d.remoteSeq, d.heard
	}
	l.uac.early = nil
	l.dialog.establish(res)
	l.to(up)
	l.ses.renewed(now, res)
	sdp := wire.SDP(res)
	ack := l.ackFor(&l.dialog, l.invite.out)
	if !l.offered && sdp != nil {
		l.uac.lateAck = ack // the offer is theirs: the ACK carries our answer
		l.uac.acks[tag] = nil
	} else {
		l.uac.acks[tag] = l.sendNewAck(&l.dialog, ack)
		l.neg.opened()
	}
	l.emit(Event{Kind: Answered, Status: res.StatusCode, Reason: res.Reason, SDP: sdp})
}

// ackFor is the ACK to a 2xx: a request within the dialog with the INVITE's
// number and credentials (RFC 3261 13.2.2.4, 22.1).
func (l *Leg) ackFor(d *dialog, invite *outgoing) *outgoing {
	ack := d.request("ACK", invite.seq)
	ack.auth, ack.agent = invite.auth, l.ua.cfg.UserAgent
	return ack
}

// sendNewAck sends an ACK for the first time and returns its bytes.
func (l *Leg) sendNewAck(d *dialog, ack *outgoing) []byte {
	f, err := l.route(d)
	if err != nil {
		return nil
	}
	message := ack.build(f, newBranch())
	_ = f.send(message)
	return message
}

// sendAck sends an ACK again.
func (l *Leg) sendAck(d *dialog, message []byte) {
	if f, err := l.route(d); err == nil {
		_ = f.send(message)
	}
}

// answerLate gives the answer to an offer that came in the 2xx.
func (l *Leg) answerLate(sdp []byte) error {
	ack := l.uac.lateAck
	if ack == nil || len(sdp) == 0 || l.state != up {
		return ErrState
	}
	l.uac.lateAck = nil
	ack.bodyType, ack.body = sdpType, sdp
	l.neg.sent = sdp
	l.uac.acks[l.dialog.remoteTag] = l.sendNewAck(&l.dialog, ack)
	l.neg.opened()
	return nil
}

// disown acknowledges a 2xx that nobody wants any more and ends its dialog: it
// crossed our CANCEL, or another fork was first.
func (l *Leg) disown(now time.Time, tag string, res *sipgo.Response) {
	if len(l.uac.acks) >= forksMax {
		return
	}
	d := l.dialog
	d.establish(res)
	l.uac.acks[tag] = l.sendNewAck(&d, l.ackFor(&d, l.invite.out))
	bye := d.request("BYE", d.next())
	bye.agent = l.ua.cfg.UserAgent
	var t text
	reasonLine(&t, l.cause)
	bye.extra = t
	own := l.state == cancelling // the only answer there was: its end is the leg's
	if own {
		l.dialog = d
		l.to(ending)
	}
	done := func(_ *exchange, a answer) {
		if own && (a.res == nil || a.res.StatusCode >= 200) {
			l.end(Ended, 0, "", l.cause)
		}
	}
	f, err := l.route(&d)
	if err != nil {
		done(nil, answer{err: errTransport})
		return
	}
	l.ua.ask(now, l, f, bye, l.creds, done)
}

// inviteFailed takes the final failure of the INVITE, or that none came.
func (l *Leg) inviteFailed(now time.Time, a answer) {
	switch l.state {
	case cancelling:
		l.end(Ended, a.status(), "", l.cause)
	case calling, proceeding:
		if a.status() == 422 && l.longer(now, a.res) {
			return
		}
		cause := Cause{SIP: a.status(), Side: SystemSide}
		reason := ""
		if a.res != nil {
			l.restTrunk(now, a.res)
			cause = causeIn(a.res)
			cause.SIP, cause.Side, reason = a.res.StatusCode, RemoteSide, a.res.Reason
		} else {
			cause.Text = a.err.Error()
		}
		if cause.Text == "" {
			cause.Text = reason
		}
		l.end(Failed, a.status(), reason, cause)
	}
}
