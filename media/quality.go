package media

import "time"

// The E-model (ITU-T G.107) with its defaults gives R = 93.2 for a perfect
// narrowband call. G.711 with packet loss concealment: Ie = 0, Bpl = 25.1
// (G.113, appendix I).
const (
	ratingMax  = 93.2
	robustness = 25.1
)

// mos estimates the opinion score of a call from the share of packets lost, the
// round trip and the jitter: the receiver's buffer is taken for twice the
// jitter and a packet.
func mos(loss float64, rtt, jitter time.Duration) float64 {
	delay := (rtt/2 + 2*jitter + 20*time.Millisecond).Seconds() * 1000
	impairment := 0.024 * delay
	if delay > 177.3 {
		impairment += 0.11 * (delay - 177.3)
	}
	percent := 100 * min(max(loss, 0), 1)
	return score(ratingMax - impairment - 95*percent/(percent+robustness))
}

// score converts a rating R to an opinion score (G.107, annex B).
func score(r float64) float64 {
	if r <= 0 {
		return 1
	}
	r = min(r, 100)
	return max(1+0.035*r+r*(r-60)*(100-r)*7e-6, 1)
}

// remoteLossOverall is the share of our packets that the peer says it lost.
func (s *LegStats) remoteLossOverall() float64 {
	if s.RemoteLost <= 0 {
		return 0
	}
	return min(float64(s.RemoteLost)/float64(s.Sent), 1)
}
