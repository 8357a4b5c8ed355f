package media

import (
	"net/netip"
	"sync"
	"testing"
	"time"

	"github.com/pion/rtcp"
	"github.com/stretchr/testify/require"
	"go.uber.org/zap"
)

func TestClosedEventsComeLastWithTheFigures(t *testing.T) {
	onEachDriver(t, Config{}, func(t *testing.T, e *Engine) {
		c := bridged(t, e, PCMU, PCMU)
		for range 10 {
			c.caller.speak(PCMU, 0x31)
			c.agent.mustHearOctet(0x31)
		}
		c.session.Close()
		c.session.Close()
		c.session.Bridge(c.a, c.b)
		c.a.Connect(c.caller.params(PCMU))
		c.session.RemoveLeg(c.a)
		c.events.await(t, SessionClosed, 1)
		settle(t, c.session)
		events := c.events.events
		require.Equal(t, []Kind{Closed, Closed, SessionClosed},
			[]Kind{events[len(events)-3].Kind, events[len(events)-2].Kind, events[len(events)-1].Kind})
		for _, ev := range c.events.of(Closed) {
			require.Equal(t, ev.Stats, ev.Leg.Stats())
			if ev.Leg == c.a {
				require.EqualValues(t, 10, ev.Stats.Received)
				require.EqualValues(t, 1600, ev.Stats.ReceivedBytes)
				require.Greater(t, ev.Stats.MOS, 4.0)
			} else {
				require.GreaterOrEqual(t, ev.Stats.Sent, uint64(10))
			}
		}
		_, err := c.session.NewLeg(Other)
		require.ErrorIs(t, err, ErrClosed)
		require.Zero(t, e.Stats().Sessions)
		require.Zero(t, e.Stats().PortsInUse)
	})
}

func TestEngineClosesWhatIsOpen(t *testing.T) {
	for name, d := range drivers {
		t.Run(name, func(t *testing.T) {
			e, err := newEngine(Config{Listen: loopback, PortMin: 23000, PortMax: 23999}, zap.NewNop(), d)
			require.NoError(t, err)
			events := &journal{}
			empty, full := e.NewSession(events), e.NewSession(events)
			_, err = full.NewLeg(Caller)
			require.NoError(t, err)
			require.NoError(t, e.Close())
			require.Len(t, events.of(SessionClosed), 2)
			require.Len(t, events.of(Closed), 1)
			require.NoError(t, e.Close())
			for _, s := range []*Session{empty, full, e.NewSession(nil)} {
				_, err = s.NewLeg(Agent)
				require.ErrorIs(t, err, ErrClosed)
				s.Close()
			}
			require.Zero(t, e.Stats().PortsInUse)
		})
	}
}

// Everything may be called by anybody at any time.
func TestCallsFromManyGoroutines(t *testing.T) {
	onEachDriver(t, Config{Rest: time.Millisecond}, func(t *testing.T, e *Engine) {
		var wg sync.WaitGroup
		for g := range 4 {
			wg.Go(func() {
				for i := range 30 {
					events := &journal{}
					s := e.NewSession(events)
					a, err := s.NewLeg(Caller)
					if err != nil {
						continue
					}
					b, _ := s.NewLeg(Agent)
					remote := netip.AddrPortFrom(loopback, uint16(40000+g))
					for _, leg := range []*Leg{a, b} {
						if leg != nil {
							leg.Connect(Params{Remote: remote, Send: true, Recv: true})
						}
					}
					wg.Go(func() { s.Bridge(a, b); s.Play(a, MusicClip(), true); s.RemoveLeg(b) })
					wg.Go(func() { s.Tap(&listener{}); s.StopPlay(a); s.Unbridge(); _ = a.Stats() })
					if i%2 == 0 {
						s.RemoveLeg(a)
					}
					_ = e.Stats()
					s.Close()
					events.await(t, SessionClosed, 1)
				}
			})
		}
		wg.Wait()
		require.Zero(t, e.Stats().Sessions)
		require.Zero(t, e.Stats().Legs)
		require.Zero(t, e.Stats().PortsInUse)
	})
}

// asker calls the session from its own events.
type asker struct {
	journal
	s *Session
}

func (a *asker) MediaEvent(ev Event) {
	a.journal.MediaEvent(ev)
	if ev.Kind == PlayEnded {
		a.s.Play(ev.Leg, clipOf(0x22, 2), true)
		_ = ev.Leg.Stats()
	}
}

func TestEventsMayCallTheSession(t *testing.T) {
	onEachDriver(t, Config{}, func(t *testing.T, e *Engine) {
		events, p := &asker{}, newPhone(t)
		events.s = e.NewSession(events)
		leg, err := events.s.NewLeg(Caller)
		require.NoError(t, err)
		leg.Connect(p.params(PCMU))
		events.s.Play(leg, clipOf(0x21, 2), false)
		p.mustHearOctet(0x22)
		events.s.Close()
	})
}

func TestLoopsAreStartedOnDemand(t *testing.T) {
	e := startEngine(t, Config{MaxLoops: 2}, newPortable)
	require.Equal(t, 1, e.Stats().Loops)
	first := e.NewSession(nil)
	e.loops[0].legCount.Add(legsPerLoop)
	second := e.NewSession(nil)
	require.NotSame(t, first.loop, second.loop)
	require.Same(t, second.loop, e.NewSession(nil).loop)
	e.loops[1].legCount.Add(legsPerLoop + 1)
	require.Same(t, first.loop, e.NewSession(nil).loop, "no third one")
	require.Equal(t, 2, e.Stats().Loops)
}

func TestConfigFaultsAreToldTogether(t *testing.T) {
	_, err := NewEngine(Config{PortMin: 5001, PortMax: 5002, MaxLoops: -1}, zap.NewNop())
	require.ErrorContains(t, err, "listen address missing")
	require.ErrorContains(t, err, "no port pair")
	require.ErrorContains(t, err, "-1 loops")
	c, err := Config{Listen: loopback}.withDefaults()
	require.NoError(t, err)
	require.Equal(t, DefaultTimeout, c.Timeout)
	require.Equal(t, DefaultRest, c.Rest)
	require.Less(t, c.PortMax, uint16(32768), "outside the kernel's ephemeral range")
}

func TestReportsAreExchanged(t *testing.T) {
	onEachDriver(t, Config{}, func(t *testing.T, e *Engine) {
		c := bridged(t, e, PCMU, PCMU)
		for i := range byte(10) {
			if i != 5 {
				c.caller.speak(PCMU, 0x31)
			} else {
				c.caller.packet(0, frameOf(0)) // lost
			}
		}
		c.agent.mustHearOctet(0x31)
		buf := make([]byte, 512)
		read := func(p *phone) []rtcp.Packet {
			require.NoError(t, p.rtcp.SetReadDeadline(time.Now().Add(patience)))
			n, _, err := p.rtcp.ReadFromUDPAddrPort(buf)
			require.NoError(t, err)
			packets, err := rtcp.Unmarshal(buf[:n])
			require.NoError(t, err)
			return packets
		}
		told := read(c.caller)[0]
		var blocks []rtcp.ReceptionReport
		switch r := told.(type) {
		case *rtcp.SenderReport: // after moments of silence of ours
			blocks = r.Reports
		case *rtcp.ReceiverReport:
			blocks = r.Reports
		}
		require.Len(t, blocks, 1)
		require.EqualValues(t, c.caller.ssrc, blocks[0].SSRC)
		require.EqualValues(t, 1, blocks[0].TotalLost)

		sr, ok := read(c.agent)[0].(*rtcp.SenderReport)
		require.True(t, ok)
		answer := rtcp.ReceiverReport{SSRC: 5, Reports: []rtcp.ReceptionReport{{SSRC: sr.SSRC, FractionLost: 64, TotalLost: 3,
			Jitter: 80, LastSenderReport: uint32(sr.NTPTime >> 16), Delay: 0}}}
		b, err := answer.Marshal()
		require.NoError(t, err)
		_, err = c.agent.rtcp.WriteToUDPAddrPort(b, nextPort(c.b.Local()))
		require.NoError(t, err)
		require.Eventually(t, func() bool { return c.b.Stats().ReportsReceived == 1 }, patience, 10*time.Millisecond)
		s := c.b.Stats()
		require.EqualValues(t, 3, s.RemoteLost)
		require.Equal(t, 0.25, s.RemoteLoss)
		require.Equal(t, 10*time.Millisecond, s.RemoteJitter)
		require.Less(t, s.RTT, patience)
		require.Positive(t, s.RemoteMOS)
		require.EqualValues(t, 1, c.a.Stats().Lost)
		require.EqualValues(t, 0.1, c.a.Stats().Loss())

		c.session.RemoveLeg(c.b)
		for packets := read(c.agent); ; packets = read(c.agent) {
			if bye, ok := packets[len(packets)-1].(*rtcp.Goodbye); ok {
				require.Equal(t, []uint32{sr.SSRC}, bye.Sources)
				break
			}
		}
	})
}

// A peer that waits for our first packet gets one.
func TestLegThatHasNothingToSendSendsSilence(t *testing.T) {
	onEachDriver(t, Config{}, func(t *testing.T, e *Engine) {
		c := bridged(t, e, PCMU, PCMA)
		require.Equal(t, frameOf(0xff), c.caller.mustHear().Payload)
		require.Equal(t, frameOf(0xd5), c.agent.mustHear().Payload)
	})
}

func TestLegsOfTheOtherFamily(t *testing.T) {
	onEachDriver(t, Config{Listen: netip.IPv6Loopback()}, func(t *testing.T, e *Engine) {
		events, p := &journal{}, newPhoneAt(t, netip.IPv6Loopback())
		s := e.NewSession(events)
		defer s.Close()
		leg, err := s.NewLeg(Caller)
		require.NoError(t, err)
		p.to = leg.Local()
		leg.Connect(p.params(PCMU))
		s.Play(leg, clipOf(0x21, 5), true)
		p.mustHearOctet(0x21)
		p.speak(PCMU, 0x31)
		events.await(t, FirstPacket, 1)
		stranger := newPhoneAt(t, netip.IPv6Loopback())
		stranger.to = leg.Local()
		stranger.speak(PCMU, 0x66)
		events.await(t, ForeignPackets, 1)
		require.ErrorIs(t, e.CheckRemote(netip.MustParseAddrPort("192.0.2.1:4000")), ErrRemote)
	})
}

// A phone behind NAT whose RTP was learned is sent RTCP beside it.
func TestReportsFollowALearnedSource(t *testing.T) {
	l, a, _ := deskLoop(t, PCMU, PCMU)
	p := a.params
	p.Remote, p.RemoteRTCP, p.Learn = private, netip.AddrPort{}, outside.Addr()
	aims := &aimSocket{}
	a.rtcp = aims
	l.connect(a, p)
	require.Equal(t, nextPort(private), aims.at)
	b := packetBytes(t, newPacket(0, frameOf(1)))
	l.receive(a, false, outside, b, 1, 1)
	require.Equal(t, nextPort(outside), aims.at)
	report := sampleCompound()
	buf := make([]byte, 512)
	elsewhere := netip.AddrPortFrom(outside.Addr(), 7777)
	l.receive(a, true, elsewhere, buf[:report.put(buf)], 2, 2)
	require.Equal(t, elsewhere, aims.at)
}

// aimSocket keeps where it was aimed.
type aimSocket struct {
	nullSocket
	at netip.AddrPort
}

func (s *aimSocket) aim(to netip.AddrPort) { s.at = to }
