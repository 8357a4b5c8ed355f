package journal

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"slices"
)

// Repair is the Detail of a Repaired event.
type Repair struct {
	Cut     int64    `json:"cut"`      // bytes cut from the tail
	Holes   int      `json:"holes"`    // damaged places in the last segment that were stepped over
	Aside   []string `json:"aside"`    // segments that could not be understood
	Unread  []string `json:"unread"`   // segments the disk would not read or cut
	Next    uint64   `json:"next"`     // number after the repair
	LastOne uint64   `json:"last_one"` // last number that is whole
}

func (r Repair) any() bool {
	return r.Cut > 0 || r.Holes > 0 || len(r.Aside) > 0 || len(r.Unread) > 0
}

// folder is what recoverFolder found.
type folder struct {
	segments []*segment
	next     uint64
	id       ID
	repair   Repair

	keepRoom bool   // the last segment is to be gone on with
	resume   resume // that one
}

// resume is a segment in which a new run goes on, because there is no room
// for another.
type resume struct {
	seg  *segment
	file File
	off  int64
	room int64
}

// recoverFolder reads the segments' headers, cuts the tail of the last one
// behind its last good record, and finds the number to go on with. Only the
// last segment is read whole: the others were synced before it was begun. With
// keepRoom the last segment keeps the room behind its tail, to be gone on with.
func recoverFolder(fs FS, keepRoom bool) (*folder, error) {
	names, err := fs.List()
	if err != nil {
		return nil, fmt.Errorf("journal: list folder: %w", err)
	}
	slices.Sort(names)
	fo := &folder{next: 1, keepRoom: keepRoom}
	for _, name := range names {
		if name == compactName { // never came to count
			fs.Remove(name)
		}
		if base, ok := parseSegmentName(name); ok {
			fo.adopt(fs, name, base)
		}
	}
	if len(fo.segments) == 0 {
		rand.Read(fo.id[:])
	} else {
		fo.id = fo.segments[len(fo.segments)-1].head.id
	}
	bound := ^uint64(0)
	for len(fo.segments) > 0 {
		seg := fo.segments[len(fo.segments)-1]
		if fo.endLast(fs, seg, bound) {
			break
		}
		// Empty: the one before ends here, at the latest.
		bound = seg.head.base
		fo.next = max(fo.next, bound)
		fo.segments = fo.segments[:len(fo.segments)-1]
	}
	fo.repair.Next = fo.next
	return fo, nil
}

// adopt takes a segment with a good header into the list, and sets any other
// aside. The numbers that one may have used are left unused.
func (fo *folder) adopt(fs FS, name string, base uint64) {
	f, err := fs.Open(name)
	if err != nil {
		fo.repair.Unread = append(fo.repair.Unread, name)
		fo.next = max(fo.next, base+1<<20)
		return
	}
	defer f.Close()
	size, sizeErr := f.Size()
	head, err := readHeader(f)
	if err == nil && sizeErr == nil && head.base == base {
		fo.segments = append(fo.segments, &segment{name: name, head: head, limit: size})
		return
	}
	fo.next = max(fo.next, base+numbersIn(size))
	if size <= dataOffset && errors.Is(err, errDamaged) {
		fs.Remove(name) // never held a record
		return
	}
	fo.repair.Aside = append(fo.repair.Aside, name)
	fs.Rename(name, name+asideSuffix)
}

// numbersIn is how many records at most lie in so many bytes.
func numbersIn(size int64) uint64 {
	return uint64(max(size, 0)/recordBytes(1)) + 1
}

// endLast finds the end of what is now the last segment and cuts it there.
// False when no record is left; the file is then removed.
func (fo *folder) endLast(fs FS, seg *segment, bound uint64) bool {
	f, err := fs.Open(seg.name)
	if err != nil {
		fo.repair.Unread = append(fo.repair.Unread, seg.name)
		fo.next = max(fo.next, seg.head.base+numbersIn(seg.limit))
		return true
	}
	defer f.Close()
	t := findTail(f, seg.head, seg.limit, bound)
	fo.repair.Holes += t.holes
	fo.repair.Cut += t.cut
	if t.last > 0 {
		fo.repair.LastOne = t.last
		fo.next = max(fo.next, t.last+1)
	}
	if t.cut > 0 {
		fo.next = max(fo.next, t.last+1, seg.head.base) + numbersIn(t.cut)
	}
	if t.err != nil { // the disk would not read it: keep what is there
		fo.repair.Unread = append(fo.repair.Unread, seg.name)
		fo.next = max(fo.next, seg.head.base+numbersIn(seg.limit))
		seg.limit = t.end
		return true
	}
	if t.last == 0 && !fo.keepRoom && fs.Remove(seg.name) == nil {
		return false
	}
	if fo.keepRoom && fo.goOn(fs, seg, t) == nil {
		return true
	}
	if seg.limit > t.end {
		err := f.Truncate(t.end)
		if err == nil {
			err = f.Sync()
		}
		if err != nil {
			fo.repair.Unread = append(fo.repair.Unread, seg.name)
		}
	}
	seg.limit = t.end
	return true
}

// goOn makes the segment the one to be written to. What was cut is made zero,
// so that none of it can come back behind a later record.
func (fo *folder) goOn(fs FS, seg *segment, t tail) error {
	f, err := fs.Open(seg.name)
	if err != nil {
		return err
	}
	if t.cut > 0 {
		for at := t.end; at < seg.limit && err == nil; at += int64(len(zeros)) {
			_, err = f.WriteAt(zeros[:min(int64(len(zeros)), seg.limit-at)], at)
		}
		if err == nil {
			err = f.Sync()
		}
	}
	if err != nil {
		f.Close()
		return err
	}
	fo.resume = resume{seg: seg, file: f, off: t.end, room: seg.limit}
	seg.limit = t.end
	return nil
}

// tail is where a segment ends.
type tail struct {
	end   int64  // behind the last good record
	last  uint64 // its number, 0 when there is none
	cut   int64  // bytes behind end that are not all zero
	holes int    // damaged places before end
	err   error  // of reading
}

// findTail reads a segment and finds its end: the first damage after which no
// record shows that the damaged place had once been synced. Each record names
// a number that was synced when it was written; so damage below the highest
// of these was acknowledged data that rotted, and is stepped over, while
// damage above it is a write that a crash tore, and all behind it was never
// acknowledged and goes too. Records from number bound on belong to a later
// segment and don't count.
func findTail(f io.ReaderAt, h header, size int64, bound uint64) tail {
	type hole struct {
		end  int64
		last uint64
	}
	var holes []hole
	var durable uint64
	t := tail{end: dataOffset}
	below := h.base - 1 // no number of this segment
	sc := newScanner(f, h, size)
	for {
		before := sc.off
		r, err := sc.next()
		if err != nil || r.seq >= bound {
			dirty := err == nil || sc.damage >= 0
			if err != nil && err != io.EOF {
				t.err = err
			}
			if dirty {
				t.cut = size - t.end
			}
			break
		}
		if sc.off-recordBytes(len(r.payload)) != before {
			holes = append(holes, hole{t.end, max(t.last, below)})
		}
		durable = max(durable, r.durable)
		t.end, t.last = sc.off, r.seq
	}
	for _, ho := range holes {
		if ho.last >= durable {
			t.cut = size - ho.end
			t.end, t.last = ho.end, ho.last
			if ho.last == below {
				t.last = 0
			}
			break
		}
		t.holes++
	}
	return t
}
