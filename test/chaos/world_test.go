package chaos

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"switchroom/acd/exchange"
	"switchroom/acd/journal"
	"switchroom/acd/store"
	"switchroom/media"
	"switchroom/media/tone"
	"switchroom/recording"
	"switchroom/sip"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"
)

// world is a running exchange with everybody who wishes it ill.
type world struct {
	t     *testing.T
	d     *dice
	plan  *plan
	quiet atomic.Bool // nobody misbehaves any more

	scarce bool // the switch has fewPorts

	sip     string // the switch's address
	engine  *media.Engine
	clip    *media.Clip
	carrier *peer
	phones  []*phone
	hole    net.PacketConn // a phone that hears everything and says nothing
	callers sync.Map       // *side by number

	journal  *journal.Journal
	tapes    *recording.Store
	store    *store.Store
	exchange *exchange.Exchange
	logs     *observer.ObservedLogs
	cancel   context.CancelFunc
	ended    chan error
	rooms    sync.WaitGroup
	stopRest []func() // the writer of recordings, then the index; each waits

	mu     sync.Mutex
	faults []string
}

// fewPorts are too few for the calls of a storm and enough for calm.
const fewPorts = 38

// fault notes what should not have happened; any of them fails the test.
func (w *world) fault(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.faults) < 50 {
		w.faults = append(w.faults, fmt.Sprintf(format, args...))
	}
}

func newWorld(t *testing.T, seed uint64) *world {
	w := &world{t: t, d: newDice(seed, 1), ended: make(chan error, 1), clip: media.NewClip(tone.Sine(700, 200*time.Millisecond, -10))}
	var err error
	w.engine, err = media.NewEngine(media.Config{Listen: netip.MustParseAddr("127.0.0.1"), PortMin: 24000, PortMax: 28998, Rest: -1}, zap.NewNop())
	require.NoError(t, err)
	w.hole, err = net.ListenPacket("udp", "127.0.0.1:0")
	require.NoError(t, err)
	w.rooms.Go(func() {
		for buf := make([]byte, 2000); ; {
			if _, _, err := w.hole.ReadFrom(buf); err != nil {
				return
			}
		}
	})
	w.sip = freeAddress(t)
	w.carrier = newPeer(w, "127.0.0.2", func(leg *sip.Leg, _ sip.Invite) sip.Sink { leg.Reject(404, 0); return nil })
	agents := []agentPlan{{id: "8000", contact: "sip:8000@" + w.hole.LocalAddr().String()}}
	for i := 1; i <= 8; i++ {
		id := fmt.Sprintf("80%02d", i)
		p := newPhone(w, id, i <= 2)
		w.phones = append(w.phones, p)
		a := agentPlan{id: id}
		if p.fixed {
			a.contact = "sip:" + id + "@" + p.address()
		}
		agents = append(agents, a)
	}
	for i := range agents {
		agents[i].skill, agents[i].site = 1+i, pick(w.d, "chengdu", "beijing")
	}
	// A quarter of the seeds has fewer ports than calls want.
	ports := pick(w.d, fewPorts, 2000, 2000, 2000)
	w.scarce = ports == fewPorts
	from := 16000 + int(seed%4)*2000 // several seeds may run at once, each in a process of its own
	head := fmt.Sprintf("sip: {listen: [\"udp:%s\"], t1: %s}\nmedia: {listen: 127.0.0.1, ports: %d-%d, timeout: %s}\ndata: %s\ndrain_timeout: %s\n"+
		"http: {listen: \"127.0.0.1:0\"}\nclients: [{id: courier, name: Courier}]\nsites: [{id: chengdu, name: C}, {id: beijing, name: B}]\n"+
		"trunks: [{id: telecom, peers: [127.0.0.2], channels: 60}]\n",
		w.sip, t1, from, from+ports-1, pick(w.d, "1s", "30s"), t.TempDir(), pick(w.d, "0s", "500ms", "3s"))
	w.plan = newPlan(w.d, head, agents)
	w.open()
	return w
}

// freeAddress is one that nobody listens on now.
func freeAddress(t *testing.T) string {
	t.Helper()
	c, err := net.ListenPacket("udp", "127.0.0.1:0")
	require.NoError(t, err)
	defer c.Close()
	return c.LocalAddr().String()
}

// open starts the switch's rooms as the program does.
func (w *world) open() {
	t := w.t
	cfg, err := w.plan.load()
	require.NoError(t, err)
	core, logs := observer.New(zap.ErrorLevel)
	w.logs = logs
	log := zap.New(core)
	if os.Getenv("CHAOS_LOG") != "" {
		log, err = zap.NewDevelopment()
		require.NoError(t, err)
	}
	w.journal, err = journal.Open(journal.Config{Dir: filepath.Join(cfg.Data, "journal"), Log: log})
	require.NoError(t, err)
	w.tapes, err = recording.Open(recording.Config{Dir: filepath.Join(cfg.Data, "recordings"),
		Sealed: func(m recording.Meta) { w.exchange.Sealed(m) },
		Alarm:  func(a recording.Alarm) { w.exchange.Alarm(a) }}, log)
	require.NoError(t, err)
	w.exchange, err = exchange.New(cfg, exchange.Parts{Journal: w.journal, Recordings: w.tapes, Log: log, Load: w.plan.load, Boot: "boot"})
	require.NoError(t, err)
	w.store = store.New(store.Config{Path: filepath.Join(cfg.Data, "switchroom.db"), Journal: w.journal, Log: log})
	for _, run := range []func(context.Context) error{w.tapes.Run, w.store.Run} {
		ctx, stop := context.WithCancel(context.Background())
		ended := make(chan struct{})
		w.stopRest = append(w.stopRest, func() { stop(); <-ended })
		go func() {
			defer close(ended)
			if err := run(ctx); err != nil {
				w.fault("a room ended badly: %v", err)
			}
		}()
	}
	ctx, cancel := context.WithCancel(context.Background())
	w.cancel = cancel
	go func() { w.ended <- w.exchange.Run(ctx) }()
	require.Eventually(t, w.exchange.Ready, 10*time.Second, time.Millisecond)
}

// stop ends the exchange, calls or no calls, and then what keeps its records.
func (w *world) stop() {
	w.cancel()
	if w.d.chance(30) {
		time.AfterFunc(100*time.Millisecond, w.exchange.HurryUp)
	}
	select {
	case err := <-w.ended:
		require.NoError(w.t, err)
	case <-time.After(30 * time.Second):
		w.t.Fatalf("seed's exchange does not stop: %+v, faults %v", w.exchange.Invariants(), w.faults)
	}
	w.stopRest[0]()
	require.Zero(w.t, w.tapes.Stats().Open)
	for _, p := range w.phones {
		p.codes.Wait()
		p.close()
		if p.logout != nil {
			p.logout()
		}
	}
	w.carrier.close()
	require.NoError(w.t, w.hole.Close())
	require.NoError(w.t, w.engine.Close())
}

// close gives back the rest, after everything was looked at.
func (w *world) close() {
	w.stopRest[1]()
	w.rooms.Wait()
	require.NoError(w.t, w.tapes.Close())
	require.NoError(w.t, w.journal.Close())
}
