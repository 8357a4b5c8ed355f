package sip

import (
	"strconv"
	"time"

	"go.uber.org/zap"

	"switchroom/sip/auth"
	"switchroom/sip/wire"
)

const (
	// overloadWait is the Retry-After of a 503 for want of room.
	overloadWait = 5 * time.Second
	// ringEvery is how often a provisional response is sent again, so that no
	// proxy's Timer C ends the call (RFC 3261 13.3.1.1).
	ringEvery = time.Minute
)

// takeInvite handles an INVITE that belongs to no dialog.
func (ua *UA) takeInvite(now time.Time, in *request, leg **Leg) *Leg {
	ua.count(inviteIn)
	if wait := ua.refusing(); wait > 0 {
		ua.count(refusedDraining)
		in.decline(503, retryAfter(wait))
		return nil
	}
	merge := mergeKey{in.CallID().Value(), in.fromTag(), in.CSeq().SeqNo}
	if ua.merged(merge) {
		ua.count(inviteMerged)
		in.decline(482)
		return nil
	}
	trunk, account := ua.caller(in)
	if trunk == nil && account == "" {
		if trunk = ua.proven(now, in); trunk == nil {
			return nil
		}
	}
	if account != "" && !ua.authenticate(now, in, account) {
		return nil
	}
	called, err := in.called(trunk)
	if err != nil || called.Number == "" {
		in.decline(404)
		return nil
	}
	replaced, status := ua.replaces(in, account)
	if status != 0 {
		in.decline(status)
		return nil
	}
	if low := tooShort(in); low != "" {
		in.decline(422, wire.Header{Name: "Min-SE", Value: low})
		return nil
	}
	if ua.overloaded(now) || account != "" && !ua.roomForPhone(account) {
		ua.count(refusedOverload)
		in.decline(503, retryAfter(overloadWait))
		return nil
	}
	if trunk != nil {
		if err := trunk.take(now, false); err != nil {
			ua.count(refusedChannels)
			in.decline(503, retryAfter(overloadWait))
			return nil
		}
	}
	l := ua.newInbound(in, trunk, account, merge)
	*leg = l
	l.offer(now, in, called.Number, replaced)
	return l
}

// authenticate challenges a phone that calls; true when it has proved itself.
func (ua *UA) authenticate(now time.Time, in *request, account string) bool {
	j := ua.judge(now, in, account, ua.plan.Load().secretOf)
	switch j.Outcome {
	case auth.Allow:
		return true
	case auth.Challenge:
		ua.challenge(in, j)
	}
	return false
}

// newInbound makes the leg of an INVITE and has it found by what follows.
func (ua *UA) newInbound(in *request, trunk *trunk, account string, merge mergeKey) *Leg {
	l := newLeg(ua)
	l.in, l.trunk, l.account, l.merge = true, trunk, account, merge
	l.channel, l.pending = trunk != nil, true
	ua.pendingCalls.Add(1)
	l.flow = in.flow
	if trunk != nil {
		l.creds = trunk.credentials()
	}
	l.dialog = newServerDialog(in, newTag())
	l.key = legKey{l.dialog.callID, l.dialog.localTag}
	ua.dialled.add(l.flow.remote.Addr(), 1)
	ua.addLeg(l)
	return l
}

// offer announces the call to the core.
func (l *Leg) offer(now time.Time, in *request, called string, replaced *Leg) {
	inv := Invite{Trunk: l.Trunk(), Account: l.account, Number: called, CallID: l.CallID(),
		SDP: wire.SDP(in.Request), Source: in.flow.remote, Replaces: replaced}
	trusted := l.trunk != nil && !l.trunk.cfg.Identity.Distrusted
	inv.From = identityIn(in, trusted)
	if trusted {
		inv.Diversion = diversions(in)
	}
	l.begin(now, in, inv.SDP != nil)
	sink := l.ua.core.Invite(l, inv)
	l.enter()
	defer l.leave()
	if sink == nil && l.state <= answered {
		l.reject(time.Now(), 500, 0)
	}
	if l.sink = sink; sink == nil {
		l.events = nil
	}
}

// begin starts the INVITE's transaction with a 100.
func (l *Leg) begin(now time.Time, in *request, offered bool) {
	l.enter()
	defer l.leave()
	l.offered = offered
	l.ses.ask(in)
	l.uas.reliable.required = lists(in, "require", "100rel")
	l.invite = l.ua.serve(now, in, l)
	l.invite.lost = l.inviteLost
	l.uas.reply = l.invite.reply
	l.invite.respond(now, 100, l.uas.reply.response(100, "", nil, "", nil))
}

// inviteLost: no ACK to our failure came, which needs nothing, or the flow is
// gone and no other leads to the caller.
func (l *Leg) inviteLost(_ *exchange, err error) {
	cause := Cause{SIP: 503, Q850: 38, Text: err.Error(), Side: SystemSide}
	switch l.state {
	case invited, early:
		l.end(Ended, 0, "", cause)
	case answered:
		l.uas.repeat.Stop()
		l.bye(time.Now(), cause)
	}
}

// Ring sends a provisional response: 180, or 183 with sdp for early media. A
// further one may follow.
func (l *Leg) Ring(code int, sdp []byte) error {
	l.enter()
	defer l.leave()
	if !l.in || l.state != invited && l.state != early || code <= 100 || code > 199 {
		return ErrState
	}
	now := time.Now()
	l.to(early)
	if l.uas.reliable.required {
		l.ringReliably(now, code, sdp)
	} else {
		if !l.offered {
			sdp = nil // our offer waits for a response that is reliable (RFC 3261 13.2.1)
		}
		l.uas.ringing = l.uas.reply.response(code, l.dialog.localTag, l.dialogLines(false), sdpType, sdp)
		l.invite.respond(now, code, l.uas.ringing)
	}
	if l.state == early {
		l.uas.ringAt = now.Add(ringEvery)
	}
	l.schedule()
	return nil
}

func (l *Leg) ringAgain(now time.Time) {
	l.uas.ringAt = time.Time{}
	if l.state == early && l.uas.ringing != nil {
		l.invite.respond(now, 180, l.uas.ringing)
		l.uas.ringAt = now.Add(ringEvery)
	}
}

// dialogLines are the headers of a response that makes a dialog or changes the
// session.
func (l *Leg) dialogLines(final bool) []byte {
	var t text
	t.line("Contact", contactOf("", l.flow))
	t.line("Allow", allow)
	t.line("Supported", supported)
	if final {
		l.ses.agreed(&t)
	}
	return t
}

// Answer sends 200 with the session description: the answer to the INVITE's
// offer, or the offer when it brought none. On a call of ours without an offer
// it gives the answer that the ACK carries.
func (l *Leg) Answer(sdp []byte) error {
	l.enter()
	defer l.leave()
	now := time.Now()
	if !l.in {
		return l.answerLate(sdp)
	}
	if l.state != invited && l.state != early || len(sdp) == 0 {
		return ErrState
	}
	if l.uas.reliable.outstanding() {
		l.uas.reliable.answer = sdp // RFC 3262 section 3: after its PRACK
		return nil
	}
	l.answer(now, sdp)
	return nil
}

// answer sends the 200 and has it repeated until its ACK.
func (l *Leg) answer(now time.Time, sdp []byte) {
	body := sdp
	if l.uas.reliable.answered {
		body = nil // it went out in a reliable 183 (RFC 3262 section 5)
	} else {
		l.neg.sent = sdp
	}
	l.ses.settle(now)
	l.uas.ok = l.uas.reply.response(200, l.dialog.localTag, l.dialogLines(true), sdpType, body)
	l.uas.ringAt, l.uas.ringing = time.Time{}, nil
	l.to(answered)
	l.decided()
	l.uas.repeat.Begin(now, l.ua.t, l.ua.t.T2)
	l.invite.respond(now, 200, l.uas.ok)
	l.schedule()
}

// repeatAnswer resends the 200; after 64*T1 without an ACK the call ends with a
// BYE (RFC 3261 13.3.1.4).
func (l *Leg) repeatAnswer(now time.Time) {
	resend, gaveUp := l.uas.repeat.Step(now)
	if resend {
		l.ua.count(retransmissions)
		_ = l.invite.flow.send(l.uas.ok)
	}
	if gaveUp {
		l.ua.count(ackLost)
		l.ua.log.Warn("no ack", zap.String("leg", l.id))
		cause := Cause{Q850: 102, SIP: 408, Text: "no ACK", Side: SystemSide}
		if l.uas.byeOwed {
			cause = l.cause
		}
		l.bye(now, cause)
	}
}

// acked takes an ACK to our 2xx: to the INVITE's, or to a re-INVITE's.
func (l *Leg) acked(now time.Time, in *request) {
	switch {
	case l.state == answered && in.CSeq().SeqNo == l.merge.seq:
		l.uas.repeat.Stop()
		l.uas.ok = nil
		l.to(up) // its Contact is none of a target refresh (RFC 3261 12.2)
		answer := l.lateAnswer(in)
		if answer != nil || l.offered {
			l.neg.opened()
		} // else the answer that was owed will never come: the user sees it and hangs up
		l.emit(Event{Kind: Confirmed, SDP: answer})
		l.schedule()
	case l.state == ending && l.uas.byeOwed:
		l.uas.repeat.Stop()
		l.bye(now, l.cause)
	case l.state == up:
		l.reinviteAcked(in)
	}
}

// lateAnswer is the peer's answer to the offer that was ours to make.
func (l *Leg) lateAnswer(in *request) []byte {
	switch {
	case l.offered:
		return nil
	case l.uas.reliable.theirs != nil:
		return l.uas.reliable.theirs
	}
	return wire.SDP(in.Request)
}

// Reject sends a final failure; retryAfter, when positive, tells the peer when
// to try again.
func (l *Leg) Reject(code int, retryAfter time.Duration) {
	l.enter()
	defer l.leave()
	if l.in && (l.state == invited || l.state == early) {
		l.reject(time.Now(), code, retryAfter)
	}
}

func (l *Leg) reject(now time.Time, code int, retryAfter time.Duration) {
	l.refuseInvite(now, code, retryAfter, Cause{SIP: code, Side: LocalSide})
}

// refuseInvite answers the INVITE with a failure and ends the leg.
func (l *Leg) refuseInvite(now time.Time, code int, retryAfter time.Duration, cause Cause) {
	if code < 300 || code > 699 {
		code = 480
	}
	cause.SIP = code
	var t text
	if retryAfter > 0 {
		t.line("Retry-After", seconds(retryAfter))
	}
	if cause.Q850 != 0 {
		reasonLine(&t, cause)
	}
	if code == 488 {
		l.notAcceptable(&t)
	}
	l.invite.lost = nil
	l.invite.respond(now, code, l.uas.reply.response(code, l.dialog.localTag, t, "", nil))
	l.end(Ended, code, "", cause)
}

// notAcceptable writes what a 488 should say: what would be, and a warning of
// what was amiss (RFC 3261 20.43, 21.4.26).
func (l *Leg) notAcceptable(t *text) {
	host, _ := l.flow.sentBy()
	t.line("Accept", sdpType)
	t.line("Warning", "305 ", host, ` "Incompatible media format"`)
}

// cancelled takes a CANCEL of the INVITE that made the leg. One that crosses a
// final response has no effect (RFC 3261 9.2).
func (l *Leg) cancelled(now time.Time, x *exchange, cause Cause) {
	if x != l.invite {
		l.cancelOffer(now, x)
		return
	}
	if l.state != invited && l.state != early {
		return
	}
	cause.Side = RemoteSide
	cause.SIP = 487
	if cause.Q850 == 0 {
		cause.Q850 = 16
	}
	l.invite.lost = nil
	l.invite.respond(now, 487, l.uas.reply.response(487, l.dialog.localTag, nil, "", nil))
	l.end(Ended, 487, "", cause)
}

func retryAfter(d time.Duration) wire.Header {
	return wire.Header{Name: "Retry-After", Value: seconds(d)}
}

// seconds writes a duration as delta-seconds, rounded up.
func seconds(d time.Duration) string {
	return strconv.FormatInt(int64((d+time.Second-1)/time.Second), 10)
}
