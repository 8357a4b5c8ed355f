package journal_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"switchroom/acd"
	"switchroom/acd/journal"
	"switchroom/acd/journal/simdisk"
)

// life is one run of a process: it appends until the power goes, and keeps
// account of what it was promised.
type life struct {
	appended map[uint64]string // by number
	first    uint64
	last     uint64
	acked    uint64 // the highest number Commit confirmed
}

// live runs a journal on the disk, with the power cut after so many
// operations. n counts calls over all lives.
func live(t *testing.T, disk *simdisk.Disk, rng *rand.Rand, n *int) life {
	l := life{appended: map[uint64]string{}}
	j, err := journal.Open(journal.Config{FS: disk, SegmentBytes: 1 << 16, CloseWithin: time.Millisecond})
	require.NoError(t, err)
	disk.CutAfter(1 + rng.IntN(40))
	for range 400 {
		*n++
		seq := j.Append(nth(*n))
		if seq == 0 {
			break // the power is gone, and so is the room for more
		}
		if l.first == 0 {
			l.first = seq
		}
		l.appended[seq] = nth(*n).Call
		l.last = seq
		if rng.IntN(8) == 0 {
			ctx, cancel := context.WithTimeout(context.Background(), time.Second)
			err := j.Commit(ctx, seq)
			cancel()
			if err != nil {
				break
			}
			l.acked = seq
		}
	}
	l.acked = max(l.acked, min(j.Synced(), l.last))
	j.Close()
	return l
}

// check says whether the journal that was found after a cut tells the truth
// about all lives: nothing confirmed is missing, nothing is there that was
// not appended, nothing twice, and of each life a prefix.
func check(t *testing.T, j *journal.Journal, lives []life) {
	t.Helper()
	got := map[uint64]string{}
	var before uint64
	for _, ev := range events(t, j, 1) {
		require.Greater(t, ev.Seq, before)
		before = ev.Seq
		if ev.Kind != journal.Repaired {
			got[ev.Seq] = ev.Call
		}
	}
	for _, l := range lives {
		if l.first == 0 {
			continue
		}
		seq := l.first
		for ; seq <= l.last && got[seq] == l.appended[seq]; seq++ {
			delete(got, seq)
		}
		require.Greater(t, seq, l.acked, "a confirmed event is lost")
		for ; seq <= l.last; seq++ {
			require.NotEqual(t, l.appended[seq], got[seq], "an event after a lost one is there")
		}
	}
	require.Empty(t, got, "events from nowhere")
}

func TestPowerCutsLoseNothingThatWasConfirmed(t *testing.T) {
	seeds := 100
	if testing.Short() {
		seeds = 20
	}
	for seed := range seeds {
		synctest.Test(t, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(uint64(seed), 1))
			disk := simdisk.New()
			var lives []life
			n := 0
			for range 6 {
				lives = append(lives, live(t, disk, rng, &n))
				disk = disk.Crash(rng)
				j, err := journal.Open(journal.Config{FS: disk, SegmentBytes: 1 << 16})
				require.NoError(t, err, "seed %d", seed)
				check(t, j, lives)
				again := disk.Crash(rng)
				require.NoError(t, j.Close())
				if rng.IntN(2) == 0 {
					disk = again // the power went again right after the repair
				}
			}
		})
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

func TestFailingWritesDelayAndLoseNothing(t *testing.T) {
	for seed := range 20 {
		synctest.Test(t, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(uint64(seed), 2))
			disk := simdisk.New()
			disk.SetFault(func(op simdisk.Op, _ string) error {
				if op != simdisk.Read && op != simdisk.Open && rng.IntN(3) == 0 {
					return syscall.EIO
				}
				return nil
			})
			j, err := journal.Open(journal.Config{FS: disk, SegmentBytes: 1 << 16,
				Essential: func(acd.Kind) bool { return true }})
			require.NoError(t, err)
			for range 10 {
				appendAll(t, j, 1, 30)
			}
			disk.SetFault(nil)
			before := events(t, j, 1)
			require.NoError(t, j.Close())
			j, err = journal.Open(journal.Config{FS: disk.Crash(rng), SegmentBytes: 1 << 16})
			require.NoError(t, err)
			after := events(t, j, 1)
			require.NoError(t, j.Close())
			require.Len(t, before, 300)
			require.Equal(t, before, after)
		})
	}
}

func TestOnAFullDiskCallRecordsHaveTheReserve(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const seg = 1 << 16
		disk := simdisk.New()
		disk.SetCapacity(3*seg - 1) // the third segment finds no room
		j, err := journal.Open(journal.Config{FS: disk, SegmentBytes: seg})
		require.NoError(t, err)
		n := 0
		for !j.Status().Short {
			n++
			require.Less(t, n, 10000)
			j.Append(nth(n))
			time.Sleep(50 * time.Millisecond)
		}
		require.Zero(t, j.Append(nth(n+1)), "what is not essential is turned away")
		require.Zero(t, j.Append(nth(n+2)))
		cdr := acd.Event{Kind: acd.CallRecord, Call: "kept", CDR: &acd.CDR{ID: "kept"}}
		for range 100 {
			_, err := j.AppendSync(patience(t), cdr)
			require.NoError(t, err)
		}

		// The same over a restart on the full disk.
		require.NoError(t, j.Close())
		j, err = journal.Open(journal.Config{FS: disk, SegmentBytes: seg})
		require.NoError(t, err)
		_, err = j.AppendSync(patience(t), cdr)
		require.NoError(t, err)

		disk.SetCapacity(0)
		time.Sleep(2 * time.Second)
		require.False(t, j.Status().Short, "room again, without a restart")
		_, err = j.AppendSync(patience(t), nth(n+3))
		require.NoError(t, err)
		require.NoError(t, j.Close())
	})
}

func TestASmallDiskIsNotTheJournalsAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const small = 16 << 20
		disk := simdisk.New()
		disk.SetCapacity(small)
		j, err := journal.Open(journal.Config{FS: disk})
		require.NoError(t, err)
		appendAll(t, j, 1, 100)
		require.False(t, j.Status().Short)

		// Something else fills the disk to its last byte, and we are started
		// anew on it, without the spare even.
		disk.Put("recordings", make([]byte, small-2<<20))
		require.NoError(t, j.Close())
		require.NoError(t, disk.Remove("spare"))
		free := 2<<20 - len(disk.Bytes(firstSegment))
		disk.Put("more", make([]byte, free-100<<10))
		j, err = journal.Open(journal.Config{FS: disk})
		require.NoError(t, err)
		require.True(t, j.Status().Short)
		for range 50 {
			_, err := j.AppendSync(patience(t), acd.Event{Kind: acd.CallRecord, Call: "kept", CDR: &acd.CDR{ID: "kept"}})
			require.NoError(t, err)
		}
		require.NoError(t, disk.Remove("recordings"))
		time.Sleep(2 * time.Second)
		require.False(t, j.Status().Short)
		require.NoError(t, j.Close())
		require.Len(t, reopened(t, disk), 150)
	})
}

func TestWhatWasTurnedAwayIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		disk := simdisk.New()
		j := open(t, journal.Config{FS: disk, SegmentBytes: 1 << 16, MaxPending: 4096})
		stall := errors.New("stalled")
		disk.SetFault(func(op simdisk.Op, _ string) error {
			if op == simdisk.Write {
				return stall
			}
			return nil
		})
		taken := 0
		for i := range 100 {
			if j.Append(nth(i)) != 0 {
				taken++
			}
		}
		require.Less(t, taken, 100)
		_, err := j.AppendSync(short(t), acd.Event{Kind: acd.CallRecord, CDR: &acd.CDR{ID: "c"}})
		require.ErrorIs(t, err, context.DeadlineExceeded, "taken, and on its way")
		require.LessOrEqual(t, j.Status().Pending, 8192)

		disk.SetFault(nil)
		time.Sleep(3 * time.Second)
		appendAll(t, j, 200, 1)
		var gap journal.Missing
		all := events(t, j, 1)
		require.Len(t, all, taken+3)
		require.Equal(t, journal.Gap, all[taken].Kind)
		unmarshal(t, all[taken].Detail, &gap)
		require.EqualValues(t, 100-taken, gap.Events)
		require.Equal(t, "memory", gap.Why)
		require.Equal(t, nth(taken).Time, gap.Since)
	})
}
