package media

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

// hummed is frame n of a voice of 125 Hz with overtones.
func hummed(n int) []int16 {
	pcm := make([]int16, frameTicks)
	for i := range pcm {
		at := 2 * math.Pi * 125 * float64(n*frameTicks+i) / ClockRate
		pcm[i] = int16(6000*math.Sin(at) + 3000*math.Sin(2*at) + 1500*math.Sin(3*at))
	}
	return pcm
}

// listened plays frames of a voice from which some are missing and returns what
// a listener hears of them, 20 ms at a time.
func listened(frames int, lost func(int) bool) (heard []int16) {
	v := &voice{}
	for n := range frames + 3 {
		now := int64(1_000_000 + n*frameTicks)
		if n < frames && !lost(n) {
			v.write(1, uint32(n*frameTicks), hummed(n), now)
		}
		if n < 2 {
			continue // the lead
		}
		sum := make([]int32, frameTicks)
		at := int64(1_000_000+leadTicks) + int64((n-2)*frameTicks)
		v.conceal(at + frameTicks)
		v.addTo(sum, at)
		for _, s := range sum {
			heard = append(heard, int16(s))
		}
	}
	return heard
}

// off is the noise in a frame against what was said, as a ratio of power.
func off(heard []int16, n int) float64 {
	var noise, power float64
	for i, s := range hummed(n) {
		d := float64(s) - float64(heard[n*frameTicks+i])
		noise, power = noise+d*d, power+float64(s)*float64(s)
	}
	return noise / power
}

func TestLostPacketIsConcealedInAMix(t *testing.T) {
	heard := listened(30, func(n int) bool { return n == 10 || n == 20 || n == 21 })
	for n := range 30 {
		switch n {
		case 10, 20:
			require.Less(t, off(heard, n), 0.15, "frame %d is hardly heard to be missing", n)
		case 21: // fading, and still better than a hole
			require.Less(t, off(heard, n), 0.6, "frame %d", n)
		default:
			require.Zero(t, off(heard, n), "frame %d was received", n)
		}
	}
}

func TestConcealmentEnds(t *testing.T) {
	heard := listened(30, func(n int) bool { return n >= 12 && n < 25 })
	for n := 15; n < 25; n++ {
		require.InDelta(t, 1, off(heard, n), 0.001, "frame %d is silence", n)
	}
	require.Zero(t, off(heard, 26))
	quiet := listened(3, func(n int) bool { return n > 0 })
	for _, s := range quiet[frameTicks:] {
		require.Zero(t, s, "too little was heard to go on from")
	}
}

func BenchmarkConceal(b *testing.B) {
	v := &voice{}
	for n := range 5 {
		v.write(1, uint32(n*frameTicks), hummed(n), int64(1_000_000+n*frameTicks))
	}
	end := v.end
	b.ReportAllocs()
	for b.Loop() {
		v.end = end
		v.conceal(end + frameTicks)
	}
}
