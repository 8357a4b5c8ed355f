package vault

import (
	"slices"

	"switchroom/recording/proof"
)

// Chunk is how many octets of the file one link of its chain covers: about a
// second of G.711.
const Chunk = 16 << 10

// Sums are the hashes over a file as it lies on the disk.
type Sums struct {
	Chunks []byte // SHA-256 of each Chunk, one behind the other
	Root   [proof.Size]byte
}

// summer hashes a file as it grows.
type summer struct {
	chain  proof.Chain
	chunks []byte
	part   []byte // of the chunk that is not full
}

func newSummer(id string) summer { return summer{chain: proof.NewFileChain(id)} }

func (s *summer) add(b []byte) {
	for len(b) > 0 {
		if s.part == nil {
			s.part = make([]byte, 0, Chunk)
		}
		n := min(Chunk-len(s.part), len(b))
		s.part = append(s.part, b[:n]...)
		b = b[n:]
		if len(s.part) == Chunk {
			s.link()
		}
	}
}

func (s *summer) link() {
	sum := s.chain.Add(s.part)
	s.chunks = append(s.chunks, sum[:]...)
	s.part = s.part[:0]
}

// close is done on a copy's fields, so that it may be asked for again.
func (s summer) close(size int64) Sums {
	s.part = append([]byte(nil), s.part...)
	s.chunks = slices.Clip(s.chunks)
	if len(s.part) > 0 {
		s.link()
	}
	return Sums{Chunks: s.chunks, Root: s.chain.Root(size)}
}
