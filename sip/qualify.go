package sip

import (
	"math/rand/v2"
	"time"

	"go.uber.org/zap"
)

// PhoneWatcher is implemented by a Core that wants to know when a phone that is
// asked by OPTIONS (Account.Qualify) ceases to answer, and when it is heard of
// again. Its binding stands meanwhile. It is called as Core's methods are.
type PhoneWatcher interface{ PhoneState(account string, up bool) }

// vigil asks one account's phone, again and again, whether it is there. A phone
// that dies is known to be dead before two intervals have passed: it is asked
// within one, and has three quarters of another to answer.
type vigil struct {
	ua      *UA
	account string
	timer   timer

	// The UA's vigilsMu guards the rest.
	every  time.Duration
	open   *exchange // the question that was not answered yet
	asked  time.Time // when the last one was put
	wakes  bool      // the timer is set: it is while the account has a place to ask at
	silent bool
}

// patience is how long a question may stay open.
func (v *vigil) patience() time.Duration { return v.every * 3 / 4 }

// keepVigil begins to watch the phones of a plan that are to be watched, and
// ceases with all others.
func (ua *UA) keepVigil(p *plan) {
	var back []string
	ua.vigilsMu.Lock()
	for id, v := range ua.vigils {
		if a := p.accounts[id]; a == nil || a.qualify <= 0 {
			ua.timers.set(&v.timer, v, time.Time{})
			delete(ua.vigils, id)
			if v.silent && a != nil {
				back = append(back, id)
			}
		}
	}
	for id, a := range p.accounts {
		if a.qualify <= 0 {
			continue
		}
		v := ua.vigils[id]
		if v == nil {
			v = &vigil{ua: ua, account: id}
			ua.vigils[id] = v
		}
		if v.every != a.qualify { // the first questions of all phones are spread over an interval
			v.every = a.qualify
			v.wake(a.contact != nil || ua.bindings.newest(id) != nil)
		}
	}
	ua.vigilsMu.Unlock()
	for _, id := range back {
		ua.phoneState(id, true)
	}
}

// wake has the first question put within an interval, if there is a place to
// ask at. vigilsMu is held.
func (v *vigil) wake(on bool) {
	if v.wakes = on; on {
		v.ua.timers.set(&v.timer, v, time.Now().Add(rand.N(v.every)))
	}
}

// expire gives up a question that is due, or asks the next.
func (v *vigil) expire(now time.Time) {
	v.ua.vigilsMu.Lock()
	if v.open != nil {
		v.open = nil
		v.ua.timers.set(&v.timer, v, v.asked.Add(v.every))
		v.ua.vigilsMu.Unlock()
		v.heard(false)
		return
	}
	v.ua.vigilsMu.Unlock()
	c, err := v.ua.course(&Dial{Account: v.account}, nil)
	if err == nil && !c.flow.valid() { // a fixed contact
		c.flow, err = v.ua.flowTo(c.via, c.to, c.name, nil)
	}
	if err == nil {
		v.ask(now, c)
		return
	}
	// No binding: the registrar has told so, and tells of the next one. Or a name
	// that is not known yet.
	v.ua.vigilsMu.Lock()
	v.wakes = v.ua.Registered(v.account)
	if v.wakes {
		v.ua.timers.set(&v.timer, v, now.Add(v.every))
	}
	v.ua.vigilsMu.Unlock()
}

// ask sends one OPTIONS. Any answer is life: a phone that knows no OPTIONS says
// so, and a 503 or 408 comes from something in front of it that does not reach
// it.
func (v *vigil) ask(now time.Time, c course) {
	ua := v.ua
	host, _ := c.flow.sentBy()
	seq := uint32(1)
	out := &outgoing{method: "OPTIONS", uri: c.uri, callID: newCallID(), seq: seq,
		from: "<sip:" + host + ">;tag=" + newTag(), to: "<" + bareURI(c.uri) + ">",
		nextSeq: func() uint32 { seq++; return seq }, contact: true, agent: ua.cfg.UserAgent}
	var lines text
	lines.line("Accept", sdpType)
	lines.line("Allow", allow)
	out.extra = lines
	ua.dialled.add(c.flow.remote.Addr(), 1)
	over := false
	x := ua.ask(now, nil, c.flow, out, nil, func(_ *exchange, a answer) {
		if a.res != nil && a.res.StatusCode < 200 || over {
			return
		}
		over = true
		ua.dialled.add(c.flow.remote.Addr(), -1)
		if a.res != nil && v.answered() {
			v.heard(a.status() != 503 && a.status() != 408)
		}
	})
	x.enter()
	defer x.leave()
	ua.vigilsMu.Lock()
	defer ua.vigilsMu.Unlock()
	switch v.asked = now; {
	case ua.vigils[v.account] != v:
	case over:
		ua.timers.set(&v.timer, v, now.Add(v.every))
	default:
		v.open = x
		ua.timers.set(&v.timer, v, now.Add(v.patience()))
	}
}

// answered closes the question that is open, be it this one or a later one: the
// phone is there. False: nobody asks any more.
func (v *vigil) answered() bool {
	v.ua.vigilsMu.Lock()
	defer v.ua.vigilsMu.Unlock()
	if v.open != nil {
		v.open = nil
		v.ua.timers.set(&v.timer, v, v.asked.Add(v.every))
	}
	return v.ua.vigils[v.account] == v
}

// heard takes one result.
func (v *vigil) heard(alive bool) {
	v.ua.vigilsMu.Lock()
	changed := v.silent == alive
	v.silent = !alive
	v.ua.vigilsMu.Unlock()
	if changed {
		v.ua.phoneState(v.account, alive)
	}
}

// Doubt says that there is reason to think that an account's phone is gone, as
// when its sound has stopped in the middle of a call: it is taken for silent
// until it answers, and is asked at once. Of a phone that nobody asks nothing
// would ever be heard, and so it is taken at its word. The core hears of the
// phone's state before Doubt returns.
func (ua *UA) Doubt(account string) {
	ua.vigilsMu.Lock()
	v := ua.vigils[account]
	if v == nil || !v.wakes {
		ua.vigilsMu.Unlock()
		return
	}
	if v.open == nil {
		ua.timers.set(&v.timer, v, time.Now())
	}
	ua.vigilsMu.Unlock()
	v.heard(false)
}

// phoneSpoke: a phone has registered, which is as good as an answer, also to a
// question that it has not answered yet.
func (ua *UA) phoneSpoke(account string) {
	ua.vigilsMu.Lock()
	v := ua.vigils[account]
	switch {
	case v == nil:
	case !v.wakes:
		v.wake(true)
	case v.open != nil:
		v.open = nil
		ua.timers.set(&v.timer, v, v.asked.Add(v.every))
	}
	ua.vigilsMu.Unlock()
	if v != nil {
		v.heard(true)
	}
}

func (ua *UA) phoneState(account string, up bool) {
	ua.log.Info("phone changed", zap.String("account", account), zap.Bool("answers", up))
	if w, ok := ua.core.(PhoneWatcher); ok {
		w.PhoneState(account, up)
	}
}

// Answers tells whether an account's phone is there as far as is known: it can
// be dialled and has not failed to answer when it was asked.
func (ua *UA) Answers(account string) bool {
	if !ua.Registered(account) {
		return false
	}
	ua.vigilsMu.Lock()
	defer ua.vigilsMu.Unlock()
	v := ua.vigils[account]
	return v == nil || !v.silent
}
