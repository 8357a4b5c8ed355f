package sip

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"time"

	"github.com/google/uuid"
	"go.uber.org/zap"

	"switchroom/sip/auth"
)

// OwnRegistration is a registration that we keep at a carrier (RFC 3261 10.2).
type OwnRegistration struct {
	// Registrars are URIs in the order in which they are asked; the first is
	// returned to when it has had time to recover.
	Registrars []string
	// User is that of the address of record and of our Contact, by which the
	// carrier's calls are known; "": Trunk.Username. Domain is the address of
	// record's host; "": the registrar's.
	User, Domain string
	// Expires is what is asked for. Default 300 s.
	Expires time.Duration
	// Outbound adds reg-id and +sip.instance to the Contact (RFC 5626), for a
	// carrier that ties calls to the flow of the registration.
	Outbound bool
}

// asked tells whether there is a registration to be kept.
func (o *OwnRegistration) asked() bool { return len(o.Registrars) > 0 }

func (o OwnRegistration) equal(p OwnRegistration) bool {
	a, b := o, p
	a.Registrars, b.Registrars = nil, nil
	return slices.Equal(o.Registrars, p.Registrars) && a.User == b.User && a.Domain == b.Domain &&
		a.Expires == b.Expires && a.Outbound == b.Outbound
}

// registrant keeps a trunk's registration on a goroutine of its own until its
// context or the UA ends; then it unregisters.
type registrant struct {
	ua      *UA
	state   *trunkState
	cfg     OwnRegistration
	login   [2]string
	targets []*target
	own     *registration
	log     *zap.Logger

	stop context.CancelFunc
	kick chan struct{} // something has changed: look again
	left chan struct{} // closed when it has unregistered for good

	// What follows is run's alone.
	at       int       // the registrar in use
	since    time.Time // that it is in use
	failures int
	bound    bool // we have a binding there
	// withdrawn: a drain took it out.
	withdrawn bool
}

// revertAfter is how long a registrar that failed is left alone before it, being
// the first, is asked again.
const revertAfter = 10 * time.Minute

func (ua *UA) newRegistrant(t *trunk) *registrant {
	cfg := t.cfg.Registration
	if cfg.User == "" {
		cfg.User = t.cfg.Username
	}
	if cfg.Expires <= 0 {
		cfg.Expires = registerExpires
	}
	r := &registrant{ua: ua, state: t.state, cfg: cfg, login: [2]string{t.cfg.Username, t.cfg.Password},
		targets: t.registrars, log: ua.log.With(zap.String("trunk", t.cfg.ID)), kick: make(chan struct{}, 1), left: make(chan struct{})}
	r.own = ua.newRegistration(cfg.User, auth.Credentials{Username: t.cfg.Username, Password: t.cfg.Password}, cfg.Expires)
	r.own.domain = cfg.Domain
	if cfg.Outbound {
		id := uuid.NewSHA1(uuid.NameSpaceURL, []byte("sip:"+cfg.User+"@"+t.cfg.ID+"."+ua.cfg.Realm))
		r.own.params = `;reg-id=1;+sip.instance="<urn:uuid:` + id.String() + `>"`
	}
	return r
}

// wake has run look again.
func (r *registrant) wake() {
	select {
	case r.kick <- struct{}{}:
	default:
	}
}

func (r *registrant) run(ctx context.Context) {
	defer close(r.left)
	defer r.leave()
	for {
		wait := time.Hour
		if r.withdrawn = r.ua.refusing() > 0; r.withdrawn { // the carrier is to send its calls elsewhere
			r.leave()
		} else {
			wait = r.attempt(ctx)
		}
		if !r.sleep(ctx, wait) {
			return
		}
	}
}

// sleep waits until the next attempt is due or something has changed; false at
// the end.
func (r *registrant) sleep(ctx context.Context, wait time.Duration) bool {
	due := time.NewTimer(wait)
	defer due.Stop()
	open := time.NewTicker(natEvery)
	defer open.Stop()
	for {
		select {
		case <-open.C:
			r.keepOpen()
		case <-ctx.Done():
			return false
		case <-r.ua.life.Done():
			return false
		case <-due.C:
			return true
		case <-r.kick:
			home := r.state.home()
			switch draining := r.ua.refusing() > 0; {
			case draining && r.bound, !draining && r.withdrawn, home != nil && home.flow.broken():
				return true
			}
		}
	}
}

// attempt registers at the first registrar that takes it, and tells when to do
// so again.
func (r *registrant) attempt(ctx context.Context) time.Duration {
	if r.at > 0 && time.Since(r.since) > revertAfter {
		r.at = 0
	}
	var err error
	for range r.targets {
		var g granted
		if g, err = r.ask(ctx); err == nil {
			return r.registered(g)
		}
		if ctx.Err() != nil || r.ua.life.Err() != nil {
			r.bound = true // perhaps: it was asked
			return 0
		}
		var d *denial
		if errors.As(err, &d) && d.final() {
			break // the carrier's word, not the host's
		}
		r.at, r.since = (r.at+1)%len(r.targets), time.Now()
	}
	return r.failed(err)
}

// ask registers at the registrar in use. One of several is given less time than a
// transaction takes.
func (r *registrant) ask(ctx context.Context) (granted, error) {
	at := r.targets[r.at]
	if len(r.targets) > 1 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, 16*r.ua.t.T1)
		defer cancel()
	}
	release := r.ua.meet(at)
	defer release()
	return r.own.once(ctx, at, r.own.expires)
}

func (r *registrant) registered(g granted) time.Duration {
	at := r.targets[r.at]
	r.failures, r.bound = 0, true
	wait := refreshIn(g.expires)
	r.ua.count(trunkRegistered)
	r.state.settle(r, &home{by: r, flow: g.flow, target: at, user: r.cfg.User, domain: r.own.domain, service: g.service},
		RegistrationStatus{State: Registered, Registrar: at.uri.String(), Until: time.Now().Add(g.expires), Next: time.Now().Add(wait)})
	return wait
}

func (r *registrant) failed(err error) time.Duration {
	r.failures++
	r.bound = false
	wait := backOff(err, r.failures)
	s := RegistrationStatus{State: Retrying, Registrar: r.targets[r.at].uri.String(), Reason: err.Error(), Failures: r.failures, Next: time.Now().Add(wait)}
	var d *denial
	if errors.As(err, &d) {
		s.Status = d.status
		if d.final() {
			s.State = Denied
		}
	}
	r.ua.count(trunkRegisterFailed)
	r.log.Warn("trunk not registered", zap.String("registrar", s.Registrar), zap.Int("status", s.Status), zap.Int("failures", r.failures),
		zap.Duration("next", wait), zap.Error(err))
	r.state.settle(r, nil, s)
	return wait
}

// leave unregisters, if there is a binding.
func (r *registrant) leave() {
	if r.bound {
		r.bound = false
		at := r.targets[r.at]
		release := r.ua.meet(at)
		r.own.farewell(at)
		release()
	}
	r.failures = 0
	r.state.settle(r, nil, RegistrationStatus{State: Withdrawn})
}

// meet lets the hosts of a target answer us until the release.
func (ua *UA) meet(at *target) (release func()) {
	var addrs []netip.Addr
	for _, p := range ua.spots.Load().of(at) {
		addrs = append(addrs, p.Addr.Addr())
	}
	for _, a := range addrs {
		ua.dialled.add(a, 1)
	}
	return func() {
		for _, a := range addrs {
			ua.dialled.add(a, -1)
		}
	}
}

// keepOpen keeps the way to us open where a NAT may be on it: as RFC 5626 wants it
// of a connection, and as registrars take it by UDP.
func (r *registrant) keepOpen() {
	h := r.state.home()
	if h == nil || h.flow.packet == nil || !r.cfg.Outbound && r.ua.cfg.Advertise == "" {
		return
	}
	_ = h.flow.send(pingText)
}
