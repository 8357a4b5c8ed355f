package journal_test

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"switchroom/acd"
	"switchroom/acd/journal"
	"switchroom/acd/journal/simdisk"
)

const (
	firstSegment = "00000000000000000001.swj"
	dataAt       = 8192 // FORMAT.md
)

// written gives a disk with n events in one segment, in batches, closed.
func written(t testing.TB, n int) *simdisk.Disk {
	disk := simdisk.New()
	j, err := journal.Open(journal.Config{FS: disk, SegmentBytes: 1 << 16})
	require.NoError(t, err)
	for i := range n {
		appendAll(t, j, i+1, 1)
	}
	require.NoError(t, j.Close())
	return disk
}

// reopened gives the calls that a journal on the disk tells of.
func reopened(t testing.TB, disk *simdisk.Disk) []string {
	j, err := journal.Open(journal.Config{FS: disk, SegmentBytes: 1 << 16})
	require.NoError(t, err)
	defer j.Close()
	return calls(events(t, j, 1))
}

func TestARecordThatRotsIsLostAlone(t *testing.T) {
	for _, what := range []string{"a bit", "a length", "a page"} {
		disk := written(t, 100)
		disk.Corrupt(firstSegment, func(b []byte) {
			switch what {
			case "a bit":
				b[dataAt+24+5] ^= 0x10 // in the first payload
			case "a length":
				binary.LittleEndian.PutUint32(b[dataAt:], 1<<24|900_000)
			case "a page":
				clear(b[dataAt : dataAt+16])
			}
		})
		require.Equal(t, callIDs(2, 99), reopened(t, disk), what)
		require.Equal(t, callIDs(2, 99), reopened(t, disk), "the same again")
	}
}

func TestATornTailIsCutAndItsNumbersAreNotUsedAgain(t *testing.T) {
	disk := written(t, 100)
	whole := len(disk.Bytes(firstSegment))
	disk.Corrupt(firstSegment, func(b []byte) { b[whole-20] ^= 1 }) // in the last record
	j, err := journal.Open(journal.Config{FS: disk, SegmentBytes: 1 << 16})
	require.NoError(t, err)
	appendAll(t, j, 101, 1)
	all := events(t, j, 1)
	require.NoError(t, j.Close())
	require.Equal(t, append(callIDs(1, 99), callIDs(101, 1)...), calls(all))
	require.Equal(t, journal.Repaired, all[99].Kind)
	require.Greater(t, all[99].Seq, uint64(100))
	var r journal.Repair
	unmarshal(t, all[99].Detail, &r)
	require.EqualValues(t, 99, r.LastOne)
	require.NotZero(t, r.Cut)
	require.Less(t, len(disk.Bytes(firstSegment)), whole)
}

func TestOneOfTwoHeadersIsEnough(t *testing.T) {
	for _, off := range []int{0, 4096} {
		disk := written(t, 10)
		disk.Corrupt(firstSegment, func(b []byte) { clear(b[off : off+64]) })
		require.Equal(t, callIDs(1, 10), reopened(t, disk))
	}
}

func TestASegmentThatCannotBeUnderstoodIsSetAside(t *testing.T) {
	disk := written(t, 10)
	disk.Corrupt(firstSegment, func(b []byte) { clear(b[:8192]) })
	j, err := journal.Open(journal.Config{FS: disk, SegmentBytes: 1 << 16})
	require.NoError(t, err)
	appendAll(t, j, 11, 1)
	all := events(t, j, 1)
	require.NoError(t, j.Close())
	require.Equal(t, callIDs(11, 1), calls(all))
	require.Greater(t, all[0].Seq, uint64(10), "numbers that may have been used are not")
	require.NotNil(t, disk.Bytes(firstSegment+".aside"), "for those who come to look")
}

// TestARecordOfANewerFormIsSteppedOver makes such a record by FORMAT.md alone.
func TestARecordOfANewerFormIsSteppedOver(t *testing.T) {
	disk := written(t, 3)
	disk.Corrupt(firstSegment, func(b []byte) {
		salt, rec := b[48:56], b[dataAt:]
		n := int(rec[0]) | int(rec[1])<<8 | int(rec[2])<<16
		sum := func() uint32 {
			return crc32.Checksum(slices.Concat(salt, rec[:4], rec[8:24+n]), crc32.MakeTable(crc32.Castagnoli))
		}
		require.Equal(t, binary.LittleEndian.Uint32(rec[4:]), sum())
		rec[3] = 2
		binary.LittleEndian.PutUint32(rec[4:], sum())
	})
	j := open(t, journal.Config{FS: disk, SegmentBytes: 1 << 16})
	require.Equal(t, callIDs(2, 2), calls(events(t, j, 1)))
	require.Zero(t, j.Status().Pending, "nothing was repaired")
	require.EqualValues(t, 4, j.Status().Next)
}

func TestBytesThatACallerSentAreNoRecord(t *testing.T) {
	disk := simdisk.New()
	j, err := journal.Open(journal.Config{FS: disk, SegmentBytes: 1 << 16})
	require.NoError(t, err)
	appendAll(t, j, 1, 3)
	// A whole segment as somebody's display name; and as what a hole holds.
	ev := nth(4)
	ev.From = string(disk.Bytes(firstSegment)[dataAt : dataAt+4096])
	j.Append(ev)
	appendAll(t, j, 5, 1)
	require.NoError(t, j.Close())
	require.Equal(t, callIDs(1, 5), reopened(t, disk))
}

// FuzzRecovery: whatever befalls a segment, opening succeeds, every event
// that comes back is one that was written, in order, and a second opening
// finds the same.
func FuzzRecovery(f *testing.F) {
	f.Add(uint16(dataAt), []byte{0xff})
	f.Add(uint16(0), make([]byte, 8192))
	f.Add(uint16(dataAt+100), []byte("a long stretch of rubbish that covers several records, whatever they hold: "+strings.Repeat("x", 500)))
	f.Add(uint16(dataAt), []byte{1, 0, 0, 1, 0, 0, 0, 0})
	whole := written(f, 40).Bytes(firstSegment)
	f.Fuzz(func(t *testing.T, off uint16, rubbish []byte) {
		disk := simdisk.New()
		disk.Put(firstSegment, whole)
		disk.Corrupt(firstSegment, func(b []byte) {
			if int(off) < len(b) {
				copy(b[off:], rubbish)
			}
		})
		got := reopened(t, disk)
		want := callIDs(1, 40)
		at := 0
		for _, id := range got {
			n := slices.Index(want[at:], id)
			require.GreaterOrEqual(t, n, 0, "%s out of order or from nowhere", id)
			at += n + 1
		}
		require.Equal(t, got, reopened(t, disk))
	})
}

// FuzzForeignFile: a file of any content under a segment's name.
func FuzzForeignFile(f *testing.F) {
	f.Add([]byte{})
	f.Add(written(f, 3).Bytes(firstSegment))
	f.Add([]byte("SWJOURN\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		disk := simdisk.New()
		disk.Put("00000000000000000007.swj", data)
		disk.Put("lost+found", data)
		disk.Put("00000000000000000000.swj", data)
		disk.Put("spare", data)
		j, err := journal.Open(journal.Config{FS: disk, SegmentBytes: 1 << 16})
		require.NoError(t, err)
		appendAll(t, j, 1, 1)
		all := events(t, j, 1)
		require.Equal(t, nth(1).Call, all[len(all)-1].Call)
		require.NoError(t, j.Close())
	})
}

func TestReadersAgreeWithAModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		disk := simdisk.New()
		j, err := journal.Open(journal.Config{FS: disk, SegmentBytes: 1 << 16})
		require.NoError(rt, err)
		var model []string
		rt.Repeat(map[string]func(*rapid.T){
			"append": func(rt *rapid.T) {
				n := rapid.IntRange(1, 60).Draw(rt, "n")
				appendAll(t, j, len(model)+1, n)
				model = append(model, callIDs(len(model)+1, n)...)
			},
			"restart": func(rt *rapid.T) {
				require.NoError(rt, j.Close())
				j, err = journal.Open(journal.Config{FS: disk, SegmentBytes: 1 << 16})
				require.NoError(rt, err)
			},
			"read": func(rt *rapid.T) {
				from := rapid.IntRange(1, len(model)+2).Draw(rt, "from")
				got := calls(events(t, j, uint64(from)))
				require.Equal(rt, len(model[min(from-1, len(model)):]), len(got))
				for i, id := range got {
					require.Equal(rt, model[from-1+i], id)
				}
			},
		})
		require.NoError(rt, j.Close())
	})
}

func TestRetentionKeepsRecordsLongerThanTheRest(t *testing.T) {
	disk := simdisk.New()
	cfg := journal.Config{FS: disk, SegmentBytes: 1 << 16}
	j, err := journal.Open(cfg)
	require.NoError(t, err)
	for i := range 600 {
		appendAll(t, j, 2*i+1, 1)
		j.Append(acd.Event{Kind: acd.CallRecord, Call: fmt.Sprintf("kept-%d", i), CDR: &acd.CDR{}})
	}
	appendAll(t, j, 9999, 1)
	before := j.Status()
	reader := j.Read(1) // in the middle of what is rewritten
	defer reader.Close()
	_, err = reader.Next()
	require.NoError(t, err)

	policy := journal.Retention{All: time.Hour, Records: 365 * 24 * time.Hour}
	var calendar journal.Calendar
	later := func(d time.Duration) acd.Instant { return acd.Instant{Mono: d, Wall: time.Now().Add(d)} }
	_, err = j.Retain(t.Context(), policy, &calendar, later(0))
	require.NoError(t, err)
	require.Equal(t, before.Bytes, j.Status().Bytes, "the clock is not trusted yet")
	_, err = j.Retain(t.Context(), policy, &calendar, later(25*time.Hour))
	require.NoError(t, err)
	require.Less(t, j.Status().Bytes, before.Bytes)

	n := 1
	for {
		if _, err := reader.Next(); err != nil {
			break
		}
		n++
	}
	require.GreaterOrEqual(t, n, 601, "a reader goes on")
	count := func() (kept, others int) {
		for _, id := range calls(events(t, j, 1)) {
			if strings.HasPrefix(id, "kept-") {
				kept++
			} else {
				others++
			}
		}
		return
	}
	kept, others := count()
	require.Equal(t, 600, kept)
	require.Less(t, others, 300)

	require.NoError(t, j.Close())
	j, err = journal.Open(cfg)
	require.NoError(t, err)
	defer j.Close()
	require.Equal(t, before.Next, j.Status().Next)
	again, _ := count()
	require.Equal(t, 600, again)

	calendar.Trusts(later(26 * time.Hour))
	_, err = j.Retain(t.Context(), policy, &calendar, later(366*24*time.Hour))
	require.NoError(t, err)
	kept, _ = count()
	require.Less(t, kept, 600)
	require.Greater(t, j.Status().Oldest, uint64(1))
}

func TestAClockThatWasSetThrowsNothingAway(t *testing.T) {
	var c journal.Calendar
	wall := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	at := func(mono, step time.Duration) acd.Instant {
		return acd.Instant{Mono: mono, Wall: wall.Add(mono + step)}
	}
	require.False(t, c.Trusts(at(0, 0)))
	require.False(t, c.Trusts(at(23*time.Hour, 0)))
	require.True(t, c.Trusts(at(24*time.Hour, 0)))
	const years = 10 * 365 * 24 * time.Hour
	require.False(t, c.Trusts(at(25*time.Hour, years)))
	require.False(t, c.Trusts(at(48*time.Hour, years)))
	require.True(t, c.Trusts(at(49*time.Hour, years)), "a day later it is believed")
	require.False(t, c.Trusts(at(50*time.Hour, 0)))
}

// manySegments is a journal of several segments, all but the last full.
func manySegments(t *testing.T, disk *simdisk.Disk) *journal.Journal {
	j, err := journal.Open(journal.Config{FS: disk, SegmentBytes: 1 << 16})
	require.NoError(t, err)
	for i := range 1500 {
		appendAll(t, j, i+1, 1)
	}
	require.Greater(t, j.Status().Segments, 3)
	return j
}

func TestRetentionWaitsForAReaderAndNotForEver(t *testing.T) {
	const day = 24 * time.Hour
	j := manySegments(t, simdisk.New())
	before := j.Status()
	later := func(d time.Duration) acd.Instant { return acd.Instant{Mono: d, Wall: time.Now().Add(d)} }
	var calendar journal.Calendar
	calendar.Trusts(later(0))
	p := journal.Retention{All: day, Records: 2 * day, Needed: 1, Patience: 10 * day}
	swept, err := j.Retain(t.Context(), p, &calendar, later(5*day))
	require.NoError(t, err)
	require.Equal(t, journal.Swept{Held: before.Segments - 1}, swept)
	require.Equal(t, before.Bytes, j.Status().Bytes)

	p.Needed = before.Next // the reader has had all of it
	swept, err = j.Retain(t.Context(), p, &calendar, later(5*day+time.Hour))
	require.NoError(t, err)
	require.Equal(t, journal.Swept{Removed: before.Segments - 1}, swept, "all that is due at once")
	require.Equal(t, 1, j.Status().Segments)
	require.NoError(t, j.Close())

	j = manySegments(t, simdisk.New())
	calendar = journal.Calendar{}
	calendar.Trusts(later(0))
	p.Needed = 1
	swept, err = j.Retain(t.Context(), p, &calendar, later(30*day))
	require.NoError(t, err)
	require.Equal(t, swept.Removed, swept.Unread)
	require.NotZero(t, swept.Unread)
	require.NoError(t, j.Commit(t.Context(), j.Status().Next-1))
	all := events(t, j, 1)
	last := all[len(all)-1]
	require.Equal(t, journal.Unread, last.Kind, "it is told")
	var told journal.Swept
	unmarshal(t, last.Detail, &told)
	require.Equal(t, swept, told)
	require.NoError(t, j.Close())
}

func TestARestartWithoutTheOldestSegmentsGoesOn(t *testing.T) {
	disk := simdisk.New()
	j := manySegments(t, disk)
	before := events(t, j, 1)
	next := j.Status().Next
	require.NoError(t, j.Close())
	names, err := disk.List()
	require.NoError(t, err)
	slices.Sort(names)
	for _, name := range names[:2] {
		require.True(t, strings.HasSuffix(name, ".swj"))
		require.NoError(t, disk.Remove(name))
	}
	j, err = journal.Open(journal.Config{FS: disk, SegmentBytes: 1 << 16})
	require.NoError(t, err)
	defer j.Close()
	after := events(t, j, 1)
	require.Equal(t, next, j.Status().Next)
	require.Equal(t, j.Status().Oldest, after[0].Seq)
	require.Equal(t, before[len(before)-len(after):], after)
}
