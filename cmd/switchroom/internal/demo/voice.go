package demo

import (
	"math"
	"math/rand/v2"
	"time"

	"switchroom/media/tone"
)

// voice is a synthetic speaker: glottal pulses at a pitch through the
// resonances of a vocal tract. It speaks no language, but one hears that
// somebody does, and who.
type voice struct {
	pitch float64 // Hz, mean
	tract float64 // factor of the formants: above 1 a shorter tract
	seed  uint64
}

const voiceLevel = -17 // dBm0 while speaking

// vowels by their first three formants in Hz, of an average speaker.
var vowels = [...][3]float64{
	{730, 1090, 2440}, // a
	{530, 1840, 2480}, // e
	{290, 2290, 3010}, // i
	{570, 840, 2410},  // o
	{310, 870, 2250},  // u
	{490, 1350, 1690}, // er
}

// bandwidths of the formants in Hz.
var bandwidths = [3]float64{80, 100, 140}

// say is the n-th sentence of this speaker: a second and a half to two and a
// half, always the same for the same n.
func (v voice) say(n int) []int16 {
	rng := rand.New(rand.NewPCG(v.seed, uint64(n)))
	s := speaker{voice: v, rng: rng, formants: vowels[rng.IntN(len(vowels))]}
	syllables := 7 + rng.IntN(5)
	for i := range syllables {
		s.syllable(float64(i)/float64(syllables), i == syllables-1)
	}
	return atLevel(s.out, voiceLevel)
}

// speaker is a sentence in the making.
type speaker struct {
	voice
	rng      *rand.Rand
	out      []float64
	formants [3]float64    // where the tract stands
	state    [3][2]float64 // of the resonators
	phase    float64       // of the glottis, 0 to 1
	glottis  float64       // smoothed pulse
}

// syllable adds a consonant's breath and a vowel to which the tract glides.
// at is how far the sentence has come: the pitch falls along it.
func (s *speaker) syllable(at float64, last bool) {
	length := tone.Samples(time.Duration(150+s.rng.IntN(90)) * time.Millisecond)
	if last {
		length += length / 2
	}
	from, to := s.formants, vowels[s.rng.IntN(len(vowels))]
	stress := 0.7 + 0.5*s.rng.Float64()
	fricative := 0.0
	if s.rng.IntN(3) > 0 {
		fricative = 0.25 * s.rng.Float64()
	}
	accent := 1 + 0.06*(s.rng.Float64()-0.5)
	for i := range length {
		x := float64(i) / float64(length)
		glide := smooth(min(1, 2.5*x))
		for f := range s.formants {
			s.formants[f] = from[f] + (to[f]-from[f])*glide
		}
		hz := s.pitch * accent * (1.08 - 0.16*(at+x*0.1))
		voiced := stress * math.Pow(math.Sin(math.Pi*min(1, x*0.97+0.03)), 0.6)
		breath := fricative * math.Exp(-x*12)
		s.out = append(s.out, s.sample(hz, voiced, breath))
	}
}

// sample is the sound of one moment.
func (s *speaker) sample(hz, voiced, breath float64) float64 {
	s.phase += hz / tone.Rate
	s.phase -= math.Floor(s.phase)
	pulse := 1 - 2*s.phase // a falling saw: its step is the glottis closing
	s.glottis += 0.55 * (pulse*voiced - s.glottis)
	x := s.glottis + breath*s.rng.NormFloat64() + 0.01*voiced*s.rng.NormFloat64()
	var y float64
	for f := range s.state {
		hz := min(s.formants[f]*s.tract, 3600)
		r := math.Exp(-math.Pi * bandwidths[f] / tone.Rate)
		out := (1-r)*x + 2*r*math.Cos(2*math.Pi*hz/tone.Rate)*s.state[f][0] - r*r*s.state[f][1]
		s.state[f][0], s.state[f][1] = out, s.state[f][0]
		y += out / float64(f+1)
	}
	return y
}

func smooth(x float64) float64 { return x * x * (3 - 2*x) }

// atLevel scales to a mean level and rounds off what is too loud.
func atLevel(sound []float64, dBm0 float64) []int16 {
	var energy float64
	for _, s := range sound {
		energy += s * s
	}
	gain := tone.Amplitude(dBm0) / math.Sqrt2 / math.Sqrt(energy/float64(len(sound)))
	out := make([]int16, len(sound))
	for i, s := range sound {
		out[i] = int16(28000 * math.Tanh(gain*s/28000))
	}
	return out
}
