package recording

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"switchroom/recording/disk"
	"switchroom/recording/ledger"
	"switchroom/recording/proof"
	"switchroom/recording/timeline"
	"switchroom/recording/wav"
)

// lens is what one worker of an audit reads through.
type lens struct{ buf []byte }

func newLens() *lens { return &lens{make([]byte, timeline.Chunk*wav.PCM16.Block())} }

// inspect looks at one recording.
func (a *audit) inspect(n name, b *lens) {
	entry, listed := a.entries[n.id]
	m, text, err := readMeta(a.files, n)
	missing := errors.Is(err, fs.ErrNotExist)
	switch {
	case listed && entry.Kind == ledger.Deleted:
		a.inspectDeleted(n)
		return
	case !listed && err == nil && !m.Sealed:
		a.count(&a.report.Open)
		return
	case !listed && missing && !a.exists(n.sound()):
		a.find(n.id, FlawRemoved, "there is no such recording, and the ledger knows of none")
		return
	case !listed:
		a.find(n.id, FlawUnlisted, "the ledger does not know it")
		return
	}
	a.count(&a.report.Recordings)
	metaSum := sha256.Sum256(text)
	switch {
	case missing && !a.exists(n.sound()):
		a.find(n.id, FlawRemoved, "sealed at %s, and gone without a certificate", entry.At.Format("2006-01-02 15:04:05Z"))
		return
	case missing:
		a.find(n.id, FlawMetadata, "the JSON is missing")
	case hex.EncodeToString(metaSum[:]) != entry.Meta:
		a.find(n.id, FlawMetadata, "the JSON is not the one that was sealed")
	}
	a.inspectSound(n, entry, m, b)
}

func (a *audit) count(n *int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	*n++
}

func (a *audit) exists(file string) bool {
	f, err := a.files.Open(file)
	if err == nil {
		f.Close()
	}
	return err == nil
}

func (a *audit) inspectDeleted(n name) {
	a.count(&a.report.Deleted)
	for _, file := range []string{n.sound(), n.meta()} {
		if a.exists(file) {
			a.find(n.id, FlawUnlisted, "deleted by certificate, and %s is here again", file)
		}
	}
}

// heardSound is what there is of a recording's sound.
type heardSound struct {
	format wav.Format
	head   bool // the header is as it should be
	length int64
	chunks []byte
	root   string
}

// inspectSound compares the sound with what the ledger vouches for, and where
// it differs says how.
func (a *audit) inspectSound(n name, entry ledger.Entry, m Meta, b *lens) {
	f, err := a.files.Open(n.sound())
	if errors.Is(err, fs.ErrNotExist) {
		a.find(n.id, FlawRemoved, "the sound is gone, the JSON is here")
		return
	}
	if err != nil {
		a.find(n.id, FlawUnread, "%v", err)
		return
	}
	defer f.Close()
	was := expected(n.id, entry, m)
	is, err := b.listen(f, n.id, m)
	if err != nil {
		a.find(n.id, FlawUnread, "%v", err)
		return
	}
	a.mu.Lock()
	a.report.Octets += is.length * int64(is.format.Block())
	if was != nil {
		a.sums[sha256.Sum256(was)] = n.id
	}
	if is.root != entry.Root {
		a.strange = append(a.strange, strange{n.id, sha256.Sum256(is.chunks)})
	}
	a.mu.Unlock()
	if !is.head {
		a.find(n.id, FlawHeader, "the header is not the one that was written")
	}
	switch {
	case is.root == entry.Root:
	case was == nil:
		a.find(n.id, FlawChanged, "the sound is not what was recorded; where, only the JSON could tell")
	default:
		a.compare(n.id, was, is, int64(m.Length*rate+0.5))
	}
}

// expected returns the chunks' sums by the JSON, if the ledger's root agrees
// with them.
func expected(id string, entry ledger.Entry, m Meta) []byte {
	format, ok := formatOf(m)
	if !ok || len(m.Chunks)%proof.Size != 0 {
		return nil
	}
	chain := proof.NewChain(id, format)
	for c := m.Chunks; len(c) > 0; c = c[proof.Size:] {
		chain.AddSum([proof.Size]byte(c))
	}
	root := chain.Root(int64(m.Length*rate + 0.5))
	if hex.EncodeToString(root[:]) != entry.Root {
		return nil
	}
	return m.Chunks
}

// listen hashes a file. The JSON is asked for the format only when the header
// is damaged.
func (b *lens) listen(f disk.File, id string, m Meta) (heardSound, error) {
	size, err := f.Size()
	if err != nil {
		return heardSound{}, err
	}
	format, data, head, err := readHeader(f)
	is := heardSound{format: format, head: err == nil && int64(len(head))+data == size}
	if errors.Is(err, wav.ErrHeader) {
		is.format, _ = formatOf(m)
	} else if err != nil {
		return heardSound{}, err
	}
	block := int64(is.format.Block())
	is.length = max(size-int64(is.format.HeaderSize()), 0) / block
	chain := proof.NewChain(id, is.format)
	sound := io.NewSectionReader(f, int64(is.format.HeaderSize()), is.length*block)
	buf := b.buf[:timeline.Chunk*block]
	for {
		n, err := io.ReadFull(sound, buf)
		if n > 0 {
			sum := chain.Add(buf[:n])
			is.chunks = append(is.chunks, sum[:]...)
		}
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			break
		}
		if err != nil {
			return heardSound{}, err
		}
	}
	root := chain.Root(is.length)
	is.root = hex.EncodeToString(root[:])
	return is, nil
}

// compare names how the sound differs from what it was.
func (a *audit) compare(id string, was []byte, is heardSound, length int64) {
	switch {
	case is.length < length:
		a.find(id, FlawCut, "%.3f s of %.3f s are left", instants(is.length), instants(length))
	case is.length > length:
		a.find(id, FlawLonger, "%.3f s, were %.3f s", instants(is.length), instants(length))
	}
	places := make(map[[proof.Size]byte]int)
	for i := 0; i+proof.Size <= len(was); i += proof.Size {
		places[[proof.Size]byte(was[i:])] = i / proof.Size
	}
	var changed, moved []int
	for i := 0; i+proof.Size <= min(len(was), len(is.chunks)); i += proof.Size {
		sum := [proof.Size]byte(is.chunks[i:])
		if bytes.Equal(sum[:], was[i:i+proof.Size]) {
			continue
		}
		if _, elsewhere := places[sum]; elsewhere {
			moved = append(moved, i/proof.Size)
		} else if !atSeam(i+proof.Size, was, is, length) {
			changed = append(changed, i/proof.Size)
		}
	}
	if len(moved) > 0 {
		a.find(id, FlawReordered, "at %s stands what was recorded at another time", spans(moved))
	}
	if len(changed) > 0 {
		a.find(id, FlawChanged, "the sound at %s is not what was recorded", spans(changed))
	}
	if len(moved)+len(changed) == 0 && is.length == length {
		a.find(id, FlawChanged, "the sound is the same, its format is not")
	}
}

// atSeam says that the chunk ending at end differs only for being cut, or for
// what follows it.
func atSeam(end int, was []byte, is heardSound, length int64) bool {
	return is.length < length && end == len(is.chunks) || is.length > length && end == len(was)
}

// spans writes seconds as ranges: "seconds 3-5, second 9". Beyond a few it says how many.
func spans(seconds []int) string {
	const most = 5
	out := ""
	for i, n := 0, 0; i < len(seconds); n++ {
		j := i
		for j+1 < len(seconds) && seconds[j+1] == seconds[j]+1 {
			j++
		}
		if n == most {
			return fmt.Sprintf("%s and more, %d s in all", out, len(seconds))
		}
		if n > 0 {
			out += ", "
		}
		if i == j {
			out += fmt.Sprintf("second %d", seconds[i])
		} else {
			out += fmt.Sprintf("seconds %d-%d", seconds[i], seconds[j])
		}
		i = j + 1
	}
	return out
}
