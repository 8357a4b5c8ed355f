package media

import (
	crand "crypto/rand"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"slices"
	"sync"

	"go.uber.org/zap"
)

// legsPerLoop is how many legs a loop has before another is started: 1,000
// calls, half of what a core carries. A loop that was held up catches up with
// the other half.
const legsPerLoop = 2000

// Engine owns the ports and the loops. Create it with [NewEngine].
type Engine struct {
	cfg   Config
	log   *zap.Logger
	ports *portRange
	// own are this host's addresses: a peer at one of our own ports would be
	// a loop.
	own       map[netip.Addr]struct{}
	newDriver func(v6 bool) (driver, error)

	mu     sync.Mutex
	closed bool
	loops  []*loop
	wg     sync.WaitGroup
}

// NewEngine starts an engine with one loop. Close ends it.
func NewEngine(cfg Config, log *zap.Logger) (*Engine, error) {
	return newEngine(cfg, log, defaultDriver)
}

func newEngine(cfg Config, log *zap.Logger, newDriver func(bool) (driver, error)) (*Engine, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	e := &Engine{cfg: cfg, log: log, own: ownAddrs(cfg), newDriver: newDriver}
	e.ports = newPortRange(cfg.Listen, cfg.PortMin, cfg.PortMax, cfg.Rest, newRand())
	if _, err := e.addLoop(); err != nil {
		return nil, err
	}
	return e, nil
}

// addLoop starts a loop. The caller holds mu or is the only one.
func (e *Engine) addLoop() (*loop, error) {
	d, err := e.newDriver(e.cfg.Listen.Is6())
	if err != nil {
		return nil, fmt.Errorf("media: start a loop: %w", err)
	}
	l := newLoop(e, d, newRand())
	e.loops = append(e.loops, l)
	e.wg.Go(func() { d.run(l) })
	e.log.Info("media loop started", zap.Int("loops", len(e.loops)))
	return l, nil
}

// NewSession makes a session, on the least loaded loop. events may be nil. On
// a closed engine the session is closed.
func (e *Engine) NewSession(events Events) *Session {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return &Session{engine: e, loop: e.loops[0], events: events, closed: true}
	}
	best := e.loops[0]
	for _, l := range e.loops[1:] {
		if l.legCount.Load() < best.legCount.Load() {
			best = l
		}
	}
	if best.legCount.Load() >= legsPerLoop && len(e.loops) < e.cfg.MaxLoops {
		if l, err := e.addLoop(); err == nil {
			best = l
		} else {
			e.log.Error("media loop not started", zap.Error(err))
		}
	}
	best.sessionCount.Add(1)
	s := &Session{engine: e, loop: best, events: events}
	best.postpone(func() { best.sessions[s] = struct{}{} })
	return s
}

// Close closes all sessions, waits until each got its last event, and ends the
// loops. It must not be called from MediaEvent or Frame.
func (e *Engine) Close() error {
	e.mu.Lock()
	e.closed = true
	loops := e.loops
	e.mu.Unlock()
	for _, l := range loops {
		l.post(l.stop)
	}
	e.wg.Wait()
	return nil
}

// Stats sums up the loops.
func (e *Engine) Stats() Stats {
	e.mu.Lock()
	loops := e.loops
	e.mu.Unlock()
	s := Stats{Loops: len(loops), PortsTotal: e.ports.total}
	s.PortsInUse, s.PortsResting, s.PortFailures = e.ports.counts(Now())
	for _, l := range loops {
		s.Sessions += int(l.sessionCount.Load())
		s.Legs += int(l.legCount.Load())
		l.addTo(&s)
	}
	return s
}

// CheckRemote tells why nothing may be sent to an address (ErrRemote): not an
// address and port, multicast, broadcast, another family than ours, a loopback
// address although we serve a network, a system port, or a port of our own.
func (e *Engine) CheckRemote(remote netip.AddrPort) error {
	ip := remote.Addr().Unmap()
	refuse := func(why string) error { return fmt.Errorf("%w: %v %s", ErrRemote, remote, why) }
	switch {
	case !remote.IsValid() || ip.IsUnspecified():
		return refuse("is no address")
	case ip.IsMulticast() || ip == netip.AddrFrom4([4]byte{255, 255, 255, 255}):
		return refuse("is a group")
	case ip.Is4() != e.cfg.Listen.Is4():
		return refuse("is of another family")
	case ip.IsLoopback() && !e.cfg.Listen.IsLoopback() && !e.cfg.Advertise.IsLoopback():
		return refuse("is this host")
	case remote.Port() < 1024:
		return refuse("is a system port")
	}
	if _, ours := e.own[ip]; ours && (e.ports.holds(remote.Port()) || slices.Contains(e.cfg.Taken, remote.Port())) {
		return refuse("is our own port")
	}
	return nil
}

// ownAddrs returns the addresses under which our ports are reached.
func ownAddrs(cfg Config) map[netip.Addr]struct{} {
	own := map[netip.Addr]struct{}{cfg.Advertise: {}, cfg.Listen: {}}
	if !cfg.Listen.IsUnspecified() {
		return own
	}
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		return own // Advertise is the one a peer knows
	}
	for _, a := range addrs {
		if p, err := netip.ParsePrefix(a.String()); err == nil {
			own[p.Addr().Unmap()] = struct{}{}
		}
	}
	return own
}

// newRand returns a generator that nobody outside can foretell: SSRCs, first
// sequence numbers and port order are drawn from it.
func newRand() *rand.Rand {
	var seed [32]byte
	if _, err := crand.Read(seed[:]); err != nil {
		panic(errors.Join(errors.New("media: no randomness"), err))
	}
	return rand.New(rand.NewChaCha8(seed))
}

// cname draws a canonical name for RTCP: random, so that it tells nothing of
// the host (RFC 7022).
func cname(rng *rand.Rand) (name [16]byte) {
	const alphabet = "abcdefghijklmnopqrstuvwxyz234567"
	for i := range name {
		name[i] = alphabet[rng.IntN(len(alphabet))]
	}
	return name
}
