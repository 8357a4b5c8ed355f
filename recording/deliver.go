package recording

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// toldFile, in the key's directory, is the number of the last deletion in the
// ledger that somebody has been told of.
const toldFile = "ledger.told"

// Deliver passes the certificates that nobody was told of yet to tell, oldest
// first, until it returns an error; those it took are not told again. One that
// a crash caught in between is told twice.
func (s *Store) Deliver(tell func(Certificate) error) error {
	s.delivery.Lock()
	defer s.delivery.Unlock()
	s.book.Lock()
	c, err := s.custodyOf()
	if err != nil {
		s.book.Unlock()
		return err
	}
	untold := c.untold[:len(c.untold):len(c.untold)]
	s.book.Unlock()
	told := 0
	for _, cert := range untold {
		if err = tell(cert); err != nil {
			break
		}
		told++
	}
	if told == 0 {
		return err
	}
	s.book.Lock()
	c.untold = c.untold[told:]
	s.book.Unlock()
	return errors.Join(err, s.noteTold(untold[told-1].N))
}

func (s *Store) toldUpTo() uint64 {
	b, err := os.ReadFile(filepath.Join(s.cfg.Keys, toldFile))
	if err != nil {
		return 0
	}
	n, err := strconv.ParseUint(strings.TrimSpace(string(b)), 10, 64)
	if err != nil {
		return 0 // told again rather than never
	}
	return n
}

func (s *Store) noteTold(n uint64) error {
	if err := replaceFile(s.cfg.Keys, toldFile, strconv.AppendUint(nil, n, 10)); err != nil {
		return fmt.Errorf("recording: deliver: %w", err)
	}
	return nil
}

// replaceFile puts b in the place of a file outside the recordings, whole and
// synced.
func replaceFile(dir, name string, b []byte) error {
	draft := filepath.Join(dir, name+".tmp")
	f, err := os.OpenFile(draft, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(append(b, '\n'))
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		if gone := os.Remove(draft); gone != nil && !errors.Is(gone, fs.ErrNotExist) {
			err = errors.Join(err, gone)
		}
		return err
	}
	return os.Rename(draft, filepath.Join(dir, name))
}
