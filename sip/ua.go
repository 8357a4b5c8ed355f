package sip

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"go.uber.org/zap"

	"switchroom/sip/auth"
	"switchroom/sip/locate"
	"switchroom/sip/txn"
)

// UA is a user agent: a registrar, trunks and calls on its sockets.
type UA struct {
	cfg  Config
	core Core
	// watcher is core, when it is one; nil otherwise.
	watcher DialogWatcher
	log     *zap.Logger
	t       txn.Timers

	// The UA's own life, from New to the end of Run; what it starts ends with it.
	life   context.Context
	kill   context.CancelFunc
	wg     sync.WaitGroup
	served atomic.Bool

	packets   []*packetSocket
	listeners []listener
	secure    struct{ client, server *tls.Config }

	planMu   sync.Mutex // held over a change of plan and spots
	plan     atomic.Pointer[plan]
	spots    atomic.Pointer[spots]
	reloaded chan struct{}

	vigilsMu sync.Mutex
	vigils   map[string]*vigil // by account

	trunksMu    sync.Mutex
	trunkStates map[string]*trunkState
	homes       atomic.Pointer[map[netip.Addr][]string] // trunks by their registrars' addresses

	auth                                  *auth.Server
	challenged                            *challenged
	bindings                              *bindings
	strangers, introductions, crowd, talk *throttle
	dns                                   locate.Client
	spoiled                               spoiled
	dialled                               acquaintances
	timers                                *timers
	pace                                  pace
	counters                              counters

	attackMu  sync.Mutex
	attackLog bucket // log lines that strangers can cause

	refuseFor    atomic.Int64 // ns of Retry-After; 0: serving
	pendingCalls atomic.Int64

	txMu    sync.Mutex
	servers map[txn.Key]*exchange
	clients map[clientKey]*exchange

	legsMu sync.Mutex
	legs   map[legKey]*Leg
	merges map[mergeKey]*Leg
	// phoneCalls counts the calls that each account has made.
	phoneCalls map[string]int

	streamsMu sync.Mutex
	streams   map[streamKey]*stream
}

// New binds the sockets. Nothing is read before Run.
func New(cfg Config, peers *Peers, core Core, log *zap.Logger) (*UA, error) {
	if cfg.Realm == "" {
		cfg.Realm = "switchroom"
	}
	if cfg.UserAgent == "" {
		cfg.UserAgent = "switchroom"
	}
	if cfg.T1 <= 0 {
		cfg.T1 = 500 * time.Millisecond
	}
	if cfg.MaxCallsPending <= 0 {
		cfg.MaxCallsPending = 2000
	}
	if !clean(cfg.UserAgent) || !clean(cfg.Realm) || !clean(cfg.Advertise) {
		return nil, fmt.Errorf("sip configuration: %w", ErrHeader)
	}
	if log == nil {
		log = zap.NewNop()
	}
	ua := &UA{cfg: cfg, core: core, log: log.Named("sip"), timers: newTimers(),
		t:        txn.Timers{T1: cfg.T1, T2: 8 * cfg.T1, T4: 10 * cfg.T1},
		reloaded: make(chan struct{}, 1), trunkStates: map[string]*trunkState{}, vigils: map[string]*vigil{},
		strangers: newThrottle(strangerRate, strangerBurst), introductions: newThrottle(introductionRate, introductionBurst),
		crowd: newThrottle(crowdRate, crowdBurst), talk: newThrottle(crowdRate, crowdBurst),
		dns: locate.Client{Servers: cfg.DNS}, spoiled: spoiled{rng: newRNG(), until: map[netip.AddrPort]time.Time{}},
		dialled: acquaintances{count: map[netip.Addr]int{}},
		servers: map[txn.Key]*exchange{}, clients: map[clientKey]*exchange{},
		legs: map[legKey]*Leg{}, merges: map[mergeKey]*Leg{}, phoneCalls: map[string]int{}, streams: map[streamKey]*stream{}}
	ua.watcher, _ = core.(DialogWatcher)
	ua.bindings, ua.challenged = newBindings(ua), newChallenged()
	var key [32]byte
	_, _ = rand.Read(key[:])
	var err error
	if ua.auth, err = auth.NewServer(auth.Config{Realm: cfg.Realm, Key: key}, time.Now()); err != nil {
		return nil, fmt.Errorf("digest server: %w", err)
	}
	ua.homes.Store(&map[netip.Addr][]string{})
	p, err := ua.newPlan(peers)
	if err != nil {
		return nil, err
	}
	ua.plan.Store(p)
	ua.spots.Store(respot(p, nil))
	ua.life, ua.kill = context.WithCancel(context.Background())
	err = ua.newSecurity()
	if err == nil {
		err = ua.bind()
	}
	if err != nil {
		ua.close()
		return nil, err
	}
	return ua, nil
}

// bind opens what Config.Listen and Config.Networks name.
func (ua *UA) bind() error {
	for _, c := range ua.cfg.Networks.Packet {
		if err := ua.addPacket(c); err != nil {
			return err
		}
	}
	for _, l := range ua.cfg.Networks.Stream {
		ua.listeners = append(ua.listeners, listener{Listener: l})
	}
	for _, entry := range ua.cfg.Listen {
		network, address, ok := strings.Cut(entry, ":")
		if !ok {
			return fmt.Errorf("%w: %q is not TRANSPORT:HOST:PORT", ErrAddress, entry)
		}
		var lc net.ListenConfig
		switch strings.ToLower(network) {
		case "udp":
			c, err := lc.ListenPacket(context.Background(), "udp", address)
			if err != nil {
				return fmt.Errorf("listen %s: %w", entry, err)
			}
			if err := ua.addPacket(c); err != nil {
				return err
			}
		case "tcp", "tls", "ws", "wss":
			secure, web := strings.HasSuffix(strings.ToLower(network), "s") && !strings.EqualFold(network, "ws"), strings.HasPrefix(strings.ToLower(network), "ws")
			if secure && ua.secure.server == nil {
				return fmt.Errorf("listen %s: no certificate is named: %w", entry, ErrCertificate)
			}
			l, err := lc.Listen(context.Background(), "tcp", address)
			if err != nil {
				return fmt.Errorf("listen %s: %w", entry, err)
			}
			ua.listeners = append(ua.listeners, listener{l, secure, web})
		default:
			return fmt.Errorf("%w: transport of %q", ErrAddress, entry)
		}
	}
	return nil
}

func (ua *UA) addPacket(c net.PacketConn) error {
	s, err := newPacketSocket(c, ua.cfg.Advertise)
	if err != nil {
		_ = c.Close()
		return err
	}
	s.trace = ua.cfg.Trace
	ua.packets = append(ua.packets, s)
	return nil
}

// start runs fn on a goroutine that Run waits for.
func (ua *UA) start(fn func()) {
	ua.wg.Add(1)
	go func() {
		defer ua.wg.Done()
		fn()
	}()
}

// startAlive is start for callers from outside; false when the UA has ended.
func (ua *UA) startAlive(fn func()) bool {
	ua.streamsMu.Lock() // close ends the UA's life under it
	defer ua.streamsMu.Unlock()
	if ua.life.Err() != nil {
		return false
	}
	ua.start(fn)
	return true
}

// Close ends a UA that is not to be run after all; one that runs stops without
// a word to its peers.
func (ua *UA) Close() { ua.close() }

// Run serves until ctx ends. Calls that are then up are ended as well as the
// peers allow within a moment; it returns after everything it started has
// ended. It may be called once.
func (ua *UA) Run(ctx context.Context) error {
	if ua.served.Swap(true) {
		return fmt.Errorf("%w: run twice", ErrState)
	}
	for _, s := range ua.packets {
		ua.start(func() { ua.servePacket(s) })
	}
	for _, l := range ua.listeners {
		ua.start(func() { ua.listen(l) })
	}
	ua.start(func() { ua.resolve(ua.life) })
	ua.keepRegistrations(ua.plan.Load())
	ua.watchTrunks(ua.plan.Load())
	ua.keepVigil(ua.plan.Load())
	ua.start(func() { ua.timers.run(ua.life, ua.fire) })
	select {
	case <-ctx.Done():
		ua.farewell()
	case <-ua.life.Done():
	}
	ua.close()
	ua.wg.Wait()
	ua.abandon()
	return nil
}

// fire serves one deadline; a panic in it costs one leg.
func (ua *UA) fire(t timed, now time.Time, late time.Duration) {
	if ua.pace.note(now, late) {
		ua.count(overloads)
		ua.log.Warn("overloaded: new calls are refused", zap.Duration("late", late))
	}
	ua.guard(func() *Leg {
		switch t := t.(type) {
		case *Leg:
			return t
		case *exchange:
			return t.leg
		}
		return nil
	}, func() { t.expire(now) })
}

// farewell ends the calls that are up and waits a moment for the peers.
func (ua *UA) farewell() {
	ua.refuseFor.CompareAndSwap(0, int64(overloadWait))
	ua.wakeRegistrants(nil)
	for _, l := range ua.allLegs() {
		l.shutdown()
	}
	patience := time.Now().Add(4 * ua.t.T1)
	for (ua.legCount() > 0 || ua.registeredSomewhere()) && time.Now().Before(patience) && ua.pause(ua.t.T1/50) {
		continue
	}
}

// pause waits; false when the UA's life ended meanwhile.
func (ua *UA) pause(d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ua.life.Done():
		return false
	}
}

// close ends all loops.
func (ua *UA) close() {
	ua.streamsMu.Lock()
	ua.kill()
	streams := make([]*stream, 0, len(ua.streams))
	for _, s := range ua.streams {
		streams = append(streams, s)
	}
	ua.streamsMu.Unlock()
	for _, s := range ua.packets {
		_ = s.conn.Close()
	}
	for _, l := range ua.listeners {
		_ = l.Close()
	}
	for _, s := range streams {
		s.close()
	}
}

// abandon tells the end of legs whose peers did not agree in time, and drops
// what was kept for repetitions. Nothing else runs any more.
func (ua *UA) abandon() {
	for _, l := range ua.allLegs() {
		l.enter()
		l.tell(Event{Kind: Ended, Cause: Cause{Q850: 41, Text: "shutdown", Side: SystemSide}})
		l.to(over)
		l.leave()
	}
	ua.txMu.Lock()
	clear(ua.servers)
	clear(ua.clients)
	ua.txMu.Unlock()
	ua.bindings.clear()
	ua.timers.clear()
}

// Reload swaps the peers. Calls and bindings of peers that stay go on; an
// account that is gone loses its bindings. On an error nothing is changed.
func (ua *UA) Reload(peers *Peers) error {
	ua.planMu.Lock()
	p, err := ua.newPlan(peers)
	if err != nil {
		ua.planMu.Unlock()
		return err
	}
	ua.plan.Store(p)
	ua.spots.Store(respot(p, ua.spots.Load().found))
	ua.planMu.Unlock()
	select {
	case ua.reloaded <- struct{}{}:
	default:
	}
	ua.bindings.keep(p)
	if ua.served.Load() {
		ua.keepRegistrations(p)
	}
	ua.watchTrunks(p)
	ua.keepVigil(p)
	return nil
}

// Refuse has new INVITEs and REGISTERs answered with 503 and Retry-After while
// calls that are up go on; 0 serves again. Meanwhile our own registrations at
// trunks are withdrawn, so that carriers send their calls elsewhere.
func (ua *UA) Refuse(retryAfter time.Duration) {
	ua.refuseFor.Store(int64(max(retryAfter, 0)))
	ua.wakeRegistrants(nil)
}

func (ua *UA) refusing() time.Duration { return time.Duration(ua.refuseFor.Load()) }

// Registered tells whether an account can be dialled: it has a binding, or a
// fixed contact.
func (ua *UA) Registered(account string) bool {
	if ua.bindings.newest(account) != nil {
		return true
	}
	a := ua.plan.Load().accounts[account]
	return a != nil && a.contact != nil
}

// Addresses are the bound listen addresses, as in Config.Listen.
func (ua *UA) Addresses() []string {
	var list []string
	for _, s := range ua.packets {
		list = append(list, "udp:"+s.local.String())
	}
	for _, l := range ua.listeners {
		transport := map[[2]bool]string{{}: "tcp:", {true, false}: "tls:", {false, true}: "ws:", {true, true}: "wss:"}[[2]bool{l.secure, l.web}]
		list = append(list, transport+l.Addr().String())
	}
	return list
}

// Stats counts.
func (ua *UA) Stats() Stats {
	s := Stats{Legs: ua.legCount(), Timers: ua.timers.len(), Bindings: ua.bindings.len(),
		Counters: ua.counters.snapshot()}
	ua.txMu.Lock()
	s.Transactions = len(ua.servers) + len(ua.clients)
	ua.txMu.Unlock()
	ua.streamsMu.Lock()
	s.Connections = len(ua.streams)
	ua.streamsMu.Unlock()
	return s
}

func (ua *UA) dialStream(ctx context.Context, address string) (net.Conn, error) {
	if ua.cfg.Networks.Dial != nil {
		return ua.cfg.Networks.Dial(ctx, address)
	}
	var d net.Dialer
	return d.DialContext(ctx, "tcp", address)
}
