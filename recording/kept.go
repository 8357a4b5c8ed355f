package recording

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"switchroom/recording/disk"
	"switchroom/recording/ledger"

	"github.com/google/uuid"
)

// The forms a recording's file may have.
const (
	FormWAV       = "wav"       // as it was recorded
	FormFLAC      = "flac"      // archived: every octet of the WAV can be had back
	FormEncrypted = "encrypted" // for the owners of keys
)

// Kept is how a recording lies on the disk.
type Kept struct {
	Form   string
	Size   int64  // octets of the file
	SHA256 string // of the file; "" while it is being written
}

// Kept says how a recording lies on the disk. Errors: ErrNotFound.
func (s *Store) Kept(id string) (Kept, error) {
	f, k, err := s.File(id)
	if err == nil {
		f.Close()
	}
	return k, err
}

// File opens a recording's file as it lies there; of one that is running, what
// there is of it at this moment. The caller closes it. Errors: ErrNotFound.
func (s *Store) File(id string) (io.ReadSeekCloser, Kept, error) {
	n, ok := nameOf(id)
	if !ok {
		return nil, Kept{}, ErrNotFound
	}
	m, err := s.metaOf(n)
	if err != nil {
		return nil, Kept{}, err
	}
	f, form, err := openSound(s.files, n)
	if err != nil {
		return nil, Kept{}, fmt.Errorf("recording: file: %w", err)
	}
	k := Kept{Form: form, SHA256: m.SHA256}
	switch form {
	case FormWAV:
		a, err := newAudio(f)
		if err != nil {
			f.Close()
			return nil, Kept{}, fmt.Errorf("recording: file of %s: %w", id, err)
		}
		k.Size = a.size
		return a, k, nil
	case FormFLAC:
		k.SHA256, err = s.archivedSum(n.id)
	}
	if err == nil {
		k.Size, err = f.Size()
	}
	if err != nil {
		f.Close()
		return nil, Kept{}, fmt.Errorf("recording: file of %s: %w", id, err)
	}
	return &section{io.NewSectionReader(f, 0, k.Size), f}, k, nil
}

// section is a file as long as it was when it was opened.
type section struct {
	*io.SectionReader
	file disk.File
}

func (s *section) Close() error { return s.file.Close() }

// openSound opens the file that holds a recording's sound and says in which
// form. Where an archiving was cut off there are two, and the WAV counts.
func openSound(files disk.Files, n name) (disk.File, string, error) {
	forms := [...]string{FormWAV, FormFLAC, FormEncrypted}
	for i, file := range n.sounds() {
		f, err := files.Open(file)
		if !errors.Is(err, fs.ErrNotExist) {
			return f, forms[i], err
		}
	}
	return nil, "", ErrNotFound
}

// archivedSum is the hash of a recording's archived file, by the ledger.
func (s *Store) archivedSum(id string) (string, error) {
	s.book.Lock()
	defer s.book.Unlock()
	c, err := s.custodyOf()
	if err != nil {
		return "", err
	}
	return c.archivedSum(id), nil
}

// takeArchived notes what the ledger says of an archived file.
func (c *custody) takeArchived(e ledger.Entry) {
	id, err := uuid.Parse(e.ID)
	if err != nil {
		return
	}
	switch e.Kind {
	case ledger.Archived:
		var sum [32]byte
		if n, err := hex.Decode(sum[:], []byte(e.File)); err == nil && n == len(sum) {
			c.archived[id] = sum
		}
	case ledger.Deleted:
		delete(c.archived, id)
	}
}

// archivedSum is the hash of an archived file, "" when there is none.
func (c *custody) archivedSum(id string) string {
	u, err := uuid.Parse(id)
	if err != nil {
		return ""
	}
	sum, ok := c.archived[u]
	if !ok {
		return ""
	}
	return hex.EncodeToString(sum[:])
}
