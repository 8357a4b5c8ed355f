package auth

import (
	"crypto/md5"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"strings"
)

// algorithm is a digest algorithm, in order of strength.
type algorithm uint8

const (
	noAlgorithm algorithm = iota
	algMD5
	algSHA256
	algSHA512 // SHA-512-256; asked of us by others only
)

// algorithmOf knows an algorithm by name and whether it is the "-sess" sort. No
// name means MD5 (RFC 7616 3.3).
func algorithmOf(name string) (a algorithm, session bool) {
	if len(name) > 5 && strings.EqualFold(name[len(name)-5:], "-sess") {
		name, session = name[:len(name)-5], true
	}
	switch strings.ToUpper(name) {
	case "", "MD5":
		return algMD5, session
	case "SHA-256":
		return algSHA256, session
	case "SHA-512-256":
		return algSHA512, session
	}
	return noAlgorithm, false
}

// hash is H(parts joined by ':') in lower-case hexadecimal.
func (a algorithm) hash(parts ...string) string {
	buf := make([]byte, 0, 512)
	for i, p := range parts {
		if i > 0 {
			buf = append(buf, ':')
		}
		buf = append(buf, p...)
	}
	switch a {
	case algSHA256:
		sum := sha256.Sum256(buf)
		return hex.EncodeToString(sum[:])
	case algSHA512:
		sum := sha512.Sum512_256(buf)
		return hex.EncodeToString(sum[:])
	default:
		sum := md5.Sum(buf)
		return hex.EncodeToString(sum[:])
	}
}

// response is the request-digest of RFC 7616 3.4.1; bodyHash counts for
// auth-int, qop "" is RFC 2069's.
func (a algorithm) response(ha1, method, bodyHash string, f *fields) string {
	ha2 := ""
	if f.qop == "auth-int" {
		ha2 = a.hash(method, f.uri, bodyHash)
	} else {
		ha2 = a.hash(method, f.uri)
	}
	if f.qop == "" {
		return a.hash(ha1, f.nonce, ha2)
	}
	return a.hash(ha1, f.nonce, f.nc, f.cnonce, f.qop, ha2)
}

// Secret is what a server keeps of a password: H(user:realm:password) by
// algorithm. Who has it can sign in as the user, so it is never logged or shown;
// it prints as "[secret]".
type Secret struct{ md5, sha256 string }

// NewSecret hashes the password of a user within a realm.
func NewSecret(user, realm, password string) Secret {
	return Secret{
		md5:    algMD5.hash(user, realm, password),
		sha256: algSHA256.hash(user, realm, password),
	}
}

func (s Secret) ha1(a algorithm) string {
	if a == algSHA256 {
		return s.sha256
	}
	return s.md5
}

// String keeps the hashes out of logs.
func (Secret) String() string { return "[secret]" }

// GoString keeps them out of %#v.
func (Secret) GoString() string { return "[secret]" }
