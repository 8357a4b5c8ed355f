package media

import (
	"net/netip"
	"testing"
	"time"

	"github.com/pion/rtp"
	"github.com/stretchr/testify/require"
	"go.uber.org/zap"
)

// nullSocket takes all and sends nothing.
type nullSocket struct{ sent int }

func (s *nullSocket) watch(*Leg, bool) error { return nil }
func (s *nullSocket) aim(netip.AddrPort)     {}
func (s *nullSocket) pin()                   {}
func (s *nullSocket) send([]byte) bool       { s.sent++; return true }
func (s *nullSocket) leave()                 {}
func (s *nullSocket) join(driver) error      { return nil }
func (s *nullSocket) close()                 {}

// deskLoop is a loop without sockets and two connected, bridged legs of it.
func deskLoop(t testing.TB, a, b Codec) (*loop, *Leg, *Leg) {
	e := &Engine{log: zap.NewNop(), cfg: Config{Listen: described.Addr(), Timeout: time.Hour}, ports: newPortRange(loopback, 20000, 20009, 0, newRand())}
	l := newLoop(e, nil, newRand())
	s := &Session{engine: e, loop: l}
	leg := func(c Codec) *Leg {
		g := &Leg{session: s, rtp: &nullSocket{}, rtcp: &nullSocket{}}
		l.add(g)
		l.connect(g, Params{Remote: described, Codec: c, PayloadType: c.PayloadType(), DTMFPayloadType: 101, Send: true, Recv: true})
		return g
	}
	x, y := leg(a), leg(b)
	x.peer, y.peer = y, x
	return l, x, y
}

type countingTap struct{ frames, octets int }

func (c *countingTap) Frame(f *Frame) { c.frames++; c.octets += len(f.Payload) }

// stream returns a function that gives the loop the next packet of a stream.
func stream(t testing.TB, l *loop, leg *Leg, pt uint8, payload []byte) func() {
	b := packetBytes(t, &rtp.Packet{Header: rtp.Header{Version: 2, PayloadType: pt, SSRC: 7}, Payload: payload})
	work := make([]byte, len(b))
	var h header
	now := int64(1e9)
	return func() {
		copy(work, b)
		h.parse(b)
		h.seq++
		h.timestamp += frameTicks
		h.put(b)
		now += 20 * millisecond
		l.receive(leg, false, described, work, now, now)
	}
}

func TestNothingIsAllocatedPerPacket(t *testing.T) {
	for name, codec := range map[string]Codec{"relayed": PCMU, "transcoded": PCMA} {
		l, a, b := deskLoop(t, PCMU, codec)
		tap := &countingTap{}
		a.session.tap = tap
		next := stream(t, l, a, 0, frameOf(0x31))
		require.Zero(t, testing.AllocsPerRun(1000, next), name)
		require.Equal(t, 1001, b.rtp.(*nullSocket).sent, name)
		require.Equal(t, 1001*frameTicks, tap.octets, name)
		key := stream(t, l, a, 101, []byte{1, 0, 0, 160})
		require.Zero(t, testing.AllocsPerRun(1000, key), name)
	}
}

func TestNothingIsAllocatedPerTickAndRound(t *testing.T) {
	l, a, b := deskLoop(t, PCMU, PCMA)
	l.startPlay(a, play{clip: MusicClip(), loop: true})
	l.startPlay(b, play{clip: MusicClip(), loop: true})
	stream(t, l, a, 0, frameOf(1))()
	for range 1000 { // the wheel's slots get their memory
		l.tick(l.now + 20*millisecond)
	}
	require.Zero(t, testing.AllocsPerRun(2000, func() { l.tick(l.now + 20*millisecond) }))
	require.Positive(t, a.reports.sent, "reports went out too")
}

func TestNothingIsAllocatedPerReportAndStranger(t *testing.T) {
	l, a, _ := deskLoop(t, PCMU, PCMU)
	c := sampleCompound()
	b := make([]byte, 512)
	b = b[:c.put(b)]
	require.Zero(t, testing.AllocsPerRun(100, func() { l.receive(a, true, nextPort(described), b, 1, 1) }))
	require.EqualValues(t, 101, a.reports.received)
	require.Zero(t, testing.AllocsPerRun(100, func() { l.receive(a, false, attacker, b, 1, 1) }))
	require.EqualValues(t, 101, a.count.Foreign)
}

func BenchmarkRelay(b *testing.B) {
	for name, codec := range map[string]Codec{"same": PCMU, "transcoded": PCMA} {
		b.Run(name, func(b *testing.B) {
			l, a, _ := deskLoop(b, PCMU, codec)
			a.session.tap = &countingTap{}
			next := stream(b, l, a, 0, frameOf(0x31))
			b.ReportAllocs()
			for b.Loop() {
				next()
			}
		})
	}
}

func BenchmarkPlay(b *testing.B) {
	l, a, _ := deskLoop(b, PCMU, PCMU)
	l.startPlay(a, play{clip: MusicClip(), loop: true})
	b.ReportAllocs()
	for b.Loop() {
		l.tick(l.now + 20*millisecond)
	}
}
