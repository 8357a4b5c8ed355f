package flac

import (
	"bytes"
	"errors"
	"io"
	"math"
	"math/rand/v2"
	"testing"

	"switchroom/media/g711"
	"switchroom/recording/wav"

	mewkiz "github.com/mewkiz/flac"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// page is a file in memory.
type page struct{ b []byte }

func (p *page) WriteAt(b []byte, at int64) (int, error) {
	if grow := int(at) + len(b) - len(p.b); grow > 0 {
		p.b = append(p.b, make([]byte, grow)...)
	}
	return copy(p.b[at:], b), nil
}

func noPace() error { return nil }

func encode(t require.TestingT, sound []byte, f wav.Format) *page {
	p := &page{}
	size, err := Encode(p, bytes.NewReader(sound), f, int64(len(sound)/f.Block()), noPace)
	require.NoError(t, err)
	require.Len(t, p.b, int(size))
	return p
}

func open(t require.TestingT, p *page) *Reader {
	r, err := Open(bytes.NewReader(p.b), int64(len(p.b)))
	require.NoError(t, err)
	return r
}

// speech is something like two people who speak in turn, with the noise of a
// line below.
func speech(n int, f wav.Format, rng *rand.Rand) []byte {
	b := make([]byte, n*f.Block())
	for i := range n {
		for ch := range 2 {
			level := 12.0
			if (i/12000+ch)%2 == 0 {
				level = 6000 * math.Abs(math.Sin(float64(i)/900))
			}
			v := level*math.Sin(float64(i)*(0.11+0.03*float64(ch))+3*math.Sin(float64(i)/1500)) + rng.NormFloat64()*6
			put(b, f, i, ch, int16(v))
		}
	}
	return b
}

func put(b []byte, f wav.Format, i, ch int, v int16) {
	switch f {
	case wav.ULaw:
		b[2*i+ch] = g711.ULawOctet(v)
		if v < 0 && v > -4 {
			b[2*i+ch] = negativeZero
		}
	case wav.ALaw:
		b[2*i+ch] = g711.ALawOctet(v)
	default:
		b[4*i+2*ch], b[4*i+2*ch+1] = byte(v), byte(v>>8)
	}
}

func TestEveryOctetComesBackWhateverIsRead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := rapid.SampledFrom([]wav.Format{wav.ULaw, wav.ALaw, wav.PCM16}).Draw(t, "format")
		n := rapid.IntRange(LengthMin, 2*Frame+200).Draw(t, "instants")
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		sound := speech(n, f, rng)
		switch rapid.IntRange(0, 2).Draw(t, "kind") {
		case 0: // all codes there are
			for i := range sound {
				sound[i] = byte(rng.Uint32())
			}
		case 1: // quiet
			for i := range sound {
				sound[i] = map[wav.Format]byte{wav.ULaw: 0x7F, wav.ALaw: 0xD5, wav.PCM16: 0}[f]
			}
		}
		r := open(t, encode(t, sound, f))
		require.Equal(t, f, r.Format)
		require.EqualValues(t, n, r.Length)
		for range 3 {
			at := rapid.IntRange(0, len(sound)).Draw(t, "at")
			b := make([]byte, rapid.IntRange(0, len(sound)-at).Draw(t, "size"))
			k, err := r.ReadAt(b, int64(at))
			require.Equal(t, len(b), k)
			if err != nil {
				require.Equal(t, io.EOF, err)
			}
			require.True(t, bytes.Equal(sound[at:at+k], b))
		}
		_, err := r.ReadAt(make([]byte, 1), int64(len(sound)))
		require.Equal(t, io.EOF, err)
	})
}

func TestAPlayerHearsExactlyWhatTheWAVHolds(t *testing.T) {
	sound := speech(3*Frame+100, wav.ULaw, rand.New(rand.NewPCG(1, 1)))
	s, err := mewkiz.Parse(bytes.NewReader(encode(t, sound, wav.ULaw).b))
	require.NoError(t, err)
	require.EqualValues(t, Frame, s.Info.BlockSizeMin)
	require.EqualValues(t, Frame, s.Info.BlockSizeMax)
	require.EqualValues(t, 3*Frame+100, s.Info.NSamples)
	at := 0
	for {
		f, err := s.ParseNext()
		if err == io.EOF {
			break
		}
		require.NoError(t, err)
		for i := range f.Subframes[0].Samples {
			for ch := range 2 {
				require.EqualValues(t, g711.ULawSample(sound[at]), f.Subframes[ch].Samples[i])
				at++
			}
		}
	}
	require.Equal(t, len(sound), at)
}

func TestSpeechIsMuchSmallerThanItWas(t *testing.T) {
	for _, f := range []wav.Format{wav.ULaw, wav.ALaw, wav.PCM16} {
		sound := speech(10*wav.Rate, f, rand.New(rand.NewPCG(1, 1)))
		share := float64(len(encode(t, sound, f).b)) / float64(len(sound))
		t.Logf("%s: %.2f", f, share)
		require.Less(t, share, 0.75, f)
	}
}

func TestTheWorkEndsWhenItIsToldTo(t *testing.T) {
	stop := errors.New("enough")
	_, err := Encode(&page{}, bytes.NewReader(make([]byte, 40000)), wav.ULaw, 20000, func() error { return stop })
	require.ErrorIs(t, err, stop)
	_, err = Encode(&page{}, bytes.NewReader(make([]byte, 400)), wav.ULaw, 201, noPace)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	_, err = Encode(&page{}, bytes.NewReader(make([]byte, 30)), wav.ULaw, 15, noPace)
	require.ErrorIs(t, err, errShort)
}

// FuzzOpen: whatever the octets are, nothing panics, and an error is said to
// be damage.
func FuzzOpen(f *testing.F) {
	for _, format := range []wav.Format{wav.ULaw, wav.PCM16} {
		p := encode(f, speech(2*Frame+50, format, rand.New(rand.NewPCG(1, 1))), format)
		f.Add(p.b, 0, []byte{})
		f.Add(p.b, 300, []byte{0xFF, 0xF8, 0xFF})
		f.Add(p.b[:len(p.b)/2], 0, []byte{})
	}
	f.Fuzz(func(t *testing.T, b []byte, at int, patch []byte) {
		if at >= 0 && at < len(b) {
			b = bytes.Clone(b)
			copy(b[at:], patch)
		}
		r, err := Open(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			require.ErrorIs(t, err, ErrDamaged)
			return
		}
		buf := make([]byte, 1000)
		for _, at := range []int64{0, 20000, 1 << 40} {
			if _, err := r.ReadAt(buf, at); err != nil && err != io.EOF {
				require.ErrorIs(t, err, ErrDamaged)
			}
		}
	})
}

func BenchmarkEncodeASecond(b *testing.B) {
	sound := speech(30*wav.Rate, wav.ULaw, rand.New(rand.NewPCG(1, 1)))
	b.ReportAllocs()
	for b.Loop() {
		encode(b, sound, wav.ULaw)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/30, "ns/s")
}

func BenchmarkDecodeASecond(b *testing.B) {
	p := encode(b, speech(30*wav.Rate, wav.ULaw, rand.New(rand.NewPCG(1, 1))), wav.ULaw)
	buf := make([]byte, 2*wav.Rate)
	for b.Loop() {
		r := open(b, p)
		for at := int64(0); at < 2*r.Length; at += int64(len(buf)) {
			_, err := r.ReadAt(buf, at)
			require.NoError(b, err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/30, "ns/s")
}
