package sip

import (
	"net/url"
	"strconv"
	"strings"
	"time"
)

// refer takes a transfer request (RFC 3515). Only a phone may send one, as it
// makes us call where it says; a trunk is refused.
func (l *Leg) refer(now time.Time, x *exchange, in *request) {
	to := bracketed(in.header("refer-to"))
	switch {
	case l.account == "":
		x.respond(now, 603, l.plain(x, 603))
		return
	case l.state != up:
		x.respond(now, 481, l.plain(x, 481))
		return
	case to == "":
		x.respond(now, 400, l.plain(x, 400))
		return
	}
	target, headers, _ := strings.Cut(to, "?")
	e := Event{Kind: Referred, ReferTo: target}
	if headers != "" {
		if q, err := url.ParseQuery(strings.ReplaceAll(headers, "+", "%2B")); err == nil {
			for name, v := range q {
				if strings.EqualFold(name, "replaces") && len(v) > 0 && v[0] != "" {
					e.Replaces = l.unlocked(v[0])
					e.ReplacesGone = e.Replaces == nil
				}
			}
		}
	}
	var t text
	silent := strings.EqualFold(in.header("refer-sub"), "false")
	if silent {
		t.line("Refer-Sub", "false")
	}
	t.line("Contact", contactOf("", l.flow))
	x.respond(now, 202, x.reply.response(202, l.dialog.localTag, t, "", nil))
	l.referEvent = ""
	if !silent {
		l.referEvent = "refer;id=" + strconv.FormatUint(uint64(in.CSeq().SeqNo), 10)
		l.notify(now, 100)
	}
	l.emit(e)
}

// Refer tells the peer how the transfer that it asked for goes: a provisional
// status on the way, a final one as its end.
func (l *Leg) Refer(status int) error {
	l.enter()
	defer l.leave()
	if l.state != up || status < 100 || status > 699 {
		return ErrState
	}
	if l.referEvent == "" {
		return nil // it did not want to know
	}
	l.notify(time.Now(), status)
	if status >= 200 {
		l.referEvent = ""
	}
	return nil
}

// notify reports on a transfer (RFC 3515 2.4.5).
func (l *Leg) notify(now time.Time, status int) {
	out := l.compose("NOTIFY")
	out.contact = true
	var t text
	t.line("Event", l.referEvent)
	if status >= 200 {
		t.line("Subscription-State", "terminated;reason=noresource")
	} else {
		t.line("Subscription-State", "active;expires=60")
	}
	out.extra = t
	out.bodyType = "message/sipfrag;version=2.0"
	out.body = []byte("SIP/2.0 " + strconv.Itoa(status) + " " + reasonPhrase(status) + "\r\n")
	l.send(now, out, func(*exchange, answer) {})
}

// unlocked finds the leg that a Replaces value names, which takes that leg's
// lock: this one's is given up for the while.
func (l *Leg) unlocked(value string) *Leg {
	l.mu.Unlock()
	defer l.mu.Lock()
	return l.ua.namedLeg(value)
}
