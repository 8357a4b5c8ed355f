package locate

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// Target is the part of a SIP URI that says where it leads.
type Target struct {
	Host      string // a name; addresses need no looking up
	Port      uint16 // 0: none was given
	Transport string // "UDP", "TCP" or "TLS"; "": none was given
	Secure    bool   // sips: nothing but TLS will do
}

// Place is one address at which a target is.
type Place struct {
	Addr      netip.AddrPort
	Transport string
	Priority  uint16 // lower ones first
	Weight    uint16 // the share among those of a priority
}

// placesMax bounds the places of one target.
const placesMax = 32

// Bounds of how long an answer is kept.
const (
	ttlMin = 5 * time.Second
	ttlMax = time.Hour
)

// Locate finds a target's places and how long they hold (RFC 3263 section 4).
// ErrNoName says that there are none, any other error that DNS did not tell: then
// what was known before should be kept.
func (c *Client) Locate(ctx context.Context, t Target) ([]Place, time.Duration, error) {
	l := search{client: c, ctx: ctx, ttl: ttlMax}
	err := l.run(t)
	if err == nil && len(l.places) == 0 {
		err = fmt.Errorf("%w: %s", ErrNoName, t.Host)
	}
	if err != nil {
		return nil, 0, err
	}
	return l.places, max(l.ttl, ttlMin), nil
}

// search gathers places and the shortest time to live on the way.
type search struct {
	client *Client
	ctx    context.Context
	places []Place
	ttl    time.Duration
}

func (l *search) run(t Target) error {
	if t.Port != 0 { // RFC 3263 4.2: a port leaves nothing to SRV
		return l.host(t.Host, t.Port, orUDP(t), 0, 0)
	}
	if t.Transport != "" {
		err := l.service(prefixes[t.Transport]+t.Host, t.Transport, 0)
		if !errors.Is(err, ErrNoName) {
			return err
		}
		return l.host(t.Host, 0, t.Transport, 0, 0)
	}
	err := l.naptr(t)
	if !errors.Is(err, ErrNoName) {
		return err
	}
	for i, transport := range [...]string{"TLS", "UDP", "TCP"} {
		if t.Secure != (transport == "TLS") {
			continue
		}
		if err := l.service(prefixes[transport]+t.Host, transport, uint16(i)*1000); err != nil && !errors.Is(err, ErrNoName) {
			return err
		}
	}
	if len(l.places) > 0 {
		return nil
	}
	return l.host(t.Host, 0, orUDP(t), 0, 0)
}

func orUDP(t Target) string {
	switch {
	case t.Transport != "":
		return t.Transport
	case t.Secure:
		return "TLS"
	}
	return "UDP"
}

// prefixes are the SRV names of transports.
var prefixes = map[string]string{"UDP": "_sip._udp.", "TCP": "_sip._tcp.", "TLS": "_sips._tcp."}

// services are the NAPTR services that we speak (RFC 3263 4.1).
var services = map[string]string{"SIP+D2U": "UDP", "SIP+D2T": "TCP", "SIPS+D2T": "TLS"}

// naptr asks which transports there are and follows all that we speak, in the
// order of the domain's preference.
func (l *search) naptr(t Target) error {
	a, err := l.client.ask(l.ctx, t.Host, typeNAPTR)
	if err != nil {
		return err
	}
	slices.SortStableFunc(a.naptr, func(x, y naptr) int {
		if x.order != y.order {
			return int(x.order) - int(y.order)
		}
		return int(x.preference) - int(y.preference)
	})
	l.ttl = min(l.ttl, a.ttl)
	rank := uint16(0)
	for _, n := range a.naptr {
		transport := services[n.service]
		if n.flags != "s" || transport == "" || t.Secure && transport != "TLS" || rank >= 8 {
			continue
		}
		if err := l.service(n.replacement, transport, rank*1000); err != nil && !errors.Is(err, ErrNoName) {
			return err
		}
		rank++
	}
	if len(l.places) == 0 {
		return ErrNoName
	}
	return nil
}

// service asks for the hosts of a service. Priorities begin at base, so that one
// transport's come before those of the next.
func (l *search) service(name, transport string, base uint16) error {
	a, err := l.client.ask(l.ctx, name, dnsmessage.TypeSRV)
	if err != nil {
		return err
	}
	l.ttl = min(l.ttl, a.ttl)
	slices.SortStableFunc(a.srv, func(x, y srv) int { return int(x.priority) - int(y.priority) })
	rank, before := base, -1
	for _, r := range a.srv {
		if before >= 0 && int(r.priority) != before {
			rank++
		}
		before = int(r.priority)
		if r.target == "." || r.port == 0 { // RFC 2782: decidedly not available
			continue
		}
		if err := l.host(r.target, r.port, transport, rank, r.weight); err != nil && !errors.Is(err, ErrNoName) {
			return err
		}
	}
	if len(l.places) == 0 {
		return ErrNoName
	}
	return nil
}

// host asks for the addresses of a host. The weight is shared among them.
func (l *search) host(name string, port uint16, transport string, priority, weight uint16) error {
	addrs, err := l.addresses(name)
	if err != nil {
		return err
	}
	if port == 0 {
		port = 5060
		if transport == "TLS" {
			port = 5061
		}
	}
	for _, a := range addrs {
		p := Place{Addr: netip.AddrPortFrom(a, port), Transport: transport, Priority: priority, Weight: weight}
		if len(l.places) < placesMax && !slices.Contains(l.places, p) {
			l.places = append(l.places, p)
		}
	}
	return nil
}

// addresses are IPv4 ones, then IPv6 ones. A name that DNS does not know may be
// one of this machine's own (/etc/hosts).
func (l *search) addresses(name string) ([]netip.Addr, error) {
	var addrs []netip.Addr
	var failed error
	for _, t := range [...]dnsmessage.Type{dnsmessage.TypeA, dnsmessage.TypeAAAA} {
		a, err := l.client.ask(l.ctx, name, t)
		switch {
		case err == nil:
			addrs = append(addrs, a.addrs...)
			l.ttl = min(l.ttl, a.ttl)
		case !errors.Is(err, ErrNoName):
			failed = err
		}
	}
	if len(addrs) > 0 {
		return addrs, nil
	}
	if len(l.client.Servers) == 0 {
		own, err := net.DefaultResolver.LookupNetIP(l.ctx, "ip", strings.TrimSuffix(name, "."))
		if err == nil && len(own) > 0 {
			l.ttl = min(l.ttl, 30*time.Second)
			for _, a := range own {
				addrs = append(addrs, a.Unmap())
			}
			return addrs, nil
		}
	}
	if failed != nil {
		return nil, failed
	}
	return nil, ErrNoName
}
