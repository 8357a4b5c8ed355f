package recording

import (
	"fmt"
	"io"

	"switchroom/recording/disk"
	"switchroom/recording/flac"
	"switchroom/recording/wav"
)

const rate = wav.Rate

// Audio opens a recording's WAV for reading and seeking, as http.ServeContent
// wants it. Of a recording that is running it is what there is at this moment,
// a whole file in itself; the reader never grows. id must be a call's UUID;
// what is none is ErrNotFound, what only others can hear ErrEncrypted. The
// caller closes the reader.
func (s *Store) Audio(id string) (io.ReadSeekCloser, Meta, error) {
	n, ok := nameOf(id)
	if !ok {
		return nil, Meta{}, ErrNotFound
	}
	m, err := s.metaOf(n)
	if err != nil {
		return nil, Meta{}, err
	}
	f, form, err := openSound(s.files, n)
	if err != nil {
		return nil, Meta{}, fmt.Errorf("recording: audio: %w", err)
	}
	var a *audio
	switch form {
	case FormEncrypted:
		err = ErrEncrypted
	case FormFLAC:
		a, err = newArchived(f)
	default:
		a, err = newAudio(f)
	}
	if err != nil {
		f.Close()
		return nil, Meta{}, fmt.Errorf("recording: audio of %s: %w", id, err)
	}
	m.Size = a.size
	return a, m, nil
}

// audio is a WAV as it was when it was opened: the header in memory, and as
// much of the sound as it claims. It belongs to one goroutine.
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
	return headed(f, head, io.NewSectionReader(f, int64(len(head)), data), data), nil
}

// newArchived gives an archived recording as the WAV it was.
func newArchived(f disk.File) (*audio, error) {
	size, err := f.Size()
	if err != nil {
		return nil, err
	}
	r, err := flac.Open(f, size)
	if err != nil {
		return nil, err
	}
	data := r.Length * int64(r.Format.Block())
	return headed(f, wav.Header(nil, r.Format, data), r, data), nil
}

func (a *audio) Close() error { return a.file.Close() }

// headed puts a header before data octets of sound that lie in f.
func headed(f disk.File, head []byte, sound io.ReaderAt, data int64) *audio {
	a := &audio{file: f, size: int64(len(head)) + data}
	a.SectionReader = io.NewSectionReader(&joined{head, sound}, 0, a.size)
	return a
}

// joined reads a header and the sound behind it as one.
type joined struct {
	head  []byte
	sound io.ReaderAt
}

func (j *joined) ReadAt(b []byte, at int64) (int, error) {
	n := 0
	if at < int64(len(j.head)) {
		if n = copy(b, j.head[at:]); n == len(b) {
			return n, nil
		}
	}
	m, err := j.sound.ReadAt(b[n:], at+int64(n)-int64(len(j.head)))
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
