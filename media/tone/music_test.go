package tone

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestMusicIsMadeOnceAndAlwaysTheSame(t *testing.T) {
	first, second := Music(), Music()
	require.Same(t, &first[0], &second[0])
	require.Equal(t, first, renderMusic())
}

func TestMusicLastsHalfAMinuteAtMinus20dBm0(t *testing.T) {
	length := time.Duration(len(Music())) * time.Second / Rate
	require.GreaterOrEqual(t, length, 20*time.Second)
	require.LessOrEqual(t, length, 30*time.Second)
	require.Zero(t, len(Music())%160, "a whole number of frames")
	require.InDelta(t, -20, Level(Music()), 0.1)
}

func TestMusicIsNeitherClippedNorSilentAnywhere(t *testing.T) {
	m := Music()
	peak := 0
	for _, s := range m {
		peak = max(peak, abs(int(s)))
	}
	require.Less(t, peak, 20000)
	window := Samples(200 * time.Millisecond)
	for at := 0; at+window <= len(m); at += window {
		require.Greater(t, Level(m[at:at+window]), -32.0, "at %d", at)
	}
}

func TestMusicHasNoStepAtItsSeam(t *testing.T) {
	m := Music()
	seam := abs(int(m[0]) - int(m[len(m)-1]))
	require.LessOrEqual(t, seam, largestStep(m))
	// A step in the slope is a click as well.
	slope := func(i int) int { return int(m[(i+1)%len(m)]) - int(m[i]) }
	bend := 0
	for i := range len(m) - 2 {
		bend = max(bend, abs(slope(i+1)-slope(i)))
	}
	require.LessOrEqual(t, abs(slope(len(m)-1)-slope(len(m)-2)), bend)
	require.LessOrEqual(t, abs(slope(0)-slope(len(m)-1)), bend)
	// Loudness goes on over the seam, too.
	edge := Samples(250 * time.Millisecond)
	require.InDelta(t, Level(m[len(m)-edge:]), Level(m[:edge]), 8)
}

func TestMusicStaysWithinTheTelephoneBand(t *testing.T) {
	low, high := 0.0, 0.0
	excerpt := Music()[:2*Rate]
	for hz := 10.0; hz < 100; hz += 10 {
		low += power(excerpt, hz)
	}
	for hz := 3400.0; hz < 4000; hz += 50 {
		high += power(excerpt, hz)
	}
	require.Less(t, low, 0.02)
	require.Less(t, high, 0.02)
	require.False(t, math.IsNaN(low+high))
}

func BenchmarkRenderMusic(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		renderMusic()
	}
}
