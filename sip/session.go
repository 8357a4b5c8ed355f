package sip

import (
	"strings"
	"time"

	sipgo "github.com/emiago/sipgo/sip"

	"switchroom/sip/wire"
)

const (
	// sessionExpires is the interval we propose, sessionMin the shortest we
	// take (RFC 4028 section 4).
	sessionExpires = 1800 * time.Second
	sessionMin     = 90 * time.Second
)

// session is a leg's session timer: who has to refresh and by when.
type session struct {
	interval    time.Duration // agreed; 0: none
	ours        bool          // we refresh
	wish        time.Duration // what our requests propose
	min         time.Duration // the peer's Min-SE
	peerTimer   bool          // the peer supports the extension
	peerUpdate  bool          // it takes UPDATE
	peerRefresh bool          // it has asked to refresh itself
	refreshAt   time.Time
	expiresAt   time.Time
}

// sessionExpiresOf reads Session-Expires: interval and refresher.
func sessionExpiresOf(m headered) (time.Duration, string) {
	value, params, _ := strings.Cut(headerOf(m, "session-expires"), ";")
	n, ok := wire.Seconds(strings.TrimSpace(value))
	if !ok {
		return 0, ""
	}
	for p := range strings.SplitSeq(params, ";") {
		if name, v, _ := strings.Cut(strings.TrimSpace(p), "="); strings.EqualFold(name, "refresher") {
			return time.Duration(n) * time.Second, strings.ToLower(v)
		}
	}
	return time.Duration(n) * time.Second, ""
}

// tooShort is the Min-SE that a request with too short an interval is owed.
func tooShort(in *request) string {
	d, _ := sessionExpiresOf(in.Request)
	if d > 0 && d < sessionMin && lists(in.Request, "supported", "timer") {
		return seconds(sessionMin)
	}
	return ""
}

func (l *Leg) tooShort(now time.Time, x *exchange, in *request) {
	var t text
	t.line("Min-SE", tooShort(in))
	x.respond(now, 422, x.reply.response(422, l.dialog.localTag, t, "", nil))
}

// ask takes what a request of the peer's says about session timers.
func (s *session) ask(in *request) {
	d, refresher := sessionExpiresOf(in.Request)
	if d > 0 {
		s.wish = max(d, sessionMin)
	}
	if least := minSE(in.Request); least > max(s.wish, sessionExpires) {
		s.min, s.wish = least, least // RFC 4028 section 9: never below the peer's least
	}
	s.peerTimer = lists(in.Request, "supported", "timer") || lists(in.Request, "require", "timer")
	s.peerUpdate = s.peerUpdate || lists(in.Request, "allow", "UPDATE")
	s.peerRefresh = refresher == "uac" && s.peerTimer
}

// settle decides the interval when we answer a request of theirs.
func (s *session) settle(now time.Time) {
	if s.wish == 0 {
		s.wish = sessionExpires
	}
	s.start(now, s.wish, !s.peerRefresh)
}

// agreed writes what was decided into a 2xx.
func (s *session) agreed(t *text) {
	if s.interval == 0 {
		return
	}
	if s.ours {
		t.line("Session-Expires", seconds(s.interval), ";refresher=uas")
		return
	}
	t.line("Require", "timer")
	t.line("Session-Expires", seconds(s.interval), ";refresher=uac")
}

// propose writes what a request of ours asks for. refresh is within a dialog:
// then who refreshes is kept.
func (s *session) propose(t *text, refresh bool) {
	if s.wish == 0 {
		s.wish = sessionExpires
	}
	role := ""
	if refresh && s.interval > 0 {
		role = ";refresher=uas"
		if s.ours {
			role = ";refresher=uac"
		}
	}
	t.line("Session-Expires", seconds(s.wish), role)
	t.line("Min-SE", seconds(max(s.min, sessionMin)))
}

// renewed takes a 2xx to a request of ours: no Session-Expires in it is no
// timer (RFC 4028 7.2).
func (s *session) renewed(now time.Time, res *sipgo.Response) {
	s.peerUpdate = s.peerUpdate || lists(res, "allow", "UPDATE")
	d, refresher := sessionExpiresOf(res)
	if d == 0 {
		s.interval, s.refreshAt, s.expiresAt = 0, time.Time{}, time.Time{}
		return
	}
	s.start(now, max(d, sessionMin), refresher != "uas")
}

// start runs the timer: the refresher acts at half time, the other side gives
// up a little before the end (RFC 4028 section 10).
func (s *session) start(now time.Time, interval time.Duration, ours bool) {
	s.interval, s.ours = interval, ours
	s.refreshAt, s.expiresAt = time.Time{}, time.Time{}
	if ours {
		s.refreshAt = now.Add(interval / 2)
	} else {
		s.expiresAt = now.Add(interval - min(32*time.Second, interval/3))
	}
}

// sessionDue refreshes the session, or ends it when the peer has not. mu is held.
func (l *Leg) sessionDue(now time.Time) {
	if at := l.ses.expiresAt; !at.IsZero() && !at.After(now) {
		l.ses.expiresAt = time.Time{}
		if l.state == up {
			l.bye(now, Cause{Q850: 102, SIP: 408, Text: "session expired", Side: SystemSide})
		}
		return
	}
	if at := l.ses.refreshAt; at.IsZero() || at.After(now) {
		return
	}
	l.ses.refreshAt = time.Time{}
	if l.state != up {
		return
	}
	if l.neg.ours || l.neg.theirs != nil || l.neg.ok != nil || !l.neg.retryAt.IsZero() {
		l.ses.refreshAt = now.Add(l.backOff()) // an offer is under way and refreshes too
		return
	}
	if !l.ses.peerUpdate && l.neg.sent != nil {
		l.reoffer(now, l.neg.sent, l.refreshed)
		return
	}
	out := l.compose("UPDATE")
	out.contact = true
	var t text
	t.line("Supported", supported)
	l.ses.propose(&t, true)
	out.extra = t
	l.send(now, out, l.refreshed)
}

// refreshed takes what a refresh of ours brought.
func (l *Leg) refreshed(x *exchange, a answer) {
	now := time.Now()
	if a.res != nil && a.res.StatusCode < 200 {
		if x.out.method == "INVITE" {
			l.reinviteProceeds(now, x)
		}
		return
	}
	invite := x != nil && x.out.method == "INVITE"
	if invite {
		l.settled()
		if a.res != nil && a.res.StatusCode < 300 && !l.ackReinvite(x) {
			return
		}
	}
	if l.state != up {
		return
	}
	switch status := a.status(); {
	case status < 300:
		l.dialog.refresh(a.res.Contact())
		l.ses.renewed(now, a.res)
	case status == 408 || status == 481:
		l.bye(now, Cause{Q850: 102, SIP: status, Text: "session refresh failed", Side: SystemSide})
		return
	case status == 422 && l.ses.raise(a.res):
		l.ses.refreshAt = now
	default:
		l.ses.refreshAt = now.Add(max(l.ses.interval/8, l.backOff()))
	}
	l.schedule()
}

// raise takes a 422's Min-SE.
func (s *session) raise(res *sipgo.Response) bool {
	least := minSE(res)
	if least <= s.wish {
		return false
	}
	s.min, s.wish = least, least
	return true
}

// minSE is what a message's Min-SE asks for; 0 when there is none, or none that
// makes sense.
func minSE(m headered) time.Duration {
	value, _, _ := strings.Cut(headerOf(m, "min-se"), ";")
	n, ok := wire.Seconds(strings.TrimSpace(value))
	if least := time.Duration(n) * time.Second; ok && least <= 24*time.Hour {
		return least
	}
	return 0
}

// longer sends the INVITE again with the interval that a 422 asks for.
func (l *Leg) longer(now time.Time, res *sipgo.Response) bool {
	if res == nil || l.uac.retries > 0 || !l.ses.raise(res) {
		return false
	}
	l.uac.retries++
	again := *l.uac.out
	again.seq = l.dialog.next()
	again.extra = l.inviteLines()
	l.call(now, &again)
	return true
}
