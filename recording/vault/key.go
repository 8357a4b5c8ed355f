package vault

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"filippo.io/age"
)

// keySize is the octets of a data key and of what is derived from it.
const keySize = 32

const (
	infoHead  = "switchroom recording 1 head"
	infoSound = "switchroom recording 1 sound"
)

// Keys are the public keys that recordings are encrypted to.
type Keys struct {
	Names      []string // as they were written
	recipients []age.Recipient
}

// ErrKeys says that public keys could not be read.
var ErrKeys = errors.New("vault: no usable public keys")

// ParseKeys reads age public keys, one a line; empty lines and what begins
// with # are passed over. No key at all is an error.
func ParseKeys(text string) (Keys, error) {
	var k Keys
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") || slices.Contains(k.Names, line) {
			continue
		}
		r, err := age.ParseRecipients(strings.NewReader(line))
		if err != nil {
			return Keys{}, fmt.Errorf("%w: key %d is no age public key", ErrKeys, len(k.Names)+1)
		}
		k.Names = append(k.Names, line)
		k.recipients = append(k.recipients, r...)
	}
	if len(k.Names) == 0 {
		return Keys{}, fmt.Errorf("%w: there are none", ErrKeys)
	}
	return k, nil
}

// wrapped makes a data key and encrypts it to the keys.
func (k Keys) wrapped() (key, file []byte, err error) {
	key = make([]byte, keySize)
	if _, err := rand.Read(key); err != nil {
		return nil, nil, err
	}
	var out bytes.Buffer
	w, err := age.Encrypt(&out, k.recipients...)
	if err != nil {
		return nil, nil, fmt.Errorf("vault: data key: %w", err)
	}
	if _, err = w.Write(key); err == nil {
		err = w.Close()
	}
	if err != nil {
		return nil, nil, fmt.Errorf("vault: data key: %w", err)
	}
	if out.Len() > wrappedMax {
		return nil, nil, fmt.Errorf("%w: too many of them", ErrKeys)
	}
	return key, out.Bytes(), nil
}

// unwrap opens a data key.
func unwrap(file []byte, identities []age.Identity) ([]byte, error) {
	r, err := age.Decrypt(bytes.NewReader(file), identities...)
	if err != nil {
		var none *age.NoIdentityMatchError
		if errors.As(err, &none) {
			return nil, ErrNotForUs
		}
		return nil, fmt.Errorf("%w: data key: %w", ErrDamaged, err)
	}
	key := make([]byte, keySize+1)
	if n, err := io.ReadFull(r, key); n != keySize || err != io.ErrUnexpectedEOF {
		return nil, fmt.Errorf("%w: data key", ErrDamaged)
	}
	return key[:keySize], nil
}

// seal is the cipher of the records.
func seal(key []byte) (cipher.AEAD, error) {
	sub, err := hkdf.Key(sha256.New, key, nil, infoSound, keySize)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(sub)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// mac is the head's.
func mac(key, head []byte) ([]byte, error) {
	sub, err := hkdf.Key(sha256.New, key, nil, infoHead, keySize)
	if err != nil {
		return nil, err
	}
	h := hmac.New(sha256.New, sub)
	h.Write(head)
	return h.Sum(nil), nil
}
