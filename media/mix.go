package media

import "switchroom/media/g711"

// Mixing. A leg that hears a sum has a voice for each leg it hears: a piece of
// the common time line, which is the engine's clock in ticks, with that leg's
// sound. A packet is written to it a little ahead of now, where its timestamp
// says; whoever hears the leg reads what is due. So each listener can have its
// own packet length, and nobody waits for anybody. A call that isn't mixed has
// none of this.
const (
	// voiceLen is the length of a voice in ticks, half a second.
	voiceLen = 4096
	// A packet is placed leadTicks ahead of now, 40 ms, and those after it by
	// their timestamps, as long as they stay between the bounds.
	leadTicks = 2 * frameTicks
	leadMin   = frameTicks / 2
	leadMax   = 6 * frameTicks
	// mixMax is the longest packet made of a mix, 60 ms.
	mixMax = 3 * frameTicks
)

// voice is what was heard from one leg lately, on the common time line.
type voice struct {
	samples [voiceLen]int16 // of the instants [end-voiceLen, end), by instant
	end     int64
	run     uint64 // of the stream that shift belongs to
	shift   int64  // an instant is a timestamp plus shift
}

// write places a packet's samples.
func (v *voice) write(run uint64, timestamp uint32, pcm []int16, now int64) {
	at := int64(timestamp) + v.shift
	// Timestamps wrap; the instant meant is the one near now.
	at = now + int64(int32(uint32(at)-uint32(now)))
	if lead := at - now; run != v.run || lead < leadMin || lead > leadMax {
		at = now + leadTicks
		v.run, v.shift = run, at-int64(timestamp)
	}
	if v.end < at { // nobody spoke in between
		for i := max(v.end, at-voiceLen); i < at; i++ {
			v.samples[i&(voiceLen-1)] = 0
		}
		v.end = at
	}
	for i, s := range pcm {
		v.samples[(at+int64(i))&(voiceLen-1)] = s
	}
	v.end = max(v.end, at+int64(len(pcm)))
}

// addTo adds the voice's samples from the instant at on to sum.
func (v *voice) addTo(sum []int32, at int64) {
	from, to := max(at, v.end-voiceLen), min(at+int64(len(sum)), v.end)
	for i := from; i < to; i++ {
		sum[i-at] += int32(v.samples[i&(voiceLen-1)])
	}
}

// Hears says which legs one leg hears.
type Hears struct {
	Leg    *Leg
	Others []*Leg
}

// Mix lets each leg of hears hear the sum of the others named beside it, in
// place of all bridges and mixes of the session so far. A leg that is only
// named by others is heard and hears nothing. Without arguments it ends the
// mix. Each voice is delayed by 40 to 60 ms; telephone events are reported, and
// not passed on.
func (s *Session) Mix(hears ...Hears) {
	s.post(func() {
		for _, leg := range s.legs {
			leg.part()
			s.loop.leaveMix(leg)
		}
		for _, h := range hears {
			if s.has(h.Leg) {
				s.loop.joinMix(h.Leg, h.Others)
			}
		}
	})
}

// Conference lets all the legs hear one another.
func (s *Session) Conference(legs ...*Leg) {
	hears := make([]Hears, len(legs))
	for i, leg := range legs {
		hears[i].Leg = leg
		for _, other := range legs {
			if other != leg {
				hears[i].Others = append(hears[i].Others, other)
			}
		}
	}
	s.Mix(hears...)
}

// Whisper lets coach hear the call of agent and caller, and agent hear coach
// too. The caller hears the agent alone.
func (s *Session) Whisper(coach, agent, caller *Leg) {
	s.Mix(Hears{coach, []*Leg{agent, caller}}, Hears{agent, []*Leg{caller, coach}}, Hears{caller, []*Leg{agent}})
}

// Listen lets listener hear the call of agent and caller, unheard.
func (s *Session) Listen(listener, agent, caller *Leg) {
	s.Mix(Hears{listener, []*Leg{agent, caller}}, Hears{agent, []*Leg{caller}}, Hears{caller, []*Leg{agent}})
}

// joinMix lets leg hear others.
func (l *loop) joinMix(leg *Leg, others []*Leg) {
	for _, other := range others {
		if other == leg || !leg.session.has(other) {
			continue
		}
		if other.voice == nil {
			other.voice = &voice{}
		}
		leg.hears = append(leg.hears, other)
	}
	if len(leg.hears) > 0 && leg.play.run == 0 {
		l.startMix(leg)
	}
}

// startMix begins to send leg its mix, on the same wheel as clips.
func (l *loop) startMix(leg *Leg) { l.begin(leg, play{mix: true}) }

// leaveMix takes leg out of its session's mix: it hears nobody, and nobody it.
func (l *loop) leaveMix(leg *Leg) {
	if leg.hears == nil && leg.voice == nil {
		return
	}
	leg.hears, leg.voice = nil, nil
	if leg.play.mix {
		l.stopPlay(leg)
	}
	for _, other := range leg.session.legs {
		for i, heard := range other.hears {
			if heard == leg {
				other.hears = append(other.hears[:i:i], other.hears[i+1:]...)
				break
			}
		}
		if len(other.hears) == 0 && other.play.mix {
			l.stopPlay(other)
		}
	}
}

// mixInto writes what leg hears, from the instant at on, to dst.
func (l *loop) mixInto(dst []byte, leg *Leg, at int64) {
	sum := l.sum[:len(dst)]
	clear(sum)
	for _, other := range leg.hears {
		other.voice.addTo(sum, at)
	}
	pcm := l.pcm[:len(dst)]
	for i, s := range sum {
		pcm[i] = int16(max(min(s, 32767), -32768))
	}
	if leg.params.Codec == PCMA {
		g711.EncodeALaw(dst, pcm)
	} else {
		g711.EncodeULaw(dst, pcm)
	}
}
