package media

import (
	"encoding/binary"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/pion/rtp"
	"github.com/stretchr/testify/require"
)

// Strangers, NATs and phones have addresses of their own on the loopback.
var (
	strange = netip.MustParseAddr("127.0.0.66")
	natted  = netip.MustParseAddr("127.0.0.7")
)

// garbage is what scanners and attackers send to RTP ports.
func garbage(t testing.TB) [][]byte {
	speech := packetBytes(t, &rtp.Packet{Header: rtp.Header{Version: 2, SequenceNumber: 1, SSRC: 0x6666}, Payload: frameOf(0x66)})
	key := packetBytes(t, &rtp.Packet{Header: rtp.Header{Version: 2, PayloadType: 101, SequenceNumber: 2, SSRC: 0x6666}, Payload: []byte{5, 0x80, 1, 0}})
	srtp := append(append([]byte{}, speech...), make([]byte, 10)...)
	dtls := append([]byte{22, 0xfe, 0xfd}, make([]byte, 60)...)
	stun := append([]byte{0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42}, make([]byte, 12)...)
	shortReport := []byte{0x80, 201, 0, 1, 0, 0, 0, 1}
	bye := []byte{0x80, 201, 0, 1, 0, 0, 0x66, 0x66, 0x81, 203, 0, 1, 0, 0, 0x66, 0x66}
	return [][]byte{speech, key, srtp, dtls, stun, shortReport, bye, {}, {0x80}, make([]byte, 3000)}
}

// spray sends all garbage to a leg's ports from a stranger n times and returns
// the stranger.
func spray(t testing.TB, leg *Leg, n int) *phone {
	t.Helper()
	attacker := newPhoneAt(t, strange)
	for range n {
		for _, b := range garbage(t) {
			for _, to := range []netip.AddrPort{leg.Local(), nextPort(leg.Local())} {
				attacker.to = to
				attacker.sendRaw(b)
			}
		}
		time.Sleep(2 * time.Millisecond) // a flood has a test of its own
	}
	return attacker
}

func requireNothingSentTo(t testing.TB, attacker *phone) {
	t.Helper()
	require.Nil(t, attacker.hear(100*time.Millisecond))
}

// A7: before the first packet, during the call, and after a re-INVITE; with
// the description right and wrong, behind NAT and not.
func TestInjectedPacketsAreNeitherRelayedNorTappedNorAnswered(t *testing.T) {
	for name, c := range map[string]struct {
		nat       bool
		describes bool // the description names the phone's real address
	}{
		"trunk":                     {false, true},
		"NAT":                       {true, false},
		"NAT that changes no ports": {true, true},
	} {
		t.Run(name, func(t *testing.T) {
			onEachDriver(t, Config{}, func(t *testing.T, e *Engine) {
				testInjection(t, e, c.nat, c.describes)
			})
		})
	}
}

func testInjection(t *testing.T, e *Engine, nat, describes bool) {
	c := bridged(t, e, PCMU, PCMU)
	tap := &listener{}
	c.session.Tap(tap)
	c.agent = newPhoneAt(t, natted)
	c.agent.to = c.b.Local()
	p := c.agent.params(PCMU)
	if !describes {
		p.Remote = netip.MustParseAddrPort("127.0.0.10:40000")
		p.RemoteRTCP = netip.AddrPort{}
	}
	if nat {
		p.Learn = natted
	}
	c.b.Connect(p)
	settle(t, c.session)

	before := spray(t, c.b, 20)
	c.agent.speak(PCMU, 0x31)
	c.caller.mustHearOctet(0x31)
	during := spray(t, c.b, 20)
	c.caller.speak(PCMU, 0x41)
	c.agent.mustHearOctet(0x41)
	p.PtimeMs = 30
	c.b.Connect(p) // a session refresh
	after := spray(t, c.b, 20)
	for i := range byte(10) {
		c.agent.speak(PCMU, 0x50+i)
		heard := &continuity{t: t}
		for pkt := c.caller.mustHear(); pkt.Payload[0] != 0x50+i; pkt = c.caller.mustHear() {
			require.NotEqualValues(t, 0x66, pkt.Payload[0], "an injected packet was relayed")
			heard.follows(pkt)
		}
	}
	for _, attacker := range []*phone{before, during, after} {
		requireNothingSentTo(t, attacker)
	}
	for _, f := range tap.heard() {
		require.NotEqualValues(t, 0x66, f.Payload[0], "an injected packet was tapped")
	}
	require.Empty(t, c.events.of(Digit))
	require.Empty(t, c.events.of(Closed))
	require.NotEmpty(t, c.events.await(t, ForeignPackets, 1))
	require.Eventually(t, func() bool { return c.b.Stats().Foreign == 3*20*20 }, patience, 10*time.Millisecond)
	require.Positive(t, e.Stats().Foreign)
	require.Positive(t, c.b.Stats().Malformed)
}

// The agreed address itself may send nonsense: it is counted and harms nobody.
func TestNonsenseFromThePeerItselfEndsNothing(t *testing.T) {
	onEachDriver(t, Config{}, func(t *testing.T, e *Engine) {
		c := bridged(t, e, PCMU, PCMU)
		for range 50 {
			for _, b := range garbage(t)[3:] {
				c.caller.sendRaw(b)
			}
			time.Sleep(time.Millisecond)
		}
		c.caller.speak(PCMU, 0x31)
		c.agent.mustHearOctet(0x31)
		require.Empty(t, c.events.of(ForeignPackets))
		require.Empty(t, c.events.of(Closed))
	})
}

// A8: what a description may name and we must not send to.
func TestForbiddenTargetsAreRefused(t *testing.T) {
	onEachDriver(t, Config{}, func(t *testing.T, e *Engine) {
		s := e.NewSession(nil)
		own, err := s.NewLeg(Other)
		require.NoError(t, err)
		leg, err := s.NewLeg(Caller)
		require.NoError(t, err)
		for _, to := range []string{"255.255.255.255:4000", "239.1.2.3:4000", "224.0.0.1:4000", "0.0.0.0:4000",
			"127.0.0.1:22", "127.0.0.1:0", "[::1]:4000", "[ff02::1]:4000", own.Local().String(), nextPort(own.Local()).String()} {
			remote := netip.MustParseAddrPort(to)
			require.ErrorIs(t, e.CheckRemote(remote), ErrRemote, to)
			leg.Connect(Params{Remote: remote, Send: true, Recv: true})
			s.Play(leg, clipOf(0x21, 10), true)
		}
		require.ErrorIs(t, e.CheckRemote(netip.AddrPort{}), ErrRemote)
		require.NoError(t, e.CheckRemote(netip.MustParseAddrPort("192.0.2.1:40000")))
		time.Sleep(100 * time.Millisecond)
		leg.Connect(Params{Remote: netip.MustParseAddrPort("224.0.0.1:4000"), Send: true, Recv: true})
		settle(t, s)
		require.Zero(t, e.Stats().PacketsOut)
		require.Zero(t, e.Stats().SendErrors, "the kernel was not even asked")
		require.Eventually(t, func() bool { return e.Stats().PeersRefused >= 10 }, patience, 10*time.Millisecond)
		s.Close()
	})
}

func TestLoopbackIsNoTargetOfAServedNetwork(t *testing.T) {
	e := &Engine{cfg: Config{Listen: netip.MustParseAddr("0.0.0.0"), Advertise: netip.MustParseAddr("192.0.2.5")}}
	require.ErrorIs(t, e.CheckRemote(netip.MustParseAddrPort("127.0.0.1:4000")), ErrRemote)
}

// While a leg is flooded from elsewhere its call goes on: 10,000 packets, none
// of the call's is lost.
func TestFloodedLegKeepsItsCall(t *testing.T) {
	onEachDriver(t, Config{}, func(t *testing.T, e *Engine) {
		c := bridged(t, e, PCMU, PCMU)
		c.caller.speak(PCMU, 0x31)
		c.agent.mustHearOctet(0x31)
		attacker, err := net.DialUDP("udp", &net.UDPAddr{IP: strange.AsSlice()}, net.UDPAddrFromAddrPort(c.a.Local()))
		require.NoError(t, err)
		defer attacker.Close()
		flood := garbage(t)[0]
		heard := &continuity{t: t}
		for i := range uint16(100) {
			for range 100 {
				binary.BigEndian.PutUint16(flood[2:], i)
				attacker.Write(flood)
			}
			c.caller.speak(PCMU, 0x32)
			heard.until(c.agent, 0x32)
		}
	})
}
