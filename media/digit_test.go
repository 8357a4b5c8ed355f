package media

import (
	"testing"
	"time"

	"github.com/pion/rtp"
	"github.com/stretchr/testify/require"

	"switchroom/media/tone"
)

// press sends one key as phones do: the event's timestamp stands still, the
// end comes three times. pt is the sender's telephone-event type.
func (p *phone) press(pt, event uint8, packets int) (sent []*rtp.Packet) {
	start := p.ts
	for i := range packets + 3 {
		duration, end := min(i+1, packets)*160, byte(0)
		if i >= packets {
			end = 0x80 // the end bit
		}
		pkt := p.packet(pt, []byte{event, end | 10, byte(duration >> 8), byte(duration)})
		pkt.Timestamp, pkt.Marker = start, i == 0
		sent = append(sent, pkt)
	}
	p.ts = start + uint32(packets+3)*160
	return sent
}

func TestKeysAreReportedOnceAndPassedOn(t *testing.T) {
	onEachDriver(t, Config{}, func(t *testing.T, e *Engine) {
		c := bridged(t, e, PCMU, PCMU)
		p := c.agent.params(PCMU)
		p.DTMFPayloadType = 96
		c.b.Connect(p)
		settle(t, c.session)
		c.greet()
		speech := c.caller.speak(PCMU, 0x31)
		before := c.agent.mustHearOctet(0x31)
		for i := range uint8(16) {
			sent := c.caller.press(101, i, 4)
			for n, pkt := range sent {
				c.caller.send(pkt)
				if n == 2 {
					c.caller.send(pkt) // a duplicate on the way
				}
			}
			for n, pkt := range sent {
				got := c.agent.mustHear()
				require.EqualValues(t, 96, got.PayloadType)
				require.Equal(t, pkt.Payload, got.Payload)
				require.Equal(t, n == 0, got.Marker)
				require.Equal(t, before.Timestamp+(pkt.Timestamp-speech.Timestamp), got.Timestamp)
				require.Equal(t, before.SequenceNumber+(pkt.SequenceNumber-speech.SequenceNumber), got.SequenceNumber)
			}
		}
		keys := ""
		for _, ev := range c.events.await(t, Digit, 16) {
			keys += string(ev.Digit)
			require.Equal(t, c.a, ev.Leg)
			require.Equal(t, 80*time.Millisecond, ev.Duration)
		}
		require.Equal(t, "0123456789*#ABCD", keys)
	})
}

func TestKeyWhoseEndWasLostIsReportedAllTheSame(t *testing.T) {
	onEachDriver(t, Config{}, func(t *testing.T, e *Engine) {
		c := bridged(t, e, PCMU, PCMU)
		for _, pkt := range c.caller.press(101, 5, 4)[:3] {
			c.caller.send(pkt)
		}
		for _, pkt := range c.caller.press(101, 6, 4)[:3] { // the next key ends the first
			c.caller.send(pkt)
		}
		events := c.events.await(t, Digit, 2) // silence ends the second
		require.Equal(t, []byte{'5', '6'}, []byte{events[0].Digit, events[1].Digit})
	})
}

func TestKeyHeldWhenTheLegEndsIsReported(t *testing.T) {
	onEachDriver(t, Config{}, func(t *testing.T, e *Engine) {
		c := bridged(t, e, PCMU, PCMU)
		c.caller.send(c.caller.press(101, 9, 4)[0])
		c.agent.mustHear()
		c.session.RemoveLeg(c.a)
		c.events.await(t, Closed, 1)
		require.EqualValues(t, '9', c.events.await(t, Digit, 1)[0].Digit)
	})
}

func TestWhatThePeerDidNotAgreeToLeavesNoGap(t *testing.T) {
	onEachDriver(t, Config{}, func(t *testing.T, e *Engine) {
		c := bridged(t, e, PCMU, PCMU)
		p := c.agent.params(PCMU)
		p.DTMFPayloadType, p.CNPayloadType = 0, 0
		c.b.Connect(p)
		settle(t, c.session)
		c.greet()
		c.caller.speak(PCMU, 0x41)
		before := c.agent.mustHearOctet(0x41)
		for _, pkt := range c.caller.press(101, 1, 2) {
			c.caller.send(pkt)
		}
		c.caller.send(c.caller.packet(13, []byte{60}))   // comfort noise
		c.caller.send(c.caller.packet(18, []byte{1, 2})) // G.729
		c.caller.send(c.caller.packet(0, nil))           // a keepalive
		c.caller.speak(PCMU, 0x42)
		after := c.agent.mustHear()
		require.Equal(t, before.SequenceNumber+1, after.SequenceNumber)
		require.EqualValues(t, 0x42, after.Payload[0])
		require.Len(t, c.events.await(t, Digit, 1), 1)
		require.Eventually(t, func() bool { return c.a.Stats().Unexpected == 2 }, patience, 10*time.Millisecond)
	})
}

func TestComfortNoiseIsPassedToWhoAgreedToIt(t *testing.T) {
	onEachDriver(t, Config{}, func(t *testing.T, e *Engine) {
		c := bridged(t, e, PCMU, PCMA)
		c.greet()
		c.caller.speak(PCMU, 0x41)
		before := c.agent.mustHear()
		c.caller.send(c.caller.packet(13, []byte{60}))
		noise := c.agent.mustHear()
		require.EqualValues(t, 13, noise.PayloadType)
		require.Equal(t, []byte{60}, noise.Payload, "never transcoded")
		require.Equal(t, before.SequenceNumber+1, noise.SequenceNumber)
	})
}

// A key heard as a tone and as telephone events is one key.
func TestTonesInTheSoundAreKeysWhereAskedFor(t *testing.T) {
	onEachDriver(t, Config{}, func(t *testing.T, e *Engine) {
		c := bridged(t, e, PCMA, PCMA)
		p := c.caller.params(PCMA)
		p.InbandDTMF = true
		c.a.Connect(p)
		settle(t, c.session)
		sound := NewClip(append(tone.Dual(770, 1336, 100*time.Millisecond, -10), tone.Silence(100*time.Millisecond)...)) // 5
		for _, leg := range []*phone{c.caller, c.agent} {
			for at := 0; at < sound.len(); at += frameTicks {
				leg.send(leg.packet(8, sound.octets[PCMA][at:at+frameTicks]))
			}
		}
		events := c.events.await(t, Digit, 1)
		require.EqualValues(t, '5', events[0].Digit)
		require.InDelta(t, 100, events[0].Duration.Milliseconds(), 30)
		for _, pkt := range c.caller.press(101, 5, 2) {
			c.caller.send(pkt)
		}
		for _, pkt := range c.caller.press(101, 6, 2) {
			c.caller.send(pkt)
		}
		require.Eventually(t, func() bool {
			found := c.events.of(Digit)
			return found[len(found)-1].Digit == '6'
		}, patience, 5*time.Millisecond)
		for _, ev := range c.events.of(Digit) {
			require.Equal(t, c.a, ev.Leg, "nobody asked for the agent's")
		}
	})
}
