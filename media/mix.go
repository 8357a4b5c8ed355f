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
	// first and heard bound the newest stretch that was received; what follows
	// heard is concealment, of this period.
	first, heard int64
	period       int
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
	if at > v.heard+concealMax {
		v.first = at // what came before is too long ago to go on from
	}
	v.conceal(at)
	if v.end < at { // nobody spoke in between
		for i := max(v.end, at-voiceLen); i < at; i++ {
			v.samples[i&(voiceLen-1)] = 0
		}
		v.end = at
	}
	for i, s := range pcm {
		v.samples[(at+int64(i))&(voiceLen-1)] = s
	}
	v.heard = max(v.heard, at+int64(len(pcm)))
	v.end = max(v.end, v.heard)
}

// addTo adds the voice's samples from the instant at on to sum.
func (v *voice) addTo(sum []int32, at int64) {
	from, to := max(at, v.end-voiceLen), min(at+int64(len(sum)), v.end)
	for i := from; i < to; i++ {
		sum[i-at] += int32(v.samples[i&(voiceLen-1)])
	}
}

// startMix begins to send leg its mix, on the same wheel as clips.
func (l *loop) startMix(leg *Leg) { l.begin(leg, play{mix: true}) }

// mixInto writes what leg hears, from the instant at on, to dst.
func (l *loop) mixInto(dst []byte, leg *Leg, at int64) {
	sum := l.sum[:len(dst)]
	clear(sum)
	for _, other := range leg.hears {
		other.voice.conceal(at + int64(len(sum)))
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
