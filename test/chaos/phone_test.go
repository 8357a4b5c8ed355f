package chaos

import (
	"context"
	"strings"
	"sync"
	"time"

	"switchroom/sip"
)

// phone is an agent's. It registers, or sits at a fixed contact.
type phone struct {
	w     *world
	id    string
	fixed bool
	*peer

	mu     sync.Mutex
	logout context.CancelFunc // nil: not registered
	talks  map[*side]string   // legs that are up, by who calls
	codes  sync.WaitGroup
}

func newPhone(w *world, id string, fixed bool) *phone {
	p := &phone{w: w, id: id, fixed: fixed, talks: map[*side]string{}}
	p.peer = newPeer(w, "127.0.0.1", p.rung)
	return p
}

// register logs the phone in, or out if it was.
func (p *phone) register(on bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.fixed || on == (p.logout != nil) {
		return
	}
	if !on {
		p.logout()
		p.logout = nil
		return
	}
	ctx, logout := context.WithCancel(context.Background())
	err := p.ua.Register(ctx, sip.RegisterRequest{Registrar: "sip:" + p.w.sip, Account: p.id, Password: "secret"})
	if err != nil {
		logout() // its account is not configured now, or the switch is ending
		return
	}
	p.logout = logout
}

// again registers a phone that has lost its binding, since its account was
// taken away for a while, and that would only notice at the next refresh.
func (p *phone) again() {
	p.register(false)
	time.Sleep(100 * time.Millisecond) // unregistering is on its way, and names the same contact
	p.register(true)
}

func (p *phone) registered() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.logout != nil || p.fixed
}

// dial calls a feature code and waits until the switch has hung up.
func (p *phone) dial(code string) {
	s := p.w.newSide()
	leg, err := p.ua.Dial(sip.Dial{URI: "sip:" + code + "@" + p.w.sip, From: sip.Identity{Number: p.id}, SDP: p.w.offer(s), Sink: s,
		Username: p.id, Password: "secret"})
	if err != nil {
		s.finish()
		return
	}
	s.setLeg(leg)
	s.after(p.w.d.upTo(900*time.Millisecond), func(leg *sip.Leg) { leg.Hangup(normal) })
	p.codes.Go(func() { <-s.over })
}

// rung is an INVITE from the switch.
func (p *phone) rung(leg *sip.Leg, inv sip.Invite) sip.Sink {
	s := p.w.newSide()
	s.setLeg(leg)
	p.watch(s, inv)
	roll := p.w.d.n(100)
	if p.w.quiet.Load() {
		roll = 0
	}
	d := p.w.d.upTo(250 * time.Millisecond)
	if p.w.d.chance(70) {
		_ = leg.Ring(180, nil)
	}
	answer := func(leg *sip.Leg) {
		if body := s.answer(inv.SDP); body != nil {
			_ = leg.Answer(body)
		}
	}
	refuse := func(code int) { s.after(d, func(leg *sip.Leg) { leg.Reject(code, 0) }) }
	switch {
	case roll < 62:
		s.after(d, answer)
	case roll < 68: // rings out
	case roll < 74: // the 200 crosses the CANCEL
		s.after(ringTimeout-2*time.Millisecond+p.w.d.upTo(4*time.Millisecond), answer)
	case roll < 80:
		refuse(486)
	case roll < 92:
		refuse(pick(p.w.d, 603, 480, 500, 404, 302))
	case roll < 94:
		s.after(d, func(leg *sip.Leg) { _ = leg.Answer([]byte("nonsense")) })
	default:
		s.after(d, func(leg *sip.Leg) { _ = leg.Ring(183, s.answer(inv.SDP)) })
		s.after(d+50*time.Millisecond, answer)
	}
	s.onUp = func() { p.talk(s, inv.From.Number) }
	return s
}

// watch notes a phone that is rung while it is in a call: to the switch its
// agent was free.
func (p *phone) watch(s *side, inv sip.Invite) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for other, from := range p.talks {
		if !other.isOver() {
			p.w.fault("phone %s is rung for %s while it talks with %s", p.id, inv.From.Number, from)
		}
	}
	clear(p.talks)
}

// talk is what a phone does in a call: hold, hang up, or wait for the other to
// hang up, now and then in the very same moment.
func (p *phone) talk(s *side, from string) {
	p.mu.Lock()
	p.talks[s] = from
	p.mu.Unlock()
	d := 30*time.Millisecond + p.w.d.upTo(500*time.Millisecond)
	if p.w.d.chance(25) {
		s.hold(d/3, d/2)
	}
	hang := func(leg *sip.Leg) { leg.Hangup(normal) }
	switch roll := p.w.d.n(10); {
	case roll < 4:
		s.after(d, hang)
	case roll < 7:
		s.after(d, hang)
		if other, ok := p.w.callers.Load(from); ok {
			other.(*side).after(d, hang)
		}
	}
}

// codes that agents dial.
func (w *world) code() string {
	return pick(w.d, "*50", "*51", "*51", "*51", "*5203", "*53", "*5407", "400", strings.Repeat("9", 20))
}
