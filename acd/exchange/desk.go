package exchange

import (
	"crypto/subtle"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"switchroom/acd"
	"switchroom/acd/api"
	"switchroom/sip"

	"go.uber.org/zap"
)

// desks are who sits at a phone that is not its own, and who has failed to log
// in at one. Its mutex comes before any agent's.
type desks struct {
	mu     sync.Mutex
	taken  map[string]*agent // by the phone's account
	failed map[string]failures
}

type failures struct {
	n     int
	until time.Duration // until when no login is tried at this phone
}

// Five wrong pins at a phone are enough for a while.
const (
	loginTries = 5
	loginPause = time.Minute
)

var (
	errLogin    = errors.New("exchange: no such agent with that pin")
	errOccupied = errors.New("exchange: somebody at this phone is in a call")
)

// agentAt is who has a phone: whoever logged in at it, else the agent whose own
// it is, unless that one sits elsewhere.
func (x *Exchange) agentAt(account string) *agent {
	x.desks.mu.Lock()
	a := x.desks.taken[account]
	x.desks.mu.Unlock()
	if a != nil {
		return a
	}
	if a = x.agents.get(account); a != nil && a.phoneNow() == account {
		return a
	}
	return nil
}

// phoneOf is where an agent's calls ring.
func (x *Exchange) phoneOf(id string) string {
	if a := x.agents.get(id); a != nil {
		return a.phoneNow()
	}
	return id
}

func (a *agent) phoneNow() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.phone
}

// loginOf reads *51*AGENT*PIN.
func loginOf(dialled string) (id, pin string, ok bool) {
	rest, ok := strings.CutPrefix(dialled, "*51*")
	if !ok {
		return "", "", false
	}
	return strings.Cut(strings.TrimSuffix(rest, "#"), "*")
}

// phoneLogsIn lets an agent take the phone that it dials from, once it has said
// who it is.
func (x *Exchange) phoneLogsIn(id, pin string, leg *sip.Leg, inv sip.Invite) sip.Sink {
	a := x.agents.get(id)
	shown := a
	if shown == nil {
		shown = &agent{x: x, id: inv.Account} // for the log alone
	}
	return x.carryOutCode(shown, leg, inv, feature{late: true,
		check: func() error { return x.mayLogIn(a, pin, inv.Account) },
		apply: func() {
			if err := x.sit(a, inv.Account, byCode); err != nil {
				x.log.Info("login came to nothing", zap.String("agent", a.id), zap.Error(err))
			}
		}})
}

// mayLogIn checks a pin. Guesses are counted by phone, and slowed down.
func (x *Exchange) mayLogIn(a *agent, pin, account string) error {
	now := x.clock.now()
	x.desks.mu.Lock()
	f := x.desks.failed[account]
	if now.Mono < f.until {
		x.desks.mu.Unlock()
		return errLogin
	}
	known := ""
	if a != nil {
		a.mu.Lock()
		known = a.config.PIN
		a.mu.Unlock()
	}
	if known != "" && subtle.ConstantTimeCompare([]byte(known), []byte(pin)) == 1 {
		delete(x.desks.failed, account)
		x.desks.mu.Unlock()
		return nil
	}
	if f.n++; f.n >= loginTries {
		f = failures{until: now.Mono + loginPause}
	}
	x.desks.failed[account] = f
	x.desks.mu.Unlock()
	x.note(now, acd.Event{Kind: "agent.login-refused", Reason: account})
	return errLogin
}

// sit gives a phone to an agent, who is ready from then on. Whoever had it and
// is in no call is logged out; both keep the phone that a call is on.
func (x *Exchange) sit(a *agent, account string, by acd.Cause) error {
	x.desks.mu.Lock()
	defer x.desks.mu.Unlock()
	before := x.desks.taken[account]
	if before == nil {
		if own := x.agents.get(account); own != nil && own.phoneNow() == account {
			before = own
		}
	}
	if before != nil && before != a {
		if before.busyWith() != "" {
			return errOccupied
		}
		before.step(acd.AgentInput{Kind: acd.AgentWish, Wish: acd.WishOffline, Cause: "phone-taken"})
		x.moveLocked(before, before.id)
	}
	if a.busyWith() != "" {
		return errBusy
	}
	x.moveLocked(a, account)
	a.step(acd.AgentInput{Kind: acd.AgentWish, Wish: acd.WishReady, Cause: by})
	return nil
}

// goHome gives the phone that an agent has logged out from back.
func (x *Exchange) goHome(a *agent) {
	x.desks.mu.Lock()
	defer x.desks.mu.Unlock()
	if a.phoneNow() != a.id && a.busyWith() == "" {
		x.moveLocked(a, a.id)
	}
}

// moveLocked has an agent's calls ring at a phone. desks.mu is held.
func (x *Exchange) moveLocked(a *agent, account string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.phone == account {
		return
	}
	if x.desks.taken[a.phone] == a {
		delete(x.desks.taken, a.phone)
	}
	a.phone = account
	if account != a.id {
		x.desks.taken[account] = a
	}
	a.core.Fixed = x.plan.Load().fixed(account)
	kind := acd.AgentLose
	if x.ua.Answers(account) {
		kind = acd.AgentReach
	}
	a.stepLocked(acd.AgentInput{Kind: kind, Cause: "phone"})
}

// fixed reports whether a phone has a contact that needs no registration.
func (p *plan) fixed(account string) bool {
	for _, v := range p.config.Phones {
		if v.ID == account {
			return v.Contact != ""
		}
	}
	for _, v := range p.config.Agents {
		if v.ID == account {
			return v.Contact != ""
		}
	}
	return false
}

// PhoneState hears that a phone which is asked whether it is there is not, or
// is again.
func (x *Exchange) PhoneState(account string, up bool) {
	a := x.agentAt(account)
	if a == nil {
		return
	}
	in := acd.AgentInput{Kind: acd.AgentLose, Cause: acd.PhoneSilent}
	if up {
		if !x.ua.Registered(account) {
			return // its binding has ended meanwhile
		}
		in = acd.AgentInput{Kind: acd.AgentReach, Cause: acd.PhoneHeard}
	}
	a.step(in)
}

// SetAgentPhone has an agent take a phone, as by *51 there, or go back to its
// own.
func (x *Exchange) SetAgentPhone(id, account, by string) error {
	a := x.agents.get(id)
	if a == nil {
		return fmt.Errorf("agent %q: %w", id, api.ErrNotFound)
	}
	if account == "" {
		account = id
	}
	if !x.ua.Registered(account) {
		return fmt.Errorf("phone %q is not registered: %w", account, api.ErrConflict)
	}
	if err := x.sit(a, account, acd.Cause(by)); err != nil {
		return fmt.Errorf("phone %s: %w: %w", account, err, api.ErrConflict)
	}
	return nil
}

var _ sip.PhoneWatcher = (*Exchange)(nil)
