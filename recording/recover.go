package recording

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"switchroom/recording/disk"
	"switchroom/recording/ledger"
	"switchroom/recording/tail"

	"go.uber.org/zap"
)

// recentDays is how many of the last days' directories are searched for
// recordings cut off, beside those the tail log names.
const recentDays = 2

// Recover finishes the recordings that a crash cut off: it repairs their
// length, puts silence where a power cut has damaged them, hashes and seals
// them with cause system, and returns them. Recordings whose sealing was cut
// off keep their own cause. It must be called before Run, and may be called
// again: what is finished is left alone. A recording that cannot be finished
// is logged and left as it is; the error is for what concerns all of them.
func (s *Store) Recover(ctx context.Context) ([]Meta, error) {
	left, logs, _, whole, err := tail.Read(s.files)
	if err != nil {
		return nil, fmt.Errorf("recording: recover: %w", err)
	}
	s.reportCut()
	known := make(map[string]*tail.Left, len(left))
	for _, l := range left {
		known[l.ID] = l
	}
	cut, err := s.findCut(known, !whole || len(logs) == 0)
	if err != nil {
		return nil, fmt.Errorf("recording: recover: %w", err)
	}
	vouched, err := s.vouchedFor(cut)
	if err != nil {
		return nil, fmt.Errorf("recording: recover: %w", err)
	}
	var metas []Meta
	failed := 0
	for _, n := range cut {
		if ctx.Err() != nil {
			return metas, ctx.Err()
		}
		m, sealed, err := s.repair(n, known[n.id], vouched[n.id])
		if err != nil {
			failed++
			s.zlog.Error("recording could not be recovered", zap.String("id", n.id), zap.Error(err))
			continue
		}
		if sealed {
			s.zlog.Info("recording recovered", zap.String("id", n.id), zap.Float64("length", m.Length))
			metas = append(metas, m)
		}
	}
	if failed == 0 {
		err = s.removeLogs(logs)
	}
	return metas, err
}

// reportCut says so when the ledger ends before its own head.
func (s *Store) reportCut() {
	if h, ok := ledger.LoadHead(s.cfg.Keys); ok && h.N > s.ledger.Head().N {
		s.zlog.Error("ledger is shorter than it was", zap.Uint64("entries", s.ledger.Head().N), zap.Uint64("were", h.N))
	}
}

func (s *Store) removeLogs(logs []string) error {
	var errs []error
	for _, l := range logs {
		errs = append(errs, s.files.Remove(l))
	}
	return errors.Join(errs...)
}

// findCut lists the recordings that are not sealed: those the tail log knows
// to have been open, and those found in the last days' directories, or in all
// of them when the log can't be relied on.
func (s *Store) findCut(known map[string]*tail.Left, all bool) ([]name, error) {
	cut := make(map[string]name)
	for id := range known {
		if n, ok := nameOf(id); ok && s.present(n) {
			cut[id] = n
		}
	}
	var days []string
	err := walkDays(s.files, func(dir string) error {
		days = append(days, dir)
		return nil
	})
	if err != nil {
		return nil, err
	}
	if !all && len(days) > recentDays {
		days = days[len(days)-recentDays:]
	}
	for _, dir := range days {
		if err := s.sweep(dir); err != nil {
			return nil, err
		}
		err := walkDay(s.files, dir, func(n name, _ []string) error {
			if !s.looksSealed(n) {
				cut[n.id] = n
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	maps.DeleteFunc(cut, func(id string, _ name) bool { return s.open[id] != nil })
	return slices.SortedFunc(maps.Values(cut), func(a, b name) int { return strings.Compare(a.id, b.id) }), nil
}

// sweep removes drafts that a crash left.
func (s *Store) sweep(dir string) error {
	entries, err := s.files.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		for _, suffix := range []string{metaSuffix + draftSuffix, flacSuffix + draftSuffix} {
			n, ok := idOf(dir, e.Name(), suffix)
			if !ok || s.isOpen(n.id) {
				continue
			}
			if err := s.files.Remove(path.Join(dir, e.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *Store) isOpen(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.open[id] != nil
}

// present says whether there is anything of a recording.
func (s *Store) present(n name) bool {
	for _, file := range append(n.sounds(), n.meta()) {
		if f, err := s.files.Open(file); err == nil {
			f.Close()
			return true
		} else if !errors.Is(err, fs.ErrNotExist) {
			return true
		}
	}
	return false
}

// sealedMark stands at the beginning of the JSON of a sealed recording.
const sealedMark = "{\n \"sealed\": true,"

// looksSealed looks at a JSON's beginning alone: at start there may be a
// hundred thousand of them.
func (s *Store) looksSealed(n name) bool {
	f, err := s.files.Open(n.meta())
	if err != nil {
		return false
	}
	defer f.Close()
	b := make([]byte, len(sealedMark))
	k, _ := f.ReadAt(b, 0)
	return string(b[:k]) == sealedMark
}

// vouchedFor says which of the recordings the ledger knows already.
func (s *Store) vouchedFor(cut []name) (map[string]ledger.Entry, error) {
	if len(cut) == 0 {
		return nil, nil
	}
	wanted := make(map[string]bool, len(cut))
	for _, n := range cut {
		wanted[n.id] = true
	}
	found := make(map[string]ledger.Entry)
	_, err := ledger.Read(s.files, nil, func(e ledger.Entry) {
		if wanted[e.ID] && e.Kind == ledger.Sealed {
			found[e.ID] = e
		}
	}, func(ledger.Fault) {})
	return found, err
}

// repair finishes one recording. sealed is false when it was finished already.
func (s *Store) repair(n name, left *tail.Left, vouched ledger.Entry) (m Meta, sealed bool, err error) {
	m, text, err := readMeta(s.files, n)
	if err == nil && m.Sealed {
		if vouched.ID != "" {
			return m, false, nil
		}
		// Cut off between the JSON and the ledger.
		s.book.Lock()
		defer s.book.Unlock()
		return m, true, s.ledger.Append(entryOf(n, m, text))
	}
	if err != nil {
		m = rebuilt(n, err)
	}
	f, encrypted, err := s.openCut(n)
	if err != nil {
		return Meta{}, false, err
	}
	defer f.Close()
	if !encrypted {
		m.Encryption = nil
	}
	if err := s.mend(f, encrypted, n, &m, left); err != nil {
		return Meta{}, false, err
	}
	if err := s.files.Sync([]disk.File{f}, []string{n.dir}); err != nil {
		return Meta{}, false, err
	}
	sum, size, err := hashFile(f)
	if err != nil {
		return Meta{}, false, err
	}
	m.SHA256, m.Size, m.Sealed = hex.EncodeToString(sum), size, true
	p, err := newPaper(n, m)
	if err != nil {
		return Meta{}, false, err
	}
	return m, true, s.vouch([]paper{p})
}

// rebuilt is the metadata of a recording whose JSON is lost: what the name
// tells, and that it was lost.
func rebuilt(n name, why error) Meta {
	text := "unreadable"
	if errors.Is(why, fs.ErrNotExist) {
		text = "missing"
	}
	return Meta{
		ID: n.id, CallID: n.id, Started: n.time,
		Marks: []Mark{{Kind: MarkLost, Who: CauseSystem, Why: "metadata " + text, At: n.time}},
	}
}
