package media

import (
	"net"
	"net/netip"
	"sync"
	"testing"
	"time"

	"github.com/pion/rtp"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"go.uber.org/zap"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience bounds every wait; no test depends on less.
const patience = 10 * time.Second

var loopback = netip.MustParseAddr("127.0.0.1")

// drivers are run through every test of an engine's behaviour.
var drivers = map[string]func(bool) (driver, error){
	"default":  defaultDriver,
	"portable": newPortable,
}

// onEachDriver runs test against an engine on each driver. Tests that don't
// say which ports they want mostly wait, and do so together.
func onEachDriver(t *testing.T, cfg Config, test func(t *testing.T, e *Engine)) {
	for name, d := range drivers {
		t.Run(name, func(t *testing.T) {
			if cfg.PortMin == 0 {
				t.Parallel()
			}
			test(t, startEngine(t, cfg, d))
		})
	}
}

func startEngine(t testing.TB, cfg Config, d func(bool) (driver, error)) *Engine {
	t.Helper()
	if !cfg.Listen.IsValid() {
		cfg.Listen = loopback
	}
	if cfg.PortMin == 0 {
		cfg.PortMin, cfg.PortMax = 20000, 21999
	}
	if cfg.Rest == 0 {
		cfg.Rest = -1
	}
	e, err := newEngine(cfg, zap.NewNop(), d)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, e.Close()) })
	return e
}

// journal collects a session's events.
type journal struct {
	mu     sync.Mutex
	events []Event
}

func (j *journal) MediaEvent(ev Event) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.events = append(j.events, ev)
}

// of returns the events of one kind so far.
func (j *journal) of(k Kind) []Event {
	j.mu.Lock()
	defer j.mu.Unlock()
	var found []Event
	for _, ev := range j.events {
		if ev.Kind == k {
			found = append(found, ev)
		}
	}
	return found
}

// await waits for n events of a kind and returns them.
func (j *journal) await(t testing.TB, k Kind, n int) []Event {
	t.Helper()
	require.Eventually(t, func() bool { return len(j.of(k)) >= n }, patience, 5*time.Millisecond, "%d %v events", n, k)
	return j.of(k)
}

// phone is a peer with real sockets: it sends what it is told and keeps what
// it gets.
type phone struct {
	t         testing.TB
	rtp, rtcp *net.UDPConn
	to        netip.AddrPort

	seq  uint16
	ts   uint32
	ssrc uint32
}

func newPhone(t testing.TB) *phone { return newPhoneAt(t, loopback) }

func newPhoneAt(t testing.TB, addr netip.Addr) *phone {
	t.Helper()
	listen := func() *net.UDPConn {
		c, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.AddrPortFrom(addr, 0)))
		require.NoError(t, err)
		t.Cleanup(func() { c.Close() })
		return c
	}
	return &phone{t: t, rtp: listen(), rtcp: listen(), seq: 65530, ts: 1<<32 - 500, ssrc: 0xabcd0000}
}

func (p *phone) addr() netip.AddrPort     { return p.rtp.LocalAddr().(*net.UDPAddr).AddrPort() }
func (p *phone) rtcpAddr() netip.AddrPort { return p.rtcp.LocalAddr().(*net.UDPAddr).AddrPort() }

// params are those of an SDP that names the phone's own addresses.
func (p *phone) params(c Codec) Params {
	return Params{Remote: p.addr(), RemoteRTCP: p.rtcpAddr(), Codec: c, PayloadType: c.PayloadType(),
		DTMFPayloadType: 101, CNPayloadType: 13, PtimeMs: 20, Send: true, Recv: true}
}

// packet builds the phone's next packet.
func (p *phone) packet(pt uint8, payload []byte) *rtp.Packet {
	pkt := &rtp.Packet{Header: rtp.Header{Version: 2, PayloadType: pt, SequenceNumber: p.seq, Timestamp: p.ts, SSRC: p.ssrc}, Payload: payload}
	p.seq++
	p.ts += uint32(len(payload))
	return pkt
}

func (p *phone) send(pkt *rtp.Packet) {
	p.t.Helper()
	b, err := pkt.Marshal()
	require.NoError(p.t, err)
	p.sendRaw(b)
}

func (p *phone) sendRaw(b []byte) {
	p.t.Helper()
	_, err := p.rtp.WriteToUDPAddrPort(b, p.to)
	require.NoError(p.t, err)
}

// speak sends one frame of octets.
func (p *phone) speak(c Codec, octet byte) *rtp.Packet {
	p.t.Helper()
	pkt := p.packet(c.PayloadType(), frameOf(octet))
	p.send(pkt)
	return pkt
}

// hear returns the next packet, or nil if none comes within d.
func (p *phone) hear(d time.Duration) *rtp.Packet {
	p.t.Helper()
	require.NoError(p.t, p.rtp.SetReadDeadline(time.Now().Add(d)))
	buf := make([]byte, 2048)
	n, _, err := p.rtp.ReadFromUDPAddrPort(buf)
	if err != nil {
		return nil
	}
	pkt := new(rtp.Packet)
	require.NoError(p.t, pkt.Unmarshal(buf[:n]))
	return pkt
}

// mustHear is hear with patience.
func (p *phone) mustHear() *rtp.Packet {
	p.t.Helper()
	pkt := p.hear(patience)
	require.NotNil(p.t, pkt, "no packet came")
	return pkt
}

// mustHearOctet reads until a packet filled with octet comes.
func (p *phone) mustHearOctet(octet byte) *rtp.Packet {
	p.t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); {
		if pkt := p.mustHear(); len(pkt.Payload) > 0 && pkt.Payload[0] == octet {
			return pkt
		}
	}
	require.FailNow(p.t, "not heard", "%#x", octet)
	return nil
}

func frameOf(octet byte) []byte {
	b := make([]byte, frameTicks)
	for i := range b {
		b[i] = octet
	}
	return b
}

// call is two phones on a bridge.
type call struct {
	session       *Session
	events        *journal
	caller, agent *phone
	a, b          *Leg
}

func bridged(t testing.TB, e *Engine, codecA, codecB Codec) *call {
	t.Helper()
	c := &call{events: &journal{}, caller: newPhone(t), agent: newPhone(t)}
	c.session = e.NewSession(c.events)
	var err error
	c.a, err = c.session.NewLeg(Caller)
	require.NoError(t, err)
	c.b, err = c.session.NewLeg(Agent)
	require.NoError(t, err)
	c.caller.to, c.agent.to = c.a.Local(), c.b.Local()
	c.a.Connect(c.caller.params(codecA))
	c.b.Connect(c.agent.params(codecB))
	c.session.Bridge(c.a, c.b)
	settle(t, c.session)
	t.Cleanup(func() { c.session.Close(); c.events.await(t, SessionClosed, 1) })
	return c
}

// greet lets both be heard, so that the legs need not send silence to be sent
// something: from here on a phone hears the other one alone.
func (c *call) greet() {
	c.caller.speak(PCMU, 0x01)
	c.agent.mustHear()
	c.agent.speak(PCMU, 0x02)
	c.events.await(c.caller.t, FirstPacket, 2)
	settle(c.caller.t, c.session)
	for _, p := range []*phone{c.caller, c.agent} {
		for p.hear(20*time.Millisecond) != nil { // what was on its way
		}
	}
}

// settle waits until all that was asked of the session has taken effect.
func settle(t testing.TB, s *Session) {
	t.Helper()
	done := make(chan struct{})
	if !s.loop.post(func() { close(done) }) {
		return
	}
	select {
	case <-done:
	case <-time.After(patience):
		require.FailNow(t, "the loop stands still")
	}
}

// nextPort is the RTCP address beside an RTP address.
func nextPort(a netip.AddrPort) netip.AddrPort { return netip.AddrPortFrom(a.Addr(), a.Port()+1) }

// newPacket is a packet of nobody's stream.
func newPacket(pt uint8, payload []byte) *rtp.Packet {
	return &rtp.Packet{Header: rtp.Header{Version: 2, PayloadType: pt, SSRC: 1}, Payload: payload}
}
