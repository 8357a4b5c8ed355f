package vault

import (
	"fmt"
	"io"

	"switchroom/recording/proof"
	"switchroom/recording/timeline"
	"switchroom/recording/wav"

	"filippo.io/age"
)

// File is where Unlock writes, and reads what it wrote.
type File interface {
	io.ReaderAt
	io.WriterAt
}

// Unlock writes the WAV that an encrypted file of size octets stands for, and
// returns how long the WAV is, in octets. The sound of a file that has its end
// is proven against the root in it. Errors are Decode's.
func Unlock(r io.ReaderAt, size int64, out File, identities ...age.Identity) (Sound, int64, error) {
	h, err := readHead(r, size)
	if err != nil {
		return Sound{}, 0, err
	}
	head := int64(h.format.HeaderSize())
	s, err := Decode(r, size, behind{out, head}, identities...)
	if err != nil {
		return s, 0, err
	}
	data := s.Length * int64(h.format.Block())
	if s.Ended {
		root, err := rootOf(io.NewSectionReader(out, head, data), s)
		if err != nil {
			return s, 0, err
		}
		if root != s.Root {
			return s, 0, fmt.Errorf("%w: the sound is not what its end vouches for", ErrDamaged)
		}
	}
	_, err = out.WriteAt(wav.Header(nil, h.format, data), 0)
	return s, head + data, err
}

// behind writes behind a header.
type behind struct {
	out  io.WriterAt
	head int64
}

func (b behind) WriteAt(p []byte, at int64) (int, error) { return b.out.WriteAt(p, b.head+at) }

func rootOf(sound io.Reader, s Sound) (root [proof.Size]byte, err error) {
	chain := proof.NewChain(s.ID, s.Format)
	buf := make([]byte, timeline.Chunk*s.Format.Block())
	for {
		n, err := io.ReadFull(sound, buf)
		if n > 0 {
			chain.Add(buf[:n])
		}
		switch err {
		case nil:
		case io.EOF, io.ErrUnexpectedEOF:
			return chain.Root(s.Length), nil
		default:
			return root, err
		}
	}
}
