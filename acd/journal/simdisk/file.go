package simdisk

import (
	"io"
	"math/rand/v2"
	"slices"

	"switchroom/acd/journal"
)

const sectorBytes = 512

// node is a file's content, with what of it a cut may take.
type node struct {
	live    []byte
	synced  []byte
	pending []write
}

// write is one unsynced step: data at an offset, or a new length.
type write struct {
	off  int64
	data []byte
	size int64 // used when data is nil
}

// crash gives the content after a power cut.
func (n *node) crash(rng *rand.Rand) []byte {
	b := slices.Clone(n.synced)
	keep := []float64{0, 0.5, 0.9, 1}[rng.IntN(4)]
	for _, w := range n.pending {
		if w.data == nil {
			if rng.Float64() < keep {
				b = resize(b, w.size)
			}
			continue
		}
		for at := 0; at < len(w.data); {
			end := min(len(w.data), at+sectorBytes-int((w.off+int64(at))%sectorBytes))
			if rng.Float64() < keep {
				b = putSector(b, w.off+int64(at), w.data[at:end], rng)
			}
			at = end
		}
	}
	return b
}

// putSector writes one sector, once in a while with a bit flipped.
func putSector(b []byte, off int64, data []byte, rng *rand.Rand) []byte {
	if end := off + int64(len(data)); end > int64(len(b)) {
		b = resize(b, end)
	}
	copy(b[off:], data)
	if rng.IntN(16) == 0 {
		b[off+rng.Int64N(int64(len(data)))] ^= 1 << rng.IntN(8)
	}
	return b
}

func resize(b []byte, size int64) []byte {
	if size <= int64(len(b)) {
		return b[:size]
	}
	return append(b, make([]byte, size-int64(len(b)))...)
}

// file is an open file.
type file struct {
	d    *Disk
	n    *node
	name string
}

var _ journal.File = file{}

func (f file) ReadAt(p []byte, off int64) (int, error) {
	f.d.mu.Lock()
	defer f.d.mu.Unlock()
	if err := f.d.begin(Read, f.name); err != nil {
		return 0, err
	}
	if off >= int64(len(f.n.live)) {
		return 0, io.EOF
	}
	n := copy(p, f.n.live[off:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

func (f file) WriteAt(p []byte, off int64) (int, error) {
	f.d.mu.Lock()
	defer f.d.mu.Unlock()
	if err := f.d.begin(Write, f.name); err != nil {
		return 0, err
	}
	if err := f.d.room(off + int64(len(p)) - int64(len(f.n.live))); err != nil {
		return 0, err
	}
	if end := off + int64(len(p)); end > int64(len(f.n.live)) {
		f.n.live = resize(f.n.live, end)
	}
	copy(f.n.live[off:], p)
	f.n.pending = append(f.n.pending, write{off: off, data: slices.Clone(p)})
	return len(p), nil
}

func (f file) Size() (int64, error) {
	f.d.mu.Lock()
	defer f.d.mu.Unlock()
	return int64(len(f.n.live)), nil
}

func (f file) Truncate(size int64) error {
	f.d.mu.Lock()
	defer f.d.mu.Unlock()
	if err := f.d.begin(Truncate, f.name); err != nil {
		return err
	}
	return f.setSize(size)
}

func (f file) Allocate(size int64) error {
	f.d.mu.Lock()
	defer f.d.mu.Unlock()
	if err := f.d.begin(Allocate, f.name); err != nil {
		return err
	}
	if size <= int64(len(f.n.live)) {
		return nil
	}
	return f.setSize(size)
}

func (f file) setSize(size int64) error {
	if err := f.d.room(size - int64(len(f.n.live))); err != nil {
		return err
	}
	f.n.live = resize(f.n.live, size)
	f.n.pending = append(f.n.pending, write{size: size})
	return nil
}

func (f file) Sync() error {
	f.d.mu.Lock()
	defer f.d.mu.Unlock()
	if err := f.d.begin(Sync, f.name); err != nil {
		return err
	}
	f.n.synced = slices.Clone(f.n.live)
	f.n.pending = nil
	return nil
}

func (f file) Close() error { return nil }
