package sip

import (
	"strconv"
	"strings"
	"time"

	sipgo "github.com/emiago/sipgo/sip"
)

// speaks tells whether a request's source may speak for this leg's peer: the
// address the leg is with, another of its trunk, or where its phone is
// registered. Tags alone prove nothing.
func (l *Leg) speaks(in *request) bool {
	if l.account != "" && l.ua.bindings.has(l.account, in.flow.remote.Addr()) {
		return true
	}
	return l.ua.sameParty(l.flow, in.flow)
}

// request takes a request within the dialog. mu is held.
func (l *Leg) request(now time.Time, in *request) {
	d := l.dialogOf(in.fromTag())
	if d == nil {
		in.decline(481)
		return
	}
	if in.Method == sipgo.ACK {
		l.acked(now, in)
		return
	}
	if l.state == over {
		in.decline(481)
		return
	}
	if !d.number(in.CSeq().SeqNo) {
		in.decline(500)
		return
	}
	if l.account != "" || l.flow.broken() {
		l.follow(in.flow)
	}
	x := l.ua.serve(now, in, l)
	switch in.Method {
	case sipgo.BYE:
		l.byeIn(now, x, in)
	case sipgo.INVITE:
		l.reinvite(now, x, in)
	case sipgo.UPDATE:
		l.update(now, x, in)
	case sipgo.PRACK:
		l.prack(now, x, in)
	case sipgo.INFO:
		l.info(now, x, in)
	case sipgo.REFER:
		l.refer(now, x, in)
	case sipgo.OPTIONS, sipgo.NOTIFY:
		x.respond(now, 200, l.plain(x, 200))
	default:
		var t text
		t.line("Allow", allow)
		x.respond(now, 405, x.reply.response(405, l.dialog.localTag, t, "", nil))
	}
}

// plain is a response with nothing but what every one has.
func (l *Leg) plain(x *exchange, status int) []byte {
	return x.reply.response(status, l.dialog.localTag, nil, "", nil)
}

// dialogOf is the dialog that a From tag belongs to: the leg's, or while we are
// calling one of its forks.
func (l *Leg) dialogOf(tag string) *dialog {
	if l.state == calling || l.state == proceeding {
		return l.uac.early[tag]
	}
	if tag == l.dialog.remoteTag {
		return &l.dialog
	}
	return nil
}

// follow moves the leg to where its peer now speaks from: a phone whose NAT
// gave it another port, or a connection opened anew.
func (l *Leg) follow(f flow) {
	if f.remote.Addr() != l.flow.remote.Addr() {
		l.ua.dialled.add(f.remote.Addr(), 1)
		l.ua.dialled.add(l.flow.remote.Addr(), -1)
	}
	l.flow = f
}

// info takes DTMF by INFO (RFC 6086; application/dtmf-relay and dtmf).
func (l *Leg) info(now time.Time, x *exchange, in *request) {
	kind := strings.ToLower(headerOf(in.Request, "content-type"))
	kind, _, _ = strings.Cut(kind, ";")
	digit, ms, ok := byte(0), 0, false
	switch strings.TrimSpace(kind) {
	case "application/dtmf-relay":
		digit, ms, ok = dtmfRelay(string(in.Body()))
	case "application/dtmf":
		digit, ok = dtmfDigit(strings.TrimSpace(string(in.Body())))
		ms = 160
	case "":
		x.respond(now, 200, l.plain(x, 200))
		return
	default:
		var t text
		t.line("Accept", "application/dtmf-relay, application/dtmf")
		x.respond(now, 415, x.reply.response(415, l.dialog.localTag, t, "", nil))
		return
	}
	if !ok {
		x.respond(now, 400, l.plain(x, 400))
		return
	}
	x.respond(now, 200, l.plain(x, 200))
	l.emit(Event{Kind: Digit, Digit: digit, DigitMs: ms})
}

// dtmfRelay reads "Signal=5\r\nDuration=160".
func dtmfRelay(body string) (digit byte, ms int, ok bool) {
	ms = 160
	for line := range strings.Lines(body) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		value = strings.TrimSpace(value)
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "signal":
			digit, ok = dtmfDigit(value)
		case "duration":
			if n, err := strconv.Atoi(value); err == nil && n > 0 && n <= 60000 {
				ms = n
			}
		}
	}
	return digit, ms, ok
}

// dtmfDigit reads one key, by its sign or as 10 and 11 for * and #.
func dtmfDigit(s string) (byte, bool) {
	switch s {
	case "10":
		return '*', true
	case "11":
		return '#', true
	case "12", "13", "14", "15":
		return 'A' + s[1] - '2', true
	}
	if len(s) != 1 || !strings.Contains("0123456789*#ABCDabcd", s) {
		return 0, false
	}
	return strings.ToUpper(s)[0], true
}
