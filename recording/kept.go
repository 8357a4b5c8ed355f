package recording

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
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
	f, err := s.files.Open(n.sound())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, Kept{}, ErrNotFound
	}
	if err != nil {
		return nil, Kept{}, fmt.Errorf("recording: file: %w", err)
	}
	a, err := newAudio(f)
	if err != nil {
		f.Close()
		return nil, Kept{}, fmt.Errorf("recording: file of %s: %w", id, err)
	}
	return a, Kept{Form: FormWAV, Size: a.size, SHA256: m.SHA256}, nil
}
