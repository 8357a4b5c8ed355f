package vault

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"switchroom/recording/proof"
	"switchroom/recording/timeline"
	"switchroom/recording/wav"

	"filippo.io/age"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

const callID = "01900000-0000-7000-8000-000000000001"

// page is a file in memory, whose writes can be made to fail half way.
type page struct {
	b     []byte
	short int // of the next write, when failing
	fail  bool
}

var errDisk = errors.New("no space")

func (p *page) WriteAt(b []byte, at int64) (int, error) {
	n := len(b)
	if p.fail {
		n = min(p.short, n)
	}
	if grow := int(at) + n - len(p.b); grow > 0 {
		p.b = append(p.b, make([]byte, grow)...)
	}
	copy(p.b[at:], b[:n])
	if p.fail {
		return n, errDisk
	}
	return n, nil
}

func (p *page) Truncate(n int64) { p.b = p.b[:n] }

func newKey(t require.TestingT) (*age.X25519Identity, Keys) {
	id, err := age.GenerateX25519Identity()
	require.NoError(t, err)
	k, err := ParseKeys("# of the court\n\n" + id.Recipient().String() + "\n")
	require.NoError(t, err)
	return id, k
}

func newFile(t require.TestingT, f wav.Format, keys Keys) (*Writer, *page) {
	w, head, err := New(callID, f, keys)
	require.NoError(t, err)
	p := &page{}
	_, err = p.WriteAt(head, 0)
	require.NoError(t, err)
	return w, p
}

func decode(p *page, ids ...age.Identity) (Sound, []byte, error) {
	out := &page{}
	s, err := Decode(bytes.NewReader(p.b), int64(len(p.b)), out, ids...)
	return s, out.b, err
}

func TestSoundComesBackWithAnyOfTheKeysAndWithNoOther(t *testing.T) {
	a, ka := newKey(t)
	b, kb := newKey(t)
	pq, err := age.GenerateHybridIdentity()
	require.NoError(t, err)
	both, err := ParseKeys(ka.Names[0] + "\n" + kb.Names[0] + "\n" + ka.Names[0])
	require.NoError(t, err)
	require.Len(t, both.Names, 2)
	w, p := newFile(t, wav.ALaw, both)
	sound := bytes.Repeat([]byte("known sound "), 1000)
	require.NoError(t, w.Sound(p, 0, sound))
	require.NoError(t, w.Sound(p, 100, []byte("late")))
	require.NoError(t, w.Sound(p, 7000, []byte("behind a gap")))
	require.NoError(t, w.End(p, 8000, [proof.Size]byte{1, 2}))
	require.NoError(t, w.End(p, 8000, [proof.Size]byte{1, 2}), "an end may be tried again")
	want := append(bytes.Clone(sound), timeline.Silence(wav.ALaw, 2000)...)
	copy(want[200:], "late")
	copy(want[14000:], "behind a gap")
	for _, id := range []age.Identity{a, b} {
		s, got, err := decode(p, id)
		require.NoError(t, err)
		require.Equal(t, Sound{ID: callID, Format: wav.ALaw, Length: 8000, Ended: true, Root: [proof.Size]byte{1, 2}}, s)
		require.Equal(t, want, got)
	}
	_, _, err = decode(p, pq)
	require.ErrorIs(t, err, ErrNotForUs)
	require.NotContains(t, string(p.b), "known")

	hybrid, err := ParseKeys(pq.Recipient().String())
	require.NoError(t, err)
	w, p = newFile(t, wav.ULaw, hybrid)
	require.NoError(t, w.Sound(p, 0, sound))
	s, got, err := decode(p, pq)
	require.NoError(t, err)
	require.False(t, s.Ended)
	require.Equal(t, sound, got)
}

func TestTheDataKeyIsAnOrdinaryAgeFile(t *testing.T) {
	id, keys := newKey(t)
	_, p := newFile(t, wav.ULaw, keys)
	h, err := parseHead(p.b)
	require.NoError(t, err)
	r, err := age.Decrypt(bytes.NewReader(h.key), id)
	require.NoError(t, err)
	key, err := io.ReadAll(r)
	require.NoError(t, err)
	require.Len(t, key, keySize)
}

func TestKeysThatAreNoneAreRefused(t *testing.T) {
	id, _ := newKey(t)
	for _, text := range []string{"", "\n# nothing\n", "age1oops", id.String(), id.Recipient().String() + "\nrubbish"} {
		_, err := ParseKeys(text)
		require.ErrorIs(t, err, ErrKeys)
		require.NotContains(t, err.Error(), "SECRET-KEY")
	}
}

// written is a file with what it must hold after each of its records.
type written struct {
	*page
	w      *Writer
	id     *age.X25519Identity
	ends   []int64  // size after each record
	sounds [][]byte // what is heard then
}

// write makes a file in the way the recorder does: with stretches that
// overlap, gaps, and writes that fail half way.
func write(t *rapid.T) written {
	id, keys := newKey(t)
	f := rapid.SampledFrom([]wav.Format{wav.ULaw, wav.PCM16}).Draw(t, "format")
	w, p := newFile(t, f, keys)
	out := written{page: p, w: w, id: id, ends: []int64{w.Size()}, sounds: [][]byte{nil}}
	var sound []byte
	for range rapid.IntRange(1, 12).Draw(t, "records") {
		n := rapid.IntRange(1, 9000).Draw(t, "instants")
		length := len(sound) / f.Block()
		at := max(length+rapid.IntRange(-400, 300).Draw(t, "step"), 0)
		b := bytes.Repeat([]byte{byte(rapid.IntRange(1, 255).Draw(t, "octet"))}, n*f.Block())
		if rapid.IntRange(0, 3).Draw(t, "fault") == 0 {
			p.fail, p.short = true, rapid.IntRange(0, len(b)+60).Draw(t, "short")
			require.ErrorIs(t, w.Sound(p, int64(at), append(b, b...)), errDisk)
			p.fail = false
		}
		require.NoError(t, w.Sound(p, int64(at), b))
		if at > length {
			sound = append(sound, timeline.Silence(f, int64(at-length))...)
		}
		sound = append(bytes.Clone(sound[:at*f.Block()]), append(b, sound[min(len(sound), at*f.Block()+len(b)):]...)...)
		out.ends, out.sounds = append(out.ends, w.Size()), append(out.sounds, sound)
	}
	p.Truncate(w.Size())
	return out
}

func TestACutFileGivesWhatWasWholeThen(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := write(t)
		n := rapid.IntRange(int(f.ends[0]), len(f.b)).Draw(t, "cut")
		cut := &page{b: f.b[:n]}
		last := 0
		for last+1 < len(f.ends) && f.ends[last+1] <= int64(n) {
			last++
		}
		s, got, err := decode(cut, f.id)
		require.NoError(t, err)
		require.False(t, s.Ended)
		require.True(t, bytes.Equal(f.sounds[last], got))
		require.EqualValues(t, int64(n)-f.ends[last], s.Left)
		e, err := Scan(bytes.NewReader(cut.b), int64(n))
		require.NoError(t, err)
		require.Equal(t, f.ends[last], e.Size)
		require.Equal(t, s.Length, e.Length)
		require.Equal(t, callID, e.ID)
	})
}

// What is changed, also by somebody who mends the checksums, is never heard.
func TestAChangedFileIsNeverHeardAsAnother(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := write(t)
		require.NoError(t, f.w.End(f, int64(len(f.sounds[len(f.sounds)-1])), [proof.Size]byte{9}))
		forged := &page{b: bytes.Clone(f.b)}
		at := rapid.IntRange(0, len(f.b)-1).Draw(t, "at")
		forged.b[at] ^= byte(rapid.IntRange(1, 255).Draw(t, "bits"))
		if rapid.Bool().Draw(t, "mend") {
			mendSums(forged.b)
		}
		if bytes.Equal(forged.b, f.b) {
			return // a checksum was changed and mended
		}
		s, got, err := decode(forged, f.id)
		if err != nil {
			return
		}
		require.False(t, s.Ended, "the end was reached")
		require.Positive(t, s.Left)
		heard := false
		for _, sound := range f.sounds {
			heard = heard || bytes.Equal(sound, got)
		}
		require.True(t, heard, "what is heard was once all there was")
	})
}

func TestRecordsCannotBeTakenOutExchangedOrBroughtFromElsewhere(t *testing.T) {
	id, keys := newKey(t)
	w, p := newFile(t, wav.ULaw, keys)
	ends := []int64{w.Size()}
	for i := range 4 {
		require.NoError(t, w.Sound(p, int64(i)*80, bytes.Repeat([]byte{byte(i)}, 160)))
		ends = append(ends, w.Size())
	}
	part := func(i int) []byte { return p.b[ends[i]:ends[i+1]] }
	head := p.b[:ends[0]]
	w2, p2 := newFile(t, wav.ULaw, keys)
	start := w2.Size()
	require.NoError(t, w2.Sound(p2, 0, bytes.Repeat([]byte{7}, 160)))
	for name, b := range map[string][]byte{
		"taken out":            bytes.Join([][]byte{head, part(0), part(2), part(3)}, nil),
		"exchanged":            bytes.Join([][]byte{head, part(0), part(2), part(1), part(3)}, nil),
		"twice":                bytes.Join([][]byte{head, part(0), part(0)}, nil),
		"brought":              bytes.Join([][]byte{head, p2.b[start:]}, nil),
		"behind another head":  bytes.Join([][]byte{p2.b[:start], part(0)}, nil),
		"the first taken away": bytes.Join([][]byte{head, part(1)}, nil),
	} {
		_, _, err := decode(&page{b: b}, id)
		require.ErrorIs(t, err, ErrDamaged, name)
	}
}

func TestTheFilesChainGrowsAsTheFileDoes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := write(t)
		links := map[int][proof.Size]byte{}
		got, err := Hash(bytes.NewReader(f.b), callID, int64(len(f.b)), func(n int, h [proof.Size]byte) { links[n] = h })
		require.NoError(t, err)
		require.Equal(t, f.w.Sums(), got)
		n, head := f.w.Chain()
		if n > 0 {
			require.Equal(t, links[n], head, "what is said on the way is what is found")
		}
	})
}
