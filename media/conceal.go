package media

// Concealment of losses in a mix, after the idea of ITU-T G.711, appendix I: what
// is missing is filled with the last pitch period, repeated, at full strength for
// 10 ms and fading to nothing over the 50 ms after that. A packet that comes yet
// is written over it. Where packets are passed on as they are, losses are left
// for the receiver to conceal, who knows more of them.
const (
	pitchMin   = ClockRate / 200 // samples: 5 ms, 200 Hz
	pitchMax   = ClockRate / 66  // 15 ms
	matchLen   = ClockRate / 50  // what is compared to find the period
	concealAll = ClockRate / 100 // how much is repeated at full strength
	concealMax = 6 * concealAll  // and how much in all
	historyMin = pitchMax + matchLen
)

// conceal draws v out to the instant `to` if its sound breaks off before it, as
// far as that is to be covered up.
func (v *voice) conceal(to int64) {
	if v.run == 0 || v.end >= to || v.end-v.heard >= concealMax || v.heard-v.first < historyMin {
		return
	}
	if v.end == v.heard {
		v.period = v.pitch()
	}
	for ; v.end < to && v.end-v.heard < concealMax; v.end++ {
		gone := v.end - v.heard
		s := int32(v.at(v.heard - int64(v.period) + gone%int64(v.period)))
		if gone > concealAll {
			s = s * int32(concealMax-gone) / (concealMax - concealAll)
		}
		v.samples[v.end&(voiceLen-1)] = int16(s)
	}
}

func (v *voice) at(i int64) int16 { return v.samples[i&(voiceLen-1)] }

// pitch is the lag at which what was heard last resembles what came before it
// most.
func (v *voice) pitch() int {
	best, lag := float64(0), pitchMax
	for try := pitchMin; try <= pitchMax; try++ {
		var both, energy int64
		for i := v.heard - matchLen; i < v.heard; i += 2 { // half of them tell enough
			now, then := int64(v.at(i)), int64(v.at(i-int64(try)))
			both += now * then
			energy += then * then
		}
		// The correlation's square over the energy, of those in phase.
		if b, e := float64(both), float64(energy); both > 0 && b*b > best*e {
			best, lag = b*b/e, try
		}
	}
	return lag
}
