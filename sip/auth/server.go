package auth

import (
	"crypto/subtle"
	"hash/maphash"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Server judges requests by their credentials. Safe for concurrent use; nothing
// in it waits.
type Server struct {
	config Config
	start  time.Time
	decoy  Secret // stands in for a user who does not exist
	seed   maphash.Seed

	mu        sync.Mutex
	serial    uint64
	ledger    ledger
	pairs     limiter[pair]
	addresses limiter[netip.Addr]
	byWhy     [whys]uint64
}

// pair is an address with the hash of a user's name, which may be long.
type pair struct {
	address netip.Addr
	user    uint64
}

// NewServer makes a server. now is the origin of its times: pass times with a
// monotonic reading here and to Judge.
func NewServer(c Config, now time.Time) (*Server, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	c = c.orDefaults()
	s := &Server{config: c, start: now, seed: maphash.MakeSeed(), ledger: newLedger(c.Ledger)}
	s.decoy = NewSecret("decoy", c.Realm, string(c.Key[:]))
	s.pairs = newLimiter[pair](c.Failures, &c)
	s.addresses = newLimiter[netip.Addr](c.Spray, &c)
	return s, nil
}

// Judge judges a request at the time now. lookup gives a user's secret or nil;
// the same work is done for both, so it must take as long for one as for the
// other. A transaction's retransmission must not be judged again: its
// credentials were used.
func (s *Server) Judge(now time.Time, r Request, lookup func(user string) *Secret) Judgement {
	at := now.Sub(s.start)
	address := source(r.Source)
	f, why := s.credentials(r.Authorization)
	who := pair{address, maphash.String(s.seed, claimed(&r, &f))}
	if s.isBlocked(at, who) {
		return s.conclude(at, address, Judgement{Outcome: Blocked, Why: TooManyGuesses})
	}
	if why != Matched {
		return s.conclude(at, address, Judgement{Why: why})
	}
	n, ours := decodeNonce(f.nonce, &s.config.Key, address)
	if !ours {
		return s.conclude(at, address, Judgement{Why: ForeignNonce})
	}
	j := s.settle(at, who, n, &f, s.digestIsRight(&r, &f, lookup))
	return s.conclude(at, address, j)
}

// credentials are the first for our realm among the values of Authorization.
func (s *Server) credentials(values []string) (fields, Why) {
	why := NoCredentials
	for _, value := range values[:min(len(values), maxFields)] {
		if !isDigest(value) {
			continue
		}
		f, err := parseFields(value)
		if err != nil {
			why = Malformed
			continue
		}
		if f.realm != s.config.Realm {
			continue
		}
		if !complete(&f) {
			return f, Malformed
		}
		return f, Matched
	}
	return fields{}, why
}

// complete wants everything that qop=auth takes; RFC 2069 is not spoken.
func complete(f *fields) bool {
	a, session := algorithmOf(f.algorithm)
	if a != algMD5 && a != algSHA256 || session {
		return false
	}
	_, err := strconv.ParseUint(f.nc, 16, 32)
	return err == nil && len(f.nc) == 8 && f.qop == "auth" && f.cnonce != "" && f.username != "" && f.uri != ""
}

func claimed(r *Request, f *fields) string {
	if r.User != "" {
		return r.User
	}
	return f.username
}

// digestIsRight checks everything that the digest binds. All of it is computed
// whatever is wrong first.
func (s *Server) digestIsRight(r *Request, f *fields, lookup func(string) *Secret) bool {
	a, _ := algorithmOf(f.algorithm)
	secret := lookup(f.username)
	exists := secret != nil
	if !exists {
		secret = &s.decoy
	}
	want := a.response(secret.ha1(a), r.Method, "", f)
	right := subtle.ConstantTimeCompare([]byte(want), []byte(strings.ToLower(f.response))) == 1
	sameUser := r.User == "" || r.User == f.username
	return right && exists && sameUser && sameTarget(f.uri, r.URI)
}

func (s *Server) isBlocked(at time.Duration, who pair) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pairs.blocked(at, who) {
		return true
	}
	return s.addresses.blocked(at, who.address) && !s.pairs.wasRight(at, who, s.config.Grace)
}

// settle decides what a digest made with one of our nonces comes to.
func (s *Server) settle(at time.Duration, who pair, n nonce, f *fields, right bool) Judgement {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !right {
		alarm := s.pairs.wrong(at, who)
		alarm = s.addresses.wrong(at, who.address) || alarm
		return Judgement{Why: WrongDigest, Alarm: alarm}
	}
	oldest := int64(at - s.config.NonceLife)
	if n.issued < oldest {
		return Judgement{Why: StaleNonce}
	}
	nc, _ := strconv.ParseUint(f.nc, 16, 32)
	if !s.ledger.use(n, uint32(nc), oldest) {
		return Judgement{Why: Replayed}
	}
	s.pairs.rightly(at, who)
	return Judgement{Outcome: Allow, User: f.username, Why: Matched}
}

// conclude counts a judgement and gives it challenges when it is one.
func (s *Server) conclude(at time.Duration, address netip.Addr, j Judgement) Judgement {
	s.mu.Lock()
	s.byWhy[j.Why]++
	s.serial++
	n := nonce{issued: int64(at), serial: s.serial}
	s.mu.Unlock()
	if j.Outcome == Challenge {
		j.Challenges = s.challenges(n.encode(&s.config.Key, address), j.Why == StaleNonce || j.Why == Replayed)
	}
	return j
}

// challenges are SHA-256 and MD5 under one nonce (RFC 8760 2.4). stale tells who
// knows the password to answer again without asking for it.
func (s *Server) challenges(nonce string, stale bool) []string {
	tail := ""
	if stale {
		tail = ", stale=true"
	}
	head := `Digest realm="` + s.config.Realm + `", nonce="` + nonce + `", qop="auth", algorithm=`
	return []string{head + "SHA-256" + tail, head + "MD5" + tail}
}

// Stats reads the counters at the time now.
func (s *Server) Stats(now time.Time) Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	at := now.Sub(s.start)
	return Stats{
		ByWhy:   s.byWhy,
		Ledger:  len(s.ledger.used),
		Guesses: len(s.pairs.entries) + len(s.addresses.entries),
		Blocked: s.pairs.countBlocked(at) + s.addresses.countBlocked(at),
	}
}

// source is what a nonce and a guess are bound to: an IPv4 address, or the /64
// of an IPv6 one, within which a host chooses its address at will.
func source(a netip.AddrPort) netip.Addr {
	addr := a.Addr().Unmap().WithZone("")
	if addr.Is6() {
		if p, err := addr.Prefix(64); err == nil {
			return p.Addr()
		}
	}
	return addr
}
