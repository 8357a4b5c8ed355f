package recording

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"switchroom/recording/vault"
)

// Encryption says for whom a recording's sound is encrypted. Size, SHA256,
// Root and Chunks of its Meta are then of the encrypted file, the chunks 16 KB
// each.
type Encryption struct {
	Scheme     string   `json:"scheme"` // see package vault
	Recipients []string `json:"recipients,omitempty"`
}

// vaultScheme is the one there is.
const vaultScheme = "switchroom-vault-1"

// keyring is the public keys that sound is encrypted to. They are looked at
// again and again: keys that are missing or wrong stop recording, never
// encrypting.
type keyring struct {
	literal []string
	file    string
	keys    atomic.Pointer[vault.Keys] // nil: there are none, and recordings are refused

	// The looker's.
	size    int64
	changed time.Time
	failed  error
}

// keysMax bounds the file of keys.
const keysMax = 256 << 10

func (k *keyring) on() bool { return len(k.literal) > 0 || k.file != "" }

// look reads the keys when the file has changed, or could not be read before.
func (k *keyring) look() error {
	if !k.on() {
		return nil
	}
	if k.file == "" {
		if k.keys.Load() == nil {
			k.take(strings.Join(k.literal, "\n"))
		}
		return k.failed
	}
	st, err := os.Stat(k.file)
	if err != nil {
		k.keys.Store(nil)
		k.failed = err
		return err
	}
	if k.failed == nil && st.Size() == k.size && st.ModTime().Equal(k.changed) {
		return nil
	}
	k.size, k.changed = st.Size(), st.ModTime()
	text, err := readLimited(k.file, keysMax)
	if err != nil {
		k.keys.Store(nil)
		k.failed = err
		return err
	}
	if _, err := vault.ParseKeys(text); err != nil { // the file must hold some, whatever stands beside it
		k.keys.Store(nil)
		k.failed = fmt.Errorf("%s: %w", k.file, err)
		return k.failed
	}
	k.take(strings.Join(k.literal, "\n") + "\n" + text)
	return k.failed
}

func (k *keyring) take(text string) {
	keys, err := vault.ParseKeys(text)
	if k.failed = err; err != nil {
		k.keys.Store(nil)
		return
	}
	k.keys.Store(&keys)
}

func readLimited(file string, limit int64) (string, error) {
	f, err := os.Open(file)
	if err != nil {
		return "", err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err == nil && int64(len(b)) > limit {
		err = fmt.Errorf("%s is longer than %d octets", file, limit)
	}
	return string(b), err
}

// lookAtKeys keeps the keys and their alarm up to date. The syncer calls it,
// and Open before there is one.
func (s *Store) lookAtKeys() {
	if err := s.keyring.look(); err != nil {
		s.alarms.set(KeyMissing, true, "no key to encrypt for, so nothing is recorded: "+err.Error())
		return
	}
	s.alarms.set(KeyMissing, false, "")
}
