package media

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"switchroom/media/g711"
	"switchroom/media/tone"
)

// hum is a phone that sends a tone of its own and listens.
type hum struct {
	*phone
	codec Codec
	clip  *Clip
	pos   int
	heard []int16
}

func (m *hum) sing() {
	frame := make([]byte, frameTicks)
	m.pos = m.clip.fill(frame, m.codec, m.pos, true)
	m.send(m.packet(m.codec.PayloadType(), frame))
}

func (m *hum) listen() {
	for pkt := m.hear(time.Millisecond); pkt != nil; pkt = m.hear(time.Millisecond) {
		pcm := make([]int16, len(pkt.Payload))
		if m.codec == PCMA {
			g711.DecodeALaw(pcm, pkt.Payload)
		} else {
			g711.DecodeULaw(pcm, pkt.Payload)
		}
		m.heard = append(m.heard, pcm...)
	}
}

// strength is how strong hz is in the last second heard, against full scale.
func (m *hum) strength(hz float64) float64 {
	pcm := m.heard[max(len(m.heard)-ClockRate, 0):]
	var re, im float64
	for i, s := range pcm {
		sin, cos := math.Sincos(2 * math.Pi * hz * float64(i) / ClockRate)
		re, im = re+float64(s)*cos, im+float64(s)*sin
	}
	return 2 * math.Hypot(re, im) / float64(len(pcm)) / 32768
}

// sung is a session of three parties who hum 400, 700 and 1100 Hz.
func sung(t *testing.T, e *Engine) (*Session, []*Leg, []*hum) {
	s := e.NewSession(nil)
	t.Cleanup(s.Close)
	var legs []*Leg
	var parties []*hum
	for i, hz := range []float64{400, 700, 1100} {
		leg, err := s.NewLeg(Side(i))
		require.NoError(t, err)
		codec := Codec(i & 1)
		m := &hum{phone: newPhone(t), codec: codec, clip: NewClip(tone.Sine(hz, time.Second, -15))}
		m.to = leg.Local()
		p := m.params(codec)
		p.PtimeMs = []int{20, 30, 20}[i]
		leg.Connect(p)
		legs, parties = append(legs, leg), append(parties, m)
	}
	return s, legs, parties
}

// heardAt is the strength from which a voice is heard. One that is not mixed in
// has none at all; one that is has 0.1 and more, less on a machine too busy to
// keep the singers in time.
const heardAt = 0.015

// requireHears lets all hum until each hears whom it should, and only them.
func requireHears(t *testing.T, parties []*hum, want [][]float64) {
	t.Helper()
	tuned := func() bool {
		for i, m := range parties {
			for _, hz := range []float64{400, 700, 1100} {
				s, should := m.strength(hz), false
				for _, w := range want[i] {
					should = should || w == hz
				}
				if should != (s > heardAt) {
					return false
				}
			}
		}
		return true
	}
	next := time.Now()
	for end := next.Add(4 * patience); time.Now().Before(end); {
		for _, m := range parties {
			m.sing()
		}
		for _, m := range parties {
			m.listen()
		}
		if len(parties[0].heard) > ClockRate && tuned() {
			return
		}
		next = next.Add(20 * time.Millisecond)
		time.Sleep(time.Until(next))
	}
	for i, m := range parties {
		t.Logf("%d hears 400: %.3f 700: %.3f 1100: %.3f", i, m.strength(400), m.strength(700), m.strength(1100))
	}
	require.FailNow(t, "they don't hear what they should", "%v", want)
}

func TestConferenceWhisperAndListening(t *testing.T) {
	onEachDriver(t, Config{}, func(t *testing.T, e *Engine) {
		s, legs, parties := sung(t, e)
		caller, agent, boss := legs[0], legs[1], legs[2]
		s.Conference(caller, agent, boss)
		requireHears(t, parties, [][]float64{{700, 1100}, {400, 1100}, {400, 700}})
		s.Whisper(boss, agent, caller)
		requireHears(t, parties, [][]float64{{700}, {400, 1100}, {400, 700}})
		s.Listen(boss, agent, caller)
		requireHears(t, parties, [][]float64{{700}, {400}, {400, 700}})
		s.RemoveLeg(boss)
		s.Bridge(caller, agent)
		requireHears(t, parties[:2], [][]float64{{700}, {400}})
	})
}

func TestClipCoversAMixAndTheMixComesBack(t *testing.T) {
	onEachDriver(t, Config{}, func(t *testing.T, e *Engine) {
		s, legs, parties := sung(t, e)
		s.Conference(legs...)
		s.Play(legs[0], NewClip(tone.Sine(400, time.Second, -15)), true)
		requireHears(t, parties, [][]float64{{400}, {400, 1100}, {400, 700}})
		s.StopPlay(legs[0])
		s.StopPlay(legs[1]) // nothing was played to it, and its mix goes on
		requireHears(t, parties, [][]float64{{700, 1100}, {400, 1100}, {400, 700}})
	})
}

// third adds another connected leg to deskLoop's session.
func third(l *loop, a *Leg) *Leg {
	z := &Leg{session: a.session, side: Other, rtp: &nullSocket{}, rtcp: &nullSocket{}}
	l.add(z)
	l.connect(z, a.params)
	return z
}

func TestLegThatLeavesAMixLeavesNoTrace(t *testing.T) {
	l, a, b := deskLoop(t, PCMU, PCMU)
	c := third(l, a)
	l.arrange(a.session, []Hears{{a, []*Leg{b, c, a, b, nil}}, {b, []*Leg{a, c}}, {c, []*Leg{a}}})
	require.Equal(t, 2, l.wheel.size)
	require.Equal(t, []*Leg{b, c}, a.hears)
	require.Equal(t, c, a.peer, "who hears one alone hears it directly")
	l.isolate(a)
	require.Equal(t, 1, l.wheel.size)
	require.Equal(t, []*Leg{c}, b.hears)
	require.Nil(t, a.voice)
	require.Nil(t, a.peer)
	l.isolate(c)
	require.Zero(t, l.wheel.size, "and who is left hears nobody")
	require.Nil(t, b.voice)
}

// A supervisor who listens costs those who talk nothing: their packets are
// passed on as before, without a break.
func TestListeningLeavesTheBridgeAlone(t *testing.T) {
	l, a, b := deskLoop(t, PCMU, PCMU)
	coach := third(l, a)
	stream(t, l, a, 0, frameOf(1))()
	run := b.out.run
	a.session.legs = []*Leg{a, b, coach}
	l.arrange(a.session, []Hears{{coach, []*Leg{a, b}}, {a, []*Leg{b}}, {b, []*Leg{a}}})
	require.Equal(t, run, b.out.run, "what b hears was cut")
	require.Equal(t, b, a.peer)
	require.Equal(t, a, b.peer)
	require.Equal(t, []*Leg{a, b}, coach.hears)
	require.Equal(t, 1, l.wheel.size)
	l.arrange(a.session, []Hears{{coach, []*Leg{a, b}}, {a, []*Leg{b, coach}}, {b, []*Leg{a}}})
	require.Equal(t, b, a.peer, "the caller still hears the agent directly")
	require.Nil(t, b.peer, "the agent hears a mix")
	require.Equal(t, 2, l.wheel.size)
}

// Sound comes out where its timestamps put it, whatever the order and the gaps.
func TestVoiceKeepsTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var v voice
		start := rapid.Uint32().Draw(t, "timestamp")
		now := rapid.Int64Range(1e6, 1e12).Draw(t, "now")
		order := rapid.Permutation([]int{1, 2, 3}).Draw(t, "order")
		lost := rapid.IntRange(0, 3).Draw(t, "lost")
		put := func(n int) {
			pcm := make([]int16, frameTicks)
			for i := range pcm {
				pcm[i] = int16(n*1000 + i)
			}
			v.write(1, start+uint32(n*frameTicks), pcm, now)
		}
		put(0)
		for _, n := range order {
			if n != lost {
				put(n)
			}
		}
		sum := make([]int32, 4*frameTicks+50)
		v.addTo(sum, now+leadTicks)
		for i, s := range sum {
			want := int32(i/frameTicks*1000 + i%frameTicks)
			switch n := i / frameTicks; {
			case n > 3:
				want = 0
			case n > 0 && n == lost:
				continue // concealed, or silent
			}
			require.Equal(t, want, s, "sample %d", i)
		}
	})
}

func TestMixingAllocatesNothing(t *testing.T) {
	l, a, b := deskLoop(t, PCMU, PCMA)
	c := third(l, a)
	l.arrange(a.session, []Hears{{a, []*Leg{b, c}}, {b, []*Leg{a, c}}, {c, []*Leg{a, b}}})
	next := stream(t, l, a, 0, frameOf(0x31))
	step := func() { next(); l.tick(l.now) }
	for range 1000 {
		step()
	}
	require.Zero(t, testing.AllocsPerRun(1000, step))
}

func BenchmarkMixOfThree(b *testing.B) {
	l, x, y := deskLoop(b, PCMU, PCMU)
	z := third(l, x)
	l.arrange(x.session, []Hears{{x, []*Leg{y, z}}})
	dst := make([]byte, frameTicks)
	pcm := make([]int16, frameTicks)
	b.ReportAllocs()
	for i := int64(0); b.Loop(); i += frameTicks {
		y.voice.write(1, uint32(i), pcm, i)
		z.voice.write(1, uint32(i), pcm, i)
		l.mixInto(dst, x, i)
	}
}
