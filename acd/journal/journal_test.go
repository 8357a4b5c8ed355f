package journal_test

import (
	"context"
	"encoding/json"
	"math"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"switchroom/acd"
	"switchroom/acd/journal"
	"switchroom/acd/journal/simdisk"
)

func TestEventsComeBackInOrderWithTheirNumbers(t *testing.T) {
	j := open(t, journal.Config{Dir: t.TempDir(), SegmentBytes: 1 << 16})
	appendAll(t, j, 1, 1000) // several segments
	all := events(t, j, 1)
	require.Len(t, all, 1000)
	for i, ev := range all {
		want := nth(i + 1)
		want.Seq = uint64(i + 1)
		require.Equal(t, want, ev)
	}
	require.Greater(t, j.Status().Segments, 1)
	require.Equal(t, callIDs(700, 301), calls(events(t, j, 700)))
	require.Empty(t, events(t, j, 1001))
}

func TestNumbersGoOnAfterARestart(t *testing.T) {
	dir := t.TempDir()
	var id journal.ID
	for life := range 5 {
		j, err := journal.Open(journal.Config{Dir: dir, SegmentBytes: 1 << 16})
		require.NoError(t, err)
		if life > 0 {
			require.Equal(t, id, j.ID())
		}
		id = j.ID()
		appendAll(t, j, 1+life*10, 10)
		require.NoError(t, j.Close())
	}
	j := open(t, journal.Config{Dir: dir, SegmentBytes: 1 << 16})
	all := events(t, j, 1)
	require.Equal(t, callIDs(1, 50), calls(all))
	require.EqualValues(t, 50, all[49].Seq)
	require.EqualValues(t, 51, j.Append(nth(51)))
}

func TestASecondProcessIsTurnedAway(t *testing.T) {
	dir := t.TempDir()
	open(t, journal.Config{Dir: dir, SegmentBytes: 1 << 16})
	_, err := journal.Open(journal.Config{Dir: dir, SegmentBytes: 1 << 16})
	require.ErrorIs(t, err, journal.ErrLocked)
}

func TestReadersSeeOnlyWhatIsSynced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		disk := simdisk.New()
		j := open(t, journal.Config{FS: disk, SegmentBytes: 1 << 16})
		appendAll(t, j, 1, 1)
		disk.SetFault(func(op simdisk.Op, _ string) error {
			if op == simdisk.Sync {
				return simdisk.ErrPowerCut
			}
			return nil
		})
		seq := j.Append(nth(2))
		time.Sleep(time.Second)
		require.Equal(t, callIDs(1, 1), calls(events(t, j, 1)))
		require.Error(t, j.Status().Fault)

		disk.SetFault(nil)
		require.NoError(t, j.Commit(context.Background(), seq))
		require.Equal(t, callIDs(1, 2), calls(events(t, j, 1)))
		require.NoError(t, j.Status().Fault)
	})
}

func TestAnIdleJournalCommitsAtOnceAndABusyOneWithinItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := open(t, journal.Config{FS: simdisk.New(), SegmentBytes: 1 << 16})
		time.Sleep(time.Second)
		j.Append(nth(1))
		synctest.Wait() // no time passes
		require.EqualValues(t, 1, j.Synced())

		time.Sleep(10 * time.Millisecond)
		j.Append(nth(2))
		synctest.Wait()
		require.EqualValues(t, 1, j.Synced(), "nobody waits for it")
		time.Sleep(40 * time.Millisecond)
		synctest.Wait()
		require.EqualValues(t, 2, j.Synced())

		began := time.Now()
		_, err := j.AppendSync(context.Background(), nth(3))
		require.NoError(t, err)
		require.Zero(t, time.Since(began), "somebody waits for it")
	})
}

func TestOneSyncServesAllWhoWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		disk := simdisk.New()
		slow := make(chan struct{})
		j := open(t, journal.Config{FS: slowDisk{disk, slow}, SegmentBytes: 1 << 20})
		go func() { slow <- struct{}{} }() // the header's
		var wg sync.WaitGroup
		for i := range 100 {
			wg.Go(func() {
				_, err := j.AppendSync(context.Background(), nth(i))
				require.NoError(t, err)
			})
		}
		synctest.Wait()
		close(slow)
		wg.Wait()
		require.LessOrEqual(t, j.Status().Syncs, uint64(2))
	})
}

// slowDisk holds each sync of a segment until the channel gives way.
type slowDisk struct {
	journal.FS
	gate chan struct{}
}

func (s slowDisk) Create(name string) (journal.File, error) {
	f, err := s.FS.Create(name)
	if err != nil {
		return nil, err
	}
	return &slowFile{File: f, gate: s.gate}, nil
}

type slowFile struct {
	journal.File
	gate  chan struct{}
	syncs int
}

func (s *slowFile) Sync() error {
	if s.syncs++; s.syncs > 1 { // the first is that of the empty file
		<-s.gate
	}
	return s.File.Sync()
}

func TestAFollowerGetsEachEventOnceAndLearnsOfTheEnd(t *testing.T) {
	j := open(t, journal.Config{Dir: t.TempDir(), SegmentBytes: 1 << 16})
	appendAll(t, j, 1, 10)
	var got []string
	var end error
	var wg sync.WaitGroup
	wg.Go(func() {
		for ev, err := range j.Follow(context.Background(), 5) {
			if err != nil {
				end = err
				return
			}
			got = append(got, ev.Call)
		}
	})
	for i := range 90 {
		appendAll(t, j, 11+10*i, 10)
	}
	require.NoError(t, j.Close())
	wg.Wait()
	require.Equal(t, callIDs(5, 906), got)
	require.ErrorIs(t, end, journal.ErrClosed)
}

func TestAFollowerStopsWithItsContext(t *testing.T) {
	j := open(t, journal.Config{Dir: t.TempDir(), SegmentBytes: 1 << 16})
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel()
	var end error
	for _, err := range j.Follow(ctx, 1) {
		end = err
	}
	require.ErrorIs(t, end, context.DeadlineExceeded)
}

func TestManyAppendersShareOneOrder(t *testing.T) {
	j := open(t, journal.Config{Dir: t.TempDir(), SegmentBytes: 1 << 18})
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for n := range 200 {
				seq, err := j.AppendSync(context.Background(), nth(i*1000+n))
				require.NoError(t, err)
				require.LessOrEqual(t, seq, j.Synced())
			}
		})
	}
	wg.Wait()
	all := events(t, j, 1)
	require.Len(t, all, 1600)
	last := map[int]int64{}
	for i, ev := range all {
		require.EqualValues(t, i+1, ev.Seq)
		who := int(ev.Mono) / 1000
		require.GreaterOrEqual(t, ev.Mono, last[who])
		last[who] = ev.Mono
	}
}

func TestWhatJSONCannotHoldIsLeftOutNotTheEvent(t *testing.T) {
	j := open(t, journal.Config{Dir: t.TempDir(), SegmentBytes: 1 << 16})
	ctx := context.Background()
	_, err := j.AppendSync(ctx, acd.Event{Kind: acd.CallRecord, Seconds: math.NaN(), Detail: json.RawMessage("{"),
		CDR: &acd.CDR{ID: "c", Talked: math.Inf(1), Segments: []acd.Segment{{Length: math.NaN()}}}})
	require.NoError(t, err)
	_, err = j.AppendSync(ctx, acd.Event{Kind: acd.ConfigLoaded, Detail: json.RawMessage(`"` + strings.Repeat("x", 2<<20) + `"`)})
	require.NoError(t, err)
	all := events(t, j, 1)
	require.Equal(t, "c", all[0].CDR.ID)
	require.Zero(t, all[0].CDR.Talked)
	require.JSONEq(t, `{"left_out":true}`, string(all[1].Detail))

	_, err = j.AppendSync(ctx, acd.Event{Kind: acd.CallArrived, From: strings.Repeat("x", 2<<20)})
	require.ErrorIs(t, err, journal.ErrRefused)
}

func TestCommitTellsWhatItCannotWaitFor(t *testing.T) {
	j := open(t, journal.Config{Dir: t.TempDir(), SegmentBytes: 1 << 16})
	require.ErrorIs(t, j.Commit(context.Background(), 0), journal.ErrRefused)
	require.ErrorIs(t, j.Commit(context.Background(), 7), journal.ErrUnknown)
	require.NoError(t, j.Close())
	require.Zero(t, j.Append(nth(1)))
	_, err := j.AppendSync(context.Background(), nth(1))
	require.ErrorIs(t, err, journal.ErrClosed)
	require.NoError(t, j.Close())
}
