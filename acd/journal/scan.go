package journal

import (
	"bytes"
	"encoding/binary"
	"io"
)

// scanBytes is how much a scanner reads at a time.
const scanBytes = 128 << 10

// scanner walks over the records of one segment and steps over whatever is
// not one. A record counts when its checksum is right and its number is higher
// than the one before.
type scanner struct {
	r    io.ReaderAt
	salt uint64
	off  int64  // of the next byte to look at
	end  int64  // no byte at or beyond it is looked at
	last uint64 // the number of the record before; at first the base less one

	buf   []byte // bytes from bufAt on
	bufAt int64

	// damage is where bytes that are no record began, before the record that
	// next gave or before the end; -1 when there were none but zeros.
	damage int64
}

func newScanner(r io.ReaderAt, h header, end int64) *scanner {
	return &scanner{r: r, salt: h.salt, off: dataOffset, end: end, last: h.base - 1, damage: -1}
}

// next gives the next good record; io.EOF at the end, or the reader's error.
func (s *scanner) next() (record, error) {
	s.damage = -1
	for {
		r, size, ok, err := s.at(s.off)
		if err != nil {
			return record{}, err
		}
		if ok {
			s.off += size
			s.last = r.seq
			return r, nil
		}
		if err := s.step(); err != nil {
			return record{}, err
		}
	}
}

// at reads the record that begins at off, if one does.
func (s *scanner) at(off int64) (r record, size int64, ok bool, err error) {
	head, err := s.bytes(off, recordHead)
	if err != nil || head == nil {
		return record{}, 0, false, err
	}
	r, n, size, ok := recordShape(head)
	if !ok || r.seq <= s.last || off+size > s.end {
		return record{}, 0, false, nil
	}
	whole, err := s.bytes(off, recordHead+n)
	if err != nil || whole == nil {
		return record{}, 0, false, err
	}
	if binary.LittleEndian.Uint32(whole[4:]) != recordSum(whole, s.salt) {
		return record{}, 0, false, nil
	}
	r.payload = whole[recordHead:]
	return r, size, true, nil
}

var zeros [4096]byte

// step moves on over bytes that are no record, notes where damage began, and
// runs over zeros quickly: the end of a segment is nothing else.
func (s *scanner) step() error {
	for s.off < s.end {
		n := int(min(s.end-s.off, int64(len(zeros))))
		b, err := s.bytes(s.off, n)
		if err != nil {
			return err
		}
		if bytes.Equal(b, zeros[:n]) {
			s.off += int64(n)
			continue
		}
		if n < recordAlign || !bytes.Equal(b[:recordAlign], zeros[:recordAlign]) {
			if s.damage < 0 {
				s.damage = s.off
			}
			s.off += recordAlign
			return nil
		}
		s.off += recordAlign
		if s.wordAt(s.off) {
			return nil // may be the head of a record
		}
	}
	return io.EOF
}

// wordAt says whether something other than zeros begins at off.
func (s *scanner) wordAt(off int64) bool {
	b, err := s.bytes(off, recordAlign)
	return err == nil && b != nil && !bytes.Equal(b, zeros[:recordAlign])
}

// bytes gives n bytes at off, nil when they go beyond the end.
func (s *scanner) bytes(off int64, n int) ([]byte, error) {
	if off+int64(n) > s.end {
		return nil, nil
	}
	from := off - s.bufAt
	if from >= 0 && from+int64(n) <= int64(len(s.buf)) {
		return s.buf[from : from+int64(n)], nil
	}
	want := int(min(max(int64(n), scanBytes), s.end-off))
	if cap(s.buf) < want {
		s.buf = make([]byte, want)
	}
	s.buf = s.buf[:want]
	s.bufAt = off
	got, err := s.r.ReadAt(s.buf, off)
	if got < want {
		s.buf = s.buf[:0]
		if err == nil {
			err = io.ErrUnexpectedEOF
		}
		return nil, err
	}
	return s.buf[:n], nil
}
