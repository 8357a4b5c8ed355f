package sip

import (
	"context"
	"maps"
	"net/netip"
	"slices"
	"time"
)

// RegState is where our registration at a trunk's registrar stands.
//
//	NotKept      Registering --200--> Registered --refresh failed--> Retrying
//	                  \--failed--> Retrying --200--> Registered
//	                   \--403...--> Denied --half an hour--> ...
//	any --drain, end--> Withdrawn
type RegState uint8

const (
	NotKept     RegState = iota // the trunk is not one that we register at
	Registering                 // the first attempt is under way
	Registered
	Retrying  // the registrar does not answer, or is in trouble
	Denied    // it said no: somebody has to look into it
	Withdrawn // we have unregistered
)

var regStateNames = [...]string{"none", "registering", "registered", "retrying", "denied", "withdrawn"}

func (s RegState) String() string {
	if int(s) < len(regStateNames) {
		return regStateNames[s]
	}
	return "unknown"
}

// RegistrationStatus is our registration at a trunk, as it stands.
type RegistrationStatus struct {
	State     RegState
	Registrar string    // in use, or asked last
	Until     time.Time // Registered: when it ends unless it is refreshed
	Next      time.Time // the next attempt
	Status    int       // of the last failure; 0: no answer
	Reason    string
	Failures  int // in a row
}

// RegistrationWatcher is implemented by a Core that wants to know of our
// registrations at trunks. It is told changes of state, and each further refusal;
// it is called as Core's methods are.
type RegistrationWatcher interface {
	TrunkRegistration(trunk string, s RegistrationStatus)
}

// home is where a trunk has registered us: calls go out by that flow, and calls
// that come from there are the trunk's.
type home struct {
	by      *registrant
	flow    flow
	target  *target
	user    string // of our Contact
	domain  string // of the address of record; "": the target's host
	service []string
}

func (s *trunkState) home() *home {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.at
}

// settle takes what became of an attempt of r's to register, and tells. Of one
// that is no longer in charge only its leaving counts.
func (s *trunkState) settle(r *registrant, h *home, status RegistrationStatus) {
	s.mu.Lock()
	before, current := s.reg, s.registrant == r
	switch {
	case current:
		s.at, s.reg = h, status
	case s.at != nil && s.at.by == r:
		s.at = nil
	}
	s.mu.Unlock()
	s.ua.rehome()
	if !current {
		s.tell()
		return
	}
	if w, ok := s.ua.core.(RegistrationWatcher); ok && (before.State != status.State || status.State == Denied) {
		w.TrunkRegistration(s.id, status)
	}
	s.tell()
}

// rehome makes the map of registrars' addresses anew.
func (ua *UA) rehome() {
	ua.trunksMu.Lock()
	defer ua.trunksMu.Unlock()
	homes := map[netip.Addr][]string{}
	for _, id := range slices.Sorted(maps.Keys(ua.trunkStates)) {
		h := ua.trunkStates[id].home()
		if h == nil {
			continue
		}
		addrs := []netip.Addr{h.flow.remote.Addr()}
		for _, p := range ua.spots.Load().of(h.target) {
			addrs = append(addrs, p.Addr.Addr())
		}
		for _, a := range addrs {
			if !slices.Contains(homes[a], id) {
				homes[a] = append(homes[a], id)
			}
		}
	}
	ua.homes.Store(&homes)
}

// trunkAt is the trunk that a source is: one of its peers', or a registrar that
// we are registered at. Of several there it is the first.
func (ua *UA) trunkAt(source netip.Addr) *trunk {
	p := ua.plan.Load()
	if t := p.trunkOf(source); t != nil {
		return t
	}
	for _, id := range (*ua.homes.Load())[source] {
		if t := p.trunks[id]; t != nil {
			return t
		}
	}
	return nil
}

// trunkCalling is the trunk that an INVITE is of: where several are registered at
// its source, the one whose Contact was called.
func (ua *UA) trunkCalling(in *request) *trunk {
	p, source := ua.plan.Load(), in.flow.remote.Addr()
	called := unescape(in.Recipient.User)
	for _, id := range (*ua.homes.Load())[source] {
		if t := p.trunks[id]; t != nil && called != "" && t.user() == called {
			return t
		}
	}
	return ua.trunkAt(source)
}

// user is that of our Contact at a trunk's registrar; "" when we are not
// registered there.
func (t *trunk) user() string {
	if h := t.state.home(); h != nil {
		return h.user
	}
	return ""
}

// keepRegistrations has each trunk of a plan registered that is to be, and
// unregisters the others.
func (ua *UA) keepRegistrations(p *plan) {
	ua.trunksMu.Lock()
	states := maps.Clone(ua.trunkStates)
	ua.trunksMu.Unlock()
	for id, s := range states {
		t := p.trunks[id]
		s.mu.Lock()
		r := s.registrant
		keep := t != nil && t.cfg.Registration.asked()
		same := keep && r != nil && r.login == [2]string{t.cfg.Username, t.cfg.Password} && s.regCfg.equal(t.cfg.Registration)
		if same {
			s.mu.Unlock()
			continue
		}
		s.registrant, s.reg = nil, RegistrationStatus{}
		if keep {
			s.regCfg = t.cfg.Registration
			s.reg.State = Registering
		}
		s.mu.Unlock()
		if r != nil {
			r.stop()
		}
		if keep {
			ua.startRegistrant(t, r)
		}
	}
}

// startRegistrant keeps a trunk's registration from now on, once the one before
// it has left.
func (ua *UA) startRegistrant(t *trunk, before *registrant) {
	r := ua.newRegistrant(t)
	ctx, stop := context.WithCancel(ua.life)
	r.stop = stop
	t.state.mu.Lock()
	t.state.registrant = r
	t.state.mu.Unlock()
	if !ua.startAlive(func() {
		defer stop()
		if before != nil {
			<-before.left
		}
		r.run(ctx)
	}) {
		stop()
		close(r.left)
	}
}

// wakeRegistrants has them look again: all, or those that a connection was used
// by.
func (ua *UA) wakeRegistrants(lost *stream) {
	ua.trunksMu.Lock()
	defer ua.trunksMu.Unlock()
	for _, s := range ua.trunkStates {
		s.mu.Lock()
		if r := s.registrant; r != nil && (lost == nil || s.at != nil && s.at.flow.stream == lost) {
			r.wake()
		}
		s.mu.Unlock()
	}
}

// registeredSomewhere tells whether a registrar still counts on us.
func (ua *UA) registeredSomewhere() bool {
	ua.trunksMu.Lock()
	defer ua.trunksMu.Unlock()
	for _, s := range ua.trunkStates {
		if s.home() != nil {
			return true
		}
	}
	return false
}
