package recording

import (
	"bytes"
	"context"
	"io"
	"os"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"switchroom/recording/disk/disktest"

	"github.com/stretchr/testify/require"
)

// archived is a world whose calls are over and sealed.
func archived(t *testing.T, change func(*Config)) (*world, []byte) {
	w := newWorld(t, disktest.New(plenty), 2, change)
	w.speak(80)
	w.calls[0].Mark(Mark{Kind: "note"})
	m := w.sealedMeta(t)
	_, b := readAudio(t, w.Store, m.ID)
	return w, b
}

func TestArchivedRecordingIsSmallerProvenAndReadAsBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var told []Kept
		w, was := archived(t, func(c *Config) { c.Archived = func(m Meta, k Kept) { told = append(told, k) } })
		id := w.calls[0].ID()
		n, _ := nameOf(id)
		require.NoError(t, w.archiveAll(t.Context()))
		require.Len(t, told, 2)
		require.NotContains(t, w.disk.Names(), n.sound())
		require.Contains(t, w.disk.Names(), n.flac())
		_, is := readAudio(t, w.Store, id)
		require.True(t, bytes.Equal(was, is))
		k, err := w.Kept(id)
		require.NoError(t, err)
		require.Equal(t, FormFLAC, k.Form)
		require.Len(t, k.SHA256, 64)
		a, m, err := w.Audio(id)
		require.NoError(t, err)
		_, err = a.Seek(-1000, io.SeekEnd) // as a player that asks for a range
		require.NoError(t, err)
		part, err := io.ReadAll(a)
		require.NoError(t, err)
		require.True(t, bytes.Equal(was[len(was)-1000:], part))
		require.NoError(t, a.Close())
		require.EqualValues(t, len(was)+58, m.Size)
		w.verifyClean(t)
		report, err := verifyFiles(t.Context(), w.disk, Verification{Keys: w.keys, Decode: true})
		require.NoError(t, err)
		require.Empty(t, report.Findings)
		require.EqualValues(t, 2*len(was), report.Octets, "it was decoded")
		require.NoError(t, w.archiveAll(t.Context()), "there is nothing left to do")
		require.Len(t, told, 2)
		_, err = w.Erase(id, "dpo", "request")
		require.NoError(t, err)
		require.NotContains(t, w.disk.Names(), n.flac())
		w.verifyClean(t)
		w.end()
	})
}

func TestOnlyWhatIsOverForLongIsArchived(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, disktest.New(plenty), 2, func(c *Config) { c.ArchiveAfter = time.Hour })
		w.speak(100)
		w.calls[1].Stop("caller-hangup")
		time.Sleep(5 * time.Second)
		require.NoError(t, w.archiveAll(t.Context()))
		require.Zero(t, w.Stats().Archived)
		w.cfg.Now = func() time.Time { return time.Now().Add(2 * time.Hour) }
		require.NoError(t, w.archiveAll(t.Context()))
		require.EqualValues(t, 1, w.Stats().Archived, "never while the call is up")
		w.end()
	})
}

// A crash at any change of the disk leaves a recording that is whole, proven
// and archived by the next run.
func TestACrashWhileArchivingCostsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rng := seeded(5)
		w := newWorld(t, disktest.New(plenty), 1, nil)
		w.speak(40)
		id := w.sealedMeta(t).ID
		_, was := readAudio(t, w.Store, id)
		w.stop()
		w.stop = nil
		require.NoError(t, <-w.done)
		var crashed []*disktest.Memory
		w.disk.Before = func(op disktest.Op, name string) (int, error) {
			crashed = append(crashed, w.disk.Crash(rng))
			return 0, nil
		}
		require.NoError(t, w.archiveAll(t.Context()))
		w.disk.Before = nil
		crashed = append(crashed, w.disk.Crash(rng), w.disk.Copy())
		require.Greater(t, len(crashed), 12)
		for _, d := range crashed {
			s, _ := w.revive(t, d)
			for range 2 {
				_, is := readAudio(t, s, id)
				require.True(t, bytes.Equal(was, is))
				report, err := verifyFiles(t.Context(), d, Verification{Keys: w.keys})
				require.NoError(t, err)
				for _, f := range report.Findings {
					require.Equal(t, FlawLedger, f.Flaw, "%v", f) // the head is of another disk's ledger
				}
				require.NoError(t, s.archiveAll(t.Context()))
			}
			for _, file := range d.Names() {
				require.False(t, strings.HasSuffix(file, ".wav") || strings.HasSuffix(file, ".tmp"), file)
			}
			require.NoError(t, s.Close())
		}
		require.NoError(t, w.Close())
	})
}

func TestADiskThatRefusesLeavesTheWAV(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, was := archived(t, nil)
		n := 0
		w.disk.Before = func(op disktest.Op, name string) (int, error) {
			if strings.HasSuffix(name, ".flac.tmp") && op == disktest.OpWrite {
				if n++; n > 2 {
					return 10, syscall.ENOSPC
				}
			}
			return 0, nil
		}
		require.ErrorIs(t, w.archiveAll(t.Context()), syscall.ENOSPC)
		for _, file := range w.disk.Names() {
			require.NotContains(t, file, ".flac")
		}
		_, is := readAudio(t, w.Store, w.calls[0].ID())
		require.True(t, bytes.Equal(was, is))
		w.verifyClean(t)
		w.end()
	})
}

func TestWhatWasChangedIsNotArchivedAsIfItWereRight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, _ := archived(t, nil)
		n, _ := nameOf(w.calls[0].ID())
		f, err := w.disk.Edit(n.sound())
		require.NoError(t, err)
		_, err = f.WriteAt([]byte{1, 2, 3}, 5000)
		require.NoError(t, err)
		require.ErrorContains(t, w.archiveAll(t.Context()), "the WAV has changed")
		require.Contains(t, w.disk.Names(), n.sound())
		require.EqualValues(t, 1, w.Stats().Archived, "the other one")
		w.end()
	})
}

func TestVerifyNamesWhatWasDoneToArchivedAndEncryptedFiles(t *testing.T) {
	edits := map[string]struct {
		form string
		do   func([]byte) []byte
		want []Flaw
	}{
		"a FLAC's bit flipped":     {FormFLAC, func(b []byte) []byte { b[len(b)-3000] ^= 16; return b }, []Flaw{FlawChanged, FlawHeader}},
		"a FLAC cut":               {FormFLAC, func(b []byte) []byte { return b[:len(b)*2/3] }, []Flaw{FlawCut, FlawHeader}},
		"a FLAC's comment changed": {FormFLAC, func(b []byte) []byte { b[8+18] ^= 1; return b }, []Flaw{FlawHeader}},
		"a bit flipped":            {FormEncrypted, func(b []byte) []byte { b[20000] ^= 1; return b }, []Flaw{FlawChanged}},
		"cut":                      {FormEncrypted, func(b []byte) []byte { return b[:len(b)-100] }, []Flaw{FlawCut}},
		"something added":          {FormEncrypted, func(b []byte) []byte { return append(b, 1) }, []Flaw{FlawLonger}},
		"blocks exchanged": {FormEncrypted, func(b []byte) []byte {
			return append(append(bytes.Clone(b[16384:32768]), b[:16384]...), b[32768:]...)
		}, []Flaw{FlawReordered}},
	}
	for what, e := range edits {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			change := func(c *Config) {}
			if e.form == FormEncrypted {
				change = encrypted
			}
			s := fillWith(t, 2, change)
			suffix := ".swr"
			if e.form == FormFLAC {
				suffix = ".flac"
				archiveShelf(t, s)
			}
			require.Empty(t, verify(t, s).Findings)
			edit(t, s.path(0, suffix), e.do)
			var flaws []Flaw
			for _, f := range verify(t, s).Findings {
				require.Equal(t, s.ids[0], f.ID, "%v", f)
				flaws = append(flaws, f.Flaw)
			}
			require.Equal(t, e.want, flaws)
		})
	}
}

func TestVerifyTellsSwappedAndRemovedFilesOfEveryForm(t *testing.T) {
	for suffix, change := range map[string]func(*Config){".swr": encrypted, ".flac": func(*Config) {}} {
		s := fillWith(t, 3, change)
		if suffix == ".flac" {
			archiveShelf(t, s)
		}
		require.NoError(t, os.Rename(s.path(0, suffix), s.path(0, ".x")))
		require.NoError(t, os.Rename(s.path(1, suffix), s.path(0, suffix)))
		require.NoError(t, os.Rename(s.path(0, ".x"), s.path(1, suffix)))
		require.NoError(t, os.Remove(s.path(2, suffix)))
		got := map[string][]Flaw{}
		for _, f := range verify(t, s).Findings {
			got[f.ID] = append(got[f.ID], f.Flaw)
		}
		require.Contains(t, got[s.ids[0]], FlawSwapped, suffix)
		require.Contains(t, got[s.ids[1]], FlawSwapped, suffix)
		require.Equal(t, []Flaw{FlawRemoved}, got[s.ids[2]], suffix)
	}
}

// archiveShelf archives what lies on a shelf.
func archiveShelf(t *testing.T, s shelf) {
	b := newBench(t, strings.TrimSuffix(s.dir, "/recordings"), func(c *Config) {
		c.Now = func() time.Time { return time.Now().Add(time.Hour) }
	})
	require.NoError(t, b.archiveAll(context.Background()))
	require.EqualValues(t, len(s.ids), b.Stats().Archived)
	require.NoError(t, b.Close())
}
