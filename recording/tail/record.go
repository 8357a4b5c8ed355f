package tail

import (
	"encoding/binary"
	"hash/crc32"
	"slices"

	"switchroom/recording/wav"

	"github.com/google/uuid"
)

type kind uint8

const (
	kindOpen kind = iota + 1
	kindBlock
	kindSafe
	kindLink
	kindClose
)

const (
	magic     = "SWRTAIL1"
	frameHead = 3
	frameTail = 4
	// instantsMax is the longest stretch in one record: a minute.
	instantsMax = 60 * wav.Rate
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Sum is the checksum of a stretch.
func Sum(b []byte) uint32 { return crc32.Checksum(b, castagnoli) }

// appendRecord frames the body that put appends.
func appendRecord(b []byte, k kind, put func([]byte) []byte) []byte {
	at := len(b)
	b = append(b, 0, 0, byte(k))
	b = put(b)
	binary.LittleEndian.PutUint16(b[at:], uint16(len(b)-at-frameHead))
	return binary.LittleEndian.AppendUint32(b, Sum(b[at+2:]))
}

// next splits the first record off b. ok is false at the end and at damage.
func next(b []byte) (k kind, body, rest []byte, ok bool) {
	if len(b) < frameHead+frameTail {
		return 0, nil, nil, false
	}
	size := int(binary.LittleEndian.Uint16(b))
	if len(b) < frameHead+size+frameTail {
		return 0, nil, nil, false
	}
	if Sum(b[2:frameHead+size]) != binary.LittleEndian.Uint32(b[frameHead+size:]) {
		return 0, nil, nil, false
	}
	return kind(b[2]), b[frameHead : frameHead+size], b[frameHead+size+frameTail:], true
}

// Stretch is a part of a recording that was written.
type Stretch struct {
	At, Instants int64
	Sum          uint32
}

// Left is what a log knows of a recording that was open.
type Left struct {
	ID     string
	Format wav.Format
	Safe   int64     // sample instants known to be synced
	Blocks []Stretch // beyond it, in the order they were written: a later one goes over an earlier
	Chunks int       // of the chain
	Link   [32]byte  // its head after them
}

// Known is how many sample instants the log vouches for.
func (l *Left) Known() int64 {
	known := l.Safe
	for _, b := range l.Blocks {
		known = max(known, b.At+b.Instants)
	}
	return known
}

// safe notes that the sound up to length is synced: what was said of it before
// need not be looked at again.
func (l *Left) safe(length int64) {
	l.Safe = max(l.Safe, length)
	l.Blocks = slices.DeleteFunc(l.Blocks, func(b Stretch) bool { return b.At+b.Instants <= l.Safe })
}

// table is the open recordings: by id over all logs, by handle within one.
type table struct {
	byID   map[string]*Left
	handle map[uint32]*Left
}

// read applies one record; it reports whether the record was well-formed.
func (t *table) read(k kind, body []byte) bool {
	le := binary.LittleEndian
	if len(body) < 4 {
		return false
	}
	handle, body := le.Uint32(body), body[4:]
	l := t.handle[handle]
	switch {
	case k == kindOpen && len(body) == 25:
		id, _ := uuid.FromBytes(body[:16])
		at := int64(le.Uint64(body[17:]))
		if l = t.byID[id.String()]; l == nil {
			l = &Left{ID: id.String(), Format: wav.Format(body[16])}
			t.byID[l.ID] = l
		}
		t.handle[handle] = l
		l.safe(at)
	case l == nil:
		return false
	case k == kindClose && len(body) == 0:
		delete(t.handle, handle)
		delete(t.byID, l.ID)
	case k == kindBlock && len(body) == 16:
		s := Stretch{int64(le.Uint64(body)), int64(le.Uint32(body[8:])), le.Uint32(body[12:])}
		if s.At < 0 || s.At > wav.DataMax || s.Instants > instantsMax {
			return false
		}
		l.Blocks = append(l.Blocks, s)
	case k == kindSafe && len(body) == 8:
		l.safe(int64(le.Uint64(body)))
	case k == kindLink && len(body) == 36:
		l.Chunks = int(le.Uint32(body))
		copy(l.Link[:], body[4:])
	default:
		return false
	}
	return true
}
