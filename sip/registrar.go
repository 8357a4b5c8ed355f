package sip

import (
	"strings"
	"time"

	sipgo "github.com/emiago/sipgo/sip"
	"go.uber.org/zap"

	"switchroom/sip/auth"
	"switchroom/sip/wire"
)

const (
	// What a binding may last (RFC 3261 10.3).
	expiresDefault = 3600 * time.Second
	expiresMin     = 60 * time.Second
	expiresMax     = 3600 * time.Second
)

// judge asks who a request comes from.
func (ua *UA) judge(now time.Time, in *request, user string, secretOf func(string) *auth.Secret) auth.Judgement {
	r := auth.Request{Method: string(in.Method), URI: in.uri(), User: user, Source: in.flow.remote,
		Authorization: headersOf(in.Request, "authorization")}
	j := ua.auth.Judge(now, r, secretOf)
	switch j.Why {
	case auth.Matched:
		ua.challenged.able(in)
	case auth.NoCredentials:
	case auth.StaleNonce:
		ua.count(authStale)
	default:
		ua.count(authFailed)
		if ua.mayLog(now) {
			ua.log.Warn("credentials refused", zap.String("source", in.flow.String()),
				zap.String("account", wire.Escape(user)), zap.Uint8("why", uint8(j.Why)))
		}
	}
	return j
}

// attackLogRate bounds, per second, the log lines that anybody can cause; the
// counters tell the rest.
const attackLogRate = 10

func (ua *UA) mayLog(now time.Time) bool {
	ua.attackMu.Lock()
	defer ua.attackMu.Unlock()
	return ua.attackLog.take(now, attackLogRate, attackLogRate)
}

// takeRegister is the registrar. Until a phone has proved itself it costs no
// memory; whether the account exists shows neither in answer nor in time.
func (ua *UA) takeRegister(now time.Time, in *request) {
	if wait := ua.refusing(); wait > 0 {
		ua.count(refusedDraining)
		in.decline(503, retryAfter(wait))
		return
	}
	user := unescape(in.To().Address.User)
	j := ua.judge(now, in, user, ua.plan.Load().secretOf)
	switch j.Outcome {
	case auth.Blocked:
		ua.count(droppedThrottled)
		return
	case auth.Challenge:
		ua.challenge(in, j)
		return
	}
	x := ua.serve(now, in, nil)
	x.enter()
	defer x.leave()
	status, extra := ua.register(now, in, user)
	x.respond(now, status, x.reply.response(status, newTag(), extra, "", nil))
}

// wish is what a REGISTER asks of one contact.
type wish struct {
	contact string
	expires time.Duration // 0: remove
}

// register carries out an authenticated REGISTER.
func (ua *UA) register(now time.Time, in *request, account string) (status int, extra []byte) {
	wishes, all, status := wishesOf(in)
	var t text
	if status != 0 {
		if status == 423 {
			t.line("Min-Expires", seconds(expiresMin))
		}
		return status, t
	}
	s := ua.bindings
	s.turn.Lock()
	defer s.turn.Unlock()
	if !s.inOrder(account, in) {
		return 500, nil // an older request of the same client came late
	}
	if all {
		for _, b := range s.of(account) {
			s.unregister(b)
		}
	}
	for _, w := range wishes {
		s.fulfil(now, in, account, w)
	}
	for _, b := range s.of(account) {
		left := b.expires.Sub(now)
		t.line("Contact", "<", b.contact, ">;expires=", seconds(left))
	}
	t.line("Date", now.UTC().Format("Mon, 02 Jan 2006 15:04:05 GMT"))
	return 200, t
}

// wishesOf reads Contact and Expires. A status other than 0 is the answer.
func wishesOf(in *request) (wishes []wish, all bool, status int) {
	def, given := expiresDefault, false
	if v := in.header("expires"); v != "" {
		if n, ok := wire.Seconds(v); ok {
			def, given = time.Duration(n)*time.Second, true
		}
	}
	contacts := in.GetHeaders("contact")
	for _, h := range contacts {
		c, ok := h.(*sipgo.ContactHeader)
		if !ok {
			continue
		}
		if c.Address.Wildcard {
			if len(contacts) != 1 || !given || def != 0 {
				return nil, false, 400
			}
			return nil, true, 0
		}
		w := wish{contact: contactURI(c), expires: def}
		if v, found := c.Params.Get("expires"); found {
			if n, ok := wire.Seconds(v); ok {
				w.expires = time.Duration(n) * time.Second
			}
		}
		if scheme := strings.ToLower(c.Address.Scheme); scheme != "sip" || c.Address.Host == "" {
			return nil, false, 400
		}
		if w.expires > 0 && w.expires < expiresMin {
			return nil, false, 423
		}
		w.expires = min(w.expires, expiresMax)
		wishes = append(wishes, w)
	}
	if len(wishes) > contactsMax {
		return nil, false, 400
	}
	return wishes, false, 0
}

// inOrder: a REGISTER of the same Call-ID must have a higher CSeq.
func (s *bindings) inOrder(account string, in *request) bool {
	for _, b := range s.of(account) {
		if b.callID == in.CallID().Value() && in.CSeq().SeqNo <= b.seq {
			return false
		}
	}
	return true
}

// fulfil adds, refreshes or removes one contact. turn is held.
func (s *bindings) fulfil(now time.Time, in *request, account string, w wish) {
	var old *binding
	for _, b := range s.of(account) {
		if b.contact == w.contact {
			old = b
		}
	}
	if w.expires == 0 {
		if old != nil {
			s.unregister(old)
		}
		return
	}
	before := s.newest(account)
	b := &binding{set: s, account: account, contact: w.contact, flow: in.flow, callID: in.CallID().Value(),
		seq: in.CSeq().SeqNo, updated: now, expires: now.Add(w.expires)}
	s.put(b)
	s.ua.count(registered)
	if before == nil || before.contact != b.contact || before.flow != b.flow {
		s.ua.core.Registration(Registration{Account: account, Registered: true, Contact: b.contact,
			Source: b.flow.String(), Reason: "registered"})
	}
	s.ua.phoneSpoke(account)
}

func (s *bindings) unregister(b *binding) {
	if s.remove(b) {
		s.ua.count(unregistered)
		s.report(b, "unregistered")
	}
}
