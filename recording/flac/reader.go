package flac

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"sort"

	"switchroom/recording/wav"

	"github.com/mewkiz/flac/frame"
)

// Reader gives the sound of an archived recording as the WAV had it, without
// the WAV's header.
type Reader struct {
	Format wav.Format
	Length int64 // sample instants

	file   io.ReaderAt
	size   int64
	start  int64 // of the first frame
	points []point
	zeros  zeros

	in    *bufio.Reader // at the frame that follows the one in buf
	next  int64         // its number
	buf   []byte        // the last frame that was read
	frame int64         // its number; -1 for none
}

// point is a seek point.
type point struct{ instant, offset int64 }

const (
	appBlock    = 2
	seekTable   = 3
	bodyMax     = 1<<24 - 1
	lengthMax   = wav.DataMax / 2
	metadataMax = 1 << 10 // blocks
)

// Open reads what stands before the frames. Errors: ErrDamaged, and the
// reader's own.
func Open(file io.ReaderAt, size int64) (*Reader, error) {
	r := &Reader{file: file, size: size, frame: -1}
	var mark []byte
	if err := r.blocks(func(kind byte, body []byte) error {
		switch {
		case kind == appBlock && len(body) > 4 && binary.BigEndian.Uint32(body) == application:
			mark = append(mark, body[4:]...)
		case kind == seekTable:
			return r.table(body)
		}
		return nil
	}); err != nil {
		return nil, err
	}
	if len(mark) < markHead || mark[0] != 1 || mark[1] > byte(wav.PCM16) || mark[2]|mark[3] != 0 {
		return nil, fmt.Errorf("%w: not made by an archive", ErrDamaged)
	}
	r.Format, r.Length = wav.Format(mark[1]), int64(binary.LittleEndian.Uint64(mark[4:]))
	if r.Length < LengthMin || r.Length > lengthMax {
		return nil, fmt.Errorf("%w: length", ErrDamaged)
	}
	var err error
	r.zeros, err = inflate(mark[markHead:], r.Format, r.Length)
	r.buf = make([]byte, 0, Frame*r.Format.Block())
	return r, err
}

// blocks passes the metadata blocks to do and finds where the frames begin.
func (r *Reader) blocks(do func(kind byte, body []byte) error) error {
	var head [8]byte
	if err := r.read(head[:4], 0); err != nil || string(head[:4]) != "fLaC" {
		return fmt.Errorf("%w: no FLAC", ErrDamaged)
	}
	at := int64(4)
	for range metadataMax {
		if err := r.read(head[:4], at); err != nil {
			return err
		}
		last, kind := head[0]&0x80 != 0, head[0]&0x7F
		size := int64(binary.BigEndian.Uint32(head[:4]) & bodyMax)
		if at+4+size > r.size {
			return fmt.Errorf("%w: cut", ErrDamaged)
		}
		body := make([]byte, size)
		if err := r.read(body, at+4); err != nil {
			return err
		}
		if err := do(kind, body); err != nil {
			return err
		}
		at += 4 + int64(len(body))
		if last {
			r.start = at
			return nil
		}
	}
	return fmt.Errorf("%w: metadata without end", ErrDamaged)
}

func (r *Reader) read(b []byte, at int64) error {
	if at+int64(len(b)) > r.size {
		return fmt.Errorf("%w: %w", ErrDamaged, io.ErrUnexpectedEOF)
	}
	if n, err := r.file.ReadAt(b, at); n < len(b) {
		if err == io.EOF {
			err = fmt.Errorf("%w: cut", ErrDamaged)
		}
		return err
	}
	return nil
}

func (r *Reader) table(body []byte) error {
	for ; len(body) >= pointSize; body = body[pointSize:] {
		p := point{int64(binary.BigEndian.Uint64(body)), int64(binary.BigEndian.Uint64(body[8:]))}
		if p.instant < 0 || p.offset < 0 || p.instant%Frame != 0 ||
			len(r.points) > 0 && p.instant <= r.points[len(r.points)-1].instant {
			return fmt.Errorf("%w: seek table", ErrDamaged)
		}
		r.points = append(r.points, p)
	}
	return nil
}

// ReadAt reads the sound's octets from at on.
func (r *Reader) ReadAt(b []byte, at int64) (n int, err error) {
	block := int64(r.Format.Block())
	end := r.Length * block
	for n < len(b) {
		if at >= end {
			return n, io.EOF
		}
		if at < 0 {
			return n, ErrDamaged
		}
		number := at / (Frame * block)
		if number != r.frame {
			if err := r.seek(number); err != nil {
				return n, err
			}
		}
		k := copy(b[n:], r.buf[at-number*Frame*block:])
		n, at = n+k, at+int64(k)
	}
	return n, nil
}

// seek has buf hold the frame of that number.
func (r *Reader) seek(number int64) error {
	if r.in == nil || number < r.next || number-r.next > pointEvery {
		i := sort.Search(len(r.points), func(i int) bool { return r.points[i].instant > number*Frame }) - 1
		p := point{}
		if i >= 0 {
			p = r.points[i]
		}
		at := r.start + p.offset
		if at > r.size {
			return fmt.Errorf("%w: %w", ErrDamaged, io.ErrUnexpectedEOF)
		}
		r.in, r.next = bufio.NewReaderSize(io.NewSectionReader(r.file, at, r.size-at), 32<<10), p.instant/Frame
	}
	for r.next <= number {
		if err := r.parse(r.next); err != nil {
			r.in, r.frame = nil, -1
			return err
		}
		r.next++
	}
	return nil
}

// parse reads the next frame, which should have that number, into buf.
func (r *Reader) parse(number int64) (err error) {
	defer func() { // the library is not made for files that somebody has forged
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: frame %d", ErrDamaged, number)
		}
	}()
	f, err := frame.Parse(r.in)
	if err != nil {
		return fmt.Errorf("%w: frame %d: %w", ErrDamaged, number, err)
	}
	n := min(Frame, r.Length-number*Frame)
	if f.Num != uint64(number) || !f.HasFixedBlockSize || int64(f.BlockSize) != n || len(f.Subframes) != wav.Channels || f.BitsPerSample != 16 {
		return fmt.Errorf("%w: frame %d is another", ErrDamaged, number)
	}
	r.buf, r.frame = r.buf[:n*int64(r.Format.Block())], number
	for ch, sub := range f.Subframes {
		if int64(len(sub.Samples)) != n || !coded(r.buf, sub.Samples, r.Format, ch) {
			return fmt.Errorf("%w: frame %d has samples of another format", ErrDamaged, number)
		}
	}
	if r.Format == wav.ULaw && !r.zeros.restore(r.buf, number*Frame) {
		return fmt.Errorf("%w: frame %d: negative zeros", ErrDamaged, number)
	}
	return nil
}
