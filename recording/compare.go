package recording

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"

	"switchroom/recording/ledger"
	"switchroom/recording/proof"
	"switchroom/recording/wav"
)

// inSeconds measures sound that can be heard.
func inSeconds(n name, f wav.Format) unit {
	return unit{
		chunk: "second",
		text:  func(n int64) string { return fmt.Sprintf("%.3f s", instants(n)) },
		chain: func() proof.Chain { return proof.NewChain(n.id, f) },
		total: func(m Meta) int64 { return int64(m.Length*rate + 0.5) },
	}
}

// inBlocks measures an encrypted file.
func inBlocks(n name) unit {
	return unit{
		chunk: "block",
		text:  func(n int64) string { return fmt.Sprintf("%d octets", n) },
		chain: func() proof.Chain { return proof.NewFileChain(n.id) },
		total: func(m Meta) int64 { return m.Size },
	}
}

// inspectSound compares the sound with what the ledger vouches for, and where
// it differs says how.
func (a *audit) inspectSound(n name, entry ledger.Entry, m Meta, b *lens) {
	f, form, err := openSound(a.files, n)
	if errors.Is(err, ErrNotFound) {
		a.find(n.id, FlawRemoved, "the sound is gone, the JSON is here")
		return
	}
	if err != nil {
		a.find(n.id, FlawUnread, "%v", err)
		return
	}
	defer f.Close()
	is, err := b.listen(f, form, n, entry, m, a.decode)
	if err != nil {
		a.find(n.id, FlawUnread, "%v", err)
		return
	}
	was := is.unit.expected(entry, m)
	a.mu.Lock()
	a.report.Octets += is.octets
	if was != nil {
		a.sums[sha256.Sum256(was)] = n.id
	}
	if is.root != entry.Root {
		a.strange = append(a.strange, strange{n.id, sha256.Sum256(is.chunks)})
	}
	a.mu.Unlock()
	if !is.head {
		what := "header"
		if form == FormFLAC {
			what = "archived file"
		}
		a.find(n.id, FlawHeader, "the %s is not the one that was written", what)
	}
	switch {
	case is.root == entry.Root:
	case was == nil:
		a.find(n.id, FlawChanged, "the sound is not what was recorded; where, only the JSON could tell")
	default:
		a.compare(n.id, was, is, is.unit.total(m))
	}
}

// expected returns the chunks' sums by the JSON, if the ledger's root agrees
// with them.
func (u unit) expected(entry ledger.Entry, m Meta) []byte {
	if len(m.Chunks)%proof.Size != 0 {
		return nil
	}
	chain := u.chain()
	for c := m.Chunks; len(c) > 0; c = c[proof.Size:] {
		chain.AddSum([proof.Size]byte(c))
	}
	root := chain.Root(u.total(m))
	if hex.EncodeToString(root[:]) != entry.Root {
		return nil
	}
	return m.Chunks
}

// compare names how the sound differs from what it was.
func (a *audit) compare(id string, was []byte, is heard, length int64) {
	switch {
	case is.length < length:
		a.find(id, FlawCut, "%s of %s are left", is.unit.text(is.length), is.unit.text(length))
	case is.length > length:
		a.find(id, FlawLonger, "%s, were %s", is.unit.text(is.length), is.unit.text(length))
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
		a.find(id, FlawReordered, "at %s stands what was recorded at another time", is.unit.spans(moved))
	}
	if len(changed) > 0 {
		a.find(id, FlawChanged, "the sound at %s is not what was recorded", is.unit.spans(changed))
	}
	if len(moved)+len(changed) == 0 && is.length == length {
		a.find(id, FlawChanged, "the sound is the same, its format is not")
	}
}

// atSeam says that the chunk ending at end differs only for being cut, or for
// what follows it.
func atSeam(end int, was []byte, is heard, length int64) bool {
	return is.length < length && end == len(is.chunks) || is.length > length && end == len(was)
}

// spans writes chunks as ranges: "seconds 3-5, second 9". Beyond a few it says
// how many.
func (u unit) spans(chunks []int) string {
	const most = 5
	out := ""
	for i, n := 0, 0; i < len(chunks); n++ {
		j := i
		for j+1 < len(chunks) && chunks[j+1] == chunks[j]+1 {
			j++
		}
		if n == most {
			return fmt.Sprintf("%s and more, %d %ss in all", out, len(chunks), u.chunk)
		}
		if n > 0 {
			out += ", "
		}
		if i == j {
			out += fmt.Sprintf("%s %d", u.chunk, chunks[i])
		} else {
			out += fmt.Sprintf("%ss %d-%d", u.chunk, chunks[i], chunks[j])
		}
		i = j + 1
	}
	return out
}
