package auth

import (
	"errors"
	"net/netip"
	"time"
)

// Secret is what a server keeps of a password: H(user:realm:password) by
// algorithm. It can sign in as the user, so it is never logged or shown.
type Secret struct {
	md5    [32]byte // hex
	sha256 [64]byte // hex
}

// NewSecret hashes a password for a user within a realm.
func NewSecret(user, realm, password string) Secret { return Secret{} }

// Config is a server's. Zero values mean the defaults in brackets.
type Config struct {
	Realm     string
	Key       [32]byte      // from crypto/rand, new at each start
	NonceLife time.Duration // [5m]
	Ledger    int           // nonces remembered [65536]
	Failures  int           // per address and user within Window before Block [10]
	Spray     int           // per address, any user, within Window before Block [100]
	Window    time.Duration // [60s]
	Block     time.Duration // [10m]
	Sources   int           // entries of each limiter table [16384]
}

// Server judges requests.
type Server struct{}

// NewServer makes a server; an empty realm or a zero key is an error.
func NewServer(c Config, now time.Time) (*Server, error) { return &Server{}, nil }

// Request is what of a SIP request matters.
type Request struct {
	Method        string
	URI           string         // Request-URI as written
	User          string         // whose it claims to be (To's user in REGISTER, From's elsewhere); credentials of another are refused
	Authorization []string       // all values of Authorization (or Proxy-Authorization)
	Source        netip.AddrPort // where it came from
}

// Outcome is a server's judgement.
type Outcome uint8

const (
	Challenge Outcome = iota // send 401 with Judgement.Challenges
	Allow                    // it is Judgement.User
	Blocked                  // too many wrong guesses: say nothing
)

// Judgement is what a request is owed.
type Judgement struct {
	Outcome    Outcome
	User       string
	Challenges []string // values for WWW-Authenticate, in order: SHA-256, MD5
	Why        Why
}

// Why says how a judgement came about; for counters and alarms, never for the wire.
type Why uint8

const (
	Matched        Why = iota // the digest is right
	NoCredentials             // none for our realm
	Malformed                 // unreadable, without qop, of another scheme or algorithm
	ForeignNonce              // not made here for this address
	StaleNonce                // right, but the nonce is too old
	Replayed                  // right, but the nonce count was used before
	WrongDigest               // unknown user, wrong password, wrong URI or method: one and the same
	TooManyGuesses            // blocked
)

// Judge judges a request at the time now. lookup gives a user's secret, or nil;
// it must not take longer for one than for the other.
func (s *Server) Judge(now time.Time, r Request, lookup func(user string) *Secret) Judgement {
	return Judgement{}
}

// Stats are counters and sizes for metrics.
type Stats struct {
	Ledger, Sources, Blocked int
	ByWhy                    [8]uint64
}

// Stats reads them.
func (s *Server) Stats() Stats { return Stats{} }

// Errors of Client.Answer.
var (
	ErrNoChallenge = errors.New("auth: no challenge that can be answered")
	ErrRealm       = errors.New("auth: challenge for another realm")
	ErrRefused     = errors.New("auth: credentials refused")
)

// Credentials are ours at a peer.
type Credentials struct {
	Username, Password string
	Realm              string // "" : the first realm answered is kept (a trunk's own, never another's)
}

// Client answers challenges of one peer and keeps count of the nonce in use.
// Make one per trunk and destination; use one Attempt per request.
type Client struct{}

// NewClient makes a client; cnonce gives fresh random text (crypto/rand).
func NewClient(c Credentials, cnonce func() string) *Client { return &Client{} }

// Attempt counts the answers given for one request; the zero value is ready.
type Attempt struct{}

// Outgoing is what of our request matters.
type Outgoing struct {
	Method, URI string
	Body        []byte // for auth-int
}

// Answer gives the value of Authorization (for 401) or Proxy-Authorization (for
// 407) that answers the strongest of the challenges. One answer a request, two
// when the second challenge says stale; then ErrRefused.
func (c *Client) Answer(a *Attempt, o Outgoing, challenges []string) (string, error) {
	return "", ErrNoChallenge
}

// Again gives credentials for a further request under the last nonce, so that
// it needs no challenge; "" when there is none.
func (c *Client) Again(o Outgoing) string { return "" }
