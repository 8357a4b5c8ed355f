package recording

import (
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"switchroom/recording/disk/disktest"
	"switchroom/recording/wav"

	"github.com/stretchr/testify/require"
)

// plenty is more space than a test writes.
const plenty = 1 << 39

func TestPowerCutLosesAtMostASecond(t *testing.T) {
	for seed := range uint64(12) {
		synctest.Test(t, func(t *testing.T) {
			rng := seeded(seed)
			w := newWorld(t, disktest.New(plenty), 3, eitherWay(seed))
			for range 5 {
				w.speak(1 + rng.IntN(80))
				// The sync comes once a second, and what it covers was written
				// up to a tick before.
				w.checkRecovered(t, w.disk.Crash(rng), 1000*time.Millisecond+220*time.Millisecond)
			}
			w.end()
		})
	}
}

func TestPowerCutAtEveryChangeNeverStopsTheStart(t *testing.T) {
	for seed := range uint64(2) {
		synctest.Test(t, func(t *testing.T) { powerCuts(t, seed) })
	}
}

func powerCuts(t *testing.T, seed uint64) {
	rng := seeded(7)
	var mu sync.Mutex
	var crashed []*disktest.Memory
	disk := disktest.New(plenty)
	count := 0
	disk.Before = func(op disktest.Op, name string) (int, error) {
		mu.Lock()
		defer mu.Unlock()
		if count++; count%3 == 0 {
			crashed = append(crashed, disk.Crash(rng))
		}
		return 0, nil
	}
	w := newWorld(t, disk, 2, eitherWay(seed))
	w.speak(70)
	w.calls[0].Mark(Mark{Kind: "note", Who: "8001"})
	w.speak(70)
	for _, c := range w.calls {
		c.Stop("caller-hangup")
	}
	time.Sleep(time.Second)
	w.end()
	require.Greater(t, len(crashed), 30)
	for _, d := range crashed {
		_, metas := w.revive(t, d)
		for _, m := range metas {
			require.True(t, m.Sealed)
		}
		_, again := w.revive(t, d)
		require.Empty(t, again)
	}
}

func TestKilledProcessLosesAtMostTwoHundredMilliseconds(t *testing.T) {
	for seed := range uint64(2) {
		synctest.Test(t, func(t *testing.T) {
			rng := seeded(seed + 2)
			w := newWorld(t, disktest.New(plenty), 3, eitherWay(seed))
			for range 30 {
				w.speak(1 + rng.IntN(15))
				w.checkRecovered(t, w.disk.Copy(), 200*time.Millisecond)
			}
			w.end()
		})
	}
}

func TestFileIsWholeAtEveryWrite(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		disk := disktest.New(plenty)
		looks := 0
		disk.Before = func(op disktest.Op, name string) (int, error) {
			if op != disktest.OpWrite {
				return 0, nil
			}
			for _, file := range disk.Names() {
				if !strings.HasSuffix(file, ".wav") {
					continue
				}
				f, err := disk.Open(file)
				require.NoError(t, err)
				size, err := f.Size()
				require.NoError(t, err)
				format, data, head, err := readHeader(f)
				if size == 0 {
					continue // made this instant, and within the first tenth of a second
				}
				if err != nil {
					// Sound that no header tells of yet: the very first write.
					require.LessOrEqual(t, size, int64(wav.HeaderMax+2*wav.Rate/4))
					continue
				}
				looks++
				require.Equal(t, wav.ULaw, format)
				require.LessOrEqual(t, int64(len(head))+data, size)
			}
			return 0, nil
		}
		w := newWorld(t, disk, 2, nil)
		w.speak(100)
		w.end()
		require.Greater(t, looks, 50)
	})
}

func TestDamagedMetadataNeverStopsTheStart(t *testing.T) {
	for _, text := range []string{"", "{", "null", `{"id":"x"}`, strings.Repeat("[", 1<<20), "\x00\x00\x00"} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, disktest.New(plenty), 1, nil)
			w.speak(100)
			after := w.disk.Copy()
			n := w.calls[0].name
			require.NoError(t, after.Remove(n.meta()))
			f, err := after.Create(n.meta())
			require.NoError(t, err)
			_, err = f.WriteAt([]byte(text), 0)
			require.NoError(t, err)
			w.checkRecovered(t, after, 200*time.Millisecond)
			w.end()
		})
	}
}

func TestFlippedBitInUnsyncedSoundBecomesAMarkedGap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, disktest.New(plenty), 1, func(c *Config) { c.Sync = 30 * time.Second })
		w.speak(100)
		after := w.disk.Copy()
		f, err := after.Edit(w.calls[0].name.sound())
		require.NoError(t, err)
		at := int64(wav.ULaw.HeaderSize()) + 2*6000
		b := make([]byte, 1)
		_, err = f.ReadAt(b, at)
		require.NoError(t, err)
		b[0] ^= 0x10
		_, err = f.WriteAt(b, at)
		require.NoError(t, err)
		_, metas := w.revive(t, after)
		require.Len(t, metas, 1)
		require.Len(t, metas[0].Gaps, 1)
		gap := metas[0].Gaps[0]
		require.Equal(t, gapDamaged, gap.Why)
		require.LessOrEqual(t, gap.Start, 0.75)
		require.Greater(t, gap.Start+gap.Length, 0.75)
		require.Less(t, gap.Length, 0.2)
		w.end()
	})
}

func FuzzRecover(f *testing.F) {
	f.Add([]byte("RIFF"), []byte("{}"), []byte("SWRTAIL1"), false)
	f.Add([]byte("SWRVLT1\n"), []byte("{}"), []byte("SWRTAIL1"), true)
	f.Add([]byte{}, []byte{}, []byte{}, true)
	f.Add(wav.Header(nil, wav.ULaw, 16000), []byte("\x00"), []byte{}, false)
	f.Add(append(wav.Header(nil, wav.PCM16, 1<<30), 1, 2, 3), []byte(`{"id":"01900000-0000-7000-8000-000000000000","format":"alaw","length":1e300}`), []byte("x"), false)
	keys := f.TempDir()
	f.Fuzz(func(t *testing.T, sound, meta, log []byte, encrypted bool) {
		d := disktest.New(plenty)
		n, _ := nameOf("01900000-0000-7000-8000-000000000000")
		file := n.sound()
		if encrypted {
			file = n.vault()
		}
		for file, b := range map[string][]byte{file: sound, n.meta(): meta, "tail-00000000.log": log} {
			w, err := d.Create(file)
			require.NoError(t, err)
			_, err = w.WriteAt(b, 0)
			require.NoError(t, err)
		}
		w := &world{keys: keys}
		s, metas := w.revive(t, d)
		for _, m := range metas {
			if _, ok := formatOf(m); ok && m.Encryption == nil {
				readAudio(t, s, m.ID)
			}
		}
		report, err := verifyFiles(t.Context(), d, Verification{Keys: keys, IDs: ids(metas)})
		require.NoError(t, err)
		for _, f := range report.Findings {
			require.Equal(t, FlawLedger, f.Flaw, "what was recovered is vouched for as it is: %v", f)
		}
		_, again := w.revive(t, d)
		require.Empty(t, again)
	})
}

func TestWriteStoppedInTheMiddleIsCutNotMuted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		disk := disktest.New(plenty)
		var stopped *disktest.Memory
		writes := 0
		disk.Before = func(op disktest.Op, name string) (int, error) {
			if op == disktest.OpWrite && strings.HasSuffix(name, ".wav") {
				if writes++; writes == 21 {
					return 333, syscall.EINTR // a page of it, as a signal that kills leaves it
				}
				if writes == 22 {
					stopped = disk.Copy()
				}
			}
			return 0, nil
		}
		w := newWorld(t, disk, 1, nil)
		w.speak(100)
		require.NotNil(t, stopped)
		s, metas := w.revive(t, stopped)
		require.Len(t, metas, 1)
		require.Empty(t, metas[0].Gaps)
		_, b := readAudio(t, s, w.calls[0].ID())
		require.NotEmpty(t, b)
		w.calls[0].compare(t, b, len(b)/2)
		w.end()
	})
}
