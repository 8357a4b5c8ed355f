package recording

import (
	"context"

	"switchroom/recording/ledger"

	"github.com/google/uuid"
)

// word is what the ledger says last of a recording's file, and where it does.
type word struct {
	kind  string // one of ledger's; "": nothing
	place ledger.Place
}

// wordsMax bounds the recordings whose last words are kept at a time: the ledger
// is read once for each so many, and takes some 40 MB however long it is.
const wordsMax = 200_000

// eachWord passes to f each recording that want agrees to and the ledger knows,
// in the order of their ids, with the last word on it.
func (s *Store) eachWord(ctx context.Context, want func(n name, suffixes []string) bool, f func(name, word) error) error {
	var names []name
	pass := func() error {
		err := s.lastWords(names, func(n name, w word) error {
			if err := ctx.Err(); err != nil {
				return err
			}
			return f(n, w)
		})
		names = names[:0]
		return err
	}
	err := walkDays(s.files, func(dir string) error {
		return walkDay(s.files, dir, func(n name, suffixes []string) error {
			if want(n, suffixes) {
				names = append(names, n)
			}
			if len(names) < s.wordsMax {
				return ctx.Err()
			}
			return pass()
		})
	})
	if err != nil {
		return err
	}
	return pass()
}

// lastWords passes each of the recordings that the ledger knows to f.
func (s *Store) lastWords(names []name, f func(name, word) error) error {
	if len(names) == 0 {
		return nil
	}
	words := make(map[uuid.UUID]word, len(names))
	for _, n := range names {
		words[n.uuid()] = word{}
	}
	err := s.scan(func(id uuid.UUID, w word) {
		if _, asked := words[id]; asked {
			words[id] = w
		}
	})
	if err != nil {
		return err
	}
	for _, n := range names {
		if w := words[n.uuid()]; w.kind != "" {
			if err := f(n, w); err != nil {
				return err
			}
		}
	}
	return nil
}

// condemned are the recordings that wait for their deletion, with their sentences.
func (s *Store) condemned() (map[uuid.UUID]word, error) {
	waiting := make(map[uuid.UUID]word)
	err := s.scan(func(id uuid.UUID, w word) {
		if w.kind == ledger.Condemned {
			waiting[id] = w
		} else {
			delete(waiting, id)
		}
	})
	return waiting, err
}

// scan passes what the ledger says of recordings' files, oldest first.
func (s *Store) scan(f func(uuid.UUID, word)) error {
	return ledger.Scan(s.files, func(e ledger.Entry, at ledger.Place) {
		kind, told := wordKinds[e.Kind]
		id, err := uuid.Parse(e.ID)
		if told && err == nil {
			f(id, word{kind, at})
		}
	})
}

// wordKinds are the kinds of entries that tell of a file, each to itself: the
// text of an entry is not kept for them.
var wordKinds = map[string]string{
	ledger.Sealed: ledger.Sealed, ledger.Archived: ledger.Archived, ledger.Condemned: ledger.Condemned,
	ledger.Spared: ledger.Spared, ledger.Deleted: ledger.Deleted,
}

// entry is a word in full.
func (s *Store) entry(w word) (ledger.Entry, error) { return ledger.At(s.files, w.place) }
