package sip

import (
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	sipgo "github.com/emiago/sipgo/sip"

	"switchroom/sip/txn"
	"switchroom/sip/wire"
)

// reliable is a call in's side of RFC 3262: provisional responses that the
// peer requires to be reliable, one at a time, each until its PRACK.
type reliable struct {
	required bool
	seq      uint32 // RSeq of the last one sent
	message  []byte // not yet acknowledged; nil: none
	code     int
	queue    []provisional
	repeat   txn.Repeat
	answered bool   // a description went out in one: our answer, or our offer to a late one
	theirs   []byte // the answer to that offer, from the PRACK
	answer   []byte // a 200 that waits for the PRACK
}

type provisional struct {
	code int
	sdp  []byte
}

func (r *reliable) outstanding() bool { return r.message != nil || len(r.queue) > 0 }

func (r *reliable) stop() {
	r.repeat.Stop()
	r.message, r.queue = nil, nil
}

// provisionalsMax bounds those that wait for a PRACK.
const provisionalsMax = 8

// ringReliably sends a provisional response that must be acknowledged, after
// those before it were. Where the INVITE brought no offer the first one ought to
// bring ours (RFC 3261 13.2.1); a 180 without is sent all the same, as everybody
// does, since a caller that hears nothing gives up.
func (l *Leg) ringReliably(now time.Time, code int, sdp []byte) {
	r := &l.uas.reliable
	if r.message != nil {
		if len(r.queue) < provisionalsMax {
			r.queue = append(r.queue, provisional{code, sdp})
		}
		return
	}
	if r.seq == 0 {
		r.seq = rand.Uint32N(1 << 30)
	}
	r.seq++
	t := text(l.dialogLines(false))
	t.line("Require", "100rel")
	t.line("RSeq", strconv.FormatUint(uint64(r.seq), 10))
	r.code = code
	r.message = l.uas.reply.response(code, l.dialog.localTag, t, sdpType, sdp)
	r.answered = r.answered || len(sdp) > 0
	if len(sdp) > 0 {
		l.neg.sent = sdp
	}
	r.repeat.Begin(now, l.ua.t, 0)
	l.invite.respond(now, code, r.message)
}

// repeatReliable resends; without a PRACK for 64*T1 the INVITE is refused
// (RFC 3262 section 3).
func (l *Leg) repeatReliable(now time.Time) {
	r := &l.uas.reliable
	resend, gaveUp := r.repeat.Step(now)
	if resend && r.message != nil {
		l.ua.count(retransmissions)
		l.invite.respond(now, r.code, r.message)
	}
	if gaveUp && (l.state == invited || l.state == early) {
		l.refuseInvite(now, 504, 0, Cause{Q850: 102, Text: "no PRACK", Side: SystemSide})
	}
}

// prack takes the acknowledgement of a reliable provisional response.
func (l *Leg) prack(now time.Time, x *exchange, in *request) {
	r := &l.uas.reliable
	rack := strings.Fields(headerOf(in.Request, "rack"))
	if r.message == nil || len(rack) != 3 || rack[0] != strconv.FormatUint(uint64(r.seq), 10) ||
		rack[1] != strconv.FormatUint(uint64(l.merge.seq), 10) {
		x.respond(now, 481, l.plain(x, 481))
		return
	}
	r.repeat.Stop()
	r.message = nil
	sdp := wire.SDP(in.Request)
	switch {
	case sdp == nil:
		x.respond(now, 200, l.plain(x, 200))
	case !l.offered && r.answered && r.theirs == nil:
		r.theirs = sdp
		x.respond(now, 200, l.plain(x, 200))
	default:
		x.respond(now, 488, l.plain(x, 488)) // a further offer this early is refused, the PRACK counts
	}
	switch {
	case l.state != early:
	case len(r.queue) > 0:
		next := r.queue[0]
		r.queue = r.queue[1:]
		l.ringReliably(now, next.code, next.sdp)
	case r.answer != nil:
		sdp := r.answer
		r.answer = nil
		l.answer(now, sdp)
	}
	l.schedule()
}

// acknowledge sends the PRACK for a reliable 1xx of a call out, within the
// early dialog that it made. It is false when the response is not to be told:
// it was told before, or came out of order (RFC 3262 section 4).
func (l *Leg) acknowledge(now time.Time, res *sipgo.Response) bool {
	if !lists(res, "require", "100rel") {
		return true
	}
	seq, err := strconv.ParseUint(headerOf(res, "rseq"), 10, 32)
	tag, _ := res.To().Params.Get("tag")
	d := l.uac.early[tag]
	if err != nil || seq == 0 || d == nil {
		return true
	}
	last, known := l.uac.reliable[tag]
	if known && uint32(seq) != last+1 {
		return false
	}
	if l.uac.reliable == nil {
		l.uac.reliable = map[string]uint32{}
	}
	l.uac.reliable[tag] = uint32(seq)
	out := d.request("PRACK", d.next())
	out.agent = l.ua.cfg.UserAgent
	var t text
	t.line("RAck", strconv.FormatUint(seq, 10), " ", strconv.FormatUint(uint64(l.invite.out.seq), 10), " INVITE")
	out.extra = t
	if f, err := l.route(d); err == nil {
		l.ua.ask(now, l, f, out, l.creds, func(*exchange, answer) {})
	}
	return true
}
