package ledger

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"switchroom/recording/disk"
)

const (
	chainDir = "chain"
	suffix   = ".log"
	// tailMax is how much of a file's end is read to find its last line: more
	// than was ever written at a time, and so more than a power cut can tear.
	tailMax = 4 << 20
)

// Ledger is the ledger being written.
type Ledger struct {
	files disk.Files
	dir   string // of the key
	key   ed25519.PrivateKey
	now   func() time.Time

	day  string // of the open file; "" before the first entry
	file disk.File
	size int64
	head Head
	last time.Time // of the last entry
}

// Open opens the ledger of a recordings' tree, with the key in keyDir, which
// it makes at the first start. A last line that a crash has torn is cut off.
func Open(files disk.Files, keyDir string, now func() time.Time) (*Ledger, error) {
	key, err := loadKey(keyDir)
	if err != nil {
		return nil, err
	}
	l := &Ledger{files: files, dir: keyDir, key: key, now: now, head: Head{Sum: zeros}}
	days, err := Days(files)
	if err != nil {
		return nil, err
	}
	for len(days) > 0 {
		last := days[len(days)-1]
		days = days[:len(days)-1]
		if err := l.open(last); err != nil {
			return nil, err
		}
		if l.head.N > 0 {
			return l, nil
		}
		// Made, and cut off before its first line: the day before has the head.
		if err := l.Close(); err != nil {
			return nil, err
		}
		if err := files.Remove(dayFile(last)); err != nil {
			return nil, fmt.Errorf("ledger: %w", err)
		}
	}
	return l, nil
}

func dayFile(day string) string { return path.Join(chainDir, day+suffix) }

// Days lists the days that have entries, oldest first.
func Days(files disk.Files) ([]string, error) {
	entries, err := files.ReadDir(chainDir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("ledger: %w", err)
	}
	var days []string
	for _, e := range entries {
		day, ok := strings.CutSuffix(e.Name(), suffix)
		if _, err := time.Parse(time.DateOnly, day); ok && err == nil {
			days = append(days, day)
		}
	}
	slices.Sort(days)
	return days, nil
}

// open opens a day's file to add to it.
func (l *Ledger) open(day string) error {
	f, err := l.files.Edit(dayFile(day))
	if err != nil {
		return fmt.Errorf("ledger: %w", err)
	}
	size, err := f.Size()
	if err == nil {
		l.file, l.day = f, day
		l.size, err = l.findEnd(size)
	}
	if err != nil {
		f.Close()
		return fmt.Errorf("ledger: %s: %w", dayFile(day), err)
	}
	return nil
}

// findEnd finds the last whole line of the open file, cuts off what follows
// it, and takes the head from it.
func (l *Ledger) findEnd(size int64) (int64, error) {
	b := make([]byte, min(size, tailMax))
	if n, err := l.file.ReadAt(b, size-int64(len(b))); n < len(b) {
		return 0, err
	}
	at := size - int64(len(b)) // place of b's first octet
	for end := len(b); ; {
		nl := lastNewline(b[:end])
		if nl < 0 {
			if at > 0 {
				return 0, ErrLine
			}
			return 0, l.file.Truncate(0)
		}
		last := b[lastNewline(b[:nl])+1 : nl]
		e, err := parse(last, l.key.Public().(ed25519.PublicKey))
		if err == nil {
			l.head, l.last = Head{N: e.N, Sum: sum(last)}, e.At
			if whole := at + int64(nl) + 1; whole < size {
				return whole, l.file.Truncate(whole)
			}
			return size, nil
		}
		if errors.Is(err, ErrSignature) {
			return 0, err
		}
		end = nl
	}
}

func lastNewline(b []byte) int { return strings.LastIndexByte(string(b), '\n') }

// Append numbers, links and signs the entries, and returns when they are on
// the disk; after an error none of them is.
func (l *Ledger) Append(entries ...Entry) error {
	if len(entries) == 0 {
		return nil
	}
	at := l.now().UTC().Truncate(time.Millisecond)
	if err := l.turn(at.Format(time.DateOnly)); err != nil {
		return err
	}
	head := l.head
	var b []byte
	for _, e := range entries {
		e.N, e.At, e.Prev = head.N+1, at, head.Sum
		text, err := line(e, l.key)
		if err != nil {
			return err
		}
		head = Head{N: e.N, Sum: sum(text)}
		b = append(append(b, text...), '\n')
	}
	_, err := l.file.WriteAt(b, l.size)
	if err == nil {
		err = l.files.Sync([]disk.File{l.file}, nil)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("ledger: %w", err), l.file.Truncate(l.size))
	}
	l.size += int64(len(b))
	l.head, l.last = head, at
	return saveHead(l.dir, head)
}

// turn opens the day's file. Days never go back, whatever the clock does: the
// order of the files is the order of the chain.
func (l *Ledger) turn(day string) error {
	if l.file != nil && day <= l.day {
		return nil
	}
	f, err := l.files.Create(dayFile(day))
	if err != nil {
		return fmt.Errorf("ledger: %w", err)
	}
	if err := l.files.Sync(nil, []string{chainDir, "."}); err != nil {
		f.Close()
		return errors.Join(fmt.Errorf("ledger: %w", err), l.files.Remove(dayFile(day)))
	}
	old := l.file
	l.file, l.day, l.size = f, day, 0
	if old != nil {
		return old.Close()
	}
	return nil
}

// Head returns how far the ledger goes.
func (l *Ledger) Head() Head { return l.head }

// Last returns when the last entry was written; zero before the first.
func (l *Ledger) Last() time.Time { return l.last }

// Close closes the ledger's file.
func (l *Ledger) Close() error {
	if l.file == nil {
		return nil
	}
	err := l.file.Close()
	l.file, l.day = nil, ""
	return err
}
