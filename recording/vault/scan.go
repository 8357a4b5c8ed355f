package vault

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"

	"switchroom/recording/proof"
	"switchroom/recording/wav"
)

// Extent is what can be said of a file without a key.
type Extent struct {
	ID     string
	Format wav.Format
	Size   int64 // octets up to the last whole record
	Length int64 // sample instants that they reach to
	Ended  bool  // the last one is an end
}

// Scan finds how far a file of size octets is whole. What lies behind that is
// a record that was being written, or damage. An error is the reader's, or
// ErrDamaged when there is no head.
func Scan(r io.ReaderAt, size int64) (Extent, error) {
	var e Extent
	h, err := readHead(r, size)
	if err != nil {
		return e, err
	}
	e = Extent{ID: h.id.String(), Format: h.format, Size: int64(len(h.text))}
	err = eachRecord(r, e.Size, size, func(h hull, record []byte) error {
		if e.Ended || !h.fits(e.Format) {
			return errStop
		}
		e.Size += int64(len(record))
		if e.Ended = h.kind == kindEnd; !e.Ended {
			e.Length = max(e.Length, h.at+int64(h.size/e.Format.Block()))
		}
		return nil
	})
	return e, err
}

// Hash is the chain over the first size octets of a file, which need not be
// whole. after, when it is not nil, is told of each link.
func Hash(r io.ReaderAt, id string, size int64, after func(chunks int, head [proof.Size]byte)) (Sums, error) {
	s := newSummer(id)
	s.part = make([]byte, 0, Chunk)
	for at := int64(0); at < size; at += Chunk {
		s.part = s.part[:min(Chunk, size-at)]
		if n, err := r.ReadAt(s.part, at); n < len(s.part) {
			if err == io.EOF {
				err = io.ErrUnexpectedEOF
			}
			return Sums{}, err
		}
		s.link()
		if after != nil {
			after(s.chain.Len(), s.chain.Head())
		}
	}
	return s.close(size), nil
}

func readHead(r io.ReaderAt, size int64) (head, error) {
	fixed := make([]byte, headFixed)
	if err := readAt(r, fixed, 0, size); err != nil {
		return head{}, err
	}
	n, err := headSize(fixed)
	if err != nil {
		return head{}, err
	}
	b := make([]byte, n)
	if err := readAt(r, b, 0, size); err != nil {
		return head{}, err
	}
	return parseHead(b)
}

// readAt fills b; what goes beyond size is damage.
func readAt(r io.ReaderAt, b []byte, at, size int64) error {
	if at+int64(len(b)) > size {
		return fmt.Errorf("%w: cut", ErrDamaged)
	}
	if n, err := r.ReadAt(b, at); n < len(b) {
		if err == io.EOF {
			err = fmt.Errorf("%w: cut", ErrDamaged)
		}
		return err
	}
	return nil
}

// errStop ends eachRecord without an error.
var errStop = fmt.Errorf("%w: stop", ErrDamaged)

// eachRecord passes the whole records from at on, as long as there are any.
// A record is valid until the next one.
func eachRecord(r io.ReaderAt, at, size int64, record func(hull, []byte) error) error {
	window := io.NewSectionReader(r, at, max(size-at, 0))
	in := &lookahead{r: window, buf: make([]byte, 0, 64<<10)}
	for {
		b, err := in.next(hullSize)
		if b == nil {
			return err
		}
		h, ok := parseHull(b)
		if !ok {
			return nil
		}
		whole := hullSize + h.size + tagSize
		if b, err = in.next(whole); b == nil {
			return err
		}
		if crc32.Checksum(b[4:], castagnoli) != binary.LittleEndian.Uint32(b) {
			return nil
		}
		if err := record(h, b); err == errStop {
			return nil
		} else if err != nil {
			return err
		}
		in.skip(whole)
	}
}

// lookahead reads large and hands out small.
type lookahead struct {
	r   io.Reader
	buf []byte // what was read and not skipped
}

// next returns the next n octets without taking them; nil at the end.
func (l *lookahead) next(n int) ([]byte, error) {
	for len(l.buf) < n {
		if cap(l.buf) < n {
			l.buf = append(make([]byte, 0, n+64<<10), l.buf...)
		}
		k, err := l.r.Read(l.buf[len(l.buf):cap(l.buf)])
		l.buf = l.buf[:len(l.buf)+k]
		if err == io.EOF && len(l.buf) < n {
			return nil, nil
		}
		if err != nil && err != io.EOF {
			return nil, err
		}
	}
	return l.buf[:n], nil
}

func (l *lookahead) skip(n int) { l.buf = l.buf[:copy(l.buf, l.buf[n:])] }
