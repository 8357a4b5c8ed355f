package webhook

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"switchroom/acd/journal"
)

// cursor is how far a webhook has come, on disk. A file of another journal, or
// one that cannot be read, is as good as none.
type cursor struct {
	path    string
	journal string
	saved   uint64
}

// place is the file's content.
type place struct {
	Journal string `json:"journal"`
	Next    uint64 `json:"next"` // the lowest number not done with
}

func openCursor(dir, id string, j journal.ID) *cursor {
	return &cursor{path: filepath.Join(dir, id+".json"), journal: hex.EncodeToString(j[:])}
}

// load gives the number to go on with; ok is false when there is none.
func (c *cursor) load() (next uint64, ok bool, err error) {
	text, err := os.ReadFile(c.path)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, false, nil
	}
	if err != nil {
		return 0, false, fmt.Errorf("webhook: place: %w", err)
	}
	var p place
	if json.Unmarshal(text, &p) != nil || p.Journal != c.journal || p.Next == 0 {
		return 0, false, nil
	}
	c.saved = p.Next
	return p.Next, true, nil
}

// save makes the number durable: a new file in the old one's place.
func (c *cursor) save(next uint64) error {
	if next == c.saved {
		return nil
	}
	text, err := json.Marshal(place{c.journal, next})
	if err != nil {
		return fmt.Errorf("webhook: place: %w", err)
	}
	if err := replace(c.path, text); err != nil {
		return fmt.Errorf("webhook: place: %w", err)
	}
	c.saved = next
	return nil
}

func replace(path string, text []byte) error {
	f, err := os.OpenFile(path+".new", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err := os.Rename(path+".new", path); err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

func (c *cursor) remove() error {
	if err := os.Remove(c.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("webhook: place: %w", err)
	}
	return nil
}
