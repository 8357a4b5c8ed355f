package ledger

import (
	"bufio"
	"bytes"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"

	"switchroom/recording/disk"
)

// lineMax bounds a line. A ledger is read line by line: that it is long costs
// no memory.
const lineMax = 256 << 10

// Fault is something wrong with the ledger itself.
type Fault struct {
	Day  string
	Line int
	Text string
}

// Read reads the ledger from its beginning and passes each entry that can be
// read to entry, and each fault to fault. With a key the signatures are
// checked. The head returned is the last line's.
func Read(files disk.Files, key ed25519.PublicKey, entry func(Entry), fault func(Fault)) (Head, error) {
	days, err := Days(files)
	if err != nil {
		return Head{}, err
	}
	head := Head{Sum: zeros}
	for _, day := range days {
		n := 0
		err := lines(files, day, func(text []byte, _ int64, whole bool) {
			n++
			head = readLine(text, whole, head, key, entry, func(what string) { fault(Fault{day, n, what}) })
		})
		if err != nil {
			return Head{}, err
		}
	}
	return head, nil
}

// readLine takes a line that should follow head, and returns the head after it.
func readLine(text []byte, whole bool, head Head, key ed25519.PublicKey, entry func(Entry), fault func(string)) Head {
	e, err := parse(text, key)
	if !whole {
		err = ErrLine
	}
	if err != nil {
		fault(err.Error())
	}
	switch {
	case err == ErrLine:
		return Head{N: head.N + 1, Sum: sum(text)}
	case e.Prev != head.Sum:
		fault(fmt.Sprintf("entry %d does not follow the line before it: something was taken out, put in, changed or moved", e.N))
	case e.N != head.N+1:
		fault(fmt.Sprintf("entry %d follows entry %d", e.N, head.N))
	}
	if err == nil {
		entry(e)
	}
	return Head{N: e.N, Sum: sum(text)}
}

// Place is where an entry stands in the ledger.
type Place struct {
	Day    string
	At     int64
	Octets int
}

// Scan passes each entry that can be read, and its place, in their order. It
// looks neither at signatures nor at whether entries follow one another.
func Scan(files disk.Files, entry func(Entry, Place)) error {
	days, err := Days(files)
	if err != nil {
		return err
	}
	for _, day := range days {
		err := lines(files, day, func(text []byte, at int64, whole bool) {
			if e, err := parse(text, nil); err == nil && whole {
				entry(e, Place{day, at, len(text)})
			}
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// At reads the entry at a place that Scan told.
func At(files disk.Files, p Place) (Entry, error) {
	f, err := files.Open(dayFile(p.Day))
	if err != nil {
		return Entry{}, fmt.Errorf("ledger: %w", err)
	}
	defer f.Close()
	b := make([]byte, p.Octets)
	if n, err := f.ReadAt(b, p.At); n < len(b) {
		return Entry{}, fmt.Errorf("ledger: %s: %w", dayFile(p.Day), err)
	}
	return parse(b, nil)
}

// lines passes each line of a day, without its end, and where it begins; text is
// valid during the call alone. Of a line that is too long, or has no end, there is
// what there is, and it is not whole.
func lines(files disk.Files, day string, line func(text []byte, at int64, whole bool)) error {
	f, err := files.Open(dayFile(day))
	if err != nil {
		return fmt.Errorf("ledger: %w", err)
	}
	defer f.Close()
	size, err := f.Size()
	if err != nil {
		return fmt.Errorf("ledger: %s: %w", dayFile(day), err)
	}
	r := bufio.NewReaderSize(io.NewSectionReader(f, 0, size), lineMax)
	for at := int64(0); ; {
		text, err := r.ReadSlice('\n')
		if len(text) > 0 {
			body, whole := bytes.CutSuffix(text, []byte{'\n'})
			line(body, at, whole)
			at += int64(len(text))
		}
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil && !errors.Is(err, bufio.ErrBufferFull):
			return fmt.Errorf("ledger: %s: %w", dayFile(day), err)
		}
	}
}
