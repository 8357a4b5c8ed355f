package recording

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"

	"switchroom/recording/disk"
	"switchroom/recording/flac"
	"switchroom/recording/ledger"
	"switchroom/recording/proof"
	"switchroom/recording/timeline"
	"switchroom/recording/vault"
	"switchroom/recording/wav"
)

// heard is what there is of a recording's sound.
type heard struct {
	head   bool  // the header is as it should be
	whole  bool  // it is proven without having been looked at: by the archived file's hash
	octets int64 // that were hashed
	length int64 // in the chain's unit
	chunks []byte
	root   string
	unit   unit
}

// unit is what a recording is measured in: a WAV's sound in sample instants
// and seconds, an encrypted file in octets and blocks.
type unit struct {
	chunk string               // what one link of the chain covers
	text  func(n int64) string // a length
	chain func() proof.Chain   // its beginning
	total func(m Meta) int64   // how long the recording was
}

// lens is what one worker of an audit reads through.
type lens struct{ buf []byte }

func newLens() *lens { return &lens{make([]byte, timeline.Chunk*wav.PCM16.Block())} }

// listen hashes a recording's file, whichever form it has.
func (b *lens) listen(f disk.File, form string, n name, entry ledger.Entry, m Meta, decode bool) (heard, error) {
	size, err := f.Size()
	if err != nil {
		return heard{}, err
	}
	switch form {
	case FormEncrypted:
		return b.encrypted(f, n, size)
	case FormFLAC:
		return b.archived(f, n, size, entry, m, decode)
	}
	return b.sound(f, n, size, m)
}

// sound hashes a WAV. The JSON is asked for the format only when the header is
// damaged.
func (b *lens) sound(f disk.File, n name, size int64, m Meta) (heard, error) {
	format, data, head, err := readHeader(f)
	intact := err == nil && int64(len(head))+data == size
	if errors.Is(err, wav.ErrHeader) {
		format, _ = formatOf(m)
	} else if err != nil {
		return heard{}, err
	}
	length := max(size-int64(format.HeaderSize()), 0) / int64(format.Block())
	is, err := b.chunks(io.NewSectionReader(f, int64(format.HeaderSize()), size), n, format, length)
	is.head = intact
	return is, err
}

// archived proves a FLAC by its signed hash; when that is not to be relied on,
// or not right, by what it decodes to.
func (b *lens) archived(f disk.File, n name, size int64, entry ledger.Entry, m Meta, decode bool) (heard, error) {
	h := sha256.New()
	if _, err := io.CopyBuffer(onlyWriter{h}, io.NewSectionReader(f, 0, size), b.buf); err != nil {
		return heard{}, err
	}
	signed := hex.EncodeToString(h.Sum(nil)) == entry.File
	if signed && !decode {
		format, _ := formatOf(m)
		return heard{head: true, whole: true, octets: size, root: entry.Root, unit: inSeconds(n, format)}, nil
	}
	r, err := flac.Open(f, size)
	if err != nil {
		format, _ := formatOf(m)
		return heard{head: false, octets: size, unit: inSeconds(n, format)}, nil
	}
	is, err := b.chunks(forgiving{r}, n, r.Format, r.Length)
	is.head = signed
	return is, err
}

// forgiving reads an archived recording on behind what is damaged in it, up to
// where the file ends. What cannot be had is not what was recorded, whatever
// is hashed in its place.
type forgiving struct{ *flac.Reader }

func (f forgiving) ReadAt(b []byte, at int64) (int, error) {
	n, err := f.Reader.ReadAt(b, at)
	if !errors.Is(err, flac.ErrDamaged) {
		return n, err
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return n, io.EOF
	}
	clear(b[n:])
	return len(b), nil
}

// onlyWriter keeps io.CopyBuffer from going round the buffer.
type onlyWriter struct{ io.Writer }

// chunks hashes length sample instants, or as many as there are.
func (b *lens) chunks(sound io.ReaderAt, n name, format wav.Format, length int64) (heard, error) {
	is := heard{unit: inSeconds(n, format)}
	chain := is.unit.chain()
	block := int64(format.Block())
	var err error
	for is.length < length && err == nil {
		buf := b.buf[:min(timeline.Chunk, length-is.length)*block]
		var k int
		k, err = sound.ReadAt(buf, is.length*block)
		if k == len(buf) || err == io.EOF {
			err = nil
		}
		if k -= k % int(block); k == 0 {
			break
		}
		sum := chain.Add(buf[:k])
		is.chunks = append(is.chunks, sum[:]...)
		is.length += int64(k) / block
	}
	root := chain.Root(is.length)
	is.root, is.octets = hex.EncodeToString(root[:]), is.length*block
	return is, err
}

// encrypted hashes an encrypted file as it is.
func (b *lens) encrypted(f disk.File, n name, size int64) (heard, error) {
	sums, err := vault.Hash(f, n.id, size, nil)
	return heard{head: true, octets: size, length: size, chunks: sums.Chunks, root: hex.EncodeToString(sums.Root[:]), unit: inBlocks(n)}, err
}
