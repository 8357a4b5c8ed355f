package recording

import (
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"switchroom/recording/disk"
	"switchroom/recording/disk/disktest"
	"switchroom/recording/wav"

	"github.com/stretchr/testify/require"
)

// troubled says which troubles were raised and whether all were cleared.
func (b *bench) troubled() (raised map[Trouble]bool, clear bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	raised = make(map[Trouble]bool)
	open := 0
	for _, a := range b.alarms {
		if a.Raised {
			raised[a.Trouble] = true
			open++
		} else {
			open--
		}
	}
	return raised, open == 0
}

// sealedMeta waits for the calls to be sealed and returns the first one's metadata.
func (w *world) sealedMeta(t *testing.T) Meta {
	for _, c := range w.calls {
		c.Stop("caller-hangup")
	}
	time.Sleep(10 * time.Second)
	require.Len(t, w.told(), len(w.calls))
	m, err := w.Meta(w.calls[0].ID())
	require.NoError(t, err)
	require.True(t, m.Sealed)
	return m
}

// damage says where a recording is not what was said: its silence.
func (c *talk) damage(b []byte) (seconds float64) {
	silent := 0
	for i := 0; i/2 < c.spoken && i < len(b); i += 2 {
		if b[i] != sound(0, i/2) {
			silent++
		}
	}
	return float64(silent) / wav.Rate
}

func TestDiskThatRefusesForAWhileCostsAMarkedGapAndNothingElse(t *testing.T) {
	for _, fault := range []error{syscall.ENOSPC, syscall.EIO} {
		for way, short := range []int{0, 100, 0, 100} {
			synctest.Test(t, func(t *testing.T) {
				var broken atomic.Bool
				disk := disktest.New(plenty)
				disk.Before = func(op disktest.Op, name string) (int, error) {
					if broken.Load() && (op != disktest.OpSync) {
						return short, fault
					}
					return 0, nil
				}
				w := newWorld(t, disk, 2, eitherWay(uint64(way/2)))
				w.speak(100)
				broken.Store(true)
				w.speak(900) // 18 s
				raised, _ := w.troubled()
				require.True(t, raised[WriteFailed])
				broken.Store(false)
				w.speak(200)
				m := w.sealedMeta(t)
				_, clear := w.troubled()
				require.True(t, clear)
				_, b := readAudio(t, w.Store, m.ID)
				w.calls[0].compare(t, b, 100*160-800)
				require.Len(t, m.Gaps, 1)
				require.Equal(t, gapDisk, m.Gaps[0].Why)
				require.InDelta(t, w.calls[0].damage(b), m.Gaps[0].Length, 0.01, "the gap tells what is missing")
				require.Less(t, m.Gaps[0].Length, 18.0)
				require.Zero(t, m.Sides[0].Lost)
				w.verifyClean(t)
				w.end()
			})
		}
	}
}

// verifyClean checks the disk against the ledger.
func (w *world) verifyClean(t *testing.T) {
	report, err := verifyFiles(t.Context(), w.disk, Verification{Keys: w.keys})
	require.NoError(t, err)
	require.Empty(t, report.Findings)
}

func TestShortRefusalLosesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var broken atomic.Bool
		disk := disktest.New(plenty)
		disk.Before = func(op disktest.Op, name string) (int, error) {
			if broken.Load() {
				return 7, syscall.EIO
			}
			return 0, nil
		}
		w := newWorld(t, disk, 2, nil)
		w.speak(60)
		broken.Store(true)
		w.speak(120)
		broken.Store(false)
		w.speak(100)
		m := w.sealedMeta(t)
		_, b := readAudio(t, w.Store, m.ID)
		w.calls[0].compare(t, b, w.calls[0].spoken)
		require.Empty(t, m.Gaps)
		raised, clear := w.troubled()
		require.True(t, raised[SyncFailed])
		require.True(t, clear)
		require.Equal(t, MarkSync, m.Marks[0].Kind, "what could not be synced is said")
		w.verifyClean(t)
		w.end()
	})
}

func TestSlowDiskDropsCountedFramesAndRecovers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var slow atomic.Bool
		disk := disktest.New(plenty)
		disk.Before = func(op disktest.Op, name string) (int, error) {
			if slow.Load() && op == disktest.OpWrite && strings.HasSuffix(name, ".wav") {
				time.Sleep(2 * time.Second)
			}
			return 0, nil
		}
		w := newWorld(t, disk, 3, nil)
		w.speak(50)
		slow.Store(true)
		w.speak(1500) // 30 s in which the writer takes 12 s for one look at three calls
		slow.Store(false)
		w.speak(300)
		m := w.sealedMeta(t)
		raised, clear := w.troubled()
		require.True(t, raised[Slow])
		require.True(t, raised[Dropping])
		require.True(t, clear)
		_, b := readAudio(t, w.Store, m.ID)
		w.calls[0].compare(t, b, 50*160-800)
		dropped := m.Sides[0].Dropped
		require.NotZero(t, dropped)
		require.InDelta(t, float64(dropped)*0.02, w.calls[0].damage(b), 0.001, "what is missing is what was dropped")
		require.Zero(t, m.Sides[0].Lost, "dropped is not lost")
		require.EqualValues(t, 1850, dropped+m.Sides[0].Packets)
		tail := b[len(b)-2*wav.Rate:]
		require.NotZero(t, tail[0])
		w.verifyClean(t)
		w.end()
	})
}

func TestFileThatCannotBeMadeIsMadeLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var broken atomic.Bool
		broken.Store(true)
		disk := disktest.New(plenty)
		disk.Before = func(op disktest.Op, name string) (int, error) {
			if broken.Load() && op == disktest.OpCreate {
				return 0, syscall.EMFILE
			}
			return 0, nil
		}
		w := newWorld(t, disk, 1, nil)
		w.speak(100)
		broken.Store(false)
		w.speak(100)
		m := w.sealedMeta(t)
		_, b := readAudio(t, w.Store, m.ID)
		w.calls[0].compare(t, b, w.calls[0].spoken)
		require.Empty(t, m.Gaps)
		w.verifyClean(t)
		w.end()
	})
}

func TestWatermarkRefusesAndLetsInAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		disk := disktest.New(plenty)
		w := newWorld(t, disk, 1, func(c *Config) { c.FreeMin, c.FreeLow = 5, 10 })
		w.speak(10)
		disk.SetFree(1 << 40 / 14) // 7 %
		w.speak(60)
		raised, _ := w.troubled()
		require.True(t, raised[DiskLow])
		require.False(t, raised[DiskFull])
		disk.SetFree(1 << 40 / 50)
		w.speak(60)
		_, err := w.Start(Meta{ID: newID(t)})
		require.ErrorIs(t, err, ErrDiskFull)
		require.Contains(t, w.Stats().Troubles, DiskFull.String())
		w.speak(10) // who is being recorded goes on
		disk.SetFree(plenty)
		w.speak(60)
		r, err := w.Start(Meta{ID: newID(t)})
		require.NoError(t, err)
		r.Stop("test")
		m := w.sealedMeta2(t)
		_, b := readAudio(t, w.Store, m.ID)
		w.calls[0].compare(t, b, w.calls[0].spoken)
		w.end()
	})
}

// sealedMeta2 is sealedMeta where other recordings were made besides.
func (w *world) sealedMeta2(t *testing.T) Meta {
	w.calls[0].Stop("caller-hangup")
	time.Sleep(3 * time.Second)
	m, err := w.Meta(w.calls[0].ID())
	require.NoError(t, err)
	require.True(t, m.Sealed)
	return m
}

func TestSealingIsTriedAgainUntilTheDiskTakesIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var broken atomic.Bool
		disk := disktest.New(plenty)
		disk.Before = func(op disktest.Op, name string) (int, error) {
			if broken.Load() && op == disktest.OpRename {
				return 0, errors.New("no")
			}
			return 0, nil
		}
		w := newWorld(t, disk, 2, nil)
		w.speak(50)
		broken.Store(true)
		for _, c := range w.calls {
			c.Stop("caller-hangup")
		}
		time.Sleep(5 * time.Second)
		require.Empty(t, w.told())
		raised, _ := w.troubled()
		require.True(t, raised[SealFailed])
		broken.Store(false)
		m := w.sealedMeta(t)
		require.Equal(t, "caller-hangup", m.Cause)
		require.Len(t, w.told(), 2, "each is told once")
		w.verifyClean(t)
		w.end()
	})
}

func TestShutdownWithADeadDiskLeavesTheRestToTheNextStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var broken atomic.Bool
		disk := disktest.New(plenty)
		disk.Before = func(op disktest.Op, name string) (int, error) {
			if broken.Load() {
				return 0, syscall.EIO
			}
			return 0, nil
		}
		w := newWorld(t, disk, 2, nil)
		w.speak(100)
		broken.Store(true)
		w.speak(10)
		w.stop()
		require.Error(t, <-w.done)
		w.bench.stop = nil
		broken.Store(false)
		w.checkRecovered(t, disk.Copy(), 400*time.Millisecond)
	})
}

// brokenDisk has a fault of ours, in place of an error, in every write to the
// files of one recording.
type brokenDisk struct {
	disk.Files
	id atomic.Value // string: of the recording
}

func (d *brokenDisk) Create(name string) (disk.File, error) {
	f, err := d.Files.Create(name)
	if err != nil {
		return nil, err
	}
	return brokenFile{f, d, name}, nil
}

func (d *brokenDisk) Sync(files []disk.File, dirs []string) error {
	bare := slices.Clone(files)
	for i, f := range bare {
		if f, ok := f.(brokenFile); ok {
			bare[i] = f.File
		}
	}
	return d.Files.Sync(bare, dirs)
}

type brokenFile struct {
	disk.File
	disk *brokenDisk
	name string
}

func (f brokenFile) WriteAt(b []byte, at int64) (int, error) {
	if id, ok := f.disk.id.Load().(string); ok && strings.Contains(f.name, id) {
		panic("a fault of the test's")
	}
	return f.File.WriteAt(b, at)
}

// A fault of ours in one recording ends it where it is, with an alarm; the
// others go on to their end, and what was written of it is there after a start.
func TestAFaultInOneRecordingLeavesTheOthersAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := &brokenDisk{}
		w := newWorld(t, disktest.New(plenty), 2, func(c *Config) { files.Files, c.Files = c.Files, files })
		w.speak(100)
		broken, said := w.calls[0], w.calls[0].spoken
		files.id.Store(broken.ID())
		w.speak(100)
		raised, _ := w.troubled()
		require.True(t, raised[WriteFailed])
		w.calls = w.calls[1:]
		w.speak(100)
		m := w.sealedMeta(t)
		require.InDelta(t, 6.0, m.Length, 0.1)
		broken.Stop("internal")
		w.end()
		_, recovered := w.revive(t, w.disk)
		require.Len(t, recovered, 1)
		require.Equal(t, broken.ID(), recovered[0].ID)
		require.GreaterOrEqual(t, recovered[0].Length, float64(said)/wav.Rate-0.3)
	})
}
