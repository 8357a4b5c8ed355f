package auth

import (
	"fmt"
	"strings"
)

// Credentials are ours at a peer.
type Credentials struct {
	Username, Password string
	// Realm is the one the credentials are for. "": the first that is answered,
	// and from then on no other.
	Realm string
}

// Client answers the challenges of one peer and counts the uses of its nonce.
// Make one per trunk and destination: what it answers is that peer's realm and
// nobody else's. Its caller must hand it challenges only from a response to a
// request that was sent to that peer and came from there, or a stranger collects
// digests to guess the password from. Not safe for concurrent use.
type Client struct {
	credentials Credentials
	cnonce      func() string
	last        fields // the challenge in use; no nonce: none
	uses        uint32
}

// NewClient makes a client. cnonce gives fresh random text of token characters,
// from crypto/rand.
func NewClient(c Credentials, cnonce func() string) *Client {
	return &Client{credentials: c, cnonce: cnonce}
}

// Attempt counts the answers given for one request of ours. The zero value is
// ready.
type Attempt struct{ answers int }

// Outgoing is what matters of our request.
type Outgoing struct {
	Method, URI string
	Body        []byte // for auth-int
}

// Answer gives the value of Authorization (to a 401) or Proxy-Authorization (to
// a 407) for the strongest of the challenges, which are the header's values. One
// answer a request, a second one when the peer then says that the nonce is
// stale; beyond that it is ErrRefused.
func (c *Client) Answer(a *Attempt, o Outgoing, challenges []string) (string, error) {
	chosen, err := c.choose(challenges)
	if err != nil {
		return "", err
	}
	if a.answers >= 2 || a.answers == 1 && !strings.EqualFold(chosen.stale, "true") {
		c.last = fields{}
		return "", ErrRefused
	}
	a.answers++
	c.credentials.Realm = chosen.realm
	c.last, c.uses = chosen, 0
	return c.sign(o)
}

// Again gives credentials for a further request under the nonce in use, so that
// it needs no challenge; "" when there is none.
func (c *Client) Again(o Outgoing) string {
	if c.last.nonce == "" || c.last.qop == "" {
		return ""
	}
	value, err := c.sign(o)
	if err != nil {
		return ""
	}
	return value
}

// choose takes the strongest challenge for our realm.
func (c *Client) choose(challenges []string) (fields, error) {
	var best fields
	strength := -1
	err := ErrNoChallenge
	for _, value := range splitChallenges(challenges) {
		f, parseErr := parseFields(value)
		if parseErr != nil || f.nonce == "" {
			continue
		}
		if c.credentials.Realm != "" && f.realm != c.credentials.Realm {
			err = ErrRealm
			continue
		}
		if s := strengthOf(&f); s > strength {
			best, strength = f, s
		}
	}
	if strength < 0 {
		return best, err
	}
	return best, nil
}

// strengthOf ranks a challenge and settles its qop; -1: it cannot be answered.
func strengthOf(f *fields) int {
	a, session := algorithmOf(f.algorithm)
	if a == noAlgorithm {
		return -1
	}
	strength := int(a) * 8
	if session {
		strength++
	}
	offered := f.qop
	switch {
	case offersQOP(offered, "auth"):
		f.qop = "auth"
		return strength + 4
	case offersQOP(offered, "auth-int"):
		f.qop = "auth-int"
		return strength + 2
	case offered == "": // RFC 2069
		return strength
	}
	return -1
}

func offersQOP(list, qop string) bool {
	for q := range strings.SplitSeq(list, ",") {
		if strings.EqualFold(strings.TrimSpace(q), qop) {
			return true
		}
	}
	return false
}

// splitChallenges parts values that hold several challenges.
func splitChallenges(values []string) []string {
	const maxChallenges = 16
	var out []string
	for _, value := range values {
		for value != "" && len(out) < maxChallenges {
			end := nextChallenge(value)
			out = append(out, strings.TrimRight(value[:end], ", \t"))
			value = value[end:]
		}
	}
	return out
}

// nextChallenge is where the second challenge in s begins; len(s): nowhere.
func nextChallenge(s string) int {
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '"':
			end := closingQuote(s[i:])
			if end < 0 {
				return len(s)
			}
			i += end
		case ',':
			if rest := skip(s[i+1:]); isDigest(rest) {
				return len(s) - len(rest)
			}
		}
	}
	return len(s)
}

func (c *Client) sign(o Outgoing) (string, error) {
	f := c.last
	f.username, f.uri = c.credentials.Username, o.URI
	if !quotable(f.username) || !quotable(f.uri) {
		return "", fmt.Errorf("%w: name or URI cannot be quoted", ErrNoChallenge)
	}
	a, session := algorithmOf(f.algorithm)
	ha1 := a.hash(f.username, f.realm, c.credentials.Password)
	if f.qop != "" {
		c.uses++
		f.nc = fmt.Sprintf("%08x", c.uses)
	}
	if f.qop != "" || session {
		f.cnonce = c.cnonce()
	}
	if session {
		ha1 = a.hash(ha1, f.nonce, f.cnonce)
	}
	f.response = a.response(ha1, o.Method, a.hash(string(o.Body)), &f)
	return f.credentials(), nil
}

// credentials writes the fields as the value of Authorization.
func (f *fields) credentials() string {
	var b strings.Builder
	b.WriteString("Digest ")
	for i, p := range [...]struct {
		name, value string
		quoted      bool
	}{
		{"username", f.username, true}, {"realm", f.realm, true}, {"nonce", f.nonce, true},
		{"uri", f.uri, true}, {"response", f.response, true}, {"algorithm", f.algorithm, false},
		{"cnonce", f.cnonce, true}, {"opaque", f.opaque, true}, {"qop", f.qop, false}, {"nc", f.nc, false},
	} {
		if p.value == "" && i > 4 {
			continue
		}
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(p.name)
		b.WriteByte('=')
		if p.quoted {
			b.WriteString(`"` + p.value + `"`)
		} else {
			b.WriteString(p.value)
		}
	}
	return b.String()
}
