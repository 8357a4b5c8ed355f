package recording

import (
	"cmp"
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"slices"
	"sync"

	"switchroom/recording/disk"
	"switchroom/recording/ledger"
)

// Flaw is what Verify can find wrong.
type Flaw string

const (
	FlawChanged   Flaw = "changed"   // the sound of some seconds is not what was recorded
	FlawCut       Flaw = "cut"       // the sound is shorter than it was
	FlawLonger    Flaw = "longer"    // or longer
	FlawReordered Flaw = "reordered" // seconds stand in another order
	FlawSwapped   Flaw = "swapped"   // the sound is another recording's
	FlawRemoved   Flaw = "removed"   // sealed once, and not here any more
	FlawHeader    Flaw = "header"    // the WAV's header was changed
	FlawMetadata  Flaw = "metadata"  // the JSON was changed, or is missing
	FlawUnlisted  Flaw = "unlisted"  // the ledger does not know it
	FlawLedger    Flaw = "ledger"    // the ledger itself was changed, cut or re-ordered
	FlawUnread    Flaw = "unread"    // it could not be read
)

// ofSound says that the flaw tells how sound differs from what it was.
func (f Flaw) ofSound() bool {
	return f == FlawChanged || f == FlawCut || f == FlawLonger || f == FlawReordered
}

// Finding is one thing wrong. ID is "" when it concerns the ledger.
type Finding struct {
	ID   string `json:"id,omitempty"`
	Flaw Flaw   `json:"flaw"`
	Text string `json:"text"`
}

func (f Finding) String() string {
	if f.ID == "" {
		return fmt.Sprintf("%s: %s", f.Flaw, f.Text)
	}
	return fmt.Sprintf("%s: %s: %s", f.ID, f.Flaw, f.Text)
}

// Verification says what to verify. It needs no running switch.
type Verification struct {
	Dir  string            // the recordings' root
	Keys string            // the key's directory: the public key and the ledger's head; "" is Dir + "-keys"
	Key  ed25519.PublicKey // the public key, when it does not come from Keys
	IDs  []string          // these alone; empty is all
	// Decode has archived files decoded, and what comes out compared with what
	// was recorded; without it the signed hash of the file is enough.
	Decode bool
}

// Report is what Verify found.
type Report struct {
	Recordings int       `json:"recordings"` // sealed ones looked at
	Open       int       `json:"open"`       // not sealed yet, not looked at
	Deleted    int       `json:"deleted"`    // with a certificate
	Octets     int64     `json:"octets"`     // hashed
	Signed     bool      `json:"signed"`     // signatures were checked
	Findings   []Finding `json:"findings"`
	// Certificates are those of the deleted ones, by id.
	Certificates []Certificate `json:"certificates,omitempty"`
}

// Verify checks recordings against the ledger, and the ledger against itself,
// its signatures and its head: flipped bits, files cut, swapped, removed or
// slipped in, seconds or entries re-ordered. The error is for what kept it
// from looking; what it found is in the report.
func Verify(ctx context.Context, v Verification) (Report, error) {
	if v.Keys == "" {
		v.Keys = v.Dir + "-keys"
	}
	if st, err := os.Stat(v.Dir); err != nil || !st.IsDir() {
		return Report{}, fmt.Errorf("recording: verify: %s is not a directory", v.Dir)
	}
	files, err := disk.Open(v.Dir)
	if err != nil {
		return Report{}, fmt.Errorf("recording: verify: %w", err)
	}
	defer files.Close()
	return verifyFiles(ctx, files, v)
}

func verifyFiles(ctx context.Context, files disk.Files, v Verification) (_ Report, err error) {
	if v.Key == nil {
		v.Key, err = ledger.LoadPublic(ledger.PublicFile(v.Keys))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return Report{}, fmt.Errorf("recording: verify: %w", err)
		}
	}
	a := &audit{files: files, decode: v.Decode, report: Report{Signed: v.Key != nil}, entries: make(map[string]ledger.Entry), sums: make(map[[32]byte]string)}
	if err := a.readLedger(v); err != nil {
		return Report{}, fmt.Errorf("recording: verify: %w", err)
	}
	names, err := a.names(v.IDs)
	if err != nil {
		return Report{}, err
	}
	if err := a.look(ctx, names); err != nil {
		return Report{}, err
	}
	a.findSwaps()
	slices.SortStableFunc(a.report.Findings, func(x, y Finding) int {
		return cmp.Or(cmp.Compare(x.ID, y.ID), cmp.Compare(x.Flaw, y.Flaw))
	})
	slices.SortFunc(a.report.Certificates, func(x, y Certificate) int { return cmp.Compare(x.ID, y.ID) })
	return a.report, nil
}

// audit is one run of Verify.
type audit struct {
	files   disk.Files
	decode  bool
	entries map[string]ledger.Entry // the last one of each recording

	mu     sync.Mutex
	report Report
	// sums finds, by the sum of a recording's chunk sums as its sound should
	// have them, whose sound it is.
	sums    map[[32]byte]string
	strange []strange
}

// strange is a recording whose sound is not its own.
type strange struct {
	id  string
	sum [32]byte
}

func (a *audit) find(id string, flaw Flaw, format string, args ...any) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.report.Findings = append(a.report.Findings, Finding{id, flaw, fmt.Sprintf(format, args...)})
}

// readLedger takes in the ledger and checks it.
func (a *audit) readLedger(v Verification) error {
	sums := make(map[uint64]string)
	want, kept := ledger.LoadHead(v.Keys)
	head, err := ledger.Read(a.files, v.Key, func(e ledger.Entry) {
		if e.Kind != ledger.Held && e.Kind != ledger.Released {
			a.entries[e.ID] = e
		}
		if e.N == want.N+1 {
			sums[want.N] = e.Prev
		}
	}, func(f ledger.Fault) {
		a.find("", FlawLedger, "%s, line %d: %s", f.Day, f.Line, f.Text)
	})
	if err != nil {
		return err
	}
	if head.N == want.N {
		sums[head.N] = head.Sum
	}
	switch {
	case !kept:
	case head.N < want.N:
		a.find("", FlawLedger, "%d entries, but there were %d: its end was cut off", head.N, want.N)
	case sums[want.N] != want.Sum:
		a.find("", FlawLedger, "entry %d is not the one that was written last", want.N)
	}
	return nil
}

// names lists what is to be looked at: what lies in the directories and what
// the ledger tells of.
func (a *audit) names(ids []string) ([]name, error) {
	if len(ids) > 0 {
		var names []name
		for _, id := range ids {
			n, ok := nameOf(id)
			if !ok {
				return nil, fmt.Errorf("%w: %q", ErrID, id)
			}
			names = append(names, n)
		}
		return names, nil
	}
	var names []name
	seen := make(map[string]bool)
	err := walk(a.files, func(n name) error {
		seen[n.id] = true
		names = append(names, n)
		return nil
	})
	if err != nil {
		return nil, err
	}
	for id := range a.entries {
		if n, ok := nameOf(id); ok && !seen[id] {
			names = append(names, n)
		}
	}
	return names, nil
}

// look looks at the recordings on all processors.
func (a *audit) look(ctx context.Context, names []name) error {
	work := make(chan name)
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			b := newLens()
			for n := range work {
				a.inspect(n, b)
			}
		})
	}
	defer workers.Wait()
	defer close(work)
	for _, n := range names {
		select {
		case work <- n:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// findSwaps says of strange sound whose it is, in the place of how it differs.
func (a *audit) findSwaps() {
	for _, s := range a.strange {
		if whose, ok := a.sums[s.sum]; ok && whose != s.id {
			a.report.Findings = slices.DeleteFunc(a.report.Findings, func(f Finding) bool { return f.ID == s.id && f.Flaw.ofSound() })
			a.find(s.id, FlawSwapped, "holds the sound of %s", whose)
		}
	}
}
