package auth

import (
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/icholy/digest"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

var (
	origin = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	phone  = netip.MustParseAddrPort("192.0.2.1:5060")
	other  = netip.MustParseAddrPort("192.0.2.2:5060")
)

const realm = "switchroom"

func newServer(t testing.TB, change ...func(*Config)) *Server {
	c := Config{Realm: realm, Key: [32]byte{1}}
	for _, f := range change {
		f(&c)
	}
	s, err := NewServer(c, origin)
	require.NoError(t, err)
	return s
}

var secrets = map[string]*Secret{}

func init() {
	for _, user := range []string{"8001", "8002"} {
		s := NewSecret(user, realm, "secret of "+user)
		secrets[user] = &s
	}
}

func lookup(user string) *Secret { return secrets[user] }

func cnonce() string { return "0a4f113b" }

func register(source netip.AddrPort, user string, authorization ...string) Request {
	return Request{Method: "REGISTER", URI: "sip:switchroom", User: user, Authorization: authorization, Source: source}
}

// answered challenges, answers as the user with the password and gives the value
// of Authorization.
func answered(t testing.TB, s *Server, at time.Time, source netip.AddrPort, user, password string) string {
	j := s.Judge(at, register(source, user), lookup)
	require.Equal(t, Challenge, j.Outcome, "%v", j.Why)
	c := NewClient(Credentials{Username: user, Password: password}, cnonce)
	value, err := c.Answer(&Attempt{}, Outgoing{Method: "REGISTER", URI: "sip:switchroom"}, j.Challenges)
	require.NoError(t, err)
	return value
}

func TestTheRightPasswordIsAllowed(t *testing.T) {
	s := newServer(t)
	j := s.Judge(origin, register(phone, "8001"), lookup)
	require.Equal(t, NoCredentials, j.Why)
	require.Len(t, j.Challenges, 2)
	for i, algorithm := range []string{"SHA-256", "MD5"} {
		require.Contains(t, j.Challenges[i], "algorithm="+algorithm)
		require.Contains(t, j.Challenges[i], `qop="auth"`)
		require.NotContains(t, j.Challenges[i], "stale")
		c := NewClient(Credentials{Username: "8001", Password: "secret of 8001"}, cnonce)
		j := s.Judge(origin, register(phone, "8001"), lookup)
		value, err := c.Answer(&Attempt{}, Outgoing{Method: "REGISTER", URI: "sip:switchroom"}, j.Challenges[i:i+1])
		require.NoError(t, err)
		j = s.Judge(origin.Add(time.Second), register(phone, "8001", value), lookup)
		require.Equal(t, Judgement{Outcome: Allow, User: "8001", Why: Matched}, j)
	}
}

// A third party's client and ours agree, with both algorithms.
func TestAnotherImplementationIsUnderstood(t *testing.T) {
	s := newServer(t)
	for i := range 2 {
		j := s.Judge(origin, register(phone, "8001"), lookup)
		challenge, err := digest.ParseChallenge(j.Challenges[i])
		require.NoError(t, err)
		cred, err := digest.Digest(challenge, digest.Options{
			Method: "REGISTER", URI: "sip:switchroom", Username: "8001", Password: "secret of 8001", Count: 1,
		})
		require.NoError(t, err)
		require.Equal(t, Allow, s.Judge(origin, register(phone, "8001", cred.String()), lookup).Outcome)
	}
}

// Each single thing that is changed in right credentials, or around them, makes
// them wrong.
func TestEverySingleMutationIsRefused(t *testing.T) {
	field := func(name, by string) func(*Request) {
		return func(r *Request) {
			v := r.Authorization[0]
			start := strings.Index(v, name+"=") + len(name) + 1
			end := start + strings.IndexAny(v[start:]+",", ",")
			require.Greater(t, start, len(name))
			require.NotEqual(t, v[start:end], by)
			r.Authorization = []string{v[:start] + by + v[end:]}
		}
	}
	s0 := newServer(t)
	foreign := nonce{serial: 99}.encode(&[32]byte{2}, phone.Addr())
	mutations := map[string]struct {
		change func(*Request)
		why    Why
	}{
		"username":          {field("username", `"8002"`), WrongDigest},
		"realm":             {field("realm", `"other"`), NoCredentials},
		"nonce":             {field("nonce", `"`+foreign+`"`), ForeignNonce},
		"nonce of ours":     {field("nonce", `"`+nonce{serial: 1}.encode(&s0.config.Key, phone.Addr())+`"`), WrongDigest},
		"uri":               {field("uri", `"sip:other"`), WrongDigest},
		"response":          {field("response", `"`+strings.Repeat("0", 64)+`"`), WrongDigest},
		"algorithm":         {field("algorithm", "MD5"), WrongDigest},
		"no such algorithm": {field("algorithm", "SHA-1"), Malformed},
		"cnonce":            {field("cnonce", `"1b4f113b"`), WrongDigest},
		"nc":                {field("nc", "00000002"), WrongDigest},
		"qop":               {field("qop", "auth-int"), Malformed},
		"method":            {func(r *Request) { r.Method = "INVITE" }, WrongDigest},
		"request uri":       {func(r *Request) { r.URI = "sip:other" }, WrongDigest},
		"claimed user":      {func(r *Request) { r.User = "8002" }, WrongDigest},
		"source":            {func(r *Request) { r.Source = other }, ForeignNonce},
	}
	require.GreaterOrEqual(t, len(mutations), 12)
	for name, m := range mutations {
		t.Run(name, func(t *testing.T) {
			s := newServer(t)
			r := register(phone, "8001", answered(t, s, origin.Add(time.Second), phone, "8001", "secret of 8001"))
			changed := r
			m.change(&changed)
			j := s.Judge(origin.Add(time.Second), changed, lookup)
			require.Equal(t, Challenge, j.Outcome)
			require.Equal(t, m.why, j.Why)
			for _, c := range j.Challenges {
				require.NotContains(t, c, "stale")
			}
			require.Equal(t, Allow, s.Judge(origin.Add(time.Second), r, lookup).Outcome, "and the mutation has used nothing up")
		})
	}
}

func TestUnknownUserAndWrongPasswordLookTheSame(t *testing.T) {
	shape := func(user, password string) (string, Why) {
		s := newServer(t)
		value := answered(t, s, origin, phone, user, password)
		j := s.Judge(origin, register(phone, user, value), lookup)
		text := fmt.Sprint(j.Outcome, j.Challenges)
		return text, j.Why
	}
	wrong, why1 := shape("8001", "guess")
	unknown, why2 := shape("9999", "guess")
	require.Equal(t, wrong, unknown, "to the byte, given the same key, time and serial")
	require.Equal(t, why1, why2)
}

func TestBothAreLookedUpAndHashedOnce(t *testing.T) {
	for _, user := range []string{"8001", "9999"} {
		s := newServer(t)
		value := answered(t, s, origin, phone, user, "guess")
		looked := 0
		s.Judge(origin, register(phone, user, value), func(u string) *Secret {
			require.Equal(t, user, u)
			looked++
			return lookup(u)
		})
		require.Equal(t, 1, looked)
	}
}

func TestCredentialsAreNotTakenTwice(t *testing.T) {
	s := newServer(t)
	r := register(phone, "8001", answered(t, s, origin, phone, "8001", "secret of 8001"))
	require.Equal(t, Allow, s.Judge(origin, r, lookup).Outcome)
	j := s.Judge(origin.Add(time.Second), r, lookup)
	require.Equal(t, Replayed, j.Why)
	require.Contains(t, j.Challenges[0], "stale=true", "who could sign may sign again")
	r.Source = other
	require.Equal(t, ForeignNonce, s.Judge(origin, r, lookup).Why)
	r.Source = netip.MustParseAddrPort("192.0.2.1:6060") // a rebound NAT or a new connection
	require.Equal(t, Replayed, s.Judge(origin, r, lookup).Why)
}

func TestANonceServesManyCountsInAnyNearOrder(t *testing.T) {
	s := newServer(t)
	j := s.Judge(origin, register(phone, "8001"), lookup)
	c := NewClient(Credentials{Username: "8001", Password: "secret of 8001"}, cnonce)
	o := Outgoing{Method: "REGISTER", URI: "sip:switchroom"}
	first, err := c.Answer(&Attempt{}, o, j.Challenges)
	require.NoError(t, err)
	values := []string{first}
	for range 99 {
		values = append(values, c.Again(o))
	}
	allow := func(i int) Why { return s.Judge(origin, register(phone, "8001", values[i]), lookup).Why }
	require.Equal(t, Matched, allow(2))
	require.Equal(t, Matched, allow(0))
	require.Equal(t, Matched, allow(1))
	require.Equal(t, Replayed, allow(1))
	require.Equal(t, Matched, allow(99))
	require.Equal(t, Replayed, allow(3), "too far back to know")
	require.Equal(t, Matched, allow(98))
}

func TestAnOldNonceIsStaleAndOnlyThen(t *testing.T) {
	s := newServer(t)
	right := register(phone, "8001", answered(t, s, origin, phone, "8001", "secret of 8001"))
	wrong := register(phone, "8001", answered(t, s, origin, phone, "8001", "guess"))
	at := origin.Add(5*time.Minute + time.Second)
	j := s.Judge(at, right, lookup)
	require.Equal(t, StaleNonce, j.Why)
	require.Contains(t, j.Challenges[0], "stale=true")
	require.Contains(t, j.Challenges[1], "stale=true")
	j = s.Judge(at, wrong, lookup)
	require.Equal(t, WrongDigest, j.Why)
	require.NotContains(t, j.Challenges[0], "stale")
}

func TestURIsAreComparedByWhatTheyMean(t *testing.T) {
	for uri, same := range map[string]bool{
		"sip:switchroom": true, "SIP:SWITCHROOM:5060;transport=tcp": true, "sip:switchroom?x=y": true,
		"sips:switchroom": false, "sip:switchroom:5061": false, "sip:a@switchroom": false, "sip:": false, "": false,
		"tel:switchroom": false,
	} {
		require.Equal(t, same, sameTarget(uri, "sip:switchroom"), uri)
	}
	require.True(t, sameTarget("sip:a@[::1]", "sip:a@[::1]:5060"))
	require.True(t, sameTarget("tel:+49", "tel:+49"))
	require.False(t, sameTarget("sip:A@h", "sip:a@h"))
}

func TestGuessingIsBlockedForThatAddressAndUserOnly(t *testing.T) {
	s := newServer(t)
	guess := func(at time.Time, source netip.AddrPort, user, password string) Judgement {
		j := s.Judge(at, register(source, user), lookup)
		if j.Outcome == Blocked {
			return j
		}
		c := NewClient(Credentials{Username: user, Password: password}, cnonce)
		value, err := c.Answer(&Attempt{}, Outgoing{Method: "REGISTER", URI: "sip:switchroom"}, j.Challenges)
		require.NoError(t, err)
		return s.Judge(at, register(source, user, value), lookup)
	}
	for _, user := range []string{"8001", "9999"} { // the existing and the other
		for i := range 10 {
			j := guess(origin, phone, user, "guess")
			require.Equal(t, WrongDigest, j.Why, i)
			require.Equal(t, i == 9, j.Alarm)
		}
		require.Equal(t, Blocked, guess(origin, phone, user, "secret of 8001").Outcome)
	}
	require.Equal(t, Allow, guess(origin, other, "8001", "secret of 8001").Outcome, "the true user elsewhere")
	require.Equal(t, Allow, guess(origin, phone, "8002", "secret of 8002").Outcome, "another user there")
	require.Equal(t, Blocked, guess(origin.Add(10*time.Minute-1), phone, "8001", "secret of 8001").Outcome)
	require.Equal(t, Allow, guess(origin.Add(10*time.Minute), phone, "8001", "secret of 8001").Outcome)
	require.Equal(t, uint64(20), s.Stats(origin).ByWhy[WrongDigest])
	require.Equal(t, 1, s.Stats(origin).Blocked, "8001 was right since")
}

func TestSlowMistakesAreForgiven(t *testing.T) {
	s := newServer(t)
	for i := range 30 {
		at := origin.Add(time.Duration(i) * 7 * time.Second)
		value := answered(t, s, at, phone, "8001", "typo")
		require.Equal(t, WrongDigest, s.Judge(at, register(phone, "8001", value), lookup).Why)
	}
}

func TestSprayingBlocksTheAddressButNotWhoWasRightThere(t *testing.T) {
	s := newServer(t)
	right := func(source netip.AddrPort, user string) Outcome {
		j := s.Judge(origin, register(source, user), lookup)
		if j.Outcome == Blocked {
			return Blocked
		}
		c := NewClient(Credentials{Username: user, Password: "secret of " + user}, cnonce)
		v, _ := c.Answer(&Attempt{}, Outgoing{Method: "REGISTER", URI: "sip:switchroom"}, j.Challenges)
		return s.Judge(origin, register(source, user, v), lookup).Outcome
	}
	require.Equal(t, Allow, right(phone, "8001"))
	for i := range 100 {
		user := fmt.Sprint("victim", i)
		s.Judge(origin, register(phone, user, answered(t, s, origin, phone, user, "1234")), lookup)
	}
	require.Equal(t, Blocked, right(phone, "8002"))
	require.Equal(t, Allow, right(phone, "8001"))
	require.Equal(t, Allow, right(other, "8002"))
}

func TestMemoryIsBounded(t *testing.T) {
	s := newServer(t, func(c *Config) { c.Ledger, c.Sources = 64, 64 })
	for i := range 2000 {
		source := netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, byte(i >> 8), byte(i)}), 5060)
		value := answered(t, s, origin, source, "8001", "secret of 8001")
		require.Equal(t, Allow, s.Judge(origin, register(source, "8001", value), lookup).Outcome)
		s.Judge(origin, register(source, "x", answered(t, s, origin, source, "x", "guess")), lookup)
	}
	stats := s.Stats(origin)
	require.LessOrEqual(t, stats.Ledger, 64)
	require.LessOrEqual(t, stats.Guesses, 128)
	require.LessOrEqual(t, len(s.ledger.order), 256)
	require.LessOrEqual(t, len(s.pairs.order), 256)
}

// Forgetting a nonce never lets its credentials in again.
func TestWhatTheLedgerForgetsStaysRefused(t *testing.T) {
	s := newServer(t, func(c *Config) { c.Ledger = 4 })
	var used []Request
	for range 20 {
		r := register(phone, "8001", answered(t, s, origin, phone, "8001", "secret of 8001"))
		require.Equal(t, Allow, s.Judge(origin, r, lookup).Outcome)
		used = append(used, r)
	}
	for _, r := range used {
		require.Equal(t, Replayed, s.Judge(origin, r, lookup).Why)
	}
}

func TestLedgerTakesEachCountOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := newLedger(rapid.IntRange(1, 8).Draw(t, "limit"))
		type use struct {
			serial uint64
			nc     uint32
		}
		taken := map[use]bool{}
		for range rapid.IntRange(1, 200).Draw(t, "uses") {
			u := use{uint64(rapid.IntRange(1, 12).Draw(t, "serial")), uint32(rapid.IntRange(0, 100).Draw(t, "nc"))}
			if l.use(nonce{issued: int64(u.serial), serial: u.serial}, u.nc, 0) {
				require.False(t, taken[u])
				taken[u] = true
			}
			require.LessOrEqual(t, len(l.used), l.limit)
		}
	})
}

func TestOddAuthorizationsAreChallenged(t *testing.T) {
	s := newServer(t)
	right := answered(t, s, origin, phone, "8001", "secret of 8001")
	for name, c := range map[string]struct {
		values []string
		why    Why
	}{
		"other scheme": {[]string{"NoOneKnowsThisScheme opaque-data=here"}, NoCredentials},
		"basic":        {[]string{"Basic ODAwMTpzZWNyZXQ="}, NoCredentials},
		"empty":        {[]string{""}, NoCredentials},
		"scheme only":  {[]string{"Digest "}, NoCredentials},
		"garbage":      {[]string{"Digest ,,,="}, Malformed},
		"open quote":   {[]string{`Digest username="8001`}, Malformed},
		"twice":        {[]string{right + `, username="8002"`}, Malformed},
		"many":         {[]string{right + strings.Repeat(", a=b", 2)}, Malformed},
		"long":         {[]string{right + `, x="` + strings.Repeat("a", maxHeader) + `"`}, Malformed},
		"no qop":       {[]string{strings.Replace(right, "qop=auth, ", "", 1)}, Malformed},
		"no nc":        {[]string{right[:strings.Index(right, ", nc=")]}, Malformed},
		"odd nc":       {[]string{strings.Replace(right, "nc=00000001", "nc=1", 1)}, Malformed},
		"session":      {[]string{strings.Replace(right, "SHA-256", "SHA-256-sess", 1)}, Malformed},
		"line break":   {[]string{strings.Replace(right, "8001", "80\r\n01", 1)}, Malformed},
		"trailing":     {[]string{right + ","}, Malformed},
	} {
		j := s.Judge(origin, register(phone, "8001", c.values...), lookup)
		require.Equal(t, c.why, j.Why, name)
		require.Equal(t, Challenge, j.Outcome, name)
	}
	theirs := strings.Replace(right, `realm="switchroom"`, `realm="elsewhere"`, 1)
	odd := strings.ReplaceAll(strings.Replace(right, "Digest ", "digest\t", 1), ", ", " ,\t")
	require.Equal(t, Allow, s.Judge(origin, register(phone, "8001", "Basic x", theirs, odd), lookup).Outcome)
}

func TestServerWantsARealmAndAKey(t *testing.T) {
	for _, c := range []Config{{}, {Realm: "a"}, {Key: [32]byte{1}}, {Realm: `a"b`, Key: [32]byte{1}}, {Realm: "a\r\nb", Key: [32]byte{1}}} {
		_, err := NewServer(c, origin)
		require.ErrorIs(t, err, ErrConfig)
	}
}

func TestSecretsDoNotPrint(t *testing.T) {
	s := NewSecret("a", "b", "c")
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		require.NotContains(t, fmt.Sprintf(verb, s), s.md5)
		require.NotContains(t, fmt.Sprintf(verb, &s), s.md5)
	}
}

func TestOneCountIsTakenOnceByManyGoroutines(t *testing.T) {
	s := newServer(t)
	r := register(phone, "8001", answered(t, s, origin, phone, "8001", "secret of 8001"))
	var wg sync.WaitGroup
	var mu sync.Mutex
	allowed := 0
	for range 16 {
		wg.Go(func() {
			if s.Judge(origin, r, lookup).Outcome == Allow {
				mu.Lock()
				allowed++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	require.Equal(t, 1, allowed)
}

func TestNoncesAreBoundToTheirSource(t *testing.T) {
	key := [32]byte{7}
	n := nonce{issued: 123, serial: 456}
	text := n.encode(&key, phone.Addr())
	got, ok := decodeNonce(text, &key, phone.Addr())
	require.True(t, ok)
	require.Equal(t, n, got)
	for i := range text {
		changed := text[:i] + string(rune(text[i]^1)) + text[i+1:]
		_, ok := decodeNonce(changed, &key, phone.Addr())
		require.False(t, ok, i)
	}
	_, ok = decodeNonce(text, &key, other.Addr())
	require.False(t, ok)
	_, ok = decodeNonce(text, &[32]byte{8}, phone.Addr())
	require.False(t, ok)
	a, b := netip.MustParseAddrPort("[2001:db8::1]:1"), netip.MustParseAddrPort("[2001:db8::2]:2")
	require.Equal(t, source(a), source(b), "one host, many addresses")
	require.Equal(t, source(netip.MustParseAddrPort("[::ffff:192.0.2.1]:1")), source(phone))
}

func FuzzJudge(f *testing.F) {
	s, err := NewServer(Config{Realm: realm, Key: [32]byte{1}}, origin)
	require.NoError(f, err)
	f.Add(answered(f, s, origin, phone, "8001", "secret of 8001"))
	f.Add(answered(f, s, origin, phone, "8001", "guess"))
	f.Add("NoOneKnowsThisScheme opaque-data=here")
	f.Add(`Digest username="a\"b", realm="switchroom"`)
	f.Fuzz(func(t *testing.T, value string) {
		s := newServer(t)
		j := s.Judge(origin, register(phone, "8001", value), lookup)
		require.NotEqual(t, Blocked, j.Outcome)
		if j.Outcome == Challenge {
			require.Len(t, j.Challenges, 2)
			return
		}
		require.Equal(t, "8001", j.User)
		require.Equal(t, Replayed, s.Judge(origin, register(phone, "8001", value), lookup).Why)
	})
}

// BenchmarkGuess shows that an existing and an unknown user cost the same.
func BenchmarkGuess(b *testing.B) {
	for _, user := range []string{"8001", "9999"} {
		b.Run(user, func(b *testing.B) {
			s := newServer(b, func(c *Config) { c.Failures, c.Spray = 1<<40, 1<<40 })
			r := register(phone, user, answered(b, s, origin, phone, user, "guess"))
			b.ReportAllocs()
			for b.Loop() {
				s.Judge(origin, r, lookup)
			}
		})
	}
}

func BenchmarkJudge(b *testing.B) {
	s := newServer(b)
	c := NewClient(Credentials{Username: "8001", Password: "secret of 8001"}, cnonce)
	o := Outgoing{Method: "REGISTER", URI: "sip:switchroom"}
	_, err := c.Answer(&Attempt{}, o, s.Judge(origin, register(phone, "8001"), lookup).Challenges)
	require.NoError(b, err)
	b.ReportAllocs()
	for b.Loop() {
		s.Judge(origin, register(phone, "8001", c.Again(o)), lookup)
	}
}
