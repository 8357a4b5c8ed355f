package ledger

import (
	"bytes"
	"crypto/ed25519"
	"fmt"

	"switchroom/recording/disk"
)

// readMax bounds a day's file: five million entries.
const readMax = 2 << 30

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
		b, err := disk.ReadFile(files, dayFile(day), readMax)
		if err != nil {
			return Head{}, fmt.Errorf("ledger: %w", err)
		}
		head = readDay(day, b, head, key, entry, fault)
	}
	return head, nil
}

func readDay(day string, b []byte, head Head, key ed25519.PublicKey, entry func(Entry), fault func(Fault)) Head {
	for n := 1; len(b) > 0; n++ {
		text, rest, whole := bytes.Cut(b, []byte{'\n'})
		b = rest
		e, err := parse(text, key)
		if !whole {
			err = ErrLine
		}
		if err != nil {
			fault(Fault{day, n, err.Error()})
		}
		switch {
		case err == ErrLine:
			head = Head{N: head.N + 1, Sum: sum(text)}
			continue
		case e.Prev != head.Sum:
			fault(Fault{day, n, fmt.Sprintf("entry %d does not follow the line before it: something was taken out, put in, changed or moved", e.N)})
		case e.N != head.N+1:
			fault(Fault{day, n, fmt.Sprintf("entry %d follows entry %d", e.N, head.N)})
		}
		head = Head{N: e.N, Sum: sum(text)}
		if err == nil {
			entry(e)
		}
	}
	return head
}
