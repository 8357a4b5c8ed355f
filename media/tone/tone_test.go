package tone

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// power is the share of the samples' energy at one frequency, 1 for a pure
// sine of it (Goertzel, as a plain sum).
func power(samples []int16, hz float64) float64 {
	var re, im, total float64
	for i, s := range samples {
		sin, cos := math.Sincos(2 * math.Pi * hz * float64(i) / Rate)
		re += float64(s) * cos
		im += float64(s) * sin
		total += float64(s) * float64(s)
	}
	return 2 * (re*re + im*im) / total / float64(len(samples))
}

func largestStep(samples []int16) int {
	step := 0
	for i := 1; i < len(samples); i++ {
		step = max(step, abs(int(samples[i])-int(samples[i-1])))
	}
	return step
}

func abs(n int) int { return max(n, -n) }

func TestSineHasItsFrequencyAndLevel(t *testing.T) {
	for _, dBm0 := range []float64{0, -10, -20, -35} {
		got := Sine(1004, time.Second, dBm0)
		require.Len(t, got, Rate)
		require.InDelta(t, dBm0, Level(got), 0.1)
		require.Greater(t, power(got, 1004), 0.98)
		require.Less(t, power(got, 1400), 0.01)
	}
}

func TestDualHasBothFrequenciesAtTheirLevel(t *testing.T) {
	got := Dual(770, 1336, 500*time.Millisecond, -9)
	require.InDelta(t, 0.5, power(got, 770), 0.02)
	require.InDelta(t, 0.5, power(got, 1336), 0.02)
	require.InDelta(t, -6, Level(got), 0.1, "two tones of -9 dBm0 together are -6 dBm0")
}

func TestBurstsBeginAndEndWithoutAClick(t *testing.T) {
	got := Sine(450, 100*time.Millisecond, -10)
	require.Less(t, abs(int(got[0])), 50)
	require.Less(t, abs(int(got[len(got)-1])), 50)
}

func TestTooLoudIsClippedAndNeverWraps(t *testing.T) {
	got := Sine(400, 100*time.Millisecond, 20)
	for i := 1; i < len(got); i++ {
		require.False(t, abs(int(got[i])-int(got[i-1])) > 65000, "sample %d wrapped round", i)
	}
	require.Contains(t, got, int16(math.MaxInt16))
}

func TestFullScaleIs3Point17dBm0(t *testing.T) {
	require.InDelta(t, 32636, Amplitude(3.17), 0.5)
}

func TestSilenceIsSilent(t *testing.T) {
	require.Len(t, Silence(20*time.Millisecond), 160)
	require.True(t, math.IsInf(Level(Silence(time.Second)), -1))
	require.True(t, math.IsInf(Level(nil), -1))
	require.Empty(t, Silence(-time.Second))
}

func TestComfortNoiseIsRepeatableAndAtItsLevel(t *testing.T) {
	first := Comfort(time.Second, -50, 7)
	require.Equal(t, first, Comfort(time.Second, -50, 7))
	require.NotEqual(t, first, Comfort(time.Second, -50, 8))
	require.InDelta(t, -50, Level(first), 0.3)
	require.Less(t, power(first, 1000), 0.02, "noise has no tone in it")
}

func TestEveryCountrysSignalsFollowTheirCadence(t *testing.T) {
	require.Contains(t, Countries(), "cn")
	for _, code := range Countries() {
		for name, find := range map[string]func(string) (Signal, bool){"ringback": Ringback, "busy": Busy, "congestion": Congestion} {
			s, ok := find(code)
			require.True(t, ok)
			checkCadence(t, code+" "+name, s)
		}
	}
	_, ok := Ringback("atlantis")
	require.False(t, ok)
	upper, ok := Ringback("CN")
	require.True(t, ok)
	require.Equal(t, []time.Duration{time.Second, 4 * time.Second}, upper.Cadence)
}

func checkCadence(t *testing.T, name string, s Signal) {
	cycle := s.Samples()
	at := 0
	for i, d := range s.Cadence {
		part := cycle[at : at+Samples(d)]
		at += len(part)
		if i%2 == 1 {
			require.True(t, math.IsInf(Level(part), -1), "%s: pause %d", name, i)
			continue
		}
		for _, hz := range s.Hz {
			require.Greater(t, power(part, hz), 0.9/float64(len(s.Hz)), "%s: burst %d, %v Hz", name, i, hz)
		}
	}
	require.Len(t, cycle, at, name)
}

func TestContinuousSignalsLoopWithoutAStep(t *testing.T) {
	s := Signal{Hz: []float64{425}, DBm0: -10}
	cycle := s.Samples()
	seam := abs(int(cycle[0]) - int(cycle[len(cycle)-1]))
	require.LessOrEqual(t, seam, largestStep(cycle)+1)
}
