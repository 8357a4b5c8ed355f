package tone

import (
	"math"
	"math/rand/v2"
	"time"
)

// Rate is the number of samples a second in everything this package makes.
const Rate = 8000

// peak0dBm0 is the peak amplitude of a sine of 0 dBm0: µ-law's overload point
// (8159 of 14 bits, 32636 of 16) stands for 3.17 dBm0.
var peak0dBm0 = 32636 / math.Pow(10, 3.17/20)

// ramp is the length of the rise and the fall of a tone burst. Without it,
// switching a tone is a click across the whole band.
const ramp = 4 * time.Millisecond

// Samples is how many samples d lasts.
func Samples(d time.Duration) int {
	if d <= 0 {
		return 0
	}
	return int(math.Round(d.Seconds() * Rate))
}

// Amplitude is the peak value of a sine of the given level.
func Amplitude(dBm0 float64) float64 { return peak0dBm0 * math.Pow(10, dBm0/20) }

// Level is the level of samples in dBm0, by their mean square; minus infinity
// for silence and for no samples at all.
func Level(samples []int16) float64 {
	var sum float64
	for _, s := range samples {
		sum += float64(s) * float64(s)
	}
	if sum == 0 {
		return math.Inf(-1)
	}
	rms := math.Sqrt(sum / float64(len(samples)))
	return 20 * math.Log10(rms*math.Sqrt2/peak0dBm0)
}

// Sine is one tone of d at dBm0, its ends ramped.
func Sine(hz float64, d time.Duration, dBm0 float64) []int16 {
	return Chord([]float64{hz}, d, dBm0)
}

// Dual is two tones at once, each at dBm0: a DTMF digit, a ringing tone of
// North America.
func Dual(low, high float64, d time.Duration, dBm0 float64) []int16 {
	return Chord([]float64{low, high}, d, dBm0)
}

// Chord is any number of tones at once, each at dBm0. Sums that exceed the
// range are clipped.
func Chord(hz []float64, d time.Duration, dBm0 float64) []int16 {
	sum := make([]float64, Samples(d))
	for _, f := range hz {
		addSine(sum, f, Amplitude(dBm0))
	}
	shape(sum, Samples(ramp))
	return quantise(sum)
}

// Silence is d of nothing.
func Silence(d time.Duration) []int16 { return make([]int16, Samples(d)) }

// Comfort is d of soft noise at dBm0 (the mean level), for a line that must
// not sound dead. The same seed gives the same noise. It falls off above
// about 1 kHz, as the noise of a room does and that of a broken line doesn't.
func Comfort(d time.Duration, dBm0 float64, seed uint64) []int16 {
	rng := rand.New(rand.NewPCG(seed, seed^0x9E3779B97F4A7C15))
	noise := make([]float64, Samples(d))
	var low float64
	for i := range noise {
		low += 0.5 * (rng.NormFloat64() - low)
		noise[i] = low
	}
	level(noise, dBm0)
	return quantise(noise)
}

// addSine adds a sine of the given peak to sum, by rotating a phasor: one
// complex multiplication a sample.
func addSine(sum []float64, hz, peak float64) {
	stepSin, stepCos := math.Sincos(2 * math.Pi * hz / Rate)
	sin, cos := 0.0, 1.0
	for i := range sum {
		sum[i] += peak * sin
		sin, cos = sin*stepCos+cos*stepSin, cos*stepCos-sin*stepSin
	}
}

// shape ramps both ends of a burst by a raised cosine of n samples.
func shape(burst []float64, n int) {
	n = min(n, len(burst)/2)
	for i := range n {
		gain := 0.5 - 0.5*math.Cos(math.Pi*float64(i)/float64(n))
		burst[i] *= gain
		burst[len(burst)-1-i] *= gain
	}
}

// level scales samples to a mean level.
func level(samples []float64, dBm0 float64) {
	var sum float64
	for _, s := range samples {
		sum += s * s
	}
	if sum == 0 {
		return
	}
	gain := Amplitude(dBm0) / math.Sqrt2 / math.Sqrt(sum/float64(len(samples)))
	for i := range samples {
		samples[i] *= gain
	}
}

// quantise rounds to int16 and clips what is out of range.
func quantise(samples []float64) []int16 {
	out := make([]int16, len(samples))
	for i, s := range samples {
		out[i] = int16(max(math.MinInt16, min(math.MaxInt16, math.Round(s))))
	}
	return out
}
