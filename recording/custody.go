package recording

import (
	"errors"
	"fmt"
	"io/fs"
	"time"

	"switchroom/recording/ledger"

	"github.com/google/uuid"
	"go.uber.org/zap"
)

// Certificate is the proof that a recording was deleted, and by which rule. It
// stands, signed, in the ledger.
type Certificate struct {
	N      uint64    `json:"n"` // its entry in the ledger
	ID     string    `json:"id"`
	Client string    `json:"client,omitempty"`
	Root   string    `json:"root"` // of the hash chain over what was deleted
	Rule   string    `json:"rule"`
	Who    string    `json:"who,omitempty"`
	At     time.Time `json:"at"`
}

func certificateOf(e ledger.Entry) Certificate {
	return Certificate{N: e.N, ID: e.ID, Client: e.Client, Root: e.Root, Rule: e.Rule, Who: e.Who, At: e.At}
}

// Hold is a legal hold on a recording.
type Hold struct {
	Who, Why string
	At       time.Time
}

// custody is what the ledger says of holds, of deletions that nobody was told
// of yet, and of archived files. It is read when it is first asked for.
type custody struct {
	holds    map[string]Hold
	untold   []Certificate
	archived map[uuid.UUID][32]byte // hashes of archived files
}

// custodyOf gives the custody; book is held.
func (s *Store) custodyOf() (*custody, error) {
	if s.custody != nil {
		return s.custody, nil
	}
	told := s.toldUpTo()
	c := &custody{holds: make(map[string]Hold), archived: make(map[uuid.UUID][32]byte)}
	_, err := ledger.Read(s.files, nil, func(e ledger.Entry) { c.take(e, told) }, func(ledger.Fault) {})
	if err != nil {
		return nil, fmt.Errorf("recording: custody: %w", err)
	}
	s.custody = c
	return c, nil
}

// readCustody reads it before anybody asks, who would have to wait.
func (s *Store) readCustody() {
	s.book.Lock()
	defer s.book.Unlock()
	if _, err := s.custodyOf(); err != nil {
		s.zlog.Error("holds and deletions not read", zap.Error(err))
	}
}

func (c *custody) take(e ledger.Entry, told uint64) {
	c.takeArchived(e)
	switch {
	case e.Kind == ledger.Held:
		c.holds[e.ID] = Hold{e.Who, e.Rule, e.At}
	case e.Kind == ledger.Released:
		delete(c.holds, e.ID)
	case e.Kind == ledger.Deleted && e.N > told:
		c.untold = append(c.untold, certificateOf(e))
	}
}

// renew brings an entry up to date that was made of an older one: the file may
// have been archived since. book is held.
func (s *Store) renew(e *ledger.Entry) {
	if c, err := s.custodyOf(); err == nil && e.File == "" {
		e.File = c.archivedSum(e.ID)
	}
}

// append adds to the ledger and to what is known of it; book is held.
func (s *Store) append(e ledger.Entry) error {
	c, err := s.custodyOf()
	if err != nil {
		return err
	}
	s.renew(&e)
	if err := s.ledger.Append(e); err != nil {
		return err
	}
	e.N, e.At = s.ledger.Head().N, s.cfg.Now().UTC().Truncate(time.Millisecond)
	c.take(e, 0)
	return nil
}

// LegalHold keeps a recording from being deleted by any rule or request until
// Release. It stands in the ledger, with who and why. A hold may be laid on a
// recording that is still running. Errors: ErrNotFound.
func (s *Store) LegalHold(id, who, why string) error { return s.hold(ledger.Held, id, who, why) }

// Release lifts a legal hold.
func (s *Store) Release(id, who, why string) error { return s.hold(ledger.Released, id, who, why) }

func (s *Store) hold(kind, id, who, why string) error {
	s.book.Lock()
	defer s.book.Unlock()
	m, err := s.Meta(id) // under the lock: what is being deleted is not held any more
	if err != nil {
		return err
	}
	return s.append(ledger.Entry{Kind: kind, ID: id, Root: m.Root, Rule: why, Who: who})
}

// Held gives the legal hold on a recording; ok is false when there is none.
func (s *Store) Held(id string) (h Hold, ok bool, err error) {
	s.book.Lock()
	defer s.book.Unlock()
	c, err := s.custodyOf()
	if err != nil {
		return h, false, err
	}
	h, ok = c.holds[id]
	return h, ok, nil
}

// isHeld says that a hold lies on a recording, or might: it could not be read.
func (s *Store) isHeld(id string) bool {
	_, held, err := s.Held(id)
	return held || err != nil
}

// Erase deletes a recording at once, on request, as who asks and why. A legal
// hold refuses with ErrHeld, a running recording with ErrOpen.
func (s *Store) Erase(id, who, why string) (Certificate, error) {
	n, ok := nameOf(id)
	if !ok {
		return Certificate{}, ErrNotFound
	}
	m, err := s.metaOf(n)
	if err != nil {
		return Certificate{}, err
	}
	if !m.Sealed || s.isOpen(id) {
		return Certificate{}, ErrOpen
	}
	last := ledger.Entry{ID: id, Root: m.Root}
	err = s.lastWords([]name{n}, func(_ name, w word) (err error) {
		last, err = s.entry(w)
		return err
	})
	if err != nil {
		return Certificate{}, fmt.Errorf("recording: erase: %w", err)
	}
	last.Client = m.Client
	s.book.Lock()
	defer s.book.Unlock()
	if err := s.mayGo(id); err != nil {
		return Certificate{}, err
	}
	if err := s.append(turned(last, ledger.Condemned, why, who)); err != nil {
		return Certificate{}, err
	}
	return s.erase(n, last, why, who)
}

// mayGo says whether a recording may be deleted; book is held.
func (s *Store) mayGo(id string) error {
	c, err := s.custodyOf()
	if err != nil {
		return err
	}
	if _, held := c.holds[id]; held {
		return ErrHeld
	}
	return nil
}

// execute carries a sentence out, unless a hold came in between.
func (s *Store) execute(n name, last ledger.Entry, rule, who string) error {
	s.book.Lock()
	defer s.book.Unlock()
	switch err := s.mayGo(n.id); {
	case errors.Is(err, ErrHeld):
		return nil
	case err != nil:
		return err
	}
	_, err := s.erase(n, last, rule, who)
	return err
}

// erase is the second phase: the files go, and when their absence is safe the
// certificate is written. book is held.
func (s *Store) erase(n name, last ledger.Entry, rule, who string) (Certificate, error) {
	for _, file := range n.all() {
		if err := s.files.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return Certificate{}, fmt.Errorf("recording: erase: %w", err)
		}
	}
	if err := s.files.Sync(nil, []string{n.dir}); err != nil {
		return Certificate{}, fmt.Errorf("recording: erase: %w", err)
	}
	if err := s.append(turned(last, ledger.Deleted, rule, who)); err != nil {
		return Certificate{}, err
	}
	s.stats.deleted.Add(1)
	return s.custody.untold[len(s.custody.untold)-1], nil
}

// finishDeletions certifies what was condemned and is gone: a crash came
// between the files and the certificate.
func (s *Store) finishDeletions() error {
	waiting, err := s.condemned()
	if err != nil {
		return err
	}
	for id, w := range waiting {
		n, ok := nameOf(id.String())
		if !ok || s.present(n) {
			continue
		}
		e, err := s.entry(w)
		if err == nil {
			err = s.execute(n, e, e.Rule, e.Who)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
