package flac

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"switchroom/recording/wav"

	mewkiz "github.com/mewkiz/flac"
	"github.com/mewkiz/flac/frame"
	"github.com/mewkiz/flac/meta"
)

const (
	// Frame is how many sample instants a frame has.
	Frame = 4096
	// pointEvery is how many frames lie between two seek points.
	pointEvery = 8
	// LengthMin is the shortest recording that can be archived: FLAC knows no
	// shorter block.
	LengthMin = 16

	application = 's'<<24 | 'w'<<16 | 'r'<<8 | 'c'
	markHead    = 12
	blockMax    = 8 << 20 // octets of one of our APPLICATION blocks
	pointSize   = 18
	tableAt     = 4 + 4 + 34 + 4 // of the first seek point in the file
)

var errShort = errors.New("flac: too short to be archived")

// Encode writes length sample instants of sound, interleaved as in the WAV, as
// a FLAC file. pace is called after each frame, and its error ends the work.
// It returns the file's size.
func Encode(out io.WriterAt, sound io.ReaderAt, f wav.Format, length int64, pace func() error) (int64, error) {
	if length < LengthMin {
		return 0, errShort
	}
	blocks, points, err := describe(sound, f, length, pace)
	if err != nil {
		return 0, err
	}
	w := &sink{out: out}
	info := &meta.StreamInfo{BlockSizeMin: Frame, BlockSizeMax: Frame, SampleRate: wav.Rate, NChannels: wav.Channels,
		BitsPerSample: 16, NSamples: uint64(length)}
	enc, err := mewkiz.NewEncoder(w, info, blocks...)
	if err != nil {
		return 0, fmt.Errorf("flac: %w", err)
	}
	enc.EnablePredictionAnalysis(false)
	if err := w.flush(); err != nil {
		return 0, err
	}
	e := encoder{enc: enc, sink: w, format: f, start: w.at}
	err = eachFrame(sound, f, length, func(n int64, samples []byte) error {
		if n%pointEvery == 0 {
			points[n/pointEvery].Offset = uint64(w.at - e.start)
		}
		if err := e.frame(samples); err != nil {
			return err
		}
		return pace()
	})
	if err != nil {
		return 0, err
	}
	size := w.at
	if err := enc.Close(); err != nil { // writes STREAMINFO anew
		return 0, fmt.Errorf("flac: %w", err)
	}
	if err := w.flush(); err != nil {
		return 0, err
	}
	return size, amend(out, points, length)
}

// describe makes the blocks before the frames: seek points without their
// places yet, and what FLAC has no room for.
func describe(sound io.ReaderAt, f wav.Format, length int64, pace func() error) ([]*meta.Block, []meta.SeekPoint, error) {
	var points []meta.SeekPoint
	for at := int64(0); at < length; at += pointEvery * Frame {
		points = append(points, meta.SeekPoint{SampleNum: uint64(at), NSamples: uint16(min(Frame, length-at))})
	}
	blocks := []*meta.Block{{Header: meta.Header{Type: meta.TypeSeekTable, Length: int64(len(points) * pointSize)}, Body: &meta.SeekTable{Points: points}}}
	var z zeros
	if f == wav.ULaw {
		err := eachFrame(sound, f, length, func(n int64, samples []byte) error {
			z = z.mark(samples, n*Frame)
			return pace()
		})
		if err != nil {
			return nil, nil, err
		}
	}
	packed, err := z.deflate()
	if err != nil {
		return nil, nil, fmt.Errorf("flac: %w", err)
	}
	mark := append([]byte{1, byte(f), 0, 0}, binary.LittleEndian.AppendUint64(nil, uint64(length))...)
	for mark = append(mark, packed...); len(mark) > 0; {
		n := min(len(mark), blockMax)
		blocks = append(blocks, &meta.Block{Header: meta.Header{Type: meta.TypeApplication, Length: int64(4 + n)}, Body: &meta.Application{ID: application, Data: mark[:n]}})
		mark = mark[n:]
	}
	return blocks, points, nil
}

// eachFrame reads the sound frame by frame.
func eachFrame(sound io.ReaderAt, f wav.Format, length int64, do func(n int64, samples []byte) error) error {
	buf := make([]byte, Frame*f.Block())
	for n := int64(0); n*Frame < length; n++ {
		b := buf[:min(Frame, length-n*Frame)*int64(f.Block())]
		if k, err := sound.ReadAt(b, n*Frame*int64(f.Block())); k < len(b) {
			if err == io.EOF {
				err = io.ErrUnexpectedEOF
			}
			return err
		}
		if err := do(n, b); err != nil {
			return err
		}
	}
	return nil
}

type encoder struct {
	enc    *mewkiz.Encoder
	sink   *sink
	format wav.Format
	start  int64
	pcm    [wav.Channels][Frame]int32
	best   predictor
}

func (e *encoder) frame(samples []byte) error {
	n := len(samples) / e.format.Block()
	f := &frame.Frame{Header: frame.Header{HasFixedBlockSize: true, BlockSize: uint16(n), SampleRate: wav.Rate,
		Channels: frame.ChannelsLR, BitsPerSample: 16}}
	for ch := range e.pcm {
		pcm := e.pcm[ch][:n]
		linear(pcm, samples, e.format, ch)
		f.Subframes = append(f.Subframes, e.best.subframe(pcm))
	}
	if err := e.enc.WriteFrame(f); err != nil {
		return fmt.Errorf("flac: %w", err)
	}
	return e.sink.flush()
}

// amend puts the seek points' places into the table, and into STREAMINFO the
// size of a block: the last one, which may be shorter, does not count (RFC 9639
// section 8.2).
func amend(out io.WriterAt, points []meta.SeekPoint, length int64) error {
	b := make([]byte, 0, len(points)*pointSize)
	for _, p := range points {
		b = binary.BigEndian.AppendUint64(b, p.SampleNum)
		b = binary.BigEndian.AppendUint64(b, p.Offset)
		b = binary.BigEndian.AppendUint16(b, p.NSamples)
	}
	if _, err := out.WriteAt(b, tableAt); err != nil {
		return err
	}
	size := uint16(min(Frame, length))
	_, err := out.WriteAt(binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16(nil, size), size), 8)
	return err
}

// sink gathers what the library writes octet by octet.
type sink struct {
	out io.WriterAt
	at  int64
	buf []byte
}

func (s *sink) Write(b []byte) (int, error) { s.buf = append(s.buf, b...); return len(b), nil }

func (s *sink) flush() error {
	if _, err := s.out.WriteAt(s.buf, s.at); err != nil {
		return err
	}
	s.at += int64(len(s.buf))
	s.buf = s.buf[:0]
	return nil
}

// Seek is there for the library to go back to STREAMINFO.
func (s *sink) Seek(to int64, whence int) (int64, error) {
	if whence != io.SeekStart {
		return 0, errors.ErrUnsupported
	}
	s.at = to
	return to, nil
}
