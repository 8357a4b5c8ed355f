package demo

import (
	"math"
	"slices"

	"switchroom/media/tone"
)

// Pitches that are looked for, as lags of the autocorrelation at 8 kHz.
const (
	lagMin   = tone.Rate / 320
	lagMax   = tone.Rate / 65
	frameLen = 320 // 40 ms
)

// heard is what a channel of a recording sounds like.
type heard struct {
	level float64 // dBm0 while there is sound; -Inf: silent throughout
	pitch float64 // Hz, median; 0: no voice
	share float64 // of the time there is sound
}

// soundFloor parts sound from a silent line, dBm0 over 40 ms.
const soundFloor = -45

// hear listens to one channel.
func hear(samples []int16) heard {
	var loud []int16
	var pitches []float64
	frames := 0
	for at := 0; at+frameLen+lagMax <= len(samples); at += frameLen {
		frames++
		frame := samples[at : at+frameLen+lagMax]
		if tone.Level(frame[:frameLen]) < soundFloor {
			continue
		}
		loud = append(loud, frame[:frameLen]...)
		if hz, ok := pitchOf(frame); ok {
			pitches = append(pitches, hz)
		}
	}
	h := heard{level: tone.Level(loud)}
	if frames > 0 {
		h.share = float64(len(loud)/frameLen) / float64(frames)
	}
	if len(pitches) > 0 {
		slices.Sort(pitches)
		h.pitch = pitches[len(pitches)/2]
	}
	return h
}

// pitchOf finds the period of a frame by its normalised autocorrelation: the
// shortest lag that is nearly as good as the best.
func pitchOf(frame []int16) (hz float64, ok bool) {
	var corr [lagMax + 2]float64
	best := 0.0
	for lag := lagMin - 1; lag <= lagMax; lag++ {
		corr[lag] = correlate(frame, lag)
		if lag >= lagMin {
			best = max(best, corr[lag])
		}
	}
	if best < 0.6 {
		return 0, false
	}
	for lag := lagMin; lag < lagMax; lag++ {
		if corr[lag] >= 0.88*best && corr[lag] >= corr[lag-1] && corr[lag] >= corr[lag+1] {
			return tone.Rate / (float64(lag) + between(corr[lag-1], corr[lag], corr[lag+1])), true
		}
	}
	return 0, false
}

func correlate(frame []int16, lag int) float64 {
	var sum, a, b float64
	for i := range frameLen {
		x, y := float64(frame[i]), float64(frame[i+lag])
		sum += x * y
		a += x * x
		b += y * y
	}
	if a == 0 || b == 0 {
		return 0
	}
	return sum / math.Sqrt(a*b)
}

// between is where between three neighbours the peak is, -0.5 to 0.5.
func between(before, peak, after float64) float64 {
	bend := before - 2*peak + after
	if bend == 0 {
		return 0
	}
	return max(-0.5, min(0.5, (before-after)/(2*bend)))
}
