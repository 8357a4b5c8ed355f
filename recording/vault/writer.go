package vault

import (
	"crypto/cipher"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"

	"switchroom/recording/proof"
	"switchroom/recording/wav"

	"github.com/google/uuid"
)

// Writer seals one recording. The data key is in its memory alone, and there
// is no way to ask it for what it has written.
type Writer struct {
	aead     cipher.AEAD
	number   uint64 // of the next record
	previous [tagSize]byte
	size     int64 // of what is written whole
	ended    bool
	buf, aad []byte
	sums     summer
}

// errTooLong says that a stretch does not go into one record.
var errTooLong = errors.New("vault: stretch too long for a record")

// New makes a data key for the recording id, encrypts it to keys, and returns
// the Writer with the head, which the caller writes at the file's beginning
// before anything else.
func New(id string, f wav.Format, keys Keys) (*Writer, []byte, error) {
	u, err := uuid.Parse(id)
	if err != nil {
		return nil, nil, fmt.Errorf("vault: %w", err)
	}
	key, wrapped, err := keys.wrapped()
	if err != nil {
		return nil, nil, err
	}
	defer clear(key)
	text, err := appendHead(nil, u, f, key, wrapped)
	if err != nil {
		return nil, nil, fmt.Errorf("vault: %w", err)
	}
	w := &Writer{size: int64(len(text)), sums: newSummer(id)}
	if w.aead, err = seal(key); err != nil {
		return nil, nil, fmt.Errorf("vault: %w", err)
	}
	copy(w.previous[:], text[len(text)-headRest:])
	w.sums.add(text)
	return w, text, nil
}

// Sound seals samples that begin at sample instant at, as one record behind
// the last one. After an error nothing of it counts; the caller tries again,
// with these samples or with others.
func (w *Writer) Sound(f io.WriterAt, at int64, samples []byte) error {
	if len(samples) > textMax {
		return errTooLong
	}
	return w.record(f, kindSound, at, samples)
}

// End seals the recording's length and root. Nothing may follow.
func (w *Writer) End(f io.WriterAt, length int64, root [proof.Size]byte) error {
	if w.ended {
		return nil
	}
	if err := w.record(f, kindEnd, length, root[:]); err != nil {
		return err
	}
	w.ended = true
	return nil
}

func (w *Writer) record(f io.WriterAt, kind byte, at int64, text []byte) error {
	h := hull{size: len(text), kind: kind, number: w.number, at: at}
	w.number++ // used up, whatever comes of it
	n := nonce(h.number)
	w.buf = h.append(w.buf[:0])
	w.aad = additional(w.aad[:0], w.previous[:], w.buf)
	w.buf = w.aead.Seal(w.buf, n[:], text, w.aad)
	binary.LittleEndian.PutUint32(w.buf, crc32.Checksum(w.buf[4:], castagnoli))
	if _, err := f.WriteAt(w.buf, w.size); err != nil {
		return err
	}
	w.size += int64(len(w.buf))
	copy(w.previous[:], w.buf[len(w.buf)-tagSize:])
	w.sums.add(w.buf)
	return nil
}

// Size is how many octets are written whole. What a failed attempt has left
// behind them is to be cut off.
func (w *Writer) Size() int64 { return w.size }

// Chain returns how far the chain over the file goes, and its head.
func (w *Writer) Chain() (chunks int, head [proof.Size]byte) {
	return w.sums.chain.Len(), w.sums.chain.Head()
}

// Sums closes the chain over the file.
func (w *Writer) Sums() Sums { return w.sums.close(w.size) }
