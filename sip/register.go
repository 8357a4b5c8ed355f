package sip

import (
	"context"
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
)

// registration is one kept by us at a registrar.
type registration struct {
	ua      *UA
	r       RegisterRequest
	at      *target
	creds   *credentials
	callID  string
	tag     string
	seq     uint32
	expires time.Duration
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
	g := &registration{ua: ua, r: r, at: at, callID: newCallID(), tag: newTag(), expires: r.Expires,
		creds: newCredentials(auth.Credentials{Username: r.Account, Password: r.Password})}
	remote, err := ua.remoteOf(at)
	if err != nil {
		return err
	}
	ua.dialled.add(remote.Addr(), 1)
	wait, err := g.once(ctx, g.expires)
	if err != nil {
		ua.dialled.add(remote.Addr(), -1)
		return err
	}
	if !ua.startAlive(func() {
		defer ua.dialled.add(remote.Addr(), -1)
		g.keep(ctx, wait)
	}) {
		return ErrClosed
	}
	return nil
}

// keep refreshes until the end and then unregisters.
func (g *registration) keep(ctx context.Context, wait time.Duration) {
	failures := 0
	for {
		timer := time.NewTimer(wait)
		select {
		case <-g.ua.life.Done():
			timer.Stop()
			return
		case <-ctx.Done():
			timer.Stop()
			last, cancel := context.WithTimeout(g.ua.life, 4*g.ua.t.T1)
			_, _ = g.once(last, 0)
			cancel()
			return
		case <-timer.C:
		}
		var err error
		wait, err = g.once(ctx, g.expires)
		if ctx.Err() != nil {
			continue
		}
		g.report(err)
		if err == nil {
			failures = 0
			continue
		}
		failures++
		backOff := min(registerRetryMax, registerRetryMin<<min(failures-1, 6))
		wait = max(wait, backOff/2+rand.N(backOff))
	}
}

func (g *registration) report(err error) {
	if g.r.Report != nil {
		g.r.Report(err)
	}
}

// once sends one REGISTER and waits for what comes of it: how long until the
// next, or an error with the least wait before another attempt.
func (g *registration) once(ctx context.Context, expires time.Duration) (time.Duration, error) {
	for range 2 {
		a, err := g.send(ctx, expires)
		if err != nil {
			return 0, err
		}
		switch status := a.status(); {
		case status < 300:
			if expires == 0 {
				return 0, nil
			}
			return refreshIn(g.granted(a.res, expires)), nil
		case status == 423:
			n, ok := wire.Seconds(headerOf(a.res, "min-expires"))
			if least := time.Duration(n) * time.Second; ok && least > expires && least <= 24*time.Hour {
				g.expires, expires = least, least
				continue
			}
			return registerRefused, fmt.Errorf("%w: 423", ErrRegistration)
		case status == 401 || status == 403 || status == 407 || status == 404:
			return registerRefused, fmt.Errorf("%w: %d", ErrRegistration, status)
		case a.err != nil:
			return 0, fmt.Errorf("register at %s: %w", g.r.Registrar, a.err)
		default:
			n, _ := wire.Seconds(headerOf(a.res, "retry-after"))
			return min(time.Duration(n)*time.Second, registerRefused),
				fmt.Errorf("register at %s: %d %s", g.r.Registrar, status, wire.Escape(a.res.Reason))
		}
	}
	return registerRefused, fmt.Errorf("%w: 423", ErrRegistration)
}

// refreshIn leaves room for retransmissions before a binding ends.
func refreshIn(granted time.Duration) time.Duration {
	return granted/2 + rand.N(granted*3/10+1)
}

// granted is what the registrar gave: the expires of our contact, the Expires
// header, or what was asked for.
func (g *registration) granted(res *sipgo.Response, asked time.Duration) time.Duration {
	for _, h := range res.GetHeaders("contact") {
		c, ok := h.(*sipgo.ContactHeader)
		if !ok || unescape(c.Address.User) != g.r.Account {
			continue
		}
		if v, found := c.Params.Get("expires"); found {
			if n, ok := wire.Seconds(v); ok && n > 0 {
				return min(asked, time.Duration(n)*time.Second)
			}
		}
	}
	if n, ok := wire.Seconds(headerOf(res, "expires")); ok && n > 0 {
		return min(asked, time.Duration(n)*time.Second)
	}
	return asked
}

// send sends one REGISTER and waits for its final response.
func (g *registration) send(ctx context.Context, expires time.Duration) (answer, error) {
	remote, err := g.ua.remoteOf(g.at)
	if err != nil {
		return answer{}, err
	}
	f, err := g.ua.flowTo(g.at.transport, remote, g.at.host, nil)
	if err != nil {
		return answer{}, err
	}
	user := escapeUser(g.r.Account)
	domain := g.at.uri
	domain.User, domain.UriParams = "", nil
	aor := domain
	aor.User = user
	out := &outgoing{method: "REGISTER", uri: domain.String(), callID: g.callID, nextSeq: g.next,
		from: "<" + aor.String() + ">;tag=" + g.tag, to: "<" + aor.String() + ">",
		seq: g.next(), contact: true, user: user, agent: g.ua.cfg.UserAgent}
	var t text
	t.line("Expires", seconds(expires))
	t.line("Allow", allow)
	out.extra = t
	done := make(chan answer, 1)
	g.ua.ask(time.Now(), nil, f, out, g.creds, func(_ *exchange, a answer) {
		if a.res == nil || a.res.StatusCode >= 200 {
			select {
			case done <- a:
			default:
			}
		}
	})
	select {
	case a := <-done:
		return a, nil
	case <-ctx.Done():
		return answer{}, ctx.Err()
	case <-g.ua.life.Done():
		return answer{}, ErrClosed
	}
}

func (g *registration) next() uint32 {
	g.seq++
	return g.seq
}
