package tone

import (
	"slices"
	"strings"
	"time"
)

// Signal is a call progress tone: frequencies that sound together, switched
// on and off in a cadence.
type Signal struct {
	Hz      []float64       // sounding together
	DBm0    float64         // level of each frequency
	Cadence []time.Duration // on, off, on, off ...; empty: continuous
}

// continuous is the length of one cycle of a signal without a cadence. Every
// whole frequency fits a whole number of times into one second.
const continuous = time.Second

// Samples is one cycle of the signal, to be played in a loop: it begins with
// the first burst and ends with the last pause.
func (s Signal) Samples() []int16 {
	if len(s.Cadence) == 0 {
		sum := make([]float64, Samples(continuous))
		for _, hz := range s.Hz {
			addSine(sum, hz, Amplitude(s.DBm0))
		}
		return quantise(sum)
	}
	var cycle []int16
	for i, d := range s.Cadence {
		if i%2 == 0 {
			cycle = append(cycle, Chord(s.Hz, d, s.DBm0)...)
		} else {
			cycle = append(cycle, Silence(d)...)
		}
	}
	return cycle
}

// signalLevel is within the -10 dBm0 +- 5 dB that ITU-T E.180 asks for at the
// local exchange, on the soft side as there is no line to cross.
const signalLevel = -15

type progress struct{ ringback, busy, congestion Signal }

func signal(hz []float64, cadence ...time.Duration) Signal {
	return Signal{Hz: hz, DBm0: signalLevel, Cadence: cadence}
}

const ms = time.Millisecond

// countries holds the tones of ITU-T E.180 Supplement 2.
var countries = map[string]progress{
	"cn": {
		ringback:   signal([]float64{450}, 1000*ms, 4000*ms),
		busy:       signal([]float64{450}, 350*ms, 350*ms),
		congestion: signal([]float64{450}, 700*ms, 700*ms),
	},
	"de": {
		ringback:   signal([]float64{425}, 1000*ms, 4000*ms),
		busy:       signal([]float64{425}, 480*ms, 480*ms),
		congestion: signal([]float64{425}, 240*ms, 240*ms),
	},
	"fr": {
		ringback:   signal([]float64{440}, 1500*ms, 3500*ms),
		busy:       signal([]float64{440}, 500*ms, 500*ms),
		congestion: signal([]float64{440}, 250*ms, 250*ms),
	},
	"gb": {
		ringback:   signal([]float64{400, 450}, 400*ms, 200*ms, 400*ms, 2000*ms),
		busy:       signal([]float64{400}, 375*ms, 375*ms),
		congestion: signal([]float64{400}, 400*ms, 350*ms, 225*ms, 525*ms),
	},
	"jp": {
		ringback:   signal([]float64{384, 416}, 1000*ms, 2000*ms),
		busy:       signal([]float64{400}, 500*ms, 500*ms),
		congestion: signal([]float64{400}, 500*ms, 500*ms),
	},
	"us": {
		ringback:   signal([]float64{440, 480}, 2000*ms, 4000*ms),
		busy:       signal([]float64{480, 620}, 500*ms, 500*ms),
		congestion: signal([]float64{480, 620}, 250*ms, 250*ms),
	},
}

// Countries lists the ISO 3166 codes for which signals are known, sorted.
func Countries() []string {
	codes := make([]string, 0, len(countries))
	for code := range countries {
		codes = append(codes, code)
	}
	slices.Sort(codes)
	return codes
}

// Ringback is the ringing tone that callers in a country know; false when the
// country is unknown.
func Ringback(country string) (Signal, bool) {
	p, ok := countries[strings.ToLower(country)]
	return p.ringback, ok
}

// Busy is the engaged tone of a country.
func Busy(country string) (Signal, bool) {
	p, ok := countries[strings.ToLower(country)]
	return p.busy, ok
}

// Congestion is the tone of a network that has no way free.
func Congestion(country string) (Signal, bool) {
	p, ok := countries[strings.ToLower(country)]
	return p.congestion, ok
}
