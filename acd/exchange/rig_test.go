package exchange

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"switchroom/acd"
	"switchroom/configs"
	"switchroom/media"
	"switchroom/media/sdp"
	"switchroom/recording"
	"switchroom/sip"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"
)

// notebook is a journal in memory.
type notebook struct {
	mu     sync.Mutex
	events []acd.Event
	onNote func(acd.Event) // may panic
}

func (n *notebook) Append(e acd.Event) uint64 {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.events = append(n.events, e)
	if n.onNote != nil {
		n.onNote(e)
	}
	return uint64(len(n.events))
}

func (n *notebook) AppendSync(_ context.Context, e acd.Event) (uint64, error) {
	return n.Append(e), nil
}

func (n *notebook) count(kind acd.Kind) int { return len(n.of(kind)) }

func (n *notebook) of(kind acd.Kind) (out []acd.Event) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, e := range n.events {
		if e.Kind == kind {
			out = append(out, e)
		}
	}
	return out
}

// noTapes refuses all recordings.
type noTapes struct{}

func (noTapes) Start(recording.Meta) (*recording.Recorder, error) {
	return nil, recording.ErrDiskFull
}

// rig is an exchange on loopback whose peers are in the test's hand.
type rig struct {
	*Exchange
	t    *testing.T
	sip  string
	book *notebook
	text func() string // the configuration to be loaded next
	stop func()        // as SIGTERM does, and waits
}

// setting is a rig's configuration.
type setting struct {
	ports  string // default "30000-30399"
	queue  string // further options
	agents string
	queues string // besides parcels, each with a comma before it
	trunk  string // further options, with a comma before them
	more   string // further top-level keys
	wall   func() time.Time
}

func (s setting) text(sip, dir string) string {
	if s.ports == "" {
		s.ports = "30000-30399"
	}
	return fmt.Sprintf(`
sip: {listen: ["udp:%s"], t1: 50ms}
media: {listen: 127.0.0.1, ports: %s}
http: {listen: "127.0.0.1:0"}
data: %s
drain_timeout: 0s
clients: [{id: courier, name: Courier}]
sites: [{id: chengdu, name: Chengdu}]
trunks: [{id: telecom, peers: [127.0.0.2], channels: 100%s}]
numbers: [{number: "4001", client: courier, queue: parcels}]
queues: [{id: parcels, client: courier, ring_timeout: 1s, wrap_up: 0s, rings: [{after: 0s}], %s}%s]
agents: [%s]
%s
`, sip, s.ports, dir, s.trunk, s.queue, s.queues, s.agents, s.more)
}

func newRig(t *testing.T, s setting) *rig {
	t.Helper()
	c, err := net.ListenPacket("udp", "127.0.0.1:0")
	require.NoError(t, err)
	r := &rig{t: t, sip: c.LocalAddr().String(), book: &notebook{}}
	require.NoError(t, c.Close())
	if s.queue == "" {
		s.queue = "record: never"
	}
	dir := t.TempDir()
	r.text = func() string { return s.text(r.sip, dir) }
	load := func() (*configs.Config, error) { return configs.Parse("rig.yaml", []byte(r.text())) }
	cfg, err := load()
	require.NoError(t, err)
	r.Exchange, err = New(cfg, Parts{Journal: r.book, Recordings: noTapes{}, Log: zap.NewNop(), Load: load, Boot: "boot", Wall: s.wall})
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- r.Run(ctx) }()
	r.stop = sync.OnceFunc(func() {
		cancel()
		require.NoError(t, <-ended)
	})
	t.Cleanup(r.stop)
	require.Eventually(t, r.Ready, time.Minute, time.Millisecond) // the first one makes the music
	return r
}

// idle waits until nothing is left of any call.
func (r *rig) idle() {
	r.t.Helper()
	require.Eventually(r.t, func() bool {
		v := r.Invariants()
		return v.Calls+v.Legs+v.Ports+v.Sessions == 0 && v.Admitted == v.Records
	}, soon, 5*time.Millisecond)
	require.Empty(r.t, r.Invariants().Violations)
}

// state waits for an agent to be seen in a state.
func (r *rig) state(agent, state, reason string) {
	r.t.Helper()
	var v acd.AgentView
	require.Eventually(r.t, func() bool {
		v, _ = r.Agent(agent)
		return v.State == state && v.Reason == reason
	}, soon, time.Millisecond, "agent %s: wanted %s %s", agent, state, reason)
}

// peer is the carrier, at 127.0.0.2, or a phone, at 127.0.0.1.
type peer struct {
	ua     *sip.UA
	invite func(*sip.Leg, sip.Invite) sip.Sink
}

func newPeer(t *testing.T, host string, invite func(*sip.Leg, sip.Invite) sip.Sink) *peer {
	t.Helper()
	p := &peer{invite: invite}
	var err error
	p.ua, err = sip.New(sip.Config{Listen: []string{"udp:" + host + ":0"}, T1: 50 * time.Millisecond},
		&sip.Peers{Trunks: []sip.Trunk{{ID: "switch", Peers: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}}}}, p, zap.NewNop())
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- p.ua.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-ended })
	return p
}

func (p *peer) Registration(sip.Registration)                {}
func (p *peer) Invite(leg *sip.Leg, inv sip.Invite) sip.Sink { return p.invite(leg, inv) }
func (p *peer) contact(id string) string {
	return "sip:" + id + "@" + strings.TrimPrefix(p.ua.Addresses()[0], "udp:")
}
func nobody(leg *sip.Leg, _ sip.Invite) sip.Sink { leg.Reject(404, 0); return nil }
func agentAt(id, contact string) string {
	return fmt.Sprintf(`{id: "%s", name: A, site: chengdu, contact: "%s", ready_on_register: true}`, id, contact)
}

// ear is a peer's end of one leg.
type ear struct{ events chan sip.Event }

func newEar() *ear { return &ear{events: make(chan sip.Event, 64)} }

func (e *ear) LegEvent(ev sip.Event) { e.events <- ev }

// await waits for an event of a kind.
func (e *ear) await(t *testing.T, kind sip.Kind) sip.Event {
	t.Helper()
	for {
		select {
		case ev := <-e.events:
			if ev.Kind == kind {
				return ev
			}
		case <-time.After(soon):
			require.Failf(t, "no event", "of kind %d", kind)
		}
	}
}

// silent is a description of sound that is never sent, and never missed.
var silent = sdp.Local{Addr: netip.MustParseAddr("127.0.0.1"), Port: 9000, RTCPPort: 9001, SessionID: 1, Version: 1,
	Codecs: []media.Codec{media.PCMU}, PtimeMs: 20, Direction: sdp.SendRecv}

// answers is a phone that answers at once.
func answers(legs chan<- *ear) func(*sip.Leg, sip.Invite) sip.Sink {
	return func(leg *sip.Leg, inv sip.Invite) sip.Sink {
		d, err := sdp.Parse(inv.SDP)
		if err == nil {
			body, _, _ := sdp.Answer(d, silent)
			_ = leg.Answer(body)
		}
		e := newEar()
		legs <- e
		return e
	}
}

// oneDesk is a phone that answers at once, with what its legs hear, and a
// carrier that calls.
func oneDesk(t *testing.T) (legs chan *ear, phone, carrier *peer) {
	legs = make(chan *ear, 8)
	return legs, newPeer(t, "127.0.0.1", answers(legs)), newPeer(t, "127.0.0.2", nobody)
}

// dial calls the exchange.
func (r *rig) dial(p *peer) (*sip.Leg, *ear) {
	r.t.Helper()
	e := newEar()
	leg, err := p.ua.Dial(sip.Dial{URI: "sip:4001@" + r.sip, From: sip.Identity{Number: "138"}, SDP: sdp.Offer(silent), Sink: e})
	require.NoError(r.t, err)
	return leg, e
}

var bye = sip.Cause{Q850: 16}
