package media

import (
	"net/netip"
	"testing"
	"time"

	"github.com/pion/rtp"
	"github.com/stretchr/testify/require"
)

// continuity checks what one phone hears: one SSRC, no jump of the numbers, a
// marker wherever the sound changes its source.
type continuity struct {
	t    *testing.T
	last *rtp.Packet
}

func (c *continuity) follows(pkt *rtp.Packet) {
	c.t.Helper()
	if c.last != nil {
		require.Equal(c.t, c.last.SSRC, pkt.SSRC)
		require.Equal(c.t, c.last.SequenceNumber+1, pkt.SequenceNumber)
		require.Positive(c.t, int32(pkt.Timestamp-c.last.Timestamp))
	}
	c.last = pkt
}

// until reads packets that follow one another until one filled with octet.
func (c *continuity) until(p *phone, octet byte) *rtp.Packet {
	c.t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); {
		pkt := p.mustHear()
		c.follows(pkt)
		if pkt.Payload[0] == octet {
			return pkt
		}
	}
	require.FailNow(c.t, "not heard", "%#x", octet)
	return nil
}

func clipOf(octet byte, frames int) *Clip {
	c := NewClip(make([]int16, frames*frameTicks))
	for i := range c.octets[PCMU] {
		c.octets[PCMU][i], c.octets[PCMA][i] = octet, octet
	}
	return c
}

func TestCallerHearsOneStreamFromMusicToAgentToHoldAndBack(t *testing.T) {
	onEachDriver(t, Config{}, func(t *testing.T, e *Engine) {
		c := bridged(t, e, PCMU, PCMU)
		c.session.Unbridge()
		heard := &continuity{t: t}
		for i := range byte(3) {
			music := clipOf(0x21+i, 4)
			c.session.Play(c.a, music, true)
			require.True(t, heard.until(c.caller, 0x21+i).Marker)
			c.session.Bridge(c.a, c.b) // which stops the music
			settle(t, c.session)
			c.agent.ssrc += uint32(i)
			c.agent.seq += uint16(i) * 9999
			c.agent.speak(PCMU, 0x51+i)
			require.True(t, heard.until(c.caller, 0x51+i).Marker)
			c.agent.speak(PCMU, 0x61+i)
			require.False(t, heard.until(c.caller, 0x61+i).Marker)
			c.session.Unbridge()
		}
	})
}

func TestThirdPartyTakesOverWithoutASeam(t *testing.T) {
	onEachDriver(t, Config{}, func(t *testing.T, e *Engine) {
		c := bridged(t, e, PCMU, PCMA)
		heard := &continuity{t: t}
		c.agent.speak(PCMA, 0xd5)
		heard.until(c.caller, 0xff)
		other := newPhone(t)
		leg, err := c.session.NewLeg(Other)
		require.NoError(t, err)
		other.to = leg.Local()
		leg.Connect(other.params(PCMU))
		c.session.Bridge(c.a, leg)
		c.session.RemoveLeg(c.b)
		c.events.await(t, Closed, 1)
		other.speak(PCMU, 0x13)
		require.True(t, heard.until(c.caller, 0x13).Marker)
		c.caller.speak(PCMU, 0x14)
		other.mustHearOctet(0x14)
	})
}

// F8: a re-INVITE to a new port, with late packets from the old one.
func TestMovedPeerIsHeardAndItsOldPortIsNot(t *testing.T) {
	onEachDriver(t, Config{}, func(t *testing.T, e *Engine) {
		c := bridged(t, e, PCMU, PCMU)
		c.agent.speak(PCMU, 0x31)
		heard := &continuity{t: t}
		heard.until(c.caller, 0x31)
		moved := newPhone(t)
		moved.to, moved.ssrc, moved.seq, moved.ts = c.b.Local(), 77, 1000, 5
		c.b.Connect(moved.params(PCMU))
		settle(t, c.session)
		for range 20 {
			c.agent.speak(PCMU, 0x32) // late ones from the old port
		}
		c.caller.speak(PCMU, 0x41)
		moved.mustHearOctet(0x41)
		moved.speak(PCMU, 0x33)
		heard.until(c.caller, 0x33)
		for range 3 {
			c.agent.speak(PCMU, 0x34)
		}
		moved.seq += 20000 // a jump of its numbers, an hour of its clock
		moved.ts += 3600 * ClockRate
		moved.speak(PCMU, 0x35)
		moved.speak(PCMU, 0x36)
		require.True(t, heard.until(c.caller, 0x36).Marker)
		require.Eventually(t, func() bool { return c.b.Stats().Unwanted == 23 }, patience, 10*time.Millisecond)
		require.Empty(t, c.events.of(ForeignPackets), "stragglers are no attack")
	})
}

func TestSoundAheadOfItsSignallingIsNoAttack(t *testing.T) {
	onEachDriver(t, Config{}, func(t *testing.T, e *Engine) {
		events, p := &journal{}, newPhone(t)
		s := e.NewSession(events)
		defer s.Close()
		leg, err := s.NewLeg(Agent)
		require.NoError(t, err)
		p.to = leg.Local()
		p.speak(PCMU, 0x31)
		require.Eventually(t, func() bool { return leg.Stats().Unwanted == 1 }, patience, 10*time.Millisecond)
		leg.Connect(p.params(PCMU))
		settle(t, s)
		p.speak(PCMU, 0x31)
		events.await(t, FirstPacket, 1)
		require.Empty(t, events.of(ForeignPackets))
	})
}

func TestHeldPeerGetsAndGivesNothing(t *testing.T) {
	onEachDriver(t, Config{Timeout: 300 * time.Millisecond}, func(t *testing.T, e *Engine) {
		c := bridged(t, e, PCMU, PCMU)
		c.agent.speak(PCMU, 0x31)
		c.caller.mustHearOctet(0x31)
		p := c.agent.params(PCMU)
		p.Send, p.Recv = false, false
		c.b.Connect(p)
		early := c.caller.params(PCMU)
		early.Early = true
		c.a.Connect(early)
		settle(t, c.session)
		for range 10 {
			c.agent.speak(PCMU, 0x32)
		}
		for c.agent.hear(time.Millisecond) != nil { // what was on its way
		}
		c.caller.speak(PCMU, 0x42)
		require.Nil(t, c.agent.hear(700*time.Millisecond), "and no timeout either")
		require.Empty(t, c.events.of(Timeout))
		require.Eventually(t, func() bool { return c.b.Stats().Unwanted == 10 }, patience, 10*time.Millisecond)
		p.Send, p.Recv = true, true
		c.b.Connect(p)
		settle(t, c.session)
		c.agent.speak(PCMU, 0x33)
		for pkt := c.caller.mustHear(); pkt.Payload[0] != 0x33; pkt = c.caller.mustHear() {
			require.NotEqualValues(t, 0x32, pkt.Payload[0])
		}
	})
}

func TestSilentPeerIsReportedOnceUntilItIsHeardAgain(t *testing.T) {
	onEachDriver(t, Config{Timeout: 200 * time.Millisecond}, func(t *testing.T, e *Engine) {
		c := bridged(t, e, PCMU, PCMU)
		c.session.RemoveLeg(c.b)
		require.Equal(t, c.a, c.events.await(t, Timeout, 1)[0].Leg)
		c.caller.speak(PCMU, 0x31)
		c.events.await(t, Timeout, 2)
		time.Sleep(600 * time.Millisecond)
		require.Len(t, c.events.of(Timeout), 2)
	})
}

func TestReportsCountAsLife(t *testing.T) {
	l, a, _ := deskLoop(t, PCMU, PCMU)
	events := &journal{}
	a.session.events = events
	l.engine.cfg.Timeout = 8 * time.Second
	empty := compound{ssrc: 9, name: []byte("x")}
	b := make([]byte, 64)
	b = b[:empty.put(b)]
	for i := range int64(600) {
		if i%100 == 0 {
			l.receive(a, true, nextPort(described), b, l.now, l.now)
		}
		l.tick(l.now + roundEvery)
	}
	for _, ev := range events.of(Timeout) {
		require.NotEqual(t, a, ev.Leg, "only the other one is silent")
	}
	require.Len(t, events.of(Timeout), 1)
}

// Two hours of hold, in which a phone says nothing at all, are no silence; the
// other side, who is not on hold, has to be heard meanwhile, and so has the phone
// once it is back.
func TestAHoldIsNoSilenceHoweverLong(t *testing.T) {
	l, a, b := deskLoop(t, PCMU, PCMU)
	events := &journal{}
	a.session.events = events
	l.engine.cfg.Timeout = DefaultTimeout
	report := make([]byte, 64)
	report = report[:(&compound{ssrc: 9, name: []byte("x")}).put(report)]
	pass := func(d time.Duration) {
		for n, end := 0, l.now+int64(d); l.now < end; n++ {
			if n%200 == 0 { // each ten seconds
				l.receive(a, true, nextPort(described), report, l.now, l.now)
			}
			l.tick(l.now + roundEvery)
		}
	}
	held := b.params
	held.Recv = false
	l.connect(b, held)
	pass(2 * time.Hour)
	require.Zero(t, len(events.of(Timeout)))
	held.Recv = true
	l.connect(b, held)
	pass(DefaultTimeout + 2*time.Second)
	require.Equal(t, 1, len(events.of(Timeout)))
	require.Same(t, b, events.of(Timeout)[0].Leg)
}

func TestStoppedProcessIsNobodysSilence(t *testing.T) {
	l, a, _ := deskLoop(t, PCMU, PCMU)
	events := &journal{}
	a.session.events = events
	l.engine.cfg.Timeout = 8 * time.Second
	timeout := int64(8 * time.Second)
	l.tick(roundEvery)
	l.tick(3 * timeout) // the virtual machine stood still
	for end := l.now + timeout*3/4; l.now < end; {
		l.tick(l.now + roundEvery)
	}
	require.Empty(t, events.of(Timeout))
	for end := l.now + timeout; l.now < end; {
		l.tick(l.now + roundEvery)
	}
	require.Len(t, events.of(Timeout), 2)
}

func TestWhatPassedDuringAHoldIsNotLost(t *testing.T) {
	l, a, _ := deskLoop(t, PCMU, PCMU)
	next := stream(t, l, a, 0, frameOf(0x31))
	next()
	held := a.params
	held.Recv = false
	l.connect(a, held)
	for range 1000 {
		next()
	}
	held.Recv = true
	l.connect(a, held)
	next()
	s := a.figures()
	require.Zero(t, s.Lost)
	require.Zero(t, s.Restarts)
	require.EqualValues(t, 1000, s.Unwanted)
	require.EqualValues(t, 2, s.Received)
}

func TestHoldWithoutAnAddressKeepsThePeer(t *testing.T) {
	l, a, _ := deskLoop(t, PCMU, PCMU)
	next := stream(t, l, a, 0, frameOf(0x31))
	next()
	held := a.params
	held.Remote, held.Send, held.Recv = netip.MustParseAddrPort("0.0.0.0:4000"), false, false
	l.connect(a, held)
	next()
	s := a.figures()
	require.EqualValues(t, 1, s.Unwanted)
	require.Zero(t, s.Foreign)
	require.Zero(t, l.count.PeersRefused)
	require.Equal(t, described, a.source.target())
}
