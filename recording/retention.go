package recording

import (
	"context"
	"errors"
	"fmt"
	"time"

	"switchroom/recording/ledger"
)

// Retention says how long recordings are kept.
type Retention struct {
	// Keep gives, for a recording's client and queue, how long it is kept from
	// its start on, and the name of the rule, which stands in the certificate.
	Keep func(client, queue string) (time.Duration, string)
	// Shortest is the least that Keep ever gives: what is younger by its id is
	// not even looked at.
	Shortest time.Duration
	// Delay lies between the two phases of a deletion.
	Delay time.Duration
}

// Expire applies the rules. What the wall clock and the calendar both say is
// past its time, and no hold keeps, is condemned, in the ledger; what an
// earlier call condemned by the same rule, Delay or more before by the
// calendar, and is still due, is deleted and certified. What is not due any
// more is spared. So nothing is deleted that did not stand condemned for Delay
// of running time, restarts included, and no step of the clock deletes.
//
// A deletion that a crash had cut off is finished. Deliver tells of the
// certificates. Call it every hour or so.
func (s *Store) Expire(ctx context.Context, r Retention) error {
	now, err := s.Clocks()
	if err != nil {
		return err
	}
	e := expiry{store: s, Retention: r, now: now}
	if err := s.finishDeletions(); err != nil {
		return fmt.Errorf("recording: expire: %w", err)
	}
	return errors.Join(s.eachWord(ctx, e.aged, e.look), e.flush())
}

// expiry is one run of Expire.
type expiry struct {
	store *Store
	Retention
	now     Date
	pending []ledger.Entry // sentences to be written
}

// aged says whether a recording is old enough to be looked at.
func (e *expiry) aged(n name, _ []string) bool { return e.now.earlier().Sub(n.time) > e.Shortest }

// batchMax bounds how many sentences are written at a time.
const batchMax = 1000

// look judges one recording.
func (e *expiry) look(n name, w word) error {
	if w.kind == ledger.Deleted {
		return nil
	}
	b, err := readBrief(e.store.files, n)
	if err != nil || !b.Sealed {
		return nil // Verify tells of it
	}
	keep, rule := e.Keep(b.Client, b.Queue)
	due := e.now.earlier().Sub(b.Started) > keep
	waiting := w.kind == ledger.Condemned
	if !due && !waiting {
		return nil
	}
	last, err := e.store.entry(w)
	if err != nil {
		return err
	}
	switch {
	case !due:
		return e.write(turned(last, ledger.Spared, last.Rule, ""))
	case e.store.isHeld(n.id):
		return nil
	case !waiting || last.Rule != rule || last.Clock == nil:
		sentence := turned(last, ledger.Condemned, rule, "")
		sentence.Clock, sentence.Client = &e.now.Calendar, b.Client
		return e.write(sentence)
	case e.now.Calendar.Sub(*last.Clock) < e.Delay:
		return nil
	}
	return e.store.execute(n, last, rule, "")
}

func (e *expiry) write(entry ledger.Entry) error {
	if e.pending = append(e.pending, entry); len(e.pending) < batchMax {
		return nil
	}
	return e.flush()
}

func (e *expiry) flush() error {
	if len(e.pending) == 0 {
		return nil
	}
	e.store.book.Lock()
	defer e.store.book.Unlock()
	for i := range e.pending {
		e.store.renew(&e.pending[i])
	}
	err := e.store.ledger.Append(e.pending...)
	e.pending = e.pending[:0]
	return err
}

// turned is the next entry of the same recording.
func turned(e ledger.Entry, kind, rule, who string) ledger.Entry {
	return ledger.Entry{Kind: kind, ID: e.ID, Root: e.Root, Meta: e.Meta, Size: e.Size, File: e.File, Client: e.Client, Rule: rule, Who: who}
}
