package recording

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"

	"switchroom/recording/disk"
	"switchroom/recording/proof"
	"switchroom/recording/tail"
	"switchroom/recording/timeline"
	"switchroom/recording/wav"
)

// openCut opens the sound of a recording that was cut off; when there is none,
// for nothing had been said, it makes an empty WAV.
func (s *Store) openCut(n name) (f disk.File, encrypted bool, err error) {
	f, err = s.files.Edit(n.sound())
	if !errors.Is(err, fs.ErrNotExist) {
		return f, false, err
	}
	f, err = s.files.Edit(n.vault())
	if err == nil {
		var size int64
		if size, err = f.Size(); err != nil || size > 0 {
			return f, true, err
		}
		// Made, and cut off before its head: nothing was written.
		err = errors.Join(f.Close(), s.files.Remove(n.vault()))
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, true, err
	}
	f, err = s.files.Create(n.sound())
	return f, false, err
}

// mended is what was found and done to a file that was cut off.
type mended struct {
	length   int64 // sample instants
	gaps     []Gap
	altered  bool // its beginning is not what was hashed before the crash
	headless bool // it is encrypted, and its head is lost
}

// mend brings a cut-off file into order and fills in what the metadata tells
// of it: format, length, gaps, hashes, cause.
func (s *Store) mend(f disk.File, encrypted bool, n name, m *Meta, left *tail.Left) error {
	var found mended
	var err error
	if encrypted {
		found, err = mendVault(f, n, m, left)
	} else {
		found, err = s.mendSound(f, n, m, left)
	}
	if err != nil {
		return err
	}
	m.Gaps = append(m.Gaps, found.gaps...)
	note := func(kind, why string) {
		m.Marks = append(m.Marks, Mark{Kind: kind, Who: CauseSystem, Why: why, At: s.cfg.Now().UTC(), Offset: m.Length})
	}
	if len(found.gaps) > 0 {
		note(MarkDamaged, "silence where the sound was damaged")
	}
	if found.altered {
		note(MarkDamaged, "sound differs from what was hashed before the crash")
	}
	if found.headless {
		note(MarkDamaged, "the head of the encrypted file is lost")
	}
	if left != nil && found.length < left.Safe {
		note(MarkCut, "shorter than it was when last synced")
	}
	if m.Cause == "" {
		m.Cause = CauseSystem
	}
	for i := range m.Segments {
		if m.Segments[i].End == 0 {
			m.Segments[i].End = m.Length
		}
	}
	return nil
}

// mendSound is mend's part for a WAV.
func (s *Store) mendSound(f disk.File, n name, m *Meta, left *tail.Left) (found mended, err error) {
	format, length, claimed, err := s.extent(f, *m, left)
	if err != nil {
		return found, err
	}
	found.gaps, length, err = patch(f, format, length, claimed, left)
	if err != nil {
		return found, err
	}
	head := wav.Header(nil, format, length*int64(format.Block()))
	if _, err := f.WriteAt(head, 0); err != nil {
		return found, err
	}
	if err := f.Truncate(int64(len(head)) + length*int64(format.Block())); err != nil {
		return found, err
	}
	chain, chunks, altered, err := rehash(f, n.id, format, length, left)
	if err != nil {
		return found, err
	}
	root := chain.Root(length)
	m.Format, m.Length = format.String(), instants(length)
	m.Root, m.Chunks = hex.EncodeToString(root[:]), chunks
	found.length, found.altered = length, altered
	return found, nil
}

// extent says in which format a file is, how many sample instants of it there
// are, and how many its header claims: what the log vouches for or, without a log, what the header
// claims, as far as the file goes. When the header is damaged too the JSON
// tells the format and the file's size the length.
func (s *Store) extent(f disk.File, m Meta, left *tail.Left) (format wav.Format, length, claimed int64, err error) {
	size, err := f.Size()
	if err != nil {
		return 0, 0, 0, err
	}
	format, data, _, err := readHeader(f)
	claimed = data / int64(format.Block())
	length = claimed
	switch {
	case err != nil && !errors.Is(err, wav.ErrHeader):
		return 0, 0, 0, err
	case err == nil:
	case left != nil:
		format = left.Format
	default:
		format, _ = formatOf(m)
		length = size
	}
	if format > wav.PCM16 {
		return 0, 0, 0, fmt.Errorf("recording: unknown format %d", format)
	}
	if left != nil {
		// The log is written before the header: what the header tells of beyond
		// it is a power cut's mixture of old and new.
		length = left.Known()
	}
	there := max(size-int64(format.HeaderSize()), 0) / int64(format.Block())
	return format, min(length, there, lengthMax(format)+timeline.Chunk), claimed, nil
}

// deadRun is how many octets of zero in a row, at a place no checksum covers,
// are what the disk never got: as sound it would be a sustained extreme on both
// channels.
const deadRun = 64

// stretch is [from, to) in sample instants.
type stretch struct{ from, to int64 }

// patch puts silence where the file does not hold what was written: stretches
// whose checksum is wrong, and what no checksum covers and is zero. At the end,
// beyond what the header claimed, it cuts instead: that is a write which the
// crash stopped in the middle, and no reader has seen any of it.
func patch(f disk.File, format wav.Format, length, claimed int64, left *tail.Left) ([]Gap, int64, error) {
	if left == nil {
		gaps, err := patchDead(f, format, max(0, length-3*wav.Rate), length, nil)
		return gaps, length, err
	}
	bad, err := damaged(f, format, length, left)
	if err != nil {
		return nil, 0, err
	}
	if n := len(bad); n > 0 && bad[n-1].to == length && claimed < length {
		length = max(bad[n-1].from, claimed)
		bad[n-1].to = length
	}
	gaps, err := patchAll(f, format, length, bad, left)
	return gaps, length, err
}

// patchAll mutes the bad stretches, and what is dead between them.
func patchAll(f disk.File, format wav.Format, length int64, bad []stretch, left *tail.Left) (gaps []Gap, err error) {
	at := min(left.Safe, length)
	for _, b := range bad {
		if gaps, err = patchDead(f, format, at, b.from, gaps); err != nil {
			return nil, err
		}
		if gaps, err = mute(f, format, max(at, b.from), b.to, gaps); err != nil {
			return nil, err
		}
		at = max(at, b.to)
	}
	return patchDead(f, format, at, length, gaps)
}

// damaged lists, in order, what is not as the log has it. The last word on a
// place counts; where that was not written any more, the word before it does.
// A stretch that was written over in part can't be checked in the rest, which
// is left to patchDead; nor can one that such a stretch went over.
func damaged(f disk.File, format wav.Format, length int64, left *tail.Left) ([]stretch, error) {
	const (
		unknown = iota
		unclear // written, and then written over in part
		right
		wrong
	)
	from := min(left.Safe, length)
	verdicts := make([]uint8, length-from)
	for _, b := range slices.Backward(left.Blocks) {
		if b.At >= length {
			continue
		}
		to := min(b.At+b.Instants, length)
		samples, err := readSound(f, format, b.At, to)
		if err != nil {
			return nil, err
		}
		part := verdicts[max(b.At, from)-from : max(to, from)-from]
		verdict := uint8(right)
		if to != b.At+b.Instants || tail.Sum(samples) != b.Sum {
			verdict = wrong
			if slices.Contains(part, right) || slices.Contains(part, unclear) {
				verdict = unclear
			}
		}
		for i := range part {
			if part[i] == unknown || verdict == right {
				part[i] = verdict
			}
		}
	}
	var bad []stretch
	for i := 0; i < len(verdicts); i++ {
		if verdicts[i] != wrong {
			continue
		}
		j := i
		for j < len(verdicts) && verdicts[j] == wrong {
			j++
		}
		bad = append(bad, stretch{from + int64(i), from + int64(j)})
		i = j
	}
	return bad, nil
}

// patchDead mutes runs of zero in [from, to). Linear sound may be zero: there
// it is silence already.
func patchDead(f disk.File, format wav.Format, from, to int64, gaps []Gap) ([]Gap, error) {
	if format == wav.PCM16 {
		return gaps, nil
	}
	block := int64(format.Block())
	for at := from; at < to; at += timeline.Chunk {
		b, err := readSound(f, format, at, min(at+timeline.Chunk, to))
		if err != nil {
			return nil, err
		}
		for i := 0; i < len(b); {
			n := zeroRun(b[i:])
			if n >= deadRun {
				first, last := at+int64(i)/block, at+(int64(i+n)+block-1)/block
				if gaps, err = mute(f, format, first, min(last, to), gaps); err != nil {
					return nil, err
				}
			}
			i += max(n, 1)
		}
	}
	return gaps, nil
}

// zeroRun returns how many octets of zero b begins with.
func zeroRun(b []byte) int {
	for i, o := range b {
		if o != 0 {
			return i
		}
	}
	return len(b)
}

// mute writes silence over [from, to) and notes the gap.
func mute(f disk.File, format wav.Format, from, to int64, gaps []Gap) ([]Gap, error) {
	if from >= to {
		return gaps, nil
	}
	at := int64(format.HeaderSize()) + from*int64(format.Block())
	if _, err := f.WriteAt(timeline.Silence(format, to-from), at); err != nil {
		return nil, err
	}
	if n := len(gaps); n > 0 && gaps[n-1].Start+gaps[n-1].Length == instants(from) {
		gaps[n-1].Length = instants(to) - gaps[n-1].Start
		return gaps, nil
	}
	return append(gaps, Gap{Start: instants(from), Length: instants(to - from), Why: gapDamaged}), nil
}

// readSound reads the samples of [from, to).
func readSound(f disk.File, format wav.Format, from, to int64) ([]byte, error) {
	block := int64(format.Block())
	b := make([]byte, (to-from)*block)
	n, err := f.ReadAt(b, int64(format.HeaderSize())+from*block)
	if n == len(b) {
		err = nil
	}
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return b, err
}

// rehash builds the hash chain over a file as it is. altered says that its
// beginning is not what the chain had been built over before the crash.
func rehash(f disk.File, id string, format wav.Format, length int64, left *tail.Left) (chain proof.Chain, chunks []byte, altered bool, err error) {
	chain = proof.NewChain(id, format)
	for at := int64(0); at < length; at += timeline.Chunk {
		b, err := readSound(f, format, at, min(at+timeline.Chunk, length))
		if err != nil {
			return chain, nil, false, err
		}
		sum := chain.Add(b)
		chunks = append(chunks, sum[:]...)
		if left != nil && chain.Len() == left.Chunks && chain.Head() != left.Link {
			altered = true
		}
	}
	return chain, chunks, altered, nil
}
