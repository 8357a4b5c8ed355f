package sip

import (
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	sipgo "github.com/emiago/sipgo/sip"

	"switchroom/sip/auth"
	"switchroom/sip/locate"
)

// plan is what follows from one Peers: immutable, swapped whole by Reload.
type plan struct {
	trunks   map[string]*trunk
	accounts map[string]*account
	logins   map[string]*login // by user name, of trunks that may call from anywhere
	// exact and prefixes find the trunk of a source; a longer prefix wins.
	exact     map[netip.Addr]*trunk
	prefixes  []trunkPrefix
	admission Admission
	names     []locate.Target // to be looked up in the background
}

type trunkPrefix struct {
	prefix netip.Prefix
	trunk  *trunk
}

// account is a phone's entry.
type account struct {
	id      string
	secret  auth.Secret
	contact *target // nil: it must register
	qualify time.Duration
}

// target is where a URI leads.
type target struct {
	uri       sipgo.Uri
	host      string     // without brackets
	addr      netip.Addr // set when host is an address
	port      uint16     // the transport's default when the URI has none
	transport string     // "UDP", "TCP" or "TLS"; of a name it is the one to be used unless DNS says another
	find      locate.Target
}

// newPlan compiles peers; each trunk takes its running state from ua.
func (ua *UA) newPlan(peers *Peers) (*plan, error) {
	p := &plan{trunks: map[string]*trunk{}, accounts: map[string]*account{}, logins: map[string]*login{}, exact: map[netip.Addr]*trunk{}}
	if peers == nil {
		return p, nil
	}
	p.admission = peers.Admission
	for i := range peers.Trunks {
		if err := p.addTrunk(ua, &peers.Trunks[i]); err != nil {
			return nil, err
		}
	}
	for i := range peers.Accounts {
		a := &peers.Accounts[i]
		if a.ID == "" || !clean(a.ID) || p.accounts[a.ID] != nil {
			return nil, fmt.Errorf("account %q: empty, twice or unprintable: %w", a.ID, ErrAddress)
		}
		entry := &account{id: a.ID, secret: auth.NewSecret(a.ID, ua.cfg.Realm, a.Password), qualify: a.Qualify}
		if a.Contact != "" {
			t, err := parseTarget(a.Contact)
			if err != nil {
				return nil, fmt.Errorf("account %s: %w", a.ID, err)
			}
			entry.contact = t
			p.resolvable(t)
		}
		p.accounts[a.ID] = entry
	}
	slices.SortStableFunc(p.prefixes, func(a, b trunkPrefix) int { return b.prefix.Bits() - a.prefix.Bits() })
	return p, nil
}

func (p *plan) addTrunk(ua *UA, t *Trunk) error {
	if t.ID == "" || p.trunks[t.ID] != nil {
		return fmt.Errorf("trunk %q: empty or twice: %w", t.ID, ErrAddress)
	}
	entry := &trunk{cfg: *t, state: ua.trunkState(t)}
	if t.Address != "" {
		target, err := parseTarget(t.Address)
		if err != nil {
			return fmt.Errorf("trunk %s: %w", t.ID, err)
		}
		entry.target = target
		p.resolvable(target)
	}
	for _, uri := range t.Registration.Registrars {
		target, err := parseTarget(uri)
		if err != nil {
			return fmt.Errorf("trunk %s: registrar: %w", t.ID, err)
		}
		entry.registrars = append(entry.registrars, target)
		p.resolvable(target)
	}
	if r := &t.Registration; r.asked() && (r.User == "" && t.Username == "" || !clean(r.User) || !clean(r.Domain)) {
		return fmt.Errorf("trunk %s: registration without a user: %w", t.ID, ErrAddress)
	}
	for _, prefix := range t.Peers {
		if !prefix.IsValid() {
			return fmt.Errorf("trunk %s: invalid peer: %w", t.ID, ErrAddress)
		}
		if prefix.IsSingleIP() {
			p.exact[prefix.Addr().Unmap()] = entry
		} else {
			p.prefixes = append(p.prefixes, trunkPrefix{prefix.Masked(), entry})
		}
	}
	if !clean(t.Identity.User) || !clean(t.Identity.Domain) {
		return fmt.Errorf("trunk %s: identity: %w", t.ID, ErrHeader)
	}
	if t.authenticates() {
		if p.logins[t.Username] != nil {
			return fmt.Errorf("trunk %s: user name %q is another trunk's: %w", t.ID, t.Username, ErrAddress)
		}
		p.logins[t.Username] = &login{auth.NewSecret(t.Username, ua.cfg.Realm, t.Password), entry}
	}
	p.trunks[t.ID] = entry
	return nil
}

func (p *plan) resolvable(t *target) {
	if !t.addr.IsValid() && !slices.Contains(p.names, t.find) {
		p.names = append(p.names, t.find)
	}
}

// secretOf is what an account proves itself with; nil: there is no such account.
func (p *plan) secretOf(user string) *auth.Secret {
	if a := p.accounts[user]; a != nil {
		return &a.secret
	}
	return nil
}

// trunkOf is the trunk that a source is, or nil.
func (p *plan) trunkOf(source netip.Addr) *trunk {
	if t := p.exact[source]; t != nil {
		return t
	}
	for i := range p.prefixes {
		if p.prefixes[i].prefix.Contains(source) {
			return p.prefixes[i].trunk
		}
	}
	return nil
}

// parseTarget reads a SIP URI, with or without "sip:" and angle brackets.
func parseTarget(text string) (*target, error) {
	text = bracketed(strings.TrimSpace(text))
	if !clean(text) || strings.ContainsAny(text, " \t<>\"") {
		return nil, fmt.Errorf("%w: %q", ErrAddress, text)
	}
	t := &target{transport: "UDP"}
	switch lower := strings.ToLower(text); {
	case strings.HasPrefix(lower, "sips:"):
		t.transport = "TLS"
	case !strings.HasPrefix(lower, "sip:"):
		text = "sip:" + text
	}
	if err := sipgo.ParseUri(text, &t.uri); err != nil {
		return nil, fmt.Errorf("%w: %q: %w", ErrAddress, text, err)
	}
	t.uri.Headers = nil
	t.host = strings.Trim(t.uri.Host, "[]")
	if t.host == "" || t.uri.Wildcard || t.uri.Port < 0 || t.uri.Port > 65535 {
		return nil, fmt.Errorf("%w: %q", ErrAddress, text)
	}
	secure := t.transport == "TLS"
	if v, _ := t.uri.UriParams.Get("transport"); v != "" {
		t.transport = strings.ToUpper(v)
	}
	if secure && t.transport == "TCP" { // RFC 3261 26.2.2: sips by tcp is TLS
		t.transport = "TLS"
	}
	if t.transport != "UDP" && t.transport != "TCP" && t.transport != "TLS" || secure && t.transport != "TLS" {
		return nil, fmt.Errorf("%w: transport of %q", ErrAddress, text)
	}
	t.find = locate.Target{Host: strings.ToLower(t.host), Port: uint16(t.uri.Port), Secure: secure}
	if v, _ := t.uri.UriParams.Get("transport"); v != "" {
		t.find.Transport = t.transport
	}
	t.port = uint16(t.uri.Port)
	if t.port == 0 {
		t.port = defaultPort(t.transport)
	}
	if a, err := netip.ParseAddr(t.host); err == nil {
		t.addr = a.Unmap()
	}
	return t, nil
}

// defaultPort is a transport's (RFC 3261 19.1.2).
func defaultPort(transport string) uint16 {
	if strings.EqualFold(transport, "TLS") {
		return 5061
	}
	return 5060
}

// unescape undoes percent escapes once; a text with a bad escape stays as it is.
func unescape(user string) string {
	if u, err := url.PathUnescape(user); err == nil {
		return u
	}
	return user
}
