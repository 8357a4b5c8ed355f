package media

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"

	"github.com/pion/srtp/v3"
)

// Suite is how a leg's packets are protected (SRTP, RFC 3711): which cipher and
// which tag. The zero value stands for none.
type Suite uint8

// The suites, by their names in SDES.
const (
	AES128CM80 Suite = iota + 1 // AES_CM_128_HMAC_SHA1_80 (RFC 4568), what every phone can
	AES128CM32                  // AES_CM_128_HMAC_SHA1_32
	AES256CM80                  // AES_256_CM_HMAC_SHA1_80 (RFC 6188)
	AES256CM32                  // AES_256_CM_HMAC_SHA1_32
	AES128GCM                   // AEAD_AES_128_GCM (RFC 7714)
	AES256GCM                   // AEAD_AES_256_GCM
)

var suites = [...]struct {
	name      string
	key, salt int // octets
	profile   srtp.ProtectionProfile
}{
	AES128CM80: {"AES_CM_128_HMAC_SHA1_80", 16, 14, srtp.ProtectionProfileAes128CmHmacSha1_80},
	AES128CM32: {"AES_CM_128_HMAC_SHA1_32", 16, 14, srtp.ProtectionProfileAes128CmHmacSha1_32},
	AES256CM80: {"AES_256_CM_HMAC_SHA1_80", 32, 14, srtp.ProtectionProfileAes256CmHmacSha1_80},
	AES256CM32: {"AES_256_CM_HMAC_SHA1_32", 32, 14, srtp.ProtectionProfileAes256CmHmacSha1_32},
	AES128GCM:  {"AEAD_AES_128_GCM", 16, 12, srtp.ProtectionProfileAeadAes128Gcm},
	AES256GCM:  {"AEAD_AES_256_GCM", 32, 12, srtp.ProtectionProfileAeadAes256Gcm},
}

// ParseSuite finds a suite by its name in SDES.
func ParseSuite(name string) (Suite, bool) {
	for i, s := range suites {
		if s.name == name && name != "" {
			return Suite(i), true
		}
	}
	return 0, false
}

// String returns the suite's name in SDES, "" for none.
func (s Suite) String() string {
	if int(s) < len(suites) {
		return suites[s].name
	}
	return fmt.Sprintf("Suite(%d)", uint8(s))
}

// Secret is a master key with its salt. It is comparable, and nothing prints
// it but [Secret.Inline], which is for session descriptions alone.
type Secret struct{ octets string }

var errSecret = errors.New("media: not a key of this suite")

// NewSecret draws a key for a suite.
func NewSecret(s Suite) Secret {
	b := make([]byte, suites[s].key+suites[s].salt)
	_, _ = rand.Read(b) // never fails, by its documentation
	return Secret{string(b)}
}

// ParseSecret reads a key for a suite as SDES has it: base64, padded or not.
func ParseSecret(s Suite, inline string) (Secret, error) {
	b, err := base64.StdEncoding.DecodeString(inline)
	if err != nil {
		b, err = base64.RawStdEncoding.DecodeString(inline)
	}
	if err != nil || s == 0 || int(s) >= len(suites) || len(b) != suites[s].key+suites[s].salt {
		return Secret{}, errSecret // which doesn't tell what stood there
	}
	return Secret{string(b)}, nil
}

// Inline is the secret as SDES has it.
func (k Secret) Inline() string { return base64.StdEncoding.EncodeToString([]byte(k.octets)) }

const hidden = "(secret)"

// String hides the secret, as do the other forms that print and encode it.
func (k Secret) String() string { return hidden }

// Format implements fmt.Formatter: no verb shows the secret.
func (k Secret) Format(f fmt.State, _ rune) { fmt.Fprint(f, hidden) }

// MarshalText implements encoding.TextMarshaler.
func (k Secret) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// Keys are what one SDES exchange agreed: the suite, the key that we send with,
// and the one that the peer does. The zero value stands for packets that are not
// protected.
type Keys struct {
	Suite         Suite
	Local, Remote Secret
}

// context makes one direction's state from its key.
func (s Suite) context(k Secret, options ...srtp.ContextOption) (*srtp.Context, error) {
	if s == 0 || int(s) >= len(suites) || len(k.octets) != suites[s].key+suites[s].salt {
		return nil, errSecret
	}
	b := []byte(k.octets)
	c, err := srtp.CreateContext(b[:suites[s].key], b[suites[s].key:], suites[s].profile, options...)
	if err != nil {
		return nil, fmt.Errorf("media: %s: %w", s, err)
	}
	return c, nil
}
