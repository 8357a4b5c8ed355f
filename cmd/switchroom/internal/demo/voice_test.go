package demo

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"switchroom/media/g711"
	"switchroom/media/tone"
)

func TestEveryVoiceOfTheCastIsHeardAtItsPitch(t *testing.T) {
	c := newCast()
	voices := map[string]voice{}
	for _, a := range c.agents {
		voices[a.name] = a.voice
	}
	for _, a := range c.callers {
		voices[a.name] = a.voice
	}
	require.Len(t, voices, len(c.agents)+len(c.callers), "names are unique")
	for name, v := range voices {
		for turns := 1; turns <= 2; turns++ {
			var talk []int16
			for n := range turns {
				talk = append(talk, v.say(n)...)
				talk = append(talk, tone.Silence(900*time.Millisecond)...)
			}
			law := make([]byte, len(talk))
			g711.EncodeALaw(law, talk)
			g711.DecodeALaw(talk, law)
			h := hear(talk)
			require.InDelta(t, v.pitch, h.pitch, v.pitch*pitchTolerance, "%s after %d sentences", name, turns)
			require.InDelta(t, voiceLevel, h.level, 4, name)
		}
	}
}

func TestNoCallerSoundsLikeAnAgent(t *testing.T) {
	c := newCast()
	for _, a := range c.agents {
		for _, b := range c.callers {
			apart := math.Abs(a.voice.pitch-b.voice.pitch) / min(a.voice.pitch, b.voice.pitch)
			talks := a.answerAfter > 0 && b.patience == 0
			require.True(t, !talks || apart > pitchTolerance+0.02, "%s and %s", a.name, b.name)
		}
	}
}

func TestASentenceIsRepeatableAndLastsAboutTwoSeconds(t *testing.T) {
	v := voice{pitch: 120, tract: 1, seed: 3}
	require.Equal(t, v.say(2), v.say(2))
	require.NotEqual(t, v.say(2), v.say(3))
	for n := range 20 {
		length := time.Duration(len(v.say(n))) * time.Second / tone.Rate
		require.Greater(t, length, time.Second)
		require.Less(t, length, 3*time.Second)
	}
}

func TestPausesWithinASentenceAreShorterThanThoseBetweenTurns(t *testing.T) {
	c := newCast()
	for _, a := range c.callers {
		quiet, longest := 0, 0
		for _, s := range a.voice.say(0) {
			if quiet++; math.Abs(float64(s)) > loudSample {
				quiet = 0
			}
			longest = max(longest, quiet)
		}
		require.Less(t, time.Duration(longest)*time.Second/tone.Rate, pause/2, a.name)
	}
}

func TestMusicOnHoldHasNoPause(t *testing.T) {
	quiet, longest := 0, 0
	for _, s := range tone.Music() {
		if quiet++; math.Abs(float64(s)) > loudSample {
			quiet = 0
		}
		longest = max(longest, quiet)
	}
	require.Less(t, time.Duration(longest)*time.Second/tone.Rate, pause/4, "or a waiting caller would begin to talk to it")
}

func TestSilenceAndNoiseHaveNoVoice(t *testing.T) {
	h := hear(tone.Silence(time.Second))
	require.True(t, math.IsInf(h.level, -1))
	require.Zero(t, h.pitch)
	require.Zero(t, h.share)
	require.Zero(t, hear(nil).pitch)
	require.Zero(t, hear(tone.Comfort(time.Second, -20, 1)).pitch)
	require.InDelta(t, 200, hear(tone.Sine(200, time.Second, -20)).pitch, 2)
}
