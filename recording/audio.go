package recording

import (
	"errors"
	"fmt"
	"io"
	"io/fs"

	"switchroom/recording/disk"
	"switchroom/recording/wav"
)

const rate = wav.Rate

// Audio opens a recording's WAV for reading and seeking, as http.ServeContent
// wants it. Of a recording that is running it is what there is at this moment,
// a whole file in itself; the reader never grows. id must be a call's UUID;
// what is none is ErrNotFound. The caller closes the reader.
func (s *Store) Audio(id string) (io.ReadSeekCloser, Meta, error) {
	n, ok := nameOf(id)
	if !ok {
		return nil, Meta{}, ErrNotFound
	}
	m, err := s.metaOf(n)
	if err != nil {
		return nil, Meta{}, err
	}
	f, err := s.files.Open(n.sound())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, Meta{}, ErrNotFound
	}
	if err != nil {
		return nil, Meta{}, fmt.Errorf("recording: audio: %w", err)
	}
	a, err := newAudio(f)
	if err != nil {
		f.Close()
		return nil, Meta{}, fmt.Errorf("recording: audio of %s: %w", id, err)
	}
	m.Size = a.size
	return a, m, nil
}

// audio is a WAV as it was when it was opened: the header in memory, and as
// much of the sound as it claims.
type audio struct {
	*io.SectionReader
	file disk.File
	size int64
}

func newAudio(f disk.File) (*audio, error) {
	format, data, head, err := readHeader(f)
	if err != nil {
		return nil, err
	}
	size, err := f.Size()
	if err != nil {
		return nil, err
	}
	if whole := int64(len(head)) + data; whole > size {
		// Only after a power cut, and before Recover: tell no more than is there.
		data = (size - int64(len(head))) / int64(format.Block()) * int64(format.Block())
		head = wav.Header(nil, format, data)
	}
	a := &audio{file: f, size: int64(len(head)) + data}
	a.SectionReader = io.NewSectionReader(&headed{head, f}, 0, a.size)
	return a, nil
}

func (a *audio) Close() error { return a.file.Close() }

// headed reads a file with its first octets from memory.
type headed struct {
	head []byte
	file disk.File
}

func (h *headed) ReadAt(b []byte, at int64) (int, error) {
	if at >= int64(len(h.head)) {
		return h.file.ReadAt(b, at)
	}
	n := copy(b, h.head[at:])
	if n == len(b) {
		return n, nil
	}
	m, err := h.file.ReadAt(b[n:], int64(len(h.head)))
	return n + m, err
}

// readHeader reads a file's header.
func readHeader(f disk.File) (format wav.Format, data int64, head []byte, err error) {
	b := make([]byte, wav.HeaderMax)
	n, err := f.ReadAt(b, 0)
	if err != nil && err != io.EOF {
		return 0, 0, nil, err
	}
	if format, data, err = wav.ReadHeader(b[:n]); err != nil {
		return 0, 0, nil, err
	}
	return format, data, b[:format.HeaderSize()], nil
}

// formatOf is the format the metadata names.
func formatOf(m Meta) (wav.Format, bool) { return wav.ParseFormat(m.Format) }
