package sip

import (
	"fmt"
	"net/netip"
	"strings"
	"time"

	sipgo "github.com/emiago/sipgo/sip"

	"switchroom/sip/auth"
	"switchroom/sip/locate"
)

// Dial is a call out. Account, Trunk or neither is set: a call to an account
// goes to its newest binding or fixed contact, one to a trunk to the trunk's
// address with the user or number of URI, and with neither to URI itself.
type Dial struct {
	Account, Trunk, URI string
	From                Identity
	// Diversion are the numbers that the call was forwarded from, the latest
	// first; a trunk is told them in the form that it wants.
	Diversion []string
	// Username and Password answer the challenge of a peer that is neither
	// account nor trunk: a UA that is a phone calls through its registrar so.
	Username, Password string
	// Routes, when there are any, stand in for Account, Trunk and URI: the call
	// is tried on one trunk after the other until one takes it or says that the
	// callee cannot be had. Each attempt is a leg of its own, told by Event.Leg;
	// an Attempted event ends one and Failed or Ended the last of them. Hangup of
	// any of them ends all.
	Routes []Route
	// Limit is how long a call over Routes may take until it is answered; 0 sets
	// no limit of its own.
	Limit time.Duration
	// SDP is the offer; nil asks the peer for one: then Answered brings it and
	// Answer gives ours.
	SDP []byte
	// SecureSDP is sent in its place where the way to the peer is over TLS: it
	// may hold keys. Secure: over TLS, or not at all.
	SecureSDP []byte
	Secure    bool
	Sink      Sink
	Headers   []Header
}

// Header is a header of ours on an outgoing request.
type Header struct{ Name, Value string }

// ownedHeaders are those the UA writes itself; a Dial's may not name them.
var ownedHeaders = map[string]bool{"via": true, "from": true, "to": true, "call-id": true, "cseq": true,
	"contact": true, "max-forwards": true, "route": true, "record-route": true, "content-length": true,
	"content-type": true, "authorization": true, "proxy-authorization": true, "session-expires": true,
	"min-se": true, "supported": true, "require": true, "allow": true, "user-agent": true, "p-asserted-identity": true,
	"p-preferred-identity": true, "remote-party-id": true, "privacy": true, "diversion": true, "history-info": true}

// check refuses what would let a text become a header of its own.
func (d *Dial) check() error {
	texts := []string{d.URI, d.From.Number, d.From.Display, d.Username}
	texts = append(texts, d.Diversion...)
	for _, r := range d.Routes {
		texts = append(texts, r.URI, r.From.Number, r.From.Display)
	}
	for _, s := range texts {
		if !clean(s) {
			return fmt.Errorf("%w: %q", ErrHeader, s)
		}
	}
	for _, h := range d.Headers {
		if !clean(h.Value) || !isToken(h.Name) || len(h.Name) == 1 || ownedHeaders[strings.ToLower(h.Name)] {
			return fmt.Errorf("%w: %q", ErrHeader, h.Name)
		}
	}
	return nil
}

func isToken(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-') {
			return false
		}
	}
	return s != ""
}

// course is where a call goes: the Request-URI and the flow.
type course struct {
	uri   string
	to    netip.AddrPort // when flow is not known yet
	via   string
	name  string // that the peer must prove by TLS
	flow  flow
	trunk *trunk
	creds *credentials
	// routes are of a Service-Route (RFC 3608).
	routes []string
}

// Dial starts a call. Its events may come before Dial returns; they carry the
// leg. ErrUnreachable, ErrNoTrunk, ErrTrunkDown, ErrChannels, ErrRate,
// ErrHeader and ErrAddress are
// told at once, everything else by Failed. With Routes of which none could be
// tried the error is *Exhausted.
func (ua *UA) Dial(d Dial) (*Leg, error) {
	if d.Sink == nil {
		return nil, fmt.Errorf("%w: no sink", ErrState)
	}
	if err := d.check(); err != nil {
		return nil, err
	}
	if ua.life.Err() != nil {
		return nil, ErrClosed
	}
	if len(d.Routes) > 0 {
		return ua.dialRoutes(d)
	}
	return ua.dialOne(d, nil, nil)
}

// dialOne calls one peer, for a hunt at one place of its trunk or for itself.
func (ua *UA) dialOne(d Dial, h *hunt, place *locate.Place) (*Leg, error) {
	c, err := ua.course(&d, place)
	if err != nil {
		return nil, err
	}
	if !c.flow.valid() {
		if c.flow, err = ua.flowTo(c.via, c.to, c.name, nil); err != nil {
			return nil, err
		}
	}
	if err := d.over(c.flow); err != nil {
		return nil, err
	}
	if c.trunk != nil {
		if err := c.trunk.take(time.Now(), true); err != nil {
			ua.count(refusedChannels)
			return nil, err
		}
	}
	ua.count(inviteOut)
	l := ua.newOutbound(&d, c)
	l.hunt = h
	l.enter()
	defer l.leave()
	l.call(time.Now(), l.uac.out)
	return l, nil
}

// course finds where d goes. A trunk is called at place, where it is not nil.
func (ua *UA) course(d *Dial, place *locate.Place) (course, error) {
	p := ua.plan.Load()
	switch {
	case d.Account != "":
		if b := ua.bindings.newest(d.Account); b != nil {
			return course{uri: b.contact, flow: b.flow}, nil
		}
		a := p.accounts[d.Account]
		if a == nil || a.contact == nil {
			return course{}, fmt.Errorf("account %s: %w", d.Account, ErrUnreachable)
		}
		return ua.courseTo(a.contact)
	case d.Trunk != "":
		return ua.courseOver(p.trunks[d.Trunk], d, place)
	}
	t, err := parseTarget(d.URI)
	if err != nil {
		return course{}, err
	}
	c, err := ua.courseTo(t)
	if err == nil && d.Username != "" {
		c.creds = newCredentials(auth.Credentials{Username: d.Username, Password: d.Password})
	}
	return c, err
}

func (ua *UA) courseTo(t *target) (course, error) {
	p, err := ua.placeOf(t)
	if err != nil {
		return course{}, err
	}
	return courseAt(t, p), nil
}

// courseOver finds the way over a trunk: to place, to the best of its address, or
// to where it has us registered.
func (ua *UA) courseOver(t *trunk, d *Dial, place *locate.Place) (course, error) {
	if t == nil {
		return course{}, fmt.Errorf("trunk %s: %w", d.Trunk, ErrNoTrunk)
	}
	if !ua.TrunkUp(d.Trunk) {
		return course{}, fmt.Errorf("trunk %s: %w", d.Trunk, ErrTrunkDown)
	}
	at, places, err := ua.waysOver(t)
	if err != nil {
		return course{}, err
	}
	if place == nil {
		place = &places[0]
	}
	c := courseAt(at, *place)
	uri := at.uri
	uri.User = calledUser(d.URI)
	if h := t.state.home(); h != nil && t.target == nil && h.flow.remote == place.Addr {
		if h.domain != "" {
			uri.Host, uri.Port = h.domain, 0
		}
		c.routes = h.service
		if !h.flow.broken() {
			c.flow = h.flow
		}
	}
	c.uri, c.trunk, c.creds = uri.String(), t, t.credentials()
	return c, nil
}

// waysOver are the places at which a trunk is called, and the target they are of.
func (ua *UA) waysOver(t *trunk) (*target, []locate.Place, error) {
	if t.target != nil {
		places, err := ua.placesOf(t.target)
		if err != nil {
			return nil, nil, fmt.Errorf("trunk %s: %w", t.cfg.ID, err)
		}
		return t.target, places, nil
	}
	if !t.cfg.Registration.asked() {
		return nil, nil, fmt.Errorf("trunk %s: %w", t.cfg.ID, ErrNoTrunk)
	}
	h := t.state.home()
	if h == nil {
		return nil, nil, fmt.Errorf("trunk %s: not registered: %w", t.cfg.ID, ErrTrunkDown)
	}
	return h.target, []locate.Place{{Addr: h.flow.remote, Transport: h.flow.transport()}}, nil
}

func courseAt(t *target, p locate.Place) course {
	return course{uri: t.uri.String(), to: p.Addr, via: p.Transport, name: t.host}
}

// calledUser is the user part for a number or a URI with one.
func calledUser(uri string) string {
	var u sipgo.Uri
	if strings.Contains(uri, ":") && sipgo.ParseUri(uri, &u) == nil {
		if u.User != "" {
			return u.User
		}
		if u.Raw() != "" { // tel:
			n, _, _ := strings.Cut(u.Raw(), ";")
			return escapeUser(n)
		}
	}
	return escapeUser(uri)
}

// newOutbound makes the leg of a call out.
func (ua *UA) newOutbound(d *Dial, c course) *Leg {
	l := newLeg(ua)
	l.state = calling
	l.account, l.trunk, l.channel, l.creds = d.Account, c.trunk, c.trunk != nil, c.creds
	l.flow, l.sink, l.offered = c.flow, d.Sink, d.SDP != nil
	l.neg.sent = d.SDP
	host, _ := c.flow.sentBy()
	tag := newTag()
	var form *IdentityForm
	if c.trunk != nil {
		form = &c.trunk.cfg.Identity
	}
	from, own := callerLines(d.From, form, host, c.uri, d.Diversion)
	l.dialog = dialog{callID: newCallID(), localTag: tag, local: from + ";tag=" + tag,
		remote: "<" + bareURI(c.uri) + ">", target: c.uri}
	l.key = legKey{l.dialog.callID, tag}
	for _, h := range d.Headers {
		own.line(h.Name, h.Value)
	}
	l.uac.own = own
	out := l.dialog.request("INVITE", l.dialog.next())
	out.routes = c.routes
	out.agent, out.contact = ua.cfg.UserAgent, true
	out.nextSeq = l.dialog.next
	out.extra, out.bodyType, out.body = l.inviteLines(), sdpType, d.SDP
	l.uac.out = out
	ua.dialled.add(l.flow.remote.Addr(), 1)
	ua.addLeg(l)
	return l
}

// inviteLines are the headers of an INVITE of ours beyond those of any request.
func (l *Leg) inviteLines() []byte {
	var t text
	t.line("Allow", allow)
	if l.offered {
		t.line("Supported", supported)
	} else {
		t.line("Supported", supportedLate)
	}
	l.ses.propose(&t, false)
	return append(t, l.uac.own...)
}

// bareURI is a URI without parameters and headers, as it stands in To.
func bareURI(uri string) string {
	var u sipgo.Uri
	if sipgo.ParseUri(uri, &u) != nil || u.Raw() != "" {
		return uri
	}
	u.UriParams, u.Headers = nil, nil
	return u.String()
}
