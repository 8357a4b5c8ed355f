package journal_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"switchroom/acd"
	"switchroom/acd/journal"
	"switchroom/acd/journal/simdisk"
)

// aDay is a fixed piece of a journal's life on a disk: appending, with and
// without waiting, over several segments, a sweep that compacts and removes,
// and an orderly end. It says what was confirmed.
func aDay(disk *simdisk.Disk) (confirmed map[string]bool, opened bool) {
	confirmed = map[string]bool{}
	j, err := journal.Open(journal.Config{FS: disk, SegmentBytes: 1 << 16, CloseWithin: time.Millisecond})
	if err != nil {
		return confirmed, false
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	var calendar journal.Calendar
	calendar.Trusts(acd.Instant{Wall: time.Now()})
	pad := string(make([]byte, 900))
	for i := range 7 {
		for k := range 20 {
			j.Append(acd.Event{Kind: acd.CallArrived, Call: fmt.Sprintf("%d-%d", i, k), Reason: pad})
		}
		id := fmt.Sprintf("record-%d", i)
		if _, err := j.AppendSync(ctx, acd.Event{Kind: acd.CallRecord, Call: id, CDR: &acd.CDR{ID: id}}); err == nil {
			confirmed[id] = true
		}
		if i == 5 { // what is not a record goes, records stay
			later := acd.Instant{Mono: 48 * time.Hour, Wall: time.Now().Add(48 * time.Hour)}
			_, _ = j.Retain(ctx, journal.Retention{All: time.Hour}, &calendar, later)
		}
	}
	_ = j.Close()
	return confirmed, true
}

// Of the operations that change the disk - every write, sync, allocation,
// rename, removal of a life with several segments and a sweep - the power goes
// at each in turn, and each time the disk is found in several ways.
func TestThePowerGoesAtEveryOperation(t *testing.T) {
	total := 0
	synctest.Test(t, func(t *testing.T) {
		disk := simdisk.New()
		confirmed, _ := aDay(disk)
		require.Len(t, confirmed, 7)
		total = disk.Ops()
	})
	require.Greater(t, total, 60)
	ways := 3
	if testing.Short() {
		ways = 1
	}
	for at := range total {
		synctest.Test(t, func(t *testing.T) {
			disk := simdisk.New()
			disk.CutAfter(at + 1)
			confirmed, _ := aDay(disk)
			for way := range ways {
				rng := rand.New(rand.NewPCG(uint64(at), uint64(way)))
				after := disk.Crash(rng)
				j, err := journal.Open(journal.Config{FS: after, SegmentBytes: 1 << 16})
				require.NoError(t, err, "never a failed start: operation %d, way %d", at, way)
				found, last := map[string]int{}, uint64(0)
				for _, ev := range events(t, j, 1) {
					require.Greater(t, ev.Seq, last)
					last = ev.Seq
					if ev.Kind == acd.CallRecord {
						found[ev.Call]++
					}
				}
				for id := range confirmed {
					require.Equal(t, 1, found[id], "record %s, operation %d, way %d", id, at, way)
				}
				_, err = j.AppendSync(patience(t), acd.Event{Kind: acd.CallRecord, Call: "after", CDR: &acd.CDR{ID: "after"}})
				require.NoError(t, err, "and it goes on")
				require.NoError(t, j.Close())
			}
		})
	}
	t.Logf("%d operations, each %d ways", total, ways)
}

// One bit of what was confirmed turns over, anywhere in the files: at most the
// record that it lies in is lost, the start succeeds and goes on.
func TestABitThatFlipsCostsOneRecord(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		disk := simdisk.New()
		confirmed, _ := aDay(disk)
		names, err := disk.List()
		require.NoError(t, err)
		rng := rand.New(rand.NewPCG(5, 5))
		for range 200 {
			name := names[rng.IntN(len(names))]
			size := len(disk.Bytes(name))
			if size == 0 {
				continue
			}
			hurt := disk.Crash(rng)
			hurt.Corrupt(name, func(b []byte) { b[rng.IntN(len(b))] ^= 1 << rng.IntN(8) })
			j, err := journal.Open(journal.Config{FS: hurt, SegmentBytes: 1 << 16})
			require.NoError(t, err)
			found := 0
			for _, ev := range events(t, j, 1) {
				if ev.Kind == acd.CallRecord {
					require.True(t, confirmed[ev.Call], "a record from nowhere")
					found++
				}
			}
			require.GreaterOrEqual(t, found, len(confirmed)-1)
			require.NoError(t, j.Close())
		}
	})
}
