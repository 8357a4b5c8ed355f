package ledger

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Kinds of entries.
const (
	Sealed    = "sealed"    // a recording was finished
	Archived  = "archived"  // its file is in another form: File is the hash of that
	Condemned = "condemned" // it will be deleted: first phase
	Spared    = "spared"    // it will not, after all
	Deleted   = "deleted"   // it was deleted: the certificate
	Held      = "held"      // it may not be deleted, whatever rule there is
	Released  = "released"  // the hold is lifted
)

// Entry is one line of the ledger.
type Entry struct {
	N    uint64    `json:"n"` // counts from 1 over all days
	At   time.Time `json:"at"`
	Kind string    `json:"kind"`
	ID   string    `json:"id"`
	Root string    `json:"root"`           // of the recording's hash chain
	Meta string    `json:"meta,omitempty"` // SHA-256 of the JSON beside the sound, octet for octet
	Size int64     `json:"size,omitempty"` // octets of the WAV
	File string    `json:"file,omitempty"` // SHA-256 of the archived file
	// Clock is the calendar when the recording was condemned.
	Clock  *time.Time `json:"clock,omitempty"`
	Client string     `json:"client,omitempty"` // of what is to be deleted, and was
	Rule   string     `json:"rule,omitempty"`   // by which it was deleted, or why it was held
	Who    string     `json:"who,omitempty"`
	Prev   string     `json:"prev"` // SHA-256 of the line before; 64 zeros for the first
}

const signed = "switchroom ledger 1\n"

var (
	// ErrLine says that a line is not one a ledger wrote.
	ErrLine = errors.New("ledger: damaged line")
	// ErrSignature says that a line was not signed with the ledger's key.
	ErrSignature = errors.New("ledger: wrong signature")
)

// line returns an entry as it stands in the file, without the line's end.
func line(e Entry, key ed25519.PrivateKey) ([]byte, error) {
	body, err := json.Marshal(e)
	if err != nil {
		return nil, fmt.Errorf("ledger: %w", err)
	}
	sig := ed25519.Sign(key, append([]byte(signed), body...))
	out := append(body, '\t')
	return base64.StdEncoding.AppendEncode(out, sig), nil
}

// parse reads a line. With a nil key the signature is not looked at.
func parse(b []byte, key ed25519.PublicKey) (Entry, error) {
	body, sig64, ok := bytes.Cut(b, []byte{'\t'})
	if !ok {
		return Entry{}, ErrLine
	}
	var e Entry
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&e); err != nil || dec.InputOffset() != int64(len(body)) {
		return Entry{}, ErrLine
	}
	sig, err := base64.StdEncoding.Strict().DecodeString(string(sig64))
	if err != nil || len(sig) != ed25519.SignatureSize {
		return e, ErrLine
	}
	if key != nil && !ed25519.Verify(key, append([]byte(signed), body...), sig) {
		return e, ErrSignature
	}
	return e, nil
}

// sum is what the next line's prev says of a line.
func sum(line []byte) string {
	s := sha256.Sum256(line)
	return hex.EncodeToString(s[:])
}

// zeros is the prev of the first line.
var zeros = hex.EncodeToString(make([]byte, sha256.Size))
