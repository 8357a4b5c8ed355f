package vault

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"

	"switchroom/recording/wav"

	"github.com/google/uuid"
)

const (
	magic      = "SWRVLT1\n"
	headFixed  = 32       // before the data key
	headRest   = 32 + 4   // after it: MAC and CRC
	wrappedMax = 64 << 10 // octets of the data key's age file
	hullSize   = 28       // of a record, before the ciphertext
	tagSize    = 16
	textMax    = 4 << 20 // octets of one record's plaintext

	kindSound = 1
	kindEnd   = 2
)

var (
	// ErrDamaged says that the octets are not what a Writer wrote.
	ErrDamaged = errors.New("vault: damaged or forged")
	// ErrNotForUs says that none of the private keys opens the recording.
	ErrNotForUs = errors.New("vault: not encrypted for this key")
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// head is what stands before the records.
type head struct {
	id     uuid.UUID
	format wav.Format
	key    []byte // the data key's age file
	text   []byte // all of the head, its MAC and CRC included
}

func (h head) macced() []byte { return h.text[:len(h.text)-headRest] }
func (h head) mac() []byte    { return h.text[len(h.text)-headRest : len(h.text)-4] }

// appendHead writes a head.
func appendHead(b []byte, id uuid.UUID, f wav.Format, key, wrapped []byte) ([]byte, error) {
	at := len(b)
	b = append(b, magic...)
	b = append(b, id[:]...)
	b = append(b, byte(f), 0, 0, 0)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(wrapped)))
	b = append(b, wrapped...)
	sum, err := mac(key, b[at:])
	if err != nil {
		return nil, err
	}
	b = append(b, sum...)
	return binary.LittleEndian.AppendUint32(b, crc32.Checksum(b[at:], castagnoli)), nil
}

// headSize tells from its fixed part how long a head is.
func headSize(b []byte) (int, error) {
	if len(b) < headFixed || string(b[:8]) != magic {
		return 0, fmt.Errorf("%w: no head", ErrDamaged)
	}
	n := binary.LittleEndian.Uint32(b[28:])
	if n > wrappedMax {
		return 0, fmt.Errorf("%w: head too long", ErrDamaged)
	}
	return headFixed + int(n) + headRest, nil
}

// parseHead reads a head of the size that headSize told.
func parseHead(b []byte) (head, error) {
	n, err := headSize(b)
	if err != nil {
		return head{}, err
	}
	if len(b) < n || crc32.Checksum(b[:n-4], castagnoli) != binary.LittleEndian.Uint32(b[n-4:]) {
		return head{}, fmt.Errorf("%w: head", ErrDamaged)
	}
	if b[24] > byte(wav.PCM16) || b[25]|b[26]|b[27] != 0 {
		return head{}, fmt.Errorf("%w: head of another form", ErrDamaged)
	}
	return head{id: uuid.UUID(b[8:24]), format: wav.Format(b[24]), key: b[headFixed : n-headRest], text: b[:n]}, nil
}

// hull is what stands before a record's ciphertext.
type hull struct {
	size   int // octets of the plaintext
	kind   byte
	number uint64
	at     int64
}

func (h hull) append(b []byte) []byte {
	le := binary.LittleEndian
	b = append(b, 0, 0, 0, 0) // CRC
	b = le.AppendUint32(b, uint32(h.size))
	b = append(b, h.kind, 0, 0, 0)
	b = le.AppendUint64(b, h.number)
	return le.AppendUint64(b, uint64(h.at))
}

// parseHull reads a hull; ok is false for what no Writer writes.
func parseHull(b []byte) (h hull, ok bool) {
	le := binary.LittleEndian
	size := le.Uint32(b[4:])
	h = hull{size: int(size), kind: b[8], number: le.Uint64(b[12:]), at: int64(le.Uint64(b[20:]))}
	return h, size <= textMax && b[9]|b[10]|b[11] == 0 && h.at >= 0 && h.at <= wav.DataMax && (h.kind == kindSound || h.kind == kindEnd)
}

// fits says that the plaintext is whole samples, or an end's.
func (h hull) fits(f wav.Format) bool {
	return h.kind == kindEnd && h.size == rootSize || h.kind == kindSound && h.size > 0 && h.size%f.Block() == 0
}

// rootSize is the plaintext of an end.
const rootSize = 32

func nonce(number uint64) (n [12]byte) {
	binary.BigEndian.PutUint64(n[4:], number)
	return n
}

// additional is what a record is bound to besides its plaintext.
func additional(b, previous, record []byte) []byte {
	return append(append(b, previous...), record[4:hullSize]...)
}
