package exchange

import (
	"math"

	"switchroom/acd"
)

// quality is how the sound of the two who talked arrived; nil when nobody did.
func (c *call) quality() []acd.Quality {
	var out []acd.Quality
	for _, p := range c.everybody() {
		if p.agreed && (p == c.caller || p.answered) {
			out = append(out, p.quality())
		}
	}
	return out
}

// quality rounds to what is worth keeping: a tenth of a millisecond, a
// hundredth of a point.
func (p *party) quality() acd.Quality {
	s := p.heard
	if p.media != nil {
		s = p.media.Stats()
	}
	return acd.Quality{Side: string(p.role), Codec: p.params.Codec.String(), Packets: s.Received, Lost: s.Lost,
		Loss: round(s.Loss(), 4), Jitter: round(s.Jitter.Seconds(), 4), RTT: round(s.RTT.Seconds(), 4), MOS: round(s.MOS, 2)}
}

func round(v float64, places int) float64 {
	p := math.Pow10(places)
	return math.Round(v*p) / p
}
