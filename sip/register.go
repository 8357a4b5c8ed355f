package sip

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	sipgo "github.com/emiago/sipgo/sip"

	"switchroom/sip/auth"
	"switchroom/sip/wire"
)

// RegisterRequest makes a UA a phone of some registrar.
type RegisterRequest struct {
	// Registrar is its URI, "sip:127.0.0.1:5060;transport=tcp".
	Registrar string
	Account   string
	Password  string
	// Expires is what is asked for. Default 300 s.
	Expires time.Duration
	// Report is called after each success, with nil, and each failure; may be
	// nil. It must not block.
	Report func(error)
}

const (
	registerExpires = 300 * time.Second
	// A registration that failed is tried again after a growing wait, longer
	// when the registrar has said no.
	registerRetryMin = 2 * time.Second
	registerRetryMax = 2 * time.Minute
	registerRefused  = 30 * time.Minute
	// expiresLongest is the longest that a registrar may insist on.
	expiresLongest = 24 * time.Hour
)

// registration is one address of record kept by us: the part of it that does
// not depend on which registrar is asked.
type registration struct {
	ua      *UA
	user    string // of the address of record and of our Contact
	domain  string // of the address of record; "": the registrar's host
	params  string // of our Contact, with their semicolons
	creds   *credentials
	callID  string
	tag     string
	seq     uint32
	expires time.Duration
}

func (ua *UA) newRegistration(user string, c auth.Credentials, expires time.Duration) *registration {
	return &registration{ua: ua, user: user, callID: newCallID(), tag: newTag(), expires: expires, creds: newCredentials(c)}
}

// granted is what a successful REGISTER brought.
type granted struct {
	expires time.Duration
	flow    flow     // by which the registrar was asked
	service []string // Service-Route, for requests through it (RFC 3608)
}

// denial is a REGISTER's failure. The least wait before another attempt follows
// from it.
type denial struct {
	status int // 0: no answer at all
	wait   time.Duration
	err    error
}

func (r *denial) Error() string { return r.err.Error() }
func (r *denial) Unwrap() error { return r.err }

// final tells whether the registrar said no and will go on to.
func (r *denial) final() bool {
	switch r.status {
	case 401, 403, 404, 407, 423:
		return true
	}
	return false
}

// Register keeps a registration: it returns after the first success, or with
// what the first attempt met, and goes on refreshing until ctx or the UA ends;
// then it unregisters. After an error nothing goes on.
func (ua *UA) Register(ctx context.Context, r RegisterRequest) error {
	at, err := parseTarget(r.Registrar)
	if err != nil {
		return err
	}
	if !clean(r.Account) || r.Account == "" {
		return fmt.Errorf("%w: account %q", ErrHeader, r.Account)
	}
	if r.Expires <= 0 {
		r.Expires = registerExpires
	}
	g := ua.newRegistration(r.Account, auth.Credentials{Username: r.Account, Password: r.Password}, r.Expires)
	place, err := ua.placeOf(at)
	if err != nil {
		return err
	}
	ua.dialled.add(place.Addr.Addr(), 1)
	wait, err := g.refreshed(ctx, at)
	if err != nil {
		ua.dialled.add(place.Addr.Addr(), -1)
		return err
	}
	if !ua.startAlive(func() {
		defer ua.dialled.add(place.Addr.Addr(), -1)
		g.keep(ctx, at, r.Report, wait)
	}) {
		return ErrClosed
	}
	return nil
}

// refreshed registers once and tells when to do so again.
func (g *registration) refreshed(ctx context.Context, at *target) (time.Duration, error) {
	granted, err := g.once(ctx, at, g.expires)
	if err != nil {
		return 0, err
	}
	return refreshIn(granted.expires), nil
}

// keep refreshes until the end and then unregisters.
func (g *registration) keep(ctx context.Context, at *target, report func(error), wait time.Duration) {
	failures := 0
	for {
		timer := time.NewTimer(wait)
		select {
		case <-g.ua.life.Done():
			timer.Stop()
			return
		case <-ctx.Done():
			timer.Stop()
			g.farewell(at)
			return
		case <-timer.C:
		}
		next, err := g.refreshed(ctx, at)
		if ctx.Err() != nil {
			continue
		}
		if report != nil {
			report(err)
		}
		if err == nil {
			failures, wait = 0, next
			continue
		}
		failures++
		wait = backOff(err, failures)
	}
}

// farewell takes our contact out; the registrar has a moment to answer.
func (g *registration) farewell(at *target) {
	last, cancel := context.WithTimeout(g.ua.life, 4*g.ua.t.T1)
	defer cancel()
	_, _ = g.once(last, at, 0)
}

// backOff is the wait after so many failures in a row: growing, by chance, and
// never less than what the registrar asked for.
func backOff(err error, failures int) time.Duration {
	d := min(registerRetryMax, registerRetryMin<<min(failures-1, 6))
	d = d/2 + rand.N(d)
	var r *denial
	if errors.As(err, &r) && r.wait > 0 {
		d = max(d, r.wait+rand.N(r.wait/10+1))
	}
	return d
}

// once sends one REGISTER and waits for what comes of it. The error is a
// *denial, or that of ctx or the UA.
func (g *registration) once(ctx context.Context, at *target, expires time.Duration) (granted, error) {
	for range 2 {
		a, f, err := g.send(ctx, at, expires)
		if err != nil {
			return granted{}, err
		}
		status := a.status()
		switch {
		case status < 300:
			return granted{expires: g.lifetime(a.res, f, expires), flow: f, service: headersOf(a.res, "service-route")}, nil
		case status == 423:
			n, ok := wire.Seconds(headerOf(a.res, "min-expires"))
			if least := time.Duration(n) * time.Second; ok && least > expires && least <= expiresLongest {
				g.expires, expires = least, least
				continue
			}
			return granted{}, &denial{status, registerRefused, fmt.Errorf("%w: 423", ErrRegistration)}
		case status == 401 || status == 403 || status == 407 || status == 404:
			return granted{}, &denial{status, registerRefused, fmt.Errorf("%w: %d", ErrRegistration, status)}
		case a.err != nil:
			return granted{}, &denial{0, 0, fmt.Errorf("register at %s: %w", at.host, a.err)}
		default:
			n, _ := wire.Seconds(headerOf(a.res, "retry-after"))
			return granted{}, &denial{status, min(time.Duration(n)*time.Second, registerRefused),
				fmt.Errorf("register at %s: %d %s", at.host, status, wire.Escape(a.res.Reason))}
		}
	}
	return granted{}, &denial{423, registerRefused, fmt.Errorf("%w: 423", ErrRegistration)}
}

// refreshIn leaves room for retransmissions before a binding ends, and keeps
// many of them from coming at once.
func refreshIn(granted time.Duration) time.Duration {
	return granted/2 + rand.N(granted*3/10+1)
}

// lifetime is what the registrar gave: the expires of our contact, of one with
// our user where it was rewritten, the Expires header, or what was asked for.
func (g *registration) lifetime(res *sipgo.Response, f flow, asked time.Duration) time.Duration {
	host, port := f.sentBy()
	best := time.Duration(0)
	for _, h := range res.GetHeaders("contact") {
		c, ok := h.(*sipgo.ContactHeader)
		if !ok || unescape(c.Address.User) != g.user {
			continue
		}
		v, _ := c.Params.Get("expires")
		n, ok := wire.Seconds(v)
		if !ok || n <= 0 {
			continue
		}
		ours := c.Address.Host == host && c.Address.Port == int(port)
		if best == 0 || ours {
			best = time.Duration(n) * time.Second
		}
		if ours {
			break
		}
	}
	if n, ok := wire.Seconds(headerOf(res, "expires")); best == 0 && ok && n > 0 {
		best = time.Duration(n) * time.Second
	}
	if best == 0 {
		return asked
	}
	return min(asked, best)
}

// send sends one REGISTER and waits for its final response.
func (g *registration) send(ctx context.Context, at *target, expires time.Duration) (answer, flow, error) {
	place, err := g.ua.placeOf(at)
	if err != nil {
		return answer{}, flow{}, &denial{0, 0, err}
	}
	f, err := g.ua.flowTo(place.Transport, place.Addr, at.host, nil)
	if err != nil {
		return answer{}, flow{}, &denial{0, 0, err}
	}
	done := make(chan answer, 1)
	g.ua.ask(time.Now(), nil, f, g.request(at, expires), g.creds, func(_ *exchange, a answer) {
		if a.res == nil || a.res.StatusCode >= 200 {
			select {
			case done <- a:
			default:
			}
		}
	})
	select {
	case a := <-done:
		if a.res == nil || a.res.StatusCode == 503 {
			g.ua.spoiled.spoil(place.Addr, time.Now())
		}
		return a, f, nil
	case <-ctx.Done():
		g.ua.spoiled.spoil(place.Addr, time.Now())
		return answer{}, f, ctx.Err()
	case <-g.ua.life.Done():
		return answer{}, f, ErrClosed
	}
}

// request is the REGISTER for a registrar.
func (g *registration) request(at *target, expires time.Duration) *outgoing {
	domain := at.uri
	domain.User, domain.UriParams = "", nil
	if g.domain != "" {
		domain = sipgo.Uri{Scheme: domain.Scheme, Host: g.domain}
	}
	aor := domain
	aor.User = escapeUser(g.user)
	out := &outgoing{method: "REGISTER", uri: domain.String(), callID: g.callID, nextSeq: g.next,
		from: "<" + aor.String() + ">;tag=" + g.tag, to: "<" + aor.String() + ">",
		seq: g.next(), contact: true, user: escapeUser(g.user), contactParams: g.params, agent: g.ua.cfg.UserAgent}
	var t text
	t.line("Expires", seconds(expires))
	t.line("Allow", allow)
	if g.params != "" {
		t.line("Supported", "path, outbound")
	}
	out.extra = t
	return out
}

func (g *registration) next() uint32 {
	g.seq++
	return g.seq
}
