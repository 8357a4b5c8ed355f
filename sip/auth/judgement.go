package auth

import "net/netip"

// Request is what matters of a SIP request.
type Request struct {
	Method        string
	URI           string         // Request-URI as written
	User          string         // who it claims to be: To's user in a REGISTER, From's elsewhere. Credentials of another are wrong ones. "": whoever the credentials say
	Authorization []string       // all values of Authorization (or Proxy-Authorization)
	Source        netip.AddrPort // where it came from
}

// Outcome is what to do with a request.
type Outcome uint8

const (
	Challenge Outcome = iota // answer 401 with Judgement.Challenges
	Allow                    // it is Judgement.User
	Blocked                  // too many wrong guesses: say nothing
)

var outcomeNames = [...]string{"challenge", "allow", "blocked"}

func (o Outcome) String() string {
	if int(o) < len(outcomeNames) {
		return outcomeNames[o]
	}
	return "outcome"
}

// Why says how a judgement came about: for counters and alarms, never for the
// wire.
type Why uint8

const (
	Matched        Why = iota // the digest is right
	NoCredentials             // none for our realm
	Malformed                 // unreadable, without qop, of another algorithm
	ForeignNonce              // not made here for this address
	StaleNonce                // right, but the nonce is too old
	Replayed                  // right, but the nonce count was used before
	WrongDigest               // unknown user, wrong password, wrong URI, wrong method: one and the same
	TooManyGuesses            // blocked
	whys
)

var whyNames = [...]string{
	"matched", "no_credentials", "malformed", "foreign_nonce", "stale_nonce", "replayed", "wrong_digest", "too_many_guesses",
}

func (w Why) String() string {
	if int(w) < len(whyNames) {
		return whyNames[w]
	}
	return "why"
}

// Judgement is what a request is owed.
type Judgement struct {
	Outcome    Outcome
	User       string   // Allow: who it is
	Challenges []string // Challenge: the values of WWW-Authenticate, strongest first (RFC 8760 2.4)
	Why        Why
	Alarm      bool // this guess was the one too many: a block begins
}

// Stats are counters since the start and present sizes.
type Stats struct {
	ByWhy   [whys]uint64 // judgements, indexed by Why
	Ledger  int          // nonces remembered
	Guesses int          // entries of both tables
	Blocked int          // of those, blocked now
}
