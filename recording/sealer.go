package recording

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"time"

	"switchroom/recording/disk"
	"switchroom/recording/ledger"

	"go.uber.org/zap"
)

const (
	// sealRetry is how long the sealer waits after a failure.
	sealRetry = time.Second
	// sealTries is how often it tries again once the store is shutting down.
	sealTries = 3
)

// sealing is the sealer: it finishes what the writer has let go of, all that
// is there at a time together.
func (s *Store) sealing(ctx context.Context) {
	var batch []*Recorder
	retry := time.NewTimer(0)
	defer retry.Stop()
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-s.sealKick:
		case <-retry.C:
		}
		if batch = s.seal(s.takeFinished(batch)); len(batch) > 0 {
			retry.Reset(sealRetry)
		}
	}
	for try := 0; try < sealTries; try++ {
		if batch = s.seal(s.takeFinished(batch)); len(batch) == 0 {
			return
		}
		<-time.After(sealRetry)
	}
}

func (s *Store) takeFinished(batch []*Recorder) []*Recorder {
	s.mu.Lock()
	defer s.mu.Unlock()
	batch = append(batch, s.toSeal...)
	s.toSeal = nil
	return batch
}

// seal finishes a batch and returns what could not be finished. The sound is
// safe before the JSON says that it is complete, the JSON before the ledger
// vouches for it, the ledger before anybody is told.
func (s *Store) seal(batch []*Recorder) (left []*Recorder) {
	if len(batch) == 0 {
		return nil
	}
	err := s.sealAll(batch)
	if err != nil {
		s.alarms.set(SealFailed, true, err.Error())
		s.zlog.Error("recordings could not be sealed", zap.Int("recordings", len(batch)), zap.Error(err))
		return batch
	}
	s.alarms.set(SealFailed, false, "")
	return nil
}

func (s *Store) sealAll(batch []*Recorder) error {
	var sounds []disk.File
	dirs := make(map[string]struct{})
	for _, r := range batch {
		r.draft.Lock()
		r.sealing = true
		r.draft.Unlock()
		if err := r.tape.conclude(); err != nil {
			return fmt.Errorf("end of the file: %w", err)
		}
		sounds = append(sounds, r.tape.file)
		dirs[r.name.dir] = struct{}{}
	}
	if err := s.files.Sync(sounds, keys(dirs)); err != nil {
		return fmt.Errorf("sync sound: %w", err)
	}
	metas := make([]Meta, len(batch))
	papers := make([]paper, len(batch))
	for i, r := range batch {
		var err error
		if metas[i], err = r.final(); err != nil {
			return err
		}
		if papers[i], err = newPaper(r.name, metas[i]); err != nil {
			return err
		}
	}
	if err := s.vouch(papers); err != nil {
		return err
	}
	for i, r := range batch {
		s.sealed(r, metas[i])
	}
	return nil
}

// paper is a sealed recording's JSON and its entry in the ledger.
type paper struct {
	name  name
	text  []byte
	entry ledger.Entry
}

func newPaper(n name, m Meta) (paper, error) {
	text, err := encodeMeta(m)
	if err != nil {
		return paper{}, err
	}
	return paper{n, text, entryOf(n, m, text)}, nil
}

// entryOf is the ledger's entry for a recording with the JSON text.
func entryOf(n name, m Meta, text []byte) ledger.Entry {
	sum := sha256.Sum256(text)
	return ledger.Entry{Kind: ledger.Sealed, ID: n.id, Root: m.Root, Meta: hex.EncodeToString(sum[:]), Size: m.Size}
}

// vouch puts the papers' JSON in place and their entries in the ledger, all
// of it safe when it returns without an error.
func (s *Store) vouch(papers []paper) error {
	var drafts []disk.File
	defer func() {
		for _, f := range drafts {
			f.Close()
		}
	}()
	dirs := make(map[string]struct{})
	entries := make([]ledger.Entry, len(papers))
	for i, p := range papers {
		f, err := writeDraft(s.files, p.name, p.text)
		if err != nil {
			return fmt.Errorf("write metadata: %w", err)
		}
		drafts = append(drafts, f)
		dirs[p.name.dir] = struct{}{}
		entries[i] = p.entry
	}
	if err := s.files.Sync(drafts, nil); err != nil {
		return fmt.Errorf("sync metadata: %w", err)
	}
	for _, p := range papers {
		if err := s.files.Rename(p.name.draft(), p.name.meta()); err != nil {
			return fmt.Errorf("replace metadata: %w", err)
		}
	}
	if err := s.files.Sync(nil, keys(dirs)); err != nil {
		return fmt.Errorf("sync metadata: %w", err)
	}
	s.book.Lock()
	defer s.book.Unlock()
	return s.ledger.Append(entries...)
}

// final fills in what is known only at the end.
func (r *Recorder) final() (Meta, error) {
	t := &r.tape
	sum, size, err := hashFile(t.file)
	if err != nil {
		return Meta{}, fmt.Errorf("hash: %w", err)
	}
	m := r.view()
	m.Sealed = true
	m.Size, m.SHA256 = size, hex.EncodeToString(sum)
	t.proven(&m, size)
	m.Sides, m.Gaps = r.sides(nil, t.statsOf()), t.gaps
	return m, nil
}

// hashFile returns the SHA-256 and the size of a file.
func hashFile(f disk.File) (sum []byte, size int64, err error) {
	if size, err = f.Size(); err != nil {
		return nil, 0, err
	}
	h := sha256.New()
	if _, err := io.CopyBuffer(h, io.NewSectionReader(f, 0, size), make([]byte, 128<<10)); err != nil {
		return nil, 0, err
	}
	return h.Sum(nil), size, nil
}

// sealed lets go of a recording and tells of it.
func (s *Store) sealed(r *Recorder, m Meta) {
	if first := r.takeFirstMeta(); first != nil {
		first.Close() // replaced before any sync saw it
	}
	s.shutting.Lock()
	r.file.Store(nil)
	err := r.tape.file.Close()
	s.shutting.Unlock()
	if err != nil {
		s.zlog.Warn("recording's file did not close", zap.String("id", m.ID), zap.Error(err))
	}
	s.mu.Lock()
	delete(s.open, m.ID)
	s.ended = append(s.ended, r.tape.handle)
	s.mu.Unlock()
	s.stats.sealed.Add(1)
	if s.cfg.Sealed != nil {
		s.cfg.Sealed(m)
	}
}

func keys(set map[string]struct{}) []string {
	out := make([]string, 0, len(set))
	for k := range set {
		out = append(out, k)
	}
	return out
}
