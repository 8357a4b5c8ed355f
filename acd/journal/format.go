package journal

import (
	"encoding/binary"
	"hash/crc32"
	"time"
)

// The bytes of a segment; FORMAT.md draws them. All numbers are little-endian.
const (
	formatVersion = 1

	pageBytes   = 4096          // the header lies twice, on two pages
	headBytes   = 64            // of each page, the rest is zero
	dataOffset  = 2 * pageBytes // first record
	recordHead  = 24            // bytes before a record's payload
	recordAlign = 8

	// payloadMax bounds one event's JSON.
	payloadMax = 1 << 20

	// formEvent in a record's form byte says that the payload is the JSON of
	// an acd.Event. Readers step over forms they don't know.
	formEvent = 1

	flagCompacted = 1 << 0 // records were left out on purpose
)

var magic = [8]byte{'S', 'W', 'J', 'O', 'U', 'R', 'N', 0}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// ID tells one journal from another, over all its segments.
type ID [16]byte

// header is the first page of a segment.
type header struct {
	version uint16
	flags   uint16
	base    uint64 // no record of the segment has a lower number
	created time.Time
	id      ID

	// salt goes into every record's checksum, so that neither bytes of
	// another segment nor bytes that a caller sent can pass for a record.
	salt uint64
}

func (h header) encode() []byte {
	b := make([]byte, pageBytes)
	copy(b, magic[:])
	le := binary.LittleEndian
	le.PutUint16(b[8:], h.version)
	le.PutUint16(b[10:], h.flags)
	le.PutUint32(b[12:], dataOffset)
	le.PutUint64(b[16:], h.base)
	le.PutUint64(b[24:], uint64(h.created.UnixNano()))
	copy(b[32:48], h.id[:])
	le.PutUint64(b[48:], h.salt)
	le.PutUint32(b[60:], crc32.Checksum(b[:60], castagnoli))
	return b
}

// decodeHeader reads one page's header; ok false when it is damaged. The
// version is not judged here.
func decodeHeader(b []byte) (h header, ok bool) {
	le := binary.LittleEndian
	if len(b) < headBytes || [8]byte(b[:8]) != magic ||
		le.Uint32(b[60:]) != crc32.Checksum(b[:60], castagnoli) {
		return header{}, false
	}
	return header{
		version: le.Uint16(b[8:]),
		flags:   le.Uint16(b[10:]),
		base:    le.Uint64(b[16:]),
		created: time.Unix(0, int64(le.Uint64(b[24:]))).UTC(),
		id:      ID(b[32:48]),
		salt:    le.Uint64(b[48:]),
	}, true
}

// record is one entry as it lies in a segment.
type record struct {
	seq     uint64
	durable uint64 // the highest number known to be synced when this was written
	form    byte
	payload []byte // valid until the scanner moves on
}

// recordBytes is the room a payload of n bytes takes.
func recordBytes(n int) int64 {
	return int64((recordHead + n + recordAlign - 1) &^ (recordAlign - 1))
}

// appendRecord adds the record's bytes, padded with zeros.
func appendRecord(b []byte, r record, salt uint64) []byte {
	at := len(b)
	le := binary.LittleEndian
	b = le.AppendUint32(b, uint32(len(r.payload))|uint32(r.form)<<24)
	b = le.AppendUint32(b, 0)
	b = le.AppendUint64(b, r.seq)
	b = le.AppendUint64(b, r.durable)
	b = append(b, r.payload...)
	le.PutUint32(b[at+4:], recordSum(b[at:], salt))
	for (len(b)-at)%recordAlign != 0 {
		b = append(b, 0)
	}
	return b
}

// recordSum is the checksum of a record without its padding: of the salt, and
// of everything but the checksum itself.
func recordSum(b []byte, salt uint64) uint32 {
	var s [8]byte
	binary.LittleEndian.PutUint64(s[:], salt)
	sum := crc32.Update(0, castagnoli, s[:])
	sum = crc32.Update(sum, castagnoli, b[:4])
	return crc32.Update(sum, castagnoli, b[8:])
}

// recordShape reads the numbers of a record's head without believing them:
// ok says only that they could be a record's. size includes the padding.
func recordShape(b []byte) (r record, n int, size int64, ok bool) {
	le := binary.LittleEndian
	word := le.Uint32(b)
	n = int(word & 0xffffff)
	r = record{form: byte(word >> 24), seq: le.Uint64(b[8:]), durable: le.Uint64(b[16:])}
	ok = r.form != 0 && n > 0 && n <= payloadMax && r.durable < r.seq
	return r, n, recordBytes(n), ok
}
