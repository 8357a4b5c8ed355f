package media

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/srtp/v3"
	"github.com/stretchr/testify/require"
)

// lock is the peer's side of a leg's protection.
type lock struct {
	t       testing.TB
	keys    Keys // as the leg has them
	in, out *srtp.Context
}

func newLock(t testing.TB, s Suite) *lock {
	t.Helper()
	k := &lock{t: t, keys: Keys{Suite: s, Local: NewSecret(s), Remote: NewSecret(s)}}
	var err error
	k.out, err = s.context(k.keys.Remote)
	require.NoError(t, err)
	k.in, err = s.context(k.keys.Local, srtp.SRTPReplayProtection(64))
	require.NoError(t, err)
	return k
}

func (k *lock) seal(pkt *rtp.Packet) []byte {
	k.t.Helper()
	b, err := k.out.EncryptRTP(nil, packetBytes(k.t, pkt), nil)
	require.NoError(k.t, err)
	return b
}

// open opens what came; it must be protected, and new.
func (k *lock) open(b []byte) *rtp.Packet {
	k.t.Helper()
	plain, err := k.in.DecryptRTP(nil, b, nil)
	require.NoError(k.t, err)
	pkt := new(rtp.Packet)
	require.NoError(k.t, pkt.Unmarshal(plain))
	return pkt
}

// hearLocked reads until a packet of octet comes; every packet must be protected.
func (p *phone) hearLocked(k *lock, octet byte) *rtp.Packet {
	p.t.Helper()
	buf := make([]byte, 2048)
	for end := time.Now().Add(patience); time.Now().Before(end); {
		require.NoError(p.t, p.rtp.SetReadDeadline(time.Now().Add(patience)))
		n, _, err := p.rtp.ReadFromUDPAddrPort(buf)
		require.NoError(p.t, err)
		if pkt := k.open(buf[:n]); len(pkt.Payload) > 0 && pkt.Payload[0] == octet {
			return pkt
		}
	}
	require.FailNow(p.t, "not heard", "%#x", octet)
	return nil
}

var allSuites = []Suite{AES128CM80, AES128CM32, AES256CM80, AES256CM32, AES128GCM, AES256GCM}

func TestProtectedLegIsHeardAndTappedInTheClear(t *testing.T) {
	for _, suite := range allSuites {
		t.Run(suite.String(), func(t *testing.T) {
			t.Parallel()
			onEachDriver(t, Config{}, func(t *testing.T, e *Engine) {
				c := bridged(t, e, PCMU, PCMA)
				tap := &listener{}
				c.session.Tap(tap)
				k := newLock(t, suite)
				p := c.agent.params(PCMA)
				p.SRTP = k.keys
				c.b.Connect(p)
				settle(t, c.session)
				settle(t, c.session)
				for i := range byte(5) { // over the wrap of the sequence number
					c.agent.sendRaw(k.seal(c.agent.packet(8, frameOf(0xd0+i))))
					require.EqualValues(t, transcoded(0xd0+i), c.caller.mustHearOctet(transcoded(0xd0 + i)).Payload[0])
				}
				c.caller.speak(PCMU, 0xff)
				c.agent.hearLocked(k, 0xd5)
				c.agent.sendRaw(k.seal(c.agent.packet(101, []byte{7, 0x80, 3, 0x20})))
				require.Equal(t, byte('7'), c.events.await(t, Digit, 1)[0].Digit)
				require.Eventually(t, func() bool { return len(tap.heard()) >= 6 }, patience, time.Millisecond)
				require.EqualValues(t, 0xd0, tap.heard()[0].Payload[0])

				// Reports are protected too, both ways.
				report, err := (&rtcp.ReceiverReport{SSRC: c.agent.ssrc}).Marshal()
				require.NoError(t, err)
				sealed, err := k.out.EncryptRTCP(nil, report, nil)
				require.NoError(t, err)
				_, err = c.agent.rtcp.WriteToUDPAddrPort(sealed, nextPort(c.b.Local()))
				require.NoError(t, err)
				require.Eventually(t, func() bool { return c.b.Stats().ReportsReceived == 1 }, patience, time.Millisecond)
				buf := make([]byte, 2048)
				require.NoError(t, c.agent.rtcp.SetReadDeadline(time.Now().Add(patience)))
				n, _, err := c.agent.rtcp.ReadFromUDPAddrPort(buf)
				require.NoError(t, err)
				plain, err := k.in.DecryptRTCP(nil, buf[:n], nil)
				require.NoError(t, err)
				packets, err := rtcp.Unmarshal(plain)
				require.NoError(t, err)
				require.NotEmpty(t, packets[0].DestinationSSRC())
				require.Zero(t, c.b.Stats().Unauthentic)
			})
		})
	}
}

// transcoded is the µ-law octet for an A-law one.
func transcoded(alaw byte) byte {
	b := []byte{0}
	transcode(b, []byte{alaw}, PCMA)
	return b[0]
}

// ES2021-09, CVE-2025-53399: what isn't sealed with the leg's key teaches it
// nothing, reaches nobody and ends nothing, wherever it comes from.
func TestNothingIsLearnedFromWhatIsNotAuthentic(t *testing.T) {
	onEachDriver(t, Config{}, func(t *testing.T, e *Engine) {
		c := bridged(t, e, PCMU, PCMU)
		tap := &listener{}
		c.session.Tap(tap)
		k, other := newLock(t, AES128CM80), newLock(t, AES128CM80)
		c.agent = newPhoneAt(t, natted)
		c.agent.to = c.b.Local()
		p := c.agent.params(PCMU)
		p.Remote, p.RemoteRTCP, p.Learn = netip.MustParseAddrPort("127.0.0.10:40000"), netip.AddrPort{}, natted
		p.SRTP = k.keys
		c.b.Connect(p)
		settle(t, c.session)
		settle(t, c.session)

		// An attacker behind the same NAT, who could be learned from.
		attacker := newPhoneAt(t, natted)
		flood := func() {
			for i := range 100 {
				attacker.to = c.b.Local()
				attacker.speak(PCMU, 0x66)                                      // plain
				attacker.sendRaw(other.seal(attacker.packet(0, frameOf(0x66)))) // another key's
				attacker.sendRaw(append(packetBytes(t, attacker.packet(0, frameOf(0x66))), make([]byte, 10)...))
				attacker.to = nextPort(c.b.Local())
				attacker.sendRaw([]byte{0x81, 203, 0, 1, 0, 0, 0x66, 0x66, 0x80, 0, 0, byte(i), 1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
				if i%10 == 0 {
					time.Sleep(time.Millisecond)
				}
			}
		}
		flood()
		replay := k.seal(c.agent.packet(0, frameOf(0x31)))
		c.agent.sendRaw(replay)
		c.caller.mustHearOctet(0x31)
		flood()
		attacker.to = c.b.Local()
		for range 20 {
			attacker.sendRaw(replay)
			c.agent.sendRaw(replay)
		}
		c.caller.speak(PCMU, 0x41)
		c.agent.hearLocked(k, 0x41)
		for i := range byte(5) {
			c.agent.sendRaw(k.seal(c.agent.packet(0, frameOf(0x50+i))))
			heard := c.caller.mustHear().Payload[0]
			for heard == 0xff { // silence, where the agent was late
				heard = c.caller.mustHear().Payload[0]
			}
			require.Equal(t, 0x50+i, heard, "a foreign or repeated packet was relayed")
		}
		requireNothingSentTo(t, attacker)
		for _, f := range tap.heard() {
			require.NotEqualValues(t, 0x66, f.Payload[0])
		}
		require.Empty(t, c.events.of(Closed))
		require.NotEmpty(t, c.events.await(t, ForeignPackets, 1))
		require.Eventually(t, func() bool {
			s := c.b.Stats()
			return s.Unauthentic > 300 && s.Duplicate >= 20 && s.ReportsReceived == 0 && s.Received == 6
		}, patience, 10*time.Millisecond)
		require.Positive(t, e.Stats().Unauthentic)
	})
}

// A re-INVITE brings new keys: at once for what we send, and what was still on
// its way under the old one is heard. The same keys again change nothing.
func TestNewKeysTakeOverWithoutALoss(t *testing.T) {
	onEachDriver(t, Config{}, func(t *testing.T, e *Engine) {
		c := bridged(t, e, PCMU, PCMU)
		c.greet() // nothing but what is said here is sent from now on
		old, next := newLock(t, AES128CM80), newLock(t, AES128GCM)
		p := c.agent.params(PCMU)
		p.SRTP = old.keys
		c.b.Connect(p)
		settle(t, c.session)
		say := func(k *lock, octet byte) []byte {
			b := k.seal(c.agent.packet(0, frameOf(octet)))
			c.agent.sendRaw(b)
			c.caller.mustHearOctet(octet)
			return b
		}
		hear := func(k *lock, octet byte) {
			c.caller.speak(PCMU, octet)
			c.agent.hearLocked(k, octet)
		}
		replay := say(old, 1)
		hear(old, 2)
		c.b.Connect(p) // a session refresh
		settle(t, c.session)
		say(old, 3)
		hear(old, 4)
		c.agent.sendRaw(replay)
		require.Eventually(t, func() bool { return c.b.Stats().Duplicate == 1 }, patience, time.Millisecond, "a refresh forgot what it had seen")

		late := old.seal(c.agent.packet(0, frameOf(5)))
		p.SRTP = next.keys
		c.b.Connect(p)
		settle(t, c.session)
		hear(next, 6)
		c.agent.sendRaw(late)
		c.caller.mustHearOctet(5)
		say(next, 7)
		c.agent.sendRaw(late)
		require.Eventually(t, func() bool { return c.b.Stats().Duplicate == 2 }, patience, time.Millisecond)

		p.SRTP = Keys{} // as far as the policy of the signalling lets it
		c.b.Connect(p)
		settle(t, c.session)
		c.agent.speak(PCMU, 8)
		c.caller.mustHearOctet(8)
		require.Zero(t, c.b.Stats().Unauthentic)
	})
}

func TestLegWithUnusableKeysIsDeafAndMute(t *testing.T) {
	l, a, b := deskLoop(t, PCMU, PCMU)
	p := b.params
	p.SRTP = Keys{Suite: AES128GCM, Local: NewSecret(AES128CM80), Remote: NewSecret(AES128GCM)}
	l.connect(b, p)
	stream(t, l, a, 0, frameOf(1))()
	stream(t, l, b, 0, frameOf(1))()
	require.Zero(t, b.rtp.(*nullSocket).sent)
	require.Zero(t, a.rtp.(*nullSocket).sent)
	require.EqualValues(t, 1, b.count.Unauthentic)
}

func TestStreamsUnderOneKeyAreBounded(t *testing.T) {
	l, a, _ := deskLoop(t, PCMU, PCMU)
	k := newLock(t, AES128CM80)
	p := a.params
	p.SRTP = k.keys
	l.connect(a, p)
	for ssrc := range uint32(200) {
		l.receive(a, false, described, k.seal(&rtp.Packet{Header: rtp.Header{Version: 2, SSRC: ssrc}, Payload: frameOf(1)}), l.now, l.now)
		b, err := (&rtcp.ReceiverReport{SSRC: ssrc}).Marshal()
		require.NoError(t, err)
		b, err = k.out.EncryptRTCP(nil, b, nil)
		require.NoError(t, err)
		l.receive(a, true, nextPort(described), b, l.now, l.now)
	}
	require.EqualValues(t, streamsMax, a.count.Received)
	require.EqualValues(t, streamsMax, a.reports.received)
	// The one heard last, and those known, are still heard.
	l.receive(a, false, described, k.seal(&rtp.Packet{Header: rtp.Header{Version: 2, SSRC: 3, SequenceNumber: 5}, Payload: frameOf(1)}), l.now, l.now)
	require.EqualValues(t, streamsMax+1, a.count.Received)
}

func TestSecretsAreNotPrinted(t *testing.T) {
	k := NewSecret(AES128CM80)
	keys := Keys{Suite: AES128CM80, Local: k, Remote: k}
	text, err := json.Marshal(keys)
	require.NoError(t, err)
	for _, s := range []string{fmt.Sprint(k), fmt.Sprintf("%v %+v %#v %q %x %s %d", keys, keys, keys, k, k, k, k), string(text), k.String(),
		fmt.Sprintf("%+v", Params{SRTP: keys}), fmt.Sprintf("%#v", &Params{SRTP: keys})} {
		require.NotContains(t, s, k.Inline())
		require.NotContains(t, s, k.octets)
		require.NotContains(t, s, fmt.Sprintf("%x", k.octets))
	}
	again, err := ParseSecret(AES128CM80, k.Inline())
	require.NoError(t, err)
	require.Equal(t, k, again)
	for _, bad := range []string{"", "AAAA", k.Inline() + "AAAA", "!" + k.Inline()[1:]} {
		_, err := ParseSecret(AES128CM80, bad)
		require.Error(t, err)
	}
	_, err = ParseSecret(0, k.Inline())
	require.Error(t, err)
	require.NotEqual(t, NewSecret(AES256GCM), NewSecret(AES256GCM))
	for _, s := range allSuites {
		found, ok := ParseSuite(s.String())
		require.True(t, ok)
		require.Equal(t, s, found)
	}
	_, ok := ParseSuite("")
	require.False(t, ok)
}

func TestNothingIsAllocatedPerProtectedPacket(t *testing.T) {
	for _, suite := range allSuites {
		l, step := protectedDesk(t, suite)
		require.LessOrEqual(t, testing.AllocsPerRun(1000, step), allowance, suite.String())
		require.Zero(t, l.count.Unauthentic+l.count.Dropped, suite.String())
		require.NotZero(t, l.count.PacketsOut)
	}
}

// protectedDesk is a desk with keys on both legs, and a function that passes on
// a packet.
func protectedDesk(t testing.TB, suite Suite) (*loop, func()) {
	l, a, b := deskLoop(t, PCMU, PCMU)
	k := newLock(t, suite)
	p := a.params
	p.SRTP = k.keys
	l.connect(a, p)
	l.connect(b, p)
	plain := packetBytes(t, &rtp.Packet{Header: rtp.Header{Version: 2, SSRC: 7}, Payload: frameOf(1)})
	var h header
	var head rtp.Header
	h.parse(plain)
	room := make([]byte, bytesMax)
	return l, func() {
		h.seq++
		h.timestamp += frameTicks
		h.put(plain)
		sealed, err := k.out.EncryptRTP(room[:0], plain, &head)
		if err != nil {
			t.Fatal(err)
		}
		l.receive(a, false, described, sealed, l.now+20*millisecond, l.now+20*millisecond)
	}
}

func BenchmarkProtectedRelay(b *testing.B) {
	for _, suite := range allSuites {
		b.Run(suite.String(), func(b *testing.B) {
			_, step := protectedDesk(b, suite)
			b.ReportAllocs()
			for b.Loop() {
				step()
			}
		})
	}
}
