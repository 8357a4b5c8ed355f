package recording

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"time"

	"switchroom/media"
	"switchroom/recording/ledger"
)

// Rule says how long recordings are kept. Client and Queue narrow it; "" is
// any. Of several that fit a recording the first counts; what no rule fits is
// kept for ever.
type Rule struct {
	Name   string // stands in the certificate
	Client string
	Queue  string
	Keep   time.Duration // from the recording's start
}

func (r Rule) fits(m Meta) bool {
	return (r.Client == "" || r.Client == m.Client) && (r.Queue == "" || r.Queue == m.Queue)
}

// Certificate is the proof that a recording was deleted, and by which rule. It
// stands, signed, in the ledger.
type Certificate struct {
	ID   string    `json:"id"`
	Root string    `json:"root"` // of the hash chain over what was deleted
	Rule string    `json:"rule"`
	Who  string    `json:"who,omitempty"`
	At   time.Time `json:"at"`
}

const (
	// graceTime lies between the two phases of a deletion, by the monotonic
	// clock: a wall clock that jumped is found out before anything is lost.
	graceTime = 24 * time.Hour
	// graceStep is how far the wall clock may have moved against the monotonic
	// one meanwhile.
	graceStep = 10 * time.Minute
)

// sentence is a condemned recording, waiting for its time.
type sentence struct {
	rule string
	mono int64 // media.Now when it was condemned
	wall time.Time
}

// custody is what the ledger says of recordings' holds and deletions.
type custody struct {
	last map[string]ledger.Entry // sealed, condemned or deleted
	held map[string]bool
}

func (s *Store) custody() (custody, error) {
	c := custody{make(map[string]ledger.Entry), make(map[string]bool)}
	_, err := ledger.Read(s.files, nil, func(e ledger.Entry) {
		switch e.Kind {
		case ledger.Held:
			c.held[e.ID] = true
		case ledger.Released:
			delete(c.held, e.ID)
		default:
			c.last[e.ID] = e
		}
	}, func(ledger.Fault) {})
	return c, err
}

// LegalHold keeps a recording from being deleted by any rule or request until
// Release. It stands in the ledger, with who and why. A hold may be laid on a
// recording that is still running. Errors: ErrNotFound.
func (s *Store) LegalHold(id, who, why string) error { return s.hold(ledger.Held, id, who, why) }

// Release lifts a legal hold.
func (s *Store) Release(id, who, why string) error { return s.hold(ledger.Released, id, who, why) }

func (s *Store) hold(kind, id, who, why string) error {
	m, err := s.Meta(id)
	if err != nil {
		return err
	}
	s.book.Lock()
	defer s.book.Unlock()
	delete(s.condemned, id)
	return s.ledger.Append(ledger.Entry{Kind: kind, ID: id, Root: m.Root, Rule: why, Who: who})
}

// Held says whether a legal hold lies on a recording.
func (s *Store) Held(id string) (bool, error) {
	s.book.Lock()
	defer s.book.Unlock()
	c, err := s.custody()
	return c.held[id], err
}

// Expire applies the rules: what is older than its rule keeps it and not held
// is condemned, in the ledger; what was condemned by an earlier call of this
// process, a day or more before by the monotonic clock, and still is due, is
// deleted. A wall clock that was stepped between the two starts the day anew.
// It returns the certificates of what was deleted, those among them whose
// deletion a crash had cut off. Call it every hour or so.
func (s *Store) Expire(ctx context.Context, rules []Rule) ([]Certificate, error) {
	s.book.Lock()
	defer s.book.Unlock()
	c, err := s.custody()
	if err != nil {
		return nil, fmt.Errorf("recording: expire: %w", err)
	}
	var doomed []ledger.Entry
	var certificates []Certificate
	err = walk(s.files, func(n name) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		e, rule, due := s.due(n, c, rules)
		if !due {
			delete(s.condemned, n.id)
			return nil
		}
		if !s.ripe(n.id, rule) {
			if e.Kind != ledger.Condemned {
				doomed = append(doomed, e.turned(ledger.Condemned, rule, ""))
			}
			return nil
		}
		cert, err := s.erase(n, e.Entry, rule, "")
		if err == nil {
			delete(c.last, n.id)
			certificates = append(certificates, cert)
		}
		return err
	})
	if err == nil {
		err = s.ledger.Append(doomed...)
	}
	unfinished, errs := s.finishDeletions(c)
	return append(certificates, unfinished...), errors.Join(err, errs)
}

// verdict is a ledger's entry about to be followed by another.
type verdict struct{ ledger.Entry }

// turned is the next entry of the same recording.
func (v verdict) turned(kind, rule, who string) ledger.Entry {
	return ledger.Entry{Kind: kind, ID: v.ID, Root: v.Root, Meta: v.Meta, Size: v.Size, Rule: rule, Who: who}
}

// due says whether a recording is past its rule, whose name it returns.
func (s *Store) due(n name, c custody, rules []Rule) (verdict, string, bool) {
	e, known := c.last[n.id]
	if !known || c.held[n.id] || e.Kind == ledger.Deleted {
		return verdict{}, "", false
	}
	m, err := s.metaOf(n)
	if err != nil || !m.Sealed {
		return verdict{}, "", false
	}
	i := slices.IndexFunc(rules, func(r Rule) bool { return r.fits(m) })
	if i < 0 || s.cfg.Now().Sub(m.Started) <= rules[i].Keep {
		return verdict{}, "", false
	}
	return verdict{e}, rules[i].Name, true
}

// ripe says whether a due recording has waited its day, and begins the day
// when it has not begun or the clock was stepped.
func (s *Store) ripe(id, rule string) bool {
	now := sentence{rule, media.Now(), s.cfg.Now()}
	was, waiting := s.condemned[id]
	mono := time.Duration(now.mono - was.mono)
	step := now.wall.Round(0).Sub(was.wall.Round(0)) - mono
	if !waiting || was.rule != rule || step > graceStep || step < -graceStep {
		s.condemned[id] = now
		return false
	}
	return mono >= graceTime
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
	s.book.Lock()
	defer s.book.Unlock()
	c, err := s.custody()
	if err != nil {
		return Certificate{}, fmt.Errorf("recording: erase: %w", err)
	}
	if c.held[id] {
		return Certificate{}, ErrHeld
	}
	v := verdict{c.last[id]}
	if v.ID == "" {
		v.Entry = ledger.Entry{ID: id, Root: m.Root}
	}
	if err := s.ledger.Append(v.turned(ledger.Condemned, why, who)); err != nil {
		return Certificate{}, err
	}
	return s.erase(n, v.Entry, why, who)
}

// erase is the second phase: the files go, and when their absence is safe the
// certificate is written.
func (s *Store) erase(n name, e ledger.Entry, rule, who string) (Certificate, error) {
	for _, file := range []string{n.sound(), n.draft(), n.meta()} {
		if err := s.files.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return Certificate{}, fmt.Errorf("recording: erase: %w", err)
		}
	}
	if err := s.files.Sync(nil, []string{n.dir}); err != nil {
		return Certificate{}, fmt.Errorf("recording: erase: %w", err)
	}
	entry := verdict{e}.turned(ledger.Deleted, rule, who)
	if err := s.ledger.Append(entry); err != nil {
		return Certificate{}, err
	}
	delete(s.condemned, n.id)
	return Certificate{ID: n.id, Root: e.Root, Rule: rule, Who: who, At: s.cfg.Now().UTC()}, nil
}

// finishDeletions certifies what was condemned and is gone: a crash came
// between the files and the certificate.
func (s *Store) finishDeletions(c custody) ([]Certificate, error) {
	var certificates []Certificate
	for id, e := range c.last {
		n, ok := nameOf(id)
		if !ok || e.Kind != ledger.Condemned || c.held[id] {
			continue
		}
		if s.present(n) {
			continue
		}
		cert, err := s.erase(n, e, e.Rule, e.Who)
		if err != nil {
			return certificates, err
		}
		certificates = append(certificates, cert)
	}
	return certificates, nil
}
