package e2e

import (
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
)

// login answers digest challenges (RFC 7616) for a phone.
type login struct {
	user, password string
	algorithm      string // MD5 or SHA-256
	challenge      string
	count          int // of requests with this nonce
}

// take chooses the challenge of the login's algorithm; false when there is none.
func (l *login) take(m message) bool {
	for _, c := range m.all("WWW-Authenticate") {
		if a := field(c, "algorithm"); a == l.algorithm || a == "" && l.algorithm == "MD5" {
			l.challenge, l.count = c, 0
			return true
		}
	}
	return false
}

// authorization is the header for the next request.
func (l *login) authorization(method, uri string) string {
	l.count++
	h := func(parts ...string) string {
		text := []byte(strings.Join(parts, ":"))
		if l.algorithm == "SHA-256" {
			sum := sha256.Sum256(text)
			return hex.EncodeToString(sum[:])
		}
		sum := md5.Sum(text)
		return hex.EncodeToString(sum[:])
	}
	realm, nonce, nc, cnonce := field(l.challenge, "realm"), field(l.challenge, "nonce"), fmt.Sprintf("%08x", l.count), newTag()
	response := h(h(l.user, realm, l.password), nonce, nc, cnonce, "auth", h(method, uri))
	v := fmt.Sprintf(`Digest username="%s", realm="%s", nonce="%s", uri="%s", response="%s", algorithm=%s, qop=auth, nc=%s, cnonce="%s"`,
		l.user, realm, nonce, uri, response, l.algorithm, nc, cnonce)
	if o := field(l.challenge, "opaque"); o != "" {
		v += `, opaque="` + o + `"`
	}
	return v
}

// field is a parameter of a challenge, without its quotes.
func field(challenge, name string) string {
	for _, part := range strings.Split(strings.TrimPrefix(challenge, "Digest "), ",") {
		if k, v, ok := strings.Cut(strings.TrimSpace(part), "="); ok && strings.EqualFold(k, name) {
			return strings.Trim(v, `"`)
		}
	}
	return ""
}

// registrar is a phone's registration: one Call-ID, counting on.
type registrar struct {
	*Talk
	login   login
	contact string
}

// Registrar makes a station a phone that can register.
func (s *Station) Registrar(user, password, algorithm string) *registrar {
	r := &registrar{Talk: s.Prepare(user, fmt.Sprintf("sip:127.0.0.1:%d", s.w.SIP), ""),
		login: login{user: user, password: password, algorithm: algorithm}, contact: s.contact()}
	aor := fmt.Sprintf("<sip:%s@127.0.0.1:%d>", user, s.w.SIP)
	r.local, r.remote = aor+";tag="+r.tag, aor
	return r
}

// request is a REGISTER, with credentials once there is a challenge.
func (r *registrar) request(expires int) message {
	r.seq++
	m := r.Talk.request("REGISTER", r.seq).with("Expires", fmt.Sprint(expires))
	for i := range m.headers {
		if m.headers[i][0] == "Contact" {
			m.headers[i][1] = r.contact
		}
	}
	if r.login.challenge != "" {
		m = m.with("Authorization", r.login.authorization("REGISTER", r.target))
	}
	return m
}

// ask sends a REGISTER and gives what comes of it; a challenge is taken up once.
func (r *registrar) ask(expires int) message {
	r.s.t.Helper()
	for range 2 {
		r.s.send(r.request(expires))
		m := r.ExpectOneOf("200 REGISTER", "401 REGISTER", "403 REGISTER", "423 REGISTER", "400 REGISTER", "503 REGISTER", "500 REGISTER")
		if m.status() != 401 || r.login.challenge != "" && field(m.get("WWW-Authenticate"), "stale") != "true" {
			return m
		}
		if !r.login.take(m) {
			r.s.t.Fatalf("no challenge for %s in %v", r.login.algorithm, m.all("WWW-Authenticate"))
		}
	}
	return message{}
}

// Register registers for so many seconds and demands success.
func (r *registrar) Register(expires int) message {
	r.s.t.Helper()
	m := r.ask(expires)
	if m.status() != 200 {
		r.s.t.Fatalf("REGISTER: %s", m.start)
	}
	return m
}

// Dial calls a number from the phone, with credentials.
func (r *registrar) Dial(number, body string) *Talk {
	r.s.t.Helper()
	return r.DialWith(number, body)
}

// DialWith is Dial with further headers.
func (r *registrar) DialWith(number, body string, more ...[2]string) *Talk {
	r.s.t.Helper()
	k := r.s.Prepare(r.login.user, fmt.Sprintf("sip:%s@127.0.0.1:%d", number, r.s.w.SIP), body)
	r.s.send(k.invite)
	k.remote = k.invite.get("To")
	challenge := k.Expect("401 INVITE")
	k.Nack(challenge)
	l := login{user: r.login.user, password: r.login.password, algorithm: r.login.algorithm}
	if !l.take(challenge) {
		r.s.t.Fatalf("no challenge for %s", l.algorithm)
	}
	k.remote, k.seq = "<"+k.target+">", 2
	k.invite = k.Talk().with("Authorization", l.authorization("INVITE", k.target))
	for _, h := range more {
		k.invite = k.invite.with(h[0], h[1])
	}
	k.invite = k.invite.withSDP(body)
	r.s.send(k.invite)
	return k
}

// Talk is the INVITE of the talk's next attempt.
func (k *Talk) Talk() message { return k.request("INVITE", k.seq) }
