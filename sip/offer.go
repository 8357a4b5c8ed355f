package sip

import (
	"math/rand/v2"
	"time"

	"switchroom/sip/txn"
	"switchroom/sip/wire"
)

// negotiation is whose turn it is to speak about the session (RFC 3264, 3311,
// 6141): at most one offer is outstanding, ours or theirs.
type negotiation struct {
	open   bool   // the first offer was answered
	sent   []byte // our last session description
	theirs *exchange
	late   bool // theirs brought no offer: ours goes into the 200
	ours   bool // our re-INVITE is out
	x      *exchange
	giveUp time.Time // when it is cancelled: a final response is long due
	// The 200 to their re-INVITE, resent until its ACK.
	ok     []byte
	okFlow flow
	okSeq  uint32
	okLate bool
	repeat txn.Repeat
	// A Reoffer that met another offer and is to be sent again.
	wanted  []byte
	retryAt time.Time
	tries   int
}

// reoffersMax is how often an offer that meets another one is sent again.
const reoffersMax = 5

func (n *negotiation) opened() { n.open = true }

// Reoffer sends a re-INVITE with a new offer. Reanswered or ReofferFailed
// follows; an offer of the peer's that crosses it is given way to and ours is
// sent again later (RFC 3261 14.1).
func (l *Leg) Reoffer(sdp []byte) error {
	l.enter()
	defer l.leave()
	switch {
	case l.state != up || !l.neg.open || len(sdp) == 0:
		return ErrState
	case l.neg.ours || l.neg.theirs != nil || !l.neg.retryAt.IsZero() || l.neg.ok != nil:
		return ErrPending
	}
	l.neg.tries = 0
	l.reoffer(time.Now(), sdp, l.reoffered)
	return nil
}

func (l *Leg) reoffer(now time.Time, sdp []byte, then func(*exchange, answer)) {
	l.neg.ours, l.neg.wanted = true, sdp
	out := l.compose("INVITE")
	out.contact, out.bodyType, out.body = true, sdpType, sdp
	var t text
	t.line("Allow", allow)
	t.line("Supported", supported)
	l.ses.propose(&t, true)
	out.extra = t
	f, err := l.route(&l.dialog)
	if err != nil {
		then(nil, answer{err: errTransport})
		return
	}
	x := l.ua.ask(now, l, f, out, l.creds, then)
	if l.neg.ours {
		l.neg.x, l.neg.giveUp = x, now.Add(64*l.ua.t.T1)
	}
	l.schedule()
}

// abandonOffer sees to it that a re-INVITE of ours ends: nobody waits for it
// any longer.
func (l *Leg) abandonOffer(now time.Time, cancel bool) {
	x := l.neg.x
	l.neg.x, l.neg.giveUp = nil, time.Time{}
	if x == nil || x.tx.State() != txn.Proceeding {
		return
	}
	if cancel {
		l.sendCancel(now, x, nil)
		return
	}
	x.step(now, txn.Event{Kind: txn.Cancelled}) // BYE has told the peer already
}

// reoffered takes what our re-INVITE brought.
func (l *Leg) reoffered(x *exchange, a answer) {
	now := time.Now()
	if a.res != nil && a.res.StatusCode < 200 {
		l.reinviteProceeds(now, x)
		return
	}
	if a.res != nil && a.res.StatusCode < 300 {
		if !l.ackReinvite(x) {
			return
		}
		l.settled()
		l.neg.sent, l.neg.wanted = l.neg.wanted, nil
		l.dialog.refresh(a.res.Contact())
		l.ses.renewed(now, a.res)
		l.emit(Event{Kind: Reanswered, Status: a.res.StatusCode, SDP: wire.SDP(a.res)})
		l.schedule()
		return
	}
	l.settled()
	if l.state != up {
		return
	}
	switch status := a.status(); {
	case status == 491 && l.neg.tries < reoffersMax:
		l.neg.tries++
		l.neg.retryAt = now.Add(l.backOff())
		l.schedule()
	case status == 422 && l.neg.tries < reoffersMax && l.ses.raise(a.res):
		l.neg.tries++
		l.reoffer(now, l.neg.wanted, l.reoffered)
	case status == 481 || status == 408:
		l.bye(now, Cause{SIP: status, Side: SystemSide, Text: "dialog lost"})
	default:
		l.neg.wanted = nil
		l.emit(Event{Kind: ReofferFailed, Status: status, Reason: reasonPhrase(status)})
	}
}

// reinviteProceeds: a provisional response came. When the leg has ended
// meanwhile the final one is only waited for so long.
func (l *Leg) reinviteProceeds(now time.Time, x *exchange) {
	if l.state == over {
		x.step(now, txn.Event{Kind: txn.Cancelled})
	}
}

// settled: our re-INVITE was answered.
func (l *Leg) settled() { l.neg.ours, l.neg.x, l.neg.giveUp = false, nil, time.Time{} }

// ackReinvite acknowledges a 2xx to our re-INVITE; false when that had been
// done and the 2xx is a repetition.
func (l *Leg) ackReinvite(x *exchange) (first bool) {
	if x.ack != nil {
		_ = x.flow.send(x.ack)
		return false
	}
	ack := l.ackFor(&l.dialog, x.out)
	x.ack = ack.build(x.flow, newBranch())
	_ = x.flow.send(x.ack)
	return true
}

// backOff is how long a 491 is waited out: 2.1 to 4 s by who made the Call-ID,
// up to 2 s by the other, so that they don't meet again (RFC 3261 14.1).
func (l *Leg) backOff() time.Duration {
	unit := l.ua.t.T1 / 50 // 10 ms at the usual T1
	if l.in {
		return time.Duration(rand.IntN(201)) * unit
	}
	return time.Duration(210+rand.IntN(191)) * unit
}

func (l *Leg) retryOffer(now time.Time) {
	l.neg.retryAt = time.Time{}
	switch {
	case l.state != up:
	case l.neg.theirs != nil || l.neg.ok != nil:
		l.neg.retryAt = now.Add(l.backOff())
	default:
		l.reoffer(now, l.neg.wanted, l.reoffered)
	}
}

// reinvite takes a re-INVITE (RFC 3261 14.2).
func (l *Leg) reinvite(now time.Time, x *exchange, in *request) {
	switch {
	case l.state == ending || l.state == cancelling:
		x.respond(now, 481, l.plain(x, 481))
	case l.neg.ours:
		x.respond(now, 491, l.plain(x, 491))
	case l.state != up || l.neg.theirs != nil || l.neg.ok != nil || !l.neg.open:
		l.later(now, x)
	case tooShort(in) != "":
		l.tooShort(now, x, in)
	default:
		l.offeredBy(x, in)
	}
}

// update takes an UPDATE (RFC 3311 5.2), with or without an offer.
func (l *Leg) update(now time.Time, x *exchange, in *request) {
	sdp := wire.SDP(in.Request)
	r := &l.uas.reliable
	early := l.in && l.state == early && r.answered && (l.offered || r.theirs != nil) && !r.outstanding()
	switch {
	case l.state == ending || l.state == cancelling:
		x.respond(now, 481, l.plain(x, 481))
	case tooShort(in) != "":
		l.tooShort(now, x, in)
	case sdp == nil:
		l.dialog.refresh(in.Contact())
		l.ses.ask(in)
		l.ses.settle(now)
		x.respond(now, 200, x.reply.response(200, l.dialog.localTag, l.dialogLines(true), "", nil))
		l.schedule()
	case l.neg.ours:
		x.respond(now, 491, l.plain(x, 491))
	case l.state != up && !early || l.neg.theirs != nil || l.neg.ok != nil:
		l.later(now, x)
	default:
		l.offeredBy(x, in)
	}
}

// offeredBy tells the user of an offer, or of the wish for one.
func (l *Leg) offeredBy(x *exchange, in *request) {
	sdp := wire.SDP(in.Request)
	l.dialog.refresh(in.Contact())
	l.ses.ask(in)
	l.neg.theirs, l.neg.late, l.neg.okSeq = x, sdp == nil, in.CSeq().SeqNo
	l.emit(Event{Kind: Offered, SDP: sdp})
}

// later asks for patience: another offer is being dealt with.
func (l *Leg) later(now time.Time, x *exchange) {
	var t text
	t.line("Retry-After", seconds(time.Duration(rand.IntN(10)+1)*time.Second))
	x.respond(now, 500, x.reply.response(500, l.dialog.localTag, t, "", nil))
}

// AcceptOffer answers an Offered event: with the answer, or with an offer when
// the event brought none; then Reanswered follows with the peer's answer.
func (l *Leg) AcceptOffer(sdp []byte) error {
	l.enter()
	defer l.leave()
	if l.uac.lateAck != nil {
		return l.answerLate(sdp)
	}
	x := l.neg.theirs
	if x == nil || len(sdp) == 0 {
		return ErrState
	}
	now := time.Now()
	l.neg.theirs, l.neg.sent = nil, sdp
	l.ses.settle(now)
	message := x.reply.response(200, l.dialog.localTag, l.dialogLines(true), sdpType, sdp)
	if x.tx.Kind() == txn.InviteServer {
		l.neg.ok, l.neg.okFlow, l.neg.okLate = message, x.flow, l.neg.late
		l.neg.repeat.Begin(now, l.ua.t, l.ua.t.T2)
	}
	x.respond(now, 200, message)
	l.schedule()
	return nil
}

// RefuseOffer refuses an Offered event; the session stays as it was.
func (l *Leg) RefuseOffer(code int) error {
	l.enter()
	defer l.leave()
	x := l.neg.theirs
	if x == nil {
		return ErrState
	}
	if code < 300 || code > 699 {
		code = 488
	}
	l.neg.theirs = nil
	var t text
	if code == 488 {
		l.notAcceptable(&t)
	}
	x.respond(time.Now(), code, x.reply.response(code, l.dialog.localTag, t, "", nil))
	return nil
}

// cancelOffer takes a CANCEL of a re-INVITE.
func (l *Leg) cancelOffer(now time.Time, x *exchange) {
	if l.neg.theirs == x {
		l.neg.theirs = nil
		x.respond(now, 487, l.plain(x, 487))
	}
}

// refuseOpenOffers answers what is still open when a leg ends.
func (l *Leg) refuseOpenOffers() {
	if x := l.neg.theirs; x != nil {
		l.neg.theirs = nil
		x.respond(time.Now(), 487, l.plain(x, 487))
	}
	l.neg.repeat.Stop()
	l.neg.ok = nil
	l.abandonOffer(time.Now(), false)
}

// reinviteAcked takes the ACK to our 200 to a re-INVITE.
func (l *Leg) reinviteAcked(in *request) {
	if l.neg.ok == nil || in.CSeq().SeqNo != l.neg.okSeq {
		return
	}
	l.neg.repeat.Stop()
	l.neg.ok = nil
	if l.neg.okLate {
		l.emit(Event{Kind: Reanswered, Status: 200, SDP: wire.SDP(in.Request)})
	}
	l.schedule()
}

// repeatReinvite resends the 200 to a re-INVITE until its ACK; without one the
// call ends (RFC 3261 14.2).
func (l *Leg) repeatReinvite(now time.Time) {
	resend, gaveUp := l.neg.repeat.Step(now)
	if resend {
		l.ua.count(retransmissions)
		_ = l.neg.okFlow.send(l.neg.ok)
	}
	if gaveUp {
		l.neg.ok = nil
		l.ua.count(ackLost)
		if l.state == up {
			l.bye(now, Cause{Q850: 102, SIP: 408, Text: "no ACK", Side: SystemSide})
		}
	}
}
