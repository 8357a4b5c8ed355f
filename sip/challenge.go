package sip

import (
	"hash/maphash"
	"net/netip"
	"strings"
	"sync"
	"time"

	"switchroom/sip/auth"
	"switchroom/sip/wire"
)

// RFC 8760 has a server challenge by SHA-256 and by MD5, the better one first,
// and a client skip what it does not know. Phones there are that give up at the
// sight of SHA-256 instead (every libre before 2.x with its baresip does); most
// open switches offer MD5 alone because of them. We offer both, but MD5 alone
// to a client known for it and to one that was offered both and came back with
// no credentials. MD5 is taken from everybody anyway, so nothing is lost by it.

// md5Only are the beginnings of User-Agents that stumble over SHA-256.
var md5Only = []string{"baresip v0.", "baresip v1.", "baresip v2."}

// challengesKept bounds the memory of who was offered both.
const challengesKept = 4096

// challenged remembers, as hashes, the latest requests that were offered both
// and have not been followed by good credentials.
type challenged struct {
	mu   sync.Mutex
	seed maphash.Seed
	seen map[uint64]uint32 // CSeq by hash of client and Call-ID
	ring [challengesKept]uint64
	next int
}

func newChallenged() *challenged {
	return &challenged{seed: maphash.MakeSeed(), seen: make(map[uint64]uint32, challengesKept)}
}

func (c *challenged) key(in *request) uint64 {
	return maphash.String(c.seed, in.flow.remote.String()+"\n"+string(in.Method)+"\n"+in.CallID().Value())
}

// again tells whether a client was offered both before and now comes with a
// further request, not a repetition; and remembers it.
func (c *challenged) again(in *request) bool {
	key, seq := c.key(in), in.CSeq().SeqNo
	c.mu.Lock()
	defer c.mu.Unlock()
	if before, ok := c.seen[key]; ok {
		return before != seq
	}
	delete(c.seen, c.ring[c.next])
	c.ring[c.next] = key
	c.seen[key] = seq
	c.next = (c.next + 1) % challengesKept
	return false
}

// able: the client has made use of what it was offered.
func (c *challenged) able(in *request) {
	key := c.key(in)
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.seen, key)
}

// GuessWatcher is implemented by a Core that wants to know when a source has
// guessed so often that it is not listened to for a while. It is called as Core's
// methods are.
type GuessWatcher interface {
	Guessing(source netip.AddrPort, user string)
}

// blockedFor is what a source is told that has guessed too often; afterwards it is
// told nothing.
const blockedFor = 10 * time.Minute

// challenge answers 401 with what the client can make use of. The guess that is
// one too many gets a refusal that a phone with a wrong password understands.
func (ua *UA) challenge(in *request, j auth.Judgement) {
	ua.count(refusedUnauthorized)
	if j.Alarm {
		ua.count(authBlocked)
		in.decline(403, retryAfter(blockedFor))
		if w, ok := ua.core.(GuessWatcher); ok {
			w.Guessing(in.flow.remote, unescape(in.From().Address.User))
		}
		return
	}
	plain := j.Why == auth.NoCredentials && ua.challenged.again(in)
	for _, name := range md5Only {
		plain = plain || strings.HasPrefix(in.header("user-agent"), name)
	}
	headers := make([]wire.Header, 0, len(j.Challenges))
	for _, c := range j.Challenges {
		if plain && !strings.Contains(c, "algorithm=MD5") {
			continue
		}
		headers = append(headers, wire.Header{Name: "WWW-Authenticate", Value: c})
	}
	in.decline(401, headers...)
}
