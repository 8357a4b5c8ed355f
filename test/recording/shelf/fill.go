package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"

	"switchroom/recording"
	"switchroom/recording/disk"
	"switchroom/recording/flac"
	"switchroom/recording/ledger"
	"switchroom/recording/proof"
	"switchroom/recording/vault"
	"switchroom/recording/wav"

	"filippo.io/age"
	"github.com/google/uuid"
)

// shelf is an archive in the making.
type shelf struct {
	dir     string
	form    string
	seconds int
	octets  int64
	last    string // the last recording's file
	id      string // and its id
}

// fill makes n recordings, all of the same call but for its first second.
func (s *shelf) fill(ctx context.Context, n int) error {
	files, err := disk.Open(filepath.Join(s.dir, "recordings"))
	if err != nil {
		return err
	}
	defer files.Close()
	book, err := ledger.Open(files, filepath.Join(s.dir, "keys"), time.Now)
	if err != nil {
		return err
	}
	defer book.Close()
	keys, err := newKeys()
	if err != nil {
		return err
	}
	sound := speech(s.seconds)
	var entries []ledger.Entry
	for i := range n {
		if err := ctx.Err(); err != nil {
			return err
		}
		e, err := s.make(sound, i, keys)
		if err != nil {
			return err
		}
		if entries = append(entries, e); len(entries) == 1000 || i == n-1 {
			if err := book.Append(entries...); err != nil {
				return err
			}
			entries = entries[:0]
		}
	}
	return nil
}

func newKeys() (vault.Keys, error) {
	id, err := age.GenerateX25519Identity()
	if err != nil {
		return vault.Keys{}, err
	}
	return vault.ParseKeys(id.Recipient().String())
}

// speech is something that neither repeats nor is silent.
func speech(seconds int) []byte {
	rng := rand.New(rand.NewPCG(1, 1))
	b := make([]byte, seconds*wav.Rate*2)
	for i := range b {
		b[i] = byte(0xC0 + rng.IntN(0x30))
	}
	return b
}

// make writes one recording and returns its entry in the ledger.
func (s *shelf) make(sound []byte, i int, keys vault.Keys) (ledger.Entry, error) {
	u, err := uuid.NewV7()
	if err != nil {
		return ledger.Entry{}, err
	}
	id, day := u.String(), time.Now().UTC().Format("2006/01/02")
	folder := filepath.Join(s.dir, "recordings", filepath.FromSlash(day))
	if err := os.MkdirAll(folder, 0o750); err != nil {
		return ledger.Entry{}, err
	}
	copy(sound, fmt.Sprintf("%16d", i))
	m := recording.Meta{Sealed: true, ID: id, CallID: id, Client: "courier", Queue: "parcels", Started: time.Now().UTC(),
		Length: float64(s.seconds), Format: wav.ULaw.String(), Cause: "caller-hangup"}
	text, suffix, err := s.file(id, sound, &m, keys)
	if err != nil {
		return ledger.Entry{}, err
	}
	file := filepath.Join(folder, id+suffix)
	if err := os.WriteFile(file, text, 0o640); err != nil {
		return ledger.Entry{}, err
	}
	s.octets += int64(len(text))
	s.last, s.id = file, id
	particulars, err := json.MarshalIndent(m, "", " ")
	if err != nil {
		return ledger.Entry{}, err
	}
	if err := os.WriteFile(filepath.Join(folder, id+".json"), particulars, 0o640); err != nil {
		return ledger.Entry{}, err
	}
	e := ledger.Entry{Kind: ledger.Sealed, ID: id, Root: m.Root, Meta: sum(particulars), Size: m.Size}
	if s.form == recording.FormFLAC {
		e.Kind, e.File = ledger.Archived, sum(text)
	}
	return e, nil
}

// file is what lies on the disk; it fills in what vouches for it.
func (s *shelf) file(id string, sound []byte, m *recording.Meta, keys vault.Keys) (text []byte, suffix string, err error) {
	chain := proof.NewChain(id, wav.ULaw)
	for at := 0; at < len(sound); at += 2 * wav.Rate {
		link := chain.Add(sound[at:min(at+2*wav.Rate, len(sound))])
		m.Chunks = append(m.Chunks, link[:]...)
	}
	root := chain.Root(int64(len(sound) / 2))
	whole := append(wav.Header(nil, wav.ULaw, int64(len(sound))), sound...)
	m.Root, m.Size, m.SHA256 = hex.EncodeToString(root[:]), int64(len(whole)), sum(whole)
	switch s.form {
	case recording.FormWAV:
		return whole, ".wav", nil
	case recording.FormFLAC:
		var out page
		_, err := flac.Encode(&out, bytes.NewReader(sound), wav.ULaw, int64(len(sound)/2), func() error { return nil })
		return out, ".flac", err
	case recording.FormEncrypted:
		text, err = encrypt(id, sound, root, m, keys)
		return text, ".swr", err
	}
	return nil, "", fmt.Errorf("unknown form %q", s.form)
}

func encrypt(id string, sound []byte, root [proof.Size]byte, m *recording.Meta, keys vault.Keys) ([]byte, error) {
	w, head, err := vault.New(id, wav.ULaw, keys)
	if err != nil {
		return nil, err
	}
	out := page(head)
	const tick = 1120 // 70 ms, as a store writes
	for at := 0; at < len(sound) && err == nil; at += tick {
		err = w.Sound(&out, int64(at/2), sound[at:min(at+tick, len(sound))])
	}
	if err == nil {
		err = w.End(&out, int64(len(sound)/2), root)
	}
	sums := w.Sums()
	m.Chunks, m.Root, m.Size, m.SHA256 = sums.Chunks, hex.EncodeToString(sums.Root[:]), int64(len(out)), sum(out)
	m.Encryption = &recording.Encryption{Scheme: "switchroom-vault-1", Recipients: keys.Names}
	return out, err
}

// tamper changes one octet of the last recording.
func (s *shelf) tamper() (id string, err error) {
	f, err := os.OpenFile(s.last, os.O_RDWR, 0)
	if err != nil {
		return "", err
	}
	defer f.Close()
	var b [1]byte
	if _, err := f.ReadAt(b[:], 20_000); err != nil {
		return "", err
	}
	b[0] ^= 1
	_, err = f.WriteAt(b[:], 20_000)
	return s.id, err
}

func sum(b []byte) string {
	s := sha256.Sum256(b)
	return hex.EncodeToString(s[:])
}

// page is a file in memory.
type page []byte

func (p *page) WriteAt(b []byte, at int64) (int, error) {
	if grow := int(at) + len(b) - len(*p); grow > 0 {
		*p = append(*p, make([]byte, grow)...)
	}
	return copy((*p)[at:], b), nil
}

var _ io.WriterAt = (*page)(nil)
