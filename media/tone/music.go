package tone

import (
	"math"
	"sync"
	"time"
)

// Music on hold is composed here and so belongs to nobody: a slow progression
// of eight chords under a plucked arpeggio, 24 s long. It is rendered into a
// ring, so that what still sounds at the end goes on at the beginning: there
// is no seam to hear.

const (
	musicLevel = -20 // dBm0, mean: well under speech
	beat       = 500 * time.Millisecond
	bar        = 6 * beat // one chord
)

// chord is what sounds during one bar: three held voices with a bass under
// them, and the notes that the arpeggio walks through, one a beat. Notes are
// MIDI numbers, 69 is A4, 440 Hz. All lies between 130 Hz, which a telephone
// just passes, and 1 kHz, so that the overtones pass too.
type chord struct {
	bass     int
	held     [3]int
	arpeggio [6]int
}

// progression is C - Am7 - F - Dm7 - Em7 - Am - Fmaj7 - G: it ends on the
// dominant, which leads back to the first chord.
var progression = [...]chord{
	{bass: 48, held: [3]int{55, 60, 64}, arpeggio: [6]int{72, 67, 76, 79, 76, 67}},
	{bass: 57, held: [3]int{55, 60, 64}, arpeggio: [6]int{72, 69, 76, 81, 76, 69}},
	{bass: 53, held: [3]int{57, 60, 65}, arpeggio: [6]int{72, 69, 77, 81, 77, 69}},
	{bass: 50, held: [3]int{57, 60, 65}, arpeggio: [6]int{74, 69, 77, 81, 77, 69}},
	{bass: 52, held: [3]int{55, 59, 62}, arpeggio: [6]int{71, 67, 74, 79, 74, 67}},
	{bass: 57, held: [3]int{57, 60, 64}, arpeggio: [6]int{72, 69, 76, 81, 76, 72}},
	{bass: 53, held: [3]int{57, 60, 64}, arpeggio: [6]int{72, 69, 77, 76, 72, 69}},
	{bass: 55, held: [3]int{55, 59, 62}, arpeggio: [6]int{74, 67, 71, 79, 74, 71}},
}

// Music is the built-in music on hold, one cycle to be played in a loop, at a
// mean level of -20 dBm0. It is made at the first call (some tens of
// milliseconds) and kept: the slice is shared and must not be written to.
var Music = sync.OnceValue(renderMusic)

func renderMusic() []int16 {
	ring := make([]float64, len(progression)*Samples(bar))
	for i, c := range progression {
		at := i * Samples(bar)
		pad(ring, at, c.bass, 0.7)
		for _, note := range c.held {
			pad(ring, at, note, 0.45)
		}
		for j, note := range c.arpeggio {
			pluck(ring, at+j*Samples(beat), note, 0.55)
		}
	}
	ring = echo(ring)
	level(ring, musicLevel)
	return quantise(ring)
}

// pad adds a held note that swells over a bar and fades into the next one.
// Two strings a little out of tune with one another make it breathe.
func pad(ring []float64, at, note int, gain float64) {
	const attack, release = 0.6, 1.2 // s
	length := bar.Seconds() + release
	voice := make([]float64, Samples(time.Duration(length*float64(time.Second))))
	hz := pitch(note)
	for _, detune := range [...]float64{-0.35, 0.35} {
		for harmonic, share := range [...]float64{1, 0.35, 0.12} {
			addSine(voice, float64(harmonic+1)*(hz+detune), gain*share/2)
		}
	}
	for i := range voice {
		t := float64(i) / Rate
		voice[i] *= swell(t/attack) * swell((length-t)/release)
	}
	mix(ring, at, voice)
}

// pluck adds a note that is struck and dies away, its overtones first.
func pluck(ring []float64, at, note int, gain float64) {
	const length, decay = 2 * time.Second, 0.45 // s to 1/e
	voice := make([]float64, Samples(length))
	partial := make([]float64, len(voice))
	for harmonic, share := range [...]float64{1, 0.4, 0.2, 0.08} {
		clear(partial)
		addSine(partial, float64(harmonic+1)*pitch(note), gain*share)
		for i := range voice {
			t := float64(i) / Rate
			voice[i] += partial[i] * math.Exp(-t*float64(harmonic+1)/decay)
		}
	}
	for i := range voice {
		t := float64(i) / Rate
		voice[i] *= swell(t/0.008) * swell((length.Seconds()-t)/0.2)
	}
	mix(ring, at, voice)
}

// echo adds three repeats, each softer. It reads across the seam of the ring.
func echo(ring []float64) []float64 {
	wet := make([]float64, len(ring))
	copy(wet, ring)
	gain := 1.0
	for repeat := 1; repeat <= 3; repeat++ {
		gain *= 0.35
		shift := repeat * Samples(375*time.Millisecond)
		for i := range wet {
			wet[i] += gain * ring[(i-shift+len(ring))%len(ring)]
		}
	}
	return wet
}

// mix adds a voice to the ring; what goes over the end continues at the front.
func mix(ring []float64, at int, voice []float64) {
	for i, s := range voice {
		ring[(at+i)%len(ring)] += s
	}
}

// swell is a smooth rise from 0 at x <= 0 to 1 at x >= 1.
func swell(x float64) float64 {
	x = max(0, min(1, x))
	return 0.5 - 0.5*math.Cos(math.Pi*x)
}

func pitch(note int) float64 { return 440 * math.Pow(2, float64(note-69)/12) }
