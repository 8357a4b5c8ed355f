package g711

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	reference "github.com/zaf/g711"
)

func TestTablesAreExact(t *testing.T) {
	for i := range 256 {
		b := byte(i)
		require.Equal(t, reference.DecodeUlawFrame(b), ULawSample(b), "µ-law octet %d", i)
		require.Equal(t, reference.DecodeAlawFrame(b), ALawSample(b), "A-law octet %d", i)
		require.Equal(t, reference.Ulaw2AlawFrame(b), ulawToALaw[b], "µ-law to A-law of %d", i)
		require.Equal(t, reference.Alaw2UlawFrame(b), alawToULaw[b], "A-law to µ-law of %d", i)
	}
	for i := math.MinInt16; i <= math.MaxInt16; i++ {
		s := int16(i)
		if reference.EncodeUlawFrame(s) != ULawOctet(s) {
			t.Fatalf("µ-law of %d: got %#x, want %#x", i, ULawOctet(s), reference.EncodeUlawFrame(s))
		}
		if reference.EncodeAlawFrame(s) != ALawOctet(s) {
			t.Fatalf("A-law of %d: got %#x, want %#x", i, ALawOctet(s), reference.EncodeAlawFrame(s))
		}
	}
}

func TestFramesMatchTheReference(t *testing.T) {
	octets, linear := everyOctet(), everySample()

	samples := make([]int16, len(octets))
	require.Equal(t, len(octets), DecodeULaw(samples, octets))
	require.Equal(t, reference.DecodeUlaw(octets), littleEndian(samples))
	require.Equal(t, len(octets), DecodeALaw(samples, octets))
	require.Equal(t, reference.DecodeAlaw(octets), littleEndian(samples))

	encoded := make([]byte, len(linear))
	require.Equal(t, len(linear), EncodeULaw(encoded, linear))
	require.Equal(t, reference.EncodeUlaw(littleEndian(linear)), encoded)
	require.Equal(t, len(linear), EncodeALaw(encoded, linear))
	require.Equal(t, reference.EncodeAlaw(littleEndian(linear)), encoded)

	translated := make([]byte, len(octets))
	require.Equal(t, len(octets), ULawToALaw(translated, octets))
	require.Equal(t, reference.Ulaw2Alaw(octets), translated)
	require.Equal(t, len(octets), ALawToULaw(translated, octets))
	require.Equal(t, reference.Alaw2Ulaw(octets), translated)
}

func TestTranslationWorksInPlace(t *testing.T) {
	octets := everyOctet()
	want := reference.Ulaw2Alaw(octets)
	ULawToALaw(octets, octets)
	require.Equal(t, want, octets)
}

func TestTheShorterSliceDecides(t *testing.T) {
	require.Equal(t, 2, DecodeULaw(make([]int16, 2), make([]byte, 160)))
	require.Equal(t, 3, DecodeALaw(make([]int16, 160), make([]byte, 3)))
	require.Equal(t, 4, EncodeULaw(make([]byte, 4), make([]int16, 160)))
	require.Equal(t, 5, EncodeALaw(make([]byte, 160), make([]int16, 5)))
	require.Equal(t, 6, ULawToALaw(make([]byte, 6), make([]byte, 160)))
	require.Zero(t, ALawToULaw(nil, nil))
}

func TestSilenceIsTheSmallestPositiveValue(t *testing.T) {
	require.EqualValues(t, 0, ULawSample(ULawSilence))
	require.EqualValues(t, 8, ALawSample(ALawSilence))
	require.Equal(t, ULawSilence, ULawOctet(0))
	require.Equal(t, ALawSilence, ALawOctet(0))
	require.Equal(t, ALawSilence, ulawToALaw[ULawSilence])
}

func TestEncodingWhatWasDecodedGivesTheSameSound(t *testing.T) {
	for i := range 256 {
		b := byte(i)
		require.Equal(t, ULawSample(b), ULawSample(ULawOctet(ULawSample(b))), "µ-law octet %d", i)
		require.Equal(t, b, ALawOctet(ALawSample(b)), "A-law octet %d", i)
	}
}

func TestNothingIsAllocated(t *testing.T) {
	octets, out, samples := make([]byte, 160), make([]byte, 160), make([]int16, 160)
	require.Zero(t, testing.AllocsPerRun(100, func() {
		DecodeULaw(samples, octets)
		DecodeALaw(samples, octets)
		EncodeULaw(out, samples)
		EncodeALaw(out, samples)
		ULawToALaw(out, octets)
		ALawToULaw(out, octets)
	}))
}

// One frame is 20 ms, 160 octets.

func BenchmarkDecodeULaw(b *testing.B) {
	dst, src := make([]int16, 160), everyOctet()[:160]
	b.ReportAllocs()
	for b.Loop() {
		DecodeULaw(dst, src)
	}
}

func BenchmarkEncodeULaw(b *testing.B) {
	dst, src := make([]byte, 160), everySample()[20000:20160]
	b.ReportAllocs()
	for b.Loop() {
		EncodeULaw(dst, src)
	}
}

func BenchmarkEncodeALaw(b *testing.B) {
	dst, src := make([]byte, 160), everySample()[20000:20160]
	b.ReportAllocs()
	for b.Loop() {
		EncodeALaw(dst, src)
	}
}

func BenchmarkULawToALaw(b *testing.B) {
	dst, src := make([]byte, 160), everyOctet()[:160]
	b.ReportAllocs()
	for b.Loop() {
		ULawToALaw(dst, src)
	}
}

func everyOctet() []byte {
	octets := make([]byte, 256)
	for i := range octets {
		octets[i] = byte(i)
	}
	return octets
}

func everySample() []int16 {
	samples := make([]int16, 1<<16)
	for i := range samples {
		samples[i] = int16(i + math.MinInt16)
	}
	return samples
}

func littleEndian(samples []int16) []byte {
	out := make([]byte, 0, 2*len(samples))
	for _, s := range samples {
		out = append(out, byte(s), byte(uint16(s)>>8))
	}
	return out
}
