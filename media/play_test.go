package media

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestPromptPlaysOnceThenTheBridgeIsHeard(t *testing.T) {
	onEachDriver(t, Config{}, func(t *testing.T, e *Engine) {
		c := bridged(t, e, PCMU, PCMU)
		c.session.Play(c.a, clipOf(0x21, 5), false)
		c.events.await(t, PlayEnded, 1)
		c.agent.speak(PCMU, 0x31)
		frames := 0
		for pkt := c.caller.mustHear(); pkt.Payload[0] != 0x31; pkt = c.caller.mustHear() {
			if pkt.Payload[0] == 0x21 {
				frames++
			}
		}
		require.Equal(t, 5, frames)
	})
}

func TestPromptWaitsUntilItCanBeHeard(t *testing.T) {
	onEachDriver(t, Config{}, func(t *testing.T, e *Engine) {
		c := bridged(t, e, PCMU, PCMU)
		p := c.caller.params(PCMU)
		p.Send = false
		c.a.Connect(p)
		c.session.Play(c.a, clipOf(0x21, 3), false)
		time.Sleep(200 * time.Millisecond)
		require.Empty(t, c.events.of(PlayEnded))
		p.Send = true
		c.a.Connect(p)
		c.events.await(t, PlayEnded, 1)
		for range 3 {
			c.caller.mustHearOctet(0x21)
		}
	})
}

func TestStoppedOrReplacedClipReportsNothing(t *testing.T) {
	onEachDriver(t, Config{}, func(t *testing.T, e *Engine) {
		c := bridged(t, e, PCMU, PCMA)
		c.session.Play(c.b, clipOf(0x21, 1000), false)
		c.agent.mustHearOctet(0x21)
		c.session.Play(c.b, clipOf(0x22, 1000), false)
		c.agent.mustHearOctet(0x22)
		c.session.StopPlay(c.b)
		settle(t, c.session)
		c.caller.speak(PCMU, 0xff)
		c.agent.mustHearOctet(0xd5)
		require.Empty(t, c.events.of(PlayEnded))
		require.Eventually(t, func() bool { return e.Stats().Players == 0 }, patience, 10*time.Millisecond)
	})
}

func TestClipIsSentInThePeersPacketLength(t *testing.T) {
	onEachDriver(t, Config{}, func(t *testing.T, e *Engine) {
		for _, ptime := range []int{10, 20, 30, 40, 60} {
			c := bridged(t, e, PCMU, PCMU)
			p := c.caller.params(PCMU)
			p.PtimeMs = ptime
			c.a.Connect(p)
			c.session.Play(c.a, clipOf(0x21, 7), true)
			first := c.caller.mustHearOctet(0x21)
			for range 4 {
				next := c.caller.mustHear()
				require.Len(t, next.Payload, ptime*8)
				require.Equal(t, first.SequenceNumber+1, next.SequenceNumber)
				require.Zero(t, (next.Timestamp-first.Timestamp)%uint32(ptime*8))
				first = next
			}
		}
	})
}

func TestFillLoopsOrEndsInSilence(t *testing.T) {
	c := NewClip([]int16{100, 200, 300})
	for i := range 3 {
		c.octets[PCMU][i] = byte(i)
	}
	dst := make([]byte, 7)
	require.Equal(t, 1, c.fill(dst, PCMU, 0, true))
	require.Equal(t, []byte{0, 1, 2, 0, 1, 2, 0}, dst)
	require.Equal(t, 0, c.fill(dst[:2], PCMU, 1, true))
	require.Equal(t, 3, c.fill(dst[:4], PCMU, 1, false))
	require.Equal(t, []byte{1, 2, 0xff, 0xff}, dst[:4])
	require.Equal(t, 4*time.Millisecond/32*3, c.Duration())
	require.NotZero(t, NewClip(nil).Duration())
}

// A wheel gives every player its millisecond, whatever the packet lengths.
func TestWheelForgetsNobody(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := &loop{now: rapid.Int64Range(0, 1e12).Draw(t, "now")}
		legs := make([]*Leg, rapid.IntRange(1, 80).Draw(t, "players"))
		for i := range legs {
			ptime := rapid.SampledFrom([]int{10, 20, 30, 40, 60}).Draw(t, "ptime")
			legs[i] = &Leg{connected: true, params: Params{PtimeMs: ptime, Send: true}, rtp: &nullSocket{}}
			l.startPlay(legs[i], play{clip: clipOf(1, 2), loop: true})
		}
		for range 20 {
			due := l.deadline()
			require.Positive(t, due)
			l.now = max(l.now, due+rapid.Int64Range(0, 150).Draw(t, "ms late")*millisecond)
			l.playDue()
			for _, leg := range legs {
				require.Greater(t, leg.play.due, l.now/millisecond)
				require.LessOrEqual(t, leg.play.due, l.now/millisecond+leg.ptime())
			}
		}
		require.Equal(t, len(legs), l.wheel.size)
		for _, leg := range legs {
			l.stopPlay(leg)
		}
		l.now += 100 * millisecond
		l.playDue()
		require.Zero(t, l.deadline(), "nobody is left")
	})
}

// A caller whose leg cannot be sent to costs no wake-up, and hears the music
// once it can.
func TestPlayRestsWhileTheLegCannotBeSentTo(t *testing.T) {
	l, a, _ := deskLoop(t, PCMU, PCMU)
	sent := a.rtp.(*nullSocket)
	held := a.params
	held.Send = false
	l.connect(a, held)
	l.startPlay(a, play{clip: clipOf(0x21, 500), loop: true})
	l.tick(l.now + 100*millisecond)
	require.Zero(t, sent.sent)
	require.Zero(t, l.wheel.next(), "nothing is due")
	require.Equal(t, 1, l.wheel.size, "and yet it plays")
	held.Send = true
	l.connect(a, held)
	l.tick(l.now + 100*millisecond)
	require.Positive(t, sent.sent)
	l.stopPlay(a)
	require.Zero(t, l.wheel.size)
}

func TestLatePlayerSendsThreePacketsAtMostAndKeepsTime(t *testing.T) {
	l, a, _ := deskLoop(t, PCMU, PCMU)
	sent := a.rtp.(*nullSocket)
	l.startPlay(a, play{clip: clipOf(0x21, 500), loop: true})
	l.tick(l.now + 20*millisecond)
	require.Equal(t, 1, sent.sent)
	before := a.out.ts
	l.tick(l.now + 1000*millisecond) // 50 packets late
	require.Equal(t, 1+catchUpMax, sent.sent)
	require.EqualValues(t, 47, l.count.FramesSkipped)
	l.tick(l.now + 20*millisecond)
	require.Equal(t, 2+catchUpMax, sent.sent)
	require.EqualValues(t, 51*frameTicks, a.out.ts-before)
}

// A loop that wakes up late in the middle of a key presses it for longer: its
// packets go on bearing one timestamp, and what follows is later than the key.
func TestLateKeyStaysOneKey(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		l, a, _ := deskLoop(t, PCMU, PCMU)
		a.params.DTMFPayloadType = 101
		sent := a.rtp.(*nullSocket)
		l.press(a, '4', 100*time.Millisecond)
		l.tick(l.now + 20*millisecond)
		require.Equal(t, 1, sent.sent)
		began, key := a.out.ts, a.play.run
		for a.play.run == key {
			before := sent.sent
			require.Equal(t, began, a.out.ts)
			l.tick(l.now + rapid.Int64Range(20, 300).Draw(rt, "ms")*millisecond)
			require.LessOrEqual(t, sent.sent-before, 1)
		}
		require.GreaterOrEqual(t, sent.sent, 7, "five packets, the last of them three times")
		require.GreaterOrEqual(t, a.out.current(l.now)-began, uint32(ClockRate/10), "what follows is later")
	})
}
