package auth

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"net/netip"
)

// nonce is what a nonce says:
//
//	 0        8        16                32
//	+--------+--------+-----------------+
//	| issued | serial | HMAC-SHA-256/16 |   base64url, 43 characters
//	+--------+--------+-----------------+
//
// issued counts nanoseconds since the server was made, on whichever clock its
// caller passes in (a monotonic one, so that a step of the wall clock expires
// nothing). serial is unique in the server's life. The HMAC covers both and the
// source address.
type nonce struct {
	issued int64
	serial uint64
}

const (
	macSize   = 16
	nonceSize = 8 + 8 + macSize
)

func (n nonce) encode(key *[32]byte, source netip.Addr) string {
	var raw [nonceSize]byte
	binary.BigEndian.PutUint64(raw[:], uint64(n.issued))
	binary.BigEndian.PutUint64(raw[8:], n.serial)
	mac := n.mac(key, raw[:16], source)
	copy(raw[16:], mac[:macSize])
	return base64.RawURLEncoding.EncodeToString(raw[:])
}

// decodeNonce reads a nonce; false when it was not made with the key for source.
func decodeNonce(text string, key *[32]byte, source netip.Addr) (nonce, bool) {
	var raw [nonceSize]byte
	if base64.RawURLEncoding.DecodedLen(len(text)) != nonceSize {
		return nonce{}, false
	}
	if _, err := base64.RawURLEncoding.Strict().Decode(raw[:], []byte(text)); err != nil {
		return nonce{}, false
	}
	n := nonce{
		issued: int64(binary.BigEndian.Uint64(raw[:])),
		serial: binary.BigEndian.Uint64(raw[8:]),
	}
	mac := n.mac(key, raw[:16], source)
	return n, hmac.Equal(mac[:macSize], raw[16:])
}

func (nonce) mac(key *[32]byte, head []byte, source netip.Addr) [sha256.Size]byte {
	h := hmac.New(sha256.New, key[:])
	_, _ = h.Write(head)
	a := source.As16()
	_, _ = h.Write(a[:])
	var sum [sha256.Size]byte
	h.Sum(sum[:0])
	return sum
}
