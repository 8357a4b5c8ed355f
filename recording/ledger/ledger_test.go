package ledger

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"switchroom/recording/disk"
	"switchroom/recording/disk/disktest"

	"github.com/stretchr/testify/require"
)

// book is a ledger on a disk in memory, with a clock of its own.
type book struct {
	disk *disktest.Memory
	keys string
	now  time.Time
}

func newBook(t *testing.T) *book {
	return &book{disktest.New(1 << 30), filepath.Join(t.TempDir(), "keys"), time.Date(2026, 11, 23, 23, 59, 0, 0, time.UTC)}
}

func (b *book) open(t *testing.T, files disk.Files) *Ledger {
	l, err := Open(files, b.keys, func() time.Time { return b.now })
	require.NoError(t, err)
	return l
}

func (b *book) read(t *testing.T, files disk.Files) (entries []Entry, faults []Fault) {
	key, err := LoadPublic(PublicFile(b.keys))
	require.NoError(t, err)
	_, err = Read(files, key, func(e Entry) { entries = append(entries, e) }, func(f Fault) { faults = append(faults, f) })
	require.NoError(t, err)
	return entries, faults
}

func TestChainGoesOnOverDaysRestartsAndASteppedClock(t *testing.T) {
	b := newBook(t)
	for i, step := range []time.Duration{0, 2 * time.Minute, -48 * time.Hour, 72 * time.Hour, 0} {
		b.now = b.now.Add(step)
		l := b.open(t, b.disk)
		require.NoError(t, l.Append(Entry{Kind: Sealed, ID: "a"}, Entry{Kind: Sealed, ID: "b"}))
		require.EqualValues(t, 2*i+2, l.Head().N)
		require.NoError(t, l.Close())
	}
	entries, faults := b.read(t, b.disk)
	require.Empty(t, faults)
	require.Len(t, entries, 10)
	days, err := Days(b.disk)
	require.NoError(t, err)
	require.Equal(t, []string{"2026-11-23", "2026-11-24", "2026-11-25"}, days)
	head, ok := LoadHead(b.keys)
	require.True(t, ok)
	require.EqualValues(t, 10, head.N)
}

func TestPowerCutKeepsWhatWasAppended(t *testing.T) {
	b := newBook(t)
	rng := rand.New(rand.NewPCG(5, 5))
	l := b.open(t, b.disk)
	for n := 1; n <= 60; n++ {
		if n%20 == 0 {
			b.now = b.now.Add(24 * time.Hour)
		}
		crashed := b.disk
		b.disk.Before = func(op disktest.Op, _ string) (int, error) {
			if op == disktest.OpSync {
				crashed = b.disk.Crash(rng) // in the middle of the next append
			}
			return 0, nil
		}
		require.NoError(t, l.Append(Entry{Kind: Sealed, ID: "x"}))
		b.disk.Before = nil
		for _, disk := range []*disktest.Memory{crashed, b.disk.Crash(rng)} {
			b.open(t, disk)
			entries, faults := b.read(t, disk)
			require.Empty(t, faults)
			require.GreaterOrEqual(t, len(entries), n-1)
		}
	}
}

func TestFailedAppendLeavesNoTrace(t *testing.T) {
	b := newBook(t)
	l := b.open(t, b.disk)
	require.NoError(t, l.Append(Entry{Kind: Sealed, ID: "a"}))
	b.disk.Before = func(op disktest.Op, _ string) (int, error) {
		if op == disktest.OpWrite {
			return 30, os.ErrDeadlineExceeded
		}
		return 0, nil
	}
	require.Error(t, l.Append(Entry{Kind: Sealed, ID: "b"}))
	b.disk.Before = nil
	require.NoError(t, l.Append(Entry{Kind: Sealed, ID: "c"}))
	entries, faults := b.read(t, b.disk)
	require.Empty(t, faults)
	require.Equal(t, []string{"a", "c"}, []string{entries[0].ID, entries[1].ID})
}

func TestKeyIsMadeOnceAndKeptToItself(t *testing.T) {
	b := newBook(t)
	b.open(t, b.disk)
	st, err := os.Stat(filepath.Join(b.keys, keyFile))
	require.NoError(t, err)
	require.Zero(t, st.Mode().Perm()&0o077)
	before, err := LoadPublic(PublicFile(b.keys))
	require.NoError(t, err)
	b.open(t, b.disk)
	after, err := LoadPublic(PublicFile(b.keys))
	require.NoError(t, err)
	require.Equal(t, before, after)
	require.NoError(t, os.WriteFile(filepath.Join(b.keys, keyFile), []byte("x"), 0o600))
	_, err = Open(b.disk, b.keys, time.Now)
	require.Error(t, err, "a damaged key is not replaced by another")
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"n":1,"at":"2026-11-23T00:00:00Z","kind":"sealed","id":"a","root":"","prev":""}` + "\t" + strings.Repeat("A", 86) + "=="))
	f.Add([]byte("\t"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if _, err := parse(b, nil); err != nil {
			require.ErrorIs(t, err, ErrLine)
		}
	})
}
