package vault

import (
	"fmt"
	"io"

	"switchroom/recording/proof"
	"switchroom/recording/timeline"
	"switchroom/recording/wav"

	"crypto/hmac"
	"filippo.io/age"
)

// Sound says what Decode got out of a file.
type Sound struct {
	ID     string
	Format wav.Format
	Length int64            // sample instants
	Ended  bool             // there was an end, and so nothing is missing
	Root   [proof.Size]byte // of the sound, when Ended
	Left   int64            // octets behind the last whole record
}

// Canvas is where Decode puts samples: sample instant n at n times the
// format's block.
type Canvas interface {
	io.WriterAt
}

// Decode opens a file of size octets with one of the identities and writes its
// sound. A file that was cut off, as by a crash, gives what there is; one that
// was changed gives ErrDamaged, and nothing that was written may then be used.
// Errors: ErrDamaged, ErrNotForUs, and the reader's and writer's own.
func Decode(r io.ReaderAt, size int64, out Canvas, identities ...age.Identity) (Sound, error) {
	h, err := readHead(r, size)
	if err != nil {
		return Sound{}, err
	}
	key, err := unwrap(h.key, identities)
	if err != nil {
		return Sound{}, err
	}
	defer clear(key)
	if sum, err := mac(key, h.macced()); err != nil || !hmac.Equal(sum, h.mac()) {
		return Sound{}, fmt.Errorf("%w: the head is not the one that was written", ErrDamaged)
	}
	d := decoder{out: out, s: Sound{ID: h.id.String(), Format: h.format}, previous: append([]byte(nil), h.mac()[:tagSize]...)}
	if d.aead, err = seal(key); err != nil {
		return Sound{}, err
	}
	whole := int64(len(h.text))
	err = eachRecord(r, whole, size, func(h hull, record []byte) error {
		whole += int64(len(record))
		return d.record(h, record)
	})
	d.s.Left = size - whole
	if err == nil && d.s.Ended && d.s.Left > 0 {
		err = fmt.Errorf("%w: something stands behind the end", ErrDamaged)
	}
	return d.s, err
}

type decoder struct {
	aead interface {
		Open(dst, nonce, ciphertext, additional []byte) ([]byte, error)
	}
	out       Canvas
	s         Sound
	previous  []byte
	next      uint64 // the lowest number the next record may have
	text, aad []byte
}

func (d *decoder) record(h hull, record []byte) error {
	if d.s.Ended || !h.fits(d.s.Format) || h.number < d.next {
		return fmt.Errorf("%w: a record out of place", ErrDamaged)
	}
	n := nonce(h.number)
	d.aad = additional(d.aad[:0], d.previous, record)
	var err error
	if d.text, err = d.aead.Open(d.text[:0], n[:], record[hullSize:], d.aad); err != nil {
		return fmt.Errorf("%w: the record at %.3f s", ErrDamaged, float64(h.at)/wav.Rate)
	}
	d.previous = append(d.previous[:0], record[len(record)-tagSize:]...)
	d.next = h.number + 1
	if h.kind == kindEnd {
		if d.s.Length > h.at {
			return fmt.Errorf("%w: the end comes before the sound does", ErrDamaged)
		}
		d.s.Ended = true
		copy(d.s.Root[:], d.text)
		return d.silence(h.at)
	}
	if err := d.silence(h.at); err != nil {
		return err
	}
	if _, err := d.out.WriteAt(d.text, h.at*int64(d.s.Format.Block())); err != nil {
		return err
	}
	d.s.Length = max(d.s.Length, h.at+int64(h.size/d.s.Format.Block()))
	return nil
}

// silence fills up what no record covers before to.
func (d *decoder) silence(to int64) error {
	for d.s.Length < to {
		n := min(to-d.s.Length, wav.Rate)
		if _, err := d.out.WriteAt(timeline.Silence(d.s.Format, n), d.s.Length*int64(d.s.Format.Block())); err != nil {
			return err
		}
		d.s.Length += n
	}
	return nil
}
