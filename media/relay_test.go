package media

import (
	"bytes"
	"sync"
	"testing"
	"time"

	"github.com/pion/rtp"
	"github.com/stretchr/testify/require"

	"switchroom/media/g711"
)

func TestRelayCarriesSpeechBothWays(t *testing.T) {
	onEachDriver(t, Config{}, func(t *testing.T, e *Engine) {
		c := bridged(t, e, PCMU, PCMU)
		for i := range byte(20) {
			sent := c.caller.speak(PCMU, 0x40+i)
			got := c.agent.mustHearOctet(0x40 + i)
			require.Equal(t, sent.Payload, got.Payload)
			require.NotEqual(t, sent.SSRC, got.SSRC, "the relay has an SSRC of its own")
			c.agent.speak(PCMU, 0x80+i)
			c.caller.mustHearOctet(0x80 + i)
		}
		require.Len(t, c.events.of(FirstPacket), 2)
	})
}

func TestSidesWithDifferentLawsAreTranscoded(t *testing.T) {
	onEachDriver(t, Config{}, func(t *testing.T, e *Engine) {
		c := bridged(t, e, PCMU, PCMA)
		every := make([]byte, 256)
		for i := range every {
			every[i] = byte(i)
		}
		want := make([]byte, 256)
		c.caller.send(c.caller.packet(0, every))
		g711.ULawToALaw(want, every)
		got := c.agent.mustHear()
		for len(got.Payload) != 256 {
			got = c.agent.mustHear()
		}
		require.Equal(t, want, got.Payload)
		require.EqualValues(t, 8, got.PayloadType)

		c.agent.send(c.agent.packet(8, every))
		g711.ALawToULaw(want, every)
		for got = c.caller.mustHear(); len(got.Payload) != 256; {
			got = c.caller.mustHear()
		}
		require.Equal(t, want, got.Payload)
		require.EqualValues(t, 0, got.PayloadType)
	})
}

// listener is a tap that keeps what it hears.
type listener struct {
	mu     sync.Mutex
	frames []Frame
}

func (l *listener) Frame(f *Frame) {
	l.mu.Lock()
	defer l.mu.Unlock()
	kept := *f
	kept.Payload = bytes.Clone(f.Payload)
	l.frames = append(l.frames, kept)
}

func (l *listener) heard() []Frame {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]Frame(nil), l.frames...)
}

func TestTapHearsBothSidesAsReceived(t *testing.T) {
	onEachDriver(t, Config{}, func(t *testing.T, e *Engine) {
		c := bridged(t, e, PCMU, PCMA)
		tap := &listener{}
		c.session.Tap(tap)
		settle(t, c.session)
		one := c.caller.speak(PCMU, 0x11)
		c.agent.mustHear()
		other := c.agent.speak(PCMA, 0x22)
		c.agent.send(c.agent.packet(101, []byte{5, 0, 0, 160}))
		c.agent.send(c.agent.packet(13, []byte{40}))
		last := c.agent.speak(PCMA, 0x33)
		require.Eventually(t, func() bool { return len(tap.heard()) == 3 }, patience, time.Millisecond)
		frames := tap.heard()
		check := func(f Frame, side Side, codec Codec, p *rtp.Packet) {
			require.Equal(t, side, f.Side)
			require.Equal(t, codec, f.Codec)
			require.Equal(t, p.Payload, f.Payload)
			require.Equal(t, p.SequenceNumber, f.Seq)
			require.Equal(t, p.Timestamp, f.Timestamp)
			require.Equal(t, p.SSRC, f.SSRC)
			require.Positive(t, f.Arrival)
		}
		check(frames[0], Caller, PCMU, one)
		check(frames[1], Agent, PCMA, other)
		check(frames[2], Agent, PCMA, last)

		c.session.Tap(nil)
		settle(t, c.session)
		c.agent.speak(PCMA, 0x44)
		g711.ALawToULaw(one.Payload[:1], []byte{0x44})
		c.caller.mustHearOctet(one.Payload[0])
		require.Len(t, tap.heard(), 3)
	})
}

func TestMusicIsSentBeforeThePeerSends(t *testing.T) {
	onEachDriver(t, Config{}, func(t *testing.T, e *Engine) {
		events, p := &journal{}, newPhone(t)
		s := e.NewSession(events)
		leg, err := s.NewLeg(Caller)
		require.NoError(t, err)
		s.Play(leg, NewClip(make([]int16, 1600)), true)
		leg.Connect(p.params(PCMU))
		first := p.mustHear()
		require.True(t, first.Marker)
		for range 30 { // three times around
			next := p.mustHear()
			require.Equal(t, first.SequenceNumber+1, next.SequenceNumber)
			// A late loop leaves frames out, never the time they took.
			require.Positive(t, next.Timestamp-first.Timestamp)
			require.Zero(t, (next.Timestamp-first.Timestamp)%160)
			require.False(t, next.Marker)
			require.Equal(t, frameOf(g711.ULawSilence), next.Payload)
			first = next
		}
		s.Close()
		require.EqualValues(t, leg, events.await(t, Closed, 1)[0].Leg)
		require.Empty(t, events.of(PlayEnded))
	})
}
