package ledger

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Files in the key's directory.
const (
	keyFile  = "ledger.key"  // PKCS #8, PEM; never leaves the directory
	pubFile  = "ledger.pub"  // PKIX, PEM; for whoever verifies
	headFile = "ledger.head" // the last entry's number and sum
)

// loadKey reads the signing key, making one at the first start. A key that
// cannot be read is an error: a new one in its place would orphan all that
// was signed.
func loadKey(dir string) (ed25519.PrivateKey, error) {
	b, err := os.ReadFile(filepath.Join(dir, keyFile))
	if errors.Is(err, fs.ErrNotExist) {
		return makeKey(dir)
	}
	if err != nil {
		return nil, fmt.Errorf("ledger: signing key: %w", err)
	}
	block, _ := pem.Decode(b)
	if block == nil {
		return nil, fmt.Errorf("ledger: %s is not a PEM file", keyFile)
	}
	any, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("ledger: signing key: %w", err)
	}
	key, ok := any.(ed25519.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("ledger: %s is not an Ed25519 key", keyFile)
	}
	return key, nil
}

func makeKey(dir string) (ed25519.PrivateKey, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("ledger: %w", err)
	}
	pub, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("ledger: make key: %w", err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("ledger: make key: %w", err)
	}
	public, err := x509.MarshalPKIXPublicKey(pub)
	if err != nil {
		return nil, fmt.Errorf("ledger: make key: %w", err)
	}
	if err := replace(dir, pubFile, pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public}), 0o644); err != nil {
		return nil, err
	}
	if err := replace(dir, keyFile, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}), 0o600); err != nil {
		return nil, err
	}
	return key, nil
}

// LoadPublic reads a public key in PEM, as the ledger's directory holds it.
func LoadPublic(file string) (ed25519.PublicKey, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("ledger: public key: %w", err)
	}
	block, _ := pem.Decode(b)
	if block == nil {
		return nil, fmt.Errorf("ledger: %s is not a PEM file", file)
	}
	any, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("ledger: public key: %w", err)
	}
	key, ok := any.(ed25519.PublicKey)
	if !ok {
		return nil, fmt.Errorf("ledger: %s is not an Ed25519 key", file)
	}
	return key, nil
}

// PublicFile is where the public key lies below a key directory.
func PublicFile(dir string) string { return filepath.Join(dir, pubFile) }

// Head is how far a ledger was written.
type Head struct {
	N   uint64 `json:"n"`
	Sum string `json:"sum"`
}

// LoadHead reads the head kept in a key directory; ok is false when there is
// none, or none that can be read.
func LoadHead(dir string) (h Head, ok bool) {
	b, err := os.ReadFile(filepath.Join(dir, headFile))
	return h, err == nil && json.Unmarshal(b, &h) == nil
}

func saveHead(dir string, h Head) error {
	b, err := json.Marshal(h)
	if err != nil {
		return fmt.Errorf("ledger: %w", err)
	}
	return replace(dir, headFile, append(b, '\n'), 0o644)
}

// replace puts b in the place of a file, whole and synced.
func replace(dir, name string, b []byte, mode os.FileMode) error {
	draft := filepath.Join(dir, name+".tmp")
	f, err := os.OpenFile(draft, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, mode)
	if err != nil {
		return fmt.Errorf("ledger: %w", err)
	}
	_, err = f.Write(b)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(draft, filepath.Join(dir, name))
	}
	if err != nil {
		return fmt.Errorf("ledger: %w", err)
	}
	return nil
}
