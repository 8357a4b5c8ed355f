package sip

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"time"
)

const (
	// resolveEvery is how often the configured names are looked up again.
	resolveEvery   = 30 * time.Second
	resolveTimeout = 5 * time.Second
)

// spots are the addresses at which accounts with a fixed contact are. They
// follow from the plan and from what its names resolve to.
type spots struct {
	contacts map[netip.AddrPort][]string
	names    map[netip.Addr]map[string]bool
	hosts    map[string]netip.Addr
}

// respot computes them anew for a plan and resolved hosts.
func respot(p *plan, hosts map[string]netip.Addr) *spots {
	s := &spots{contacts: map[netip.AddrPort][]string{}, names: map[netip.Addr]map[string]bool{}, hosts: hosts}
	for id, a := range p.accounts {
		if a.contact == nil {
			continue
		}
		addr := s.addr(a.contact)
		if !addr.IsValid() {
			continue
		}
		at := netip.AddrPortFrom(addr, a.contact.port)
		s.contacts[at] = append(s.contacts[at], id)
		if s.names[addr] == nil {
			s.names[addr] = map[string]bool{}
		}
		s.names[addr][id] = true
	}
	return s
}

func (s *spots) addr(t *target) netip.Addr {
	if t.addr.IsValid() {
		return t.addr
	}
	return s.hosts[t.host]
}

// remoteOf is the address that a target is reached at. Names are never looked
// up here: the configured ones are known already, others are not dialled.
func (ua *UA) remoteOf(t *target) (netip.AddrPort, error) {
	addr := ua.spots.Load().addr(t)
	if !addr.IsValid() {
		return netip.AddrPort{}, fmt.Errorf("%w: host %q is not resolved", ErrUnreachable, t.host)
	}
	return netip.AddrPortFrom(addr, t.port), nil
}

// resolve looks up the configured names now and then until ctx ends. A name
// that cannot be looked up keeps its last address.
func (ua *UA) resolve(ctx context.Context) {
	every := time.NewTicker(resolveEvery)
	defer every.Stop()
	for {
		ua.resolveOnce(ctx)
		select {
		case <-ctx.Done():
			return
		case <-every.C:
		case <-ua.reloaded:
		}
	}
}

func (ua *UA) resolveOnce(ctx context.Context) {
	p := ua.plan.Load()
	if len(p.names) == 0 {
		return
	}
	old := ua.spots.Load().hosts
	hosts := make(map[string]netip.Addr, len(p.names))
	for _, name := range p.names {
		hosts[name] = old[name]
		look, cancel := context.WithTimeout(ctx, resolveTimeout)
		addrs, err := net.DefaultResolver.LookupNetIP(look, "ip", name)
		cancel()
		if err != nil || len(addrs) == 0 {
			ua.count(resolveFailed)
			continue
		}
		hosts[name] = addrs[0].Unmap()
	}
	ua.planMu.Lock()
	defer ua.planMu.Unlock()
	ua.spots.Store(respot(ua.plan.Load(), hosts))
}
