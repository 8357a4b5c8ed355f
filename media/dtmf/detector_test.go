package dtmf

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"switchroom/media/g711"
	"switchroom/media/tone"
)

// burst is a key's tones: levels of each in dBm0, frequencies off by a factor.
func burst(digit byte, length time.Duration, low, high, off float64) []int16 {
	for row := range keypad {
		for column := range keypad[row] {
			if keypad[row][column] == digit {
				return sum(tone.Sine(lowGroup[row].hz*off, length, low), tone.Sine(highGroup[column].hz*off, length, high))
			}
		}
	}
	return nil
}

func sum(a, b []int16) []int16 {
	out := make([]int16, len(a))
	for i := range a {
		out[i] = int16(max(math.MinInt16, min(math.MaxInt16, int(a[i])+int(b[i]))))
	}
	return out
}

// around puts a silence before and after, the first of any length, so that
// blocks fall anywhere.
func around(sound []int16, lead int) []int16 {
	return append(append(make([]int16, lead), sound...), tone.Silence(60*time.Millisecond)...)
}

func detect(samples []int16) string {
	var d Detector
	var out []byte
	for _, key := range d.Detect(nil, samples) {
		out = append(out, key.Digit)
	}
	return string(out)
}

func TestEveryKeyIsHeardWhereverItsBlocksFall(t *testing.T) {
	for i := range digits {
		for lead := 0; lead < blockLen; lead += 7 {
			require.Equal(t, digits[i:i+1], detect(around(burst(digits[i], 50*time.Millisecond, -9, -7, 1), lead)), "lead %d", lead)
		}
	}
}

func TestTheShortestKeyOfQ24IsHeard(t *testing.T) {
	for lead := range blockLen {
		require.Equal(t, "5", detect(around(burst('5', 40*time.Millisecond, -9, -7, 1), lead)), "lead %d", lead)
	}
}

func TestWhatIsShorterThanAKeyIsNone(t *testing.T) {
	for lead := range blockLen {
		require.Empty(t, detect(around(burst('5', 23*time.Millisecond, -9, -7, 1), lead)), "lead %d", lead)
	}
}

func TestLengthsAreKnownToABlocks(t *testing.T) {
	var d Detector
	keys := d.Detect(nil, around(burst('9', 500*time.Millisecond, -9, -7, 1), 33))
	require.Len(t, keys, 1)
	require.InDelta(t, 500, keys[0].Length.Milliseconds(), 2*13)
}

func TestKeysInARowAreApart(t *testing.T) {
	var sound []int16
	for i := range digits {
		sound = append(sound, around(burst(digits[i], 60*time.Millisecond, -9, -9, 1), 0)...)
		sound = append(sound, around(burst(digits[i], 60*time.Millisecond, -9, -9, 1), 0)...)
	}
	require.Equal(t, "00112233445566778899**##AABBCCDD", detect(sound))
	require.Equal(t, "12", detect(around(append(burst('1', 80*time.Millisecond, -9, -9, 1), burst('2', 80*time.Millisecond, -9, -9, 1)...), 0)), "without a pause between them")
}

func TestABreakOf10msMakesNoSecondKey(t *testing.T) {
	for lead := range blockLen {
		sound := append(burst('6', 80*time.Millisecond, -9, -9, 1), tone.Silence(10*time.Millisecond)...)
		sound = append(sound, burst('6', 80*time.Millisecond, -9, -9, 1)...)
		require.Equal(t, "6", detect(around(sound, lead)), "lead %d", lead)
	}
}

func TestLevelsAndTwistHaveTheirLimits(t *testing.T) {
	for _, c := range []struct {
		low, high float64
		heard     bool
	}{
		{0, 0, true}, {-9, -7, true}, {-25, -25, true}, {-28, -28, true},
		{-36, -36, false}, {-55, -55, false},
		{-6, -13, true}, {-10, -17.5, true}, {-6, -18, false}, // normal twist
		{-10, -6.5, true}, {-18, -8, false}, // reverse twist
		{-10, -90, false}, {-90, -10, false}, // one tone alone
	} {
		for i := range digits {
			got := detect(around(burst(digits[i], 60*time.Millisecond, c.low, c.high, 1), 20)) == digits[i:i+1]
			require.Equal(t, c.heard, got, "%c at %v and %v dBm0", digits[i], c.low, c.high)
		}
	}
}

// ITU-T Q.24: +-1.5 % (and 2 Hz) are a key, +-3.5 % are none.
func TestFrequenciesHaveTheirLimits(t *testing.T) {
	for i := range digits {
		for _, off := range []float64{0.985, 1.015} {
			require.Equal(t, digits[i:i+1], detect(around(burst(digits[i], 60*time.Millisecond, -9, -7, off), 5)), "off by %v", off)
		}
		for _, off := range []float64{0.965, 1.035} {
			require.Empty(t, detect(around(burst(digits[i], 60*time.Millisecond, -9, -7, off), 5)), "%c off by %v", digits[i], off)
		}
	}
}

func TestKeysAreHeardThroughNoiseAndBothLaws(t *testing.T) {
	for i := range digits {
		sound := around(burst(digits[i], 70*time.Millisecond, -9, -7, 1), 31)
		sound = sum(sound, tone.Comfort(time.Second, -25, uint64(i))[:len(sound)])
		law := make([]byte, len(sound))
		g711.EncodeULaw(law, sound)
		g711.DecodeULaw(sound, law)
		g711.EncodeALaw(law, sound)
		g711.DecodeALaw(sound, law)
		require.Equal(t, digits[i:i+1], detect(sound))
	}
}

// speech is d of vowel-like sound with gliding pitch and formants, syllables
// and pauses: a saw of glottal pulses through three resonators.
func speech(d time.Duration, seed uint64) []int16 {
	rng := rand.New(rand.NewPCG(seed, 2))
	out := make([]int16, 0, tone.Samples(d))
	voice := 80 + 170*rng.Float64()
	phase := 0.0
	var state [3][2]float64
	for len(out) < cap(out) {
		length := tone.Samples(time.Duration(80+rng.IntN(250)) * time.Millisecond)
		from, to := voice*(0.8+0.5*rng.Float64()), voice*(0.8+0.5*rng.Float64())
		formants := [3]float64{250 + 650*rng.Float64(), 800 + 1500*rng.Float64(), 2200 + 900*rng.Float64()}
		loud := 0.3 + rng.Float64()
		breath := 0.02 + 0.3*rng.Float64()*rng.Float64()
		for i := 0; i < length && len(out) < cap(out); i++ {
			x := float64(i) / float64(length)
			phase += (from + (to-from)*x) / tone.Rate
			phase -= math.Floor(phase)
			source := (1-2*phase)*loud + breath*rng.NormFloat64()
			var s float64
			for f := range formants {
				r := math.Exp(-math.Pi * (60 + 40*float64(f)) / tone.Rate)
				y := source + 2*r*math.Cos(2*math.Pi*formants[f]/tone.Rate)*state[f][0] - r*r*state[f][1]
				state[f][0], state[f][1] = y, state[f][0]
				s += y * (1 - r) / float64(f+1)
			}
			out = append(out, int16(max(-32000, min(32000, 16000*s*math.Sin(math.Pi*x)))))
		}
		if rng.IntN(4) == 0 {
			out = append(out, make([]int16, min(cap(out)-len(out), tone.Samples(150*time.Millisecond)))...)
		}
	}
	return out
}

func TestVoicesMusicAndNoiseAreNoKeys(t *testing.T) {
	for seed := range uint64(12) {
		require.Empty(t, detect(speech(15*time.Second, seed)), "voice %d", seed)
	}
	require.Empty(t, detect(tone.Music()))
	require.Empty(t, detect(tone.Comfort(20*time.Second, -12, 1)))
	for _, code := range tone.Countries() {
		ringback, _ := tone.Ringback(code)
		busy, _ := tone.Busy(code)
		require.Empty(t, detect(ringback.Samples()))
		require.Empty(t, detect(busy.Samples()))
	}
}

func TestSpeechStandInIsLoud(t *testing.T) {
	require.Greater(t, tone.Level(speech(10*time.Second, 1)), -30.0, "or the talk-off test would prove nothing")
}

func TestDetectingAllocatesNothing(t *testing.T) {
	var d Detector
	frame := burst('1', 20*time.Millisecond, -9, -9, 1)
	dst := make([]Key, 0, 4)
	require.Zero(t, testing.AllocsPerRun(100, func() { dst = d.Detect(dst[:0], frame) }))
}

func BenchmarkDetectFrame(b *testing.B) {
	var d Detector
	frame := speech(20*time.Millisecond, 1)
	dst := make([]Key, 0, 4)
	b.ReportAllocs()
	for b.Loop() {
		dst = d.Detect(dst[:0], frame)
	}
}
