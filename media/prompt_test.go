package media

import (
	"bytes"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"switchroom/media/dtmf"
	"switchroom/media/g711"
	"switchroom/media/tone"
)

// ramp is a clip whose octets tell their place.
func ramp(frames int) *Clip {
	c := clipOf(0, frames)
	for i := range c.octets[PCMU] {
		c.octets[PCMU][i] = byte(0x80 + i/frameTicks)
	}
	return c
}

func TestAnnouncementComesOverMusicWhichGoesOnWhereItWas(t *testing.T) {
	onEachDriver(t, Config{}, func(t *testing.T, e *Engine) {
		c := bridged(t, e, PCMU, PCMU)
		c.session.Play(c.a, ramp(100), true)
		c.caller.mustHearOctet(0x80 + 2)
		first, second := c.session.Announce(c.a, clipOf(0x21, 5)), c.session.Announce(c.a, clipOf(0x22, 3))
		require.NotEqual(t, first, second)
		ended := c.events.await(t, PlayEnded, 2)
		require.Equal(t, []PlayID{second, first}, []PlayID{ended[0].Play, ended[1].Play})
		frames := map[byte]int{}
		last := byte(0x80 + 2)
		for {
			octet := c.caller.mustHear().Payload[0]
			if frames[octet]++; octet >= 0x80 {
				require.LessOrEqual(t, octet-last, byte(1), "the music left something out or began again")
				if last = octet; last == 0x80+12 {
					break
				}
			}
		}
		require.GreaterOrEqual(t, frames[0x21], 5)
		require.Equal(t, 3, frames[0x22])
		c.session.StopPlay(c.a)
		settle(t, c.session)
		c.agent.speak(PCMU, 0x31)
		c.caller.mustHearOctet(0x31)
	})
}

func TestBridgeEndsAnAnnouncementAndTheMusicUnderIt(t *testing.T) {
	onEachDriver(t, Config{}, func(t *testing.T, e *Engine) {
		c := bridged(t, e, PCMU, PCMU)
		c.session.Play(c.a, clipOf(0x21, 500), true)
		c.session.Announce(c.a, clipOf(0x22, 500))
		c.caller.mustHearOctet(0x22)
		c.session.Bridge(c.a, c.b)
		settle(t, c.session)
		c.agent.speak(PCMU, 0x31)
		c.caller.mustHearOctet(0x31)
		for i := range byte(10) {
			c.agent.speak(PCMU, 0x40+i)
			require.Equal(t, 0x40+i, c.caller.mustHear().Payload[0])
		}
		require.Empty(t, c.events.of(PlayEnded))
		require.Eventually(t, func() bool { return e.Stats().Players == 0 }, patience, 10*time.Millisecond)
	})
}

// The keys of a party that has no telephone events itself, such as one that
// sends them by INFO, reach the other as events, one after the other.
func TestPressedKeysAreToldAsTelephoneEvents(t *testing.T) {
	onEachDriver(t, Config{}, func(t *testing.T, e *Engine) {
		c := bridged(t, e, PCMU, PCMU)
		for _, digit := range []byte("47#x") { // the last is no key
			c.session.Press(c.b, digit, 100*time.Millisecond)
		}
		var receiver dtmf.Receiver
		var heard []byte
		for len(heard) < 3 {
			pkt := c.agent.mustHear()
			if pkt.PayloadType != 101 {
				continue
			}
			event, err := dtmf.ParseEvent(pkt.Payload)
			require.NoError(t, err)
			if key, ok := receiver.Packet(pkt.Timestamp, event, time.Duration(Now())); ok {
				require.Equal(t, 100*time.Millisecond, key.Length)
				heard = append(heard, key.Digit)
			}
		}
		require.Equal(t, "47#", string(heard))
		require.Eventually(t, func() bool { // once the last end has been said three times
			c.caller.speak(PCMU, 0x31)
			pkt := c.agent.hear(20 * time.Millisecond)
			return pkt != nil && pkt.PayloadType == 0 && pkt.Payload[0] == 0x31
		}, patience, time.Millisecond)
	})
}

func TestPressedKeysSoundWhereThereAreNoTelephoneEvents(t *testing.T) {
	onEachDriver(t, Config{}, func(t *testing.T, e *Engine) {
		c := bridged(t, e, PCMU, PCMU)
		p := c.agent.params(PCMA)
		p.DTMFPayloadType = 0
		c.b.Connect(p)
		c.session.Press(c.b, '4', 100*time.Millisecond)
		c.session.Press(c.b, '4', 100*time.Millisecond)
		var detector dtmf.Detector
		var found []dtmf.Key
		for len(found) < 2 {
			pkt := c.agent.mustHear()
			pcm := make([]int16, len(pkt.Payload))
			g711.DecodeALaw(pcm, pkt.Payload)
			found = detector.Detect(found, pcm)
		}
		require.EqualValues(t, "44", []byte{found[0].Digit, found[1].Digit})
		require.Empty(t, c.events.of(PlayEnded), "a key is no clip")
	})
}

func TestClipsAreReadAndJoined(t *testing.T) {
	a, b := clipOf(1, 2), clipOf(2, 1)
	joined := Join(a, b, a)
	require.Equal(t, 5*20*time.Millisecond, joined.Duration())
	require.Equal(t, append(append(bytes.Clone(a.octets[PCMA]), b.octets[PCMA]...), a.octets[PCMA]...), joined.octets[PCMA])
	require.NotZero(t, Join().Duration())
	_, err := ReadClip(bytes.NewReader([]byte("RIFF")))
	require.ErrorIs(t, err, tone.ErrPrompt)
}
