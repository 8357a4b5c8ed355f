package api

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"
)

// identify finds who makes the request. status is 0 when known, else 401, or
// 429 when its address has sent too many bad tokens.
func (s *Server) identify(r *http.Request) (who caller, status int) {
	from := remoteAddr(r)
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "bearer") || token == "" {
		return caller{}, http.StatusUnauthorized
	}
	now := time.Now()
	if !s.guesses.admit(from, now) {
		return caller{}, http.StatusTooManyRequests
	}
	// Every token is compared, in the same time whichever it is.
	given := sha256.Sum256([]byte(strings.TrimSpace(token)))
	found := false
	for _, t := range s.cfg.Tokens() {
		want := sha256.Sum256([]byte(t.Token))
		if t.Token != "" && subtle.ConstantTimeCompare(given[:], want[:]) == 1 && !found {
			found = true
			who = caller{role: Role(t.Role), client: t.Client, team: t.Team}
		}
	}
	if !found {
		s.guesses.bad(from, now)
		return caller{}, http.StatusUnauthorized
	}
	if who.role == Client && who.client == "" {
		return caller{}, http.StatusUnauthorized // a company that is none sees nothing
	}
	who.remote, who.local = from.String(), local(r)
	who.name = string(who.role) + ":" + hex.EncodeToString(given[:4])
	return who, 0
}

// remoteAddr is the address of the other end of the connection; what headers
// say of it is not believed.
func remoteAddr(r *http.Request) netip.Addr {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	addr, _ := netip.ParseAddr(host)
	return addr.WithZone("").Unmap()
}

// guesses slows down addresses that send bad tokens: after five in a minute
// one token a second is looked at, whether it is good or not, or else it
// could be told apart how often one wants.
type guesses struct {
	mu   sync.Mutex
	from map[netip.Prefix]*guesser
}

type guesser struct {
	bad   int
	since time.Time // of the first bad one
	next  time.Time // when the next token may be looked at
}

const (
	guessesFree   = 5
	guessesWindow = time.Minute
	guessEvery    = time.Second
	guessersMax   = 10000
)

// admit says whether a token from that address may be looked at now.
func (g *guesses) admit(addr netip.Addr, now time.Time) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	one := g.from[network(addr)]
	switch {
	case one == nil:
		return true
	case now.Sub(one.since) >= guessesWindow:
		delete(g.from, network(addr))
		return true
	case one.bad < guessesFree:
		return true
	case now.Before(one.next):
		return false
	}
	one.next = now.Add(guessEvery)
	return true
}

// bad notes a bad token.
func (g *guesses) bad(addr netip.Addr, now time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	one := g.from[network(addr)]
	if one == nil {
		if g.from == nil {
			g.from = map[netip.Prefix]*guesser{}
		}
		if len(g.from) >= guessersMax {
			g.forget(now)
		}
		one = &guesser{since: now}
		g.from[network(addr)] = one
	}
	if one.bad++; one.bad >= guessesFree {
		one.since = now // who goes on is not forgotten
		one.next = now.Add(guessEvery)
	}
}

// forget makes room: first what is old, then anything.
func (g *guesses) forget(now time.Time) {
	for k, one := range g.from {
		if now.Sub(one.since) >= guessesWindow {
			delete(g.from, k)
		}
	}
	for k := range g.from {
		if len(g.from) < guessersMax {
			return
		}
		delete(g.from, k)
	}
}

// network is what one guesser is taken to have: an IPv4 address or an IPv6
// /64.
func network(addr netip.Addr) netip.Prefix {
	bits := addr.BitLen()
	if addr.Is6() {
		bits = 64
	}
	p, _ := addr.Prefix(bits)
	return p
}
