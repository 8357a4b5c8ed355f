package exchange

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"switchroom/acd"
	"switchroom/configs"
	"switchroom/media"
	"switchroom/queue"
	"switchroom/recording"
	"switchroom/sip"
	"switchroom/sip/trace"

	"github.com/google/uuid"
	"go.uber.org/zap"
)

// Journal is where everything that happens is written down. Append never
// waits for a disk; AppendSync returns when the entry is safe.
type Journal interface {
	Append(acd.Event) uint64
	AppendSync(context.Context, acd.Event) (uint64, error)
}

// Recordings is where conversations are kept.
type Recordings interface {
	Start(recording.Meta) (*recording.Recorder, error)
}

// Parts are what an exchange is made of besides its configuration.
type Parts struct {
	Journal    Journal
	Recordings Recordings
	Log        *zap.Logger
	// Load reads the configuration again for a reload.
	Load func() (*configs.Config, error)
	// Agents is what RecoverAgents found.
	Agents []acd.AgentMemo
	// Boot tells this run of the process from others in the journal.
	Boot string
	// Program is the program's version, for Status.
	Program string
	// Wall is the wall clock that events and records show; nil: the system's.
	// Nothing waits by it.
	Wall func() time.Time
	// Reloaded hears that another configuration came into force; nil: nobody
	// does. It must return at once.
	Reloaded func()
	// CutOff are the dialogs that Recover found; Run says BYE in them.
	CutOff []Dialog
	// NewID gives the ids of calls; nil: UUIDv7.
	NewID func() string
}

// Exchange is the running switch.
type Exchange struct {
	// Constant after New.
	log        *zap.Logger
	journal    Journal
	recordings Recordings
	load       func() (*configs.Config, error)
	reloaded   func()
	boot       string
	program    string
	newID      func() string
	clock      clock
	started    time.Time
	queue      *queue.Engine
	ua         *sip.UA
	media      *media.Engine
	trace      *trace.Store
	retryAfter time.Duration
	killed     chan struct{} // closed when calls that are still up must go at once

	plan   atomic.Pointer[plan]
	agents agentSet
	desks  desks
	faults faults
	tolls  tolls
	// foreignAt is when media packets from a foreign source were last told of.
	foreignAt atomic.Int64
	waiting   atomic.Int32  // calls that have entered a queue whose rings widen, and not left it
	entered   chan struct{} // holds a token when the first of them has
	state     atomic.Int32

	admitted, recorded, refused, panics atomic.Uint64
	faultTimes                          faultTimes

	reloading sync.Mutex // one reload at a time; guards names
	names     names

	inspecting sync.Mutex // one inspection at a time; guards doubts
	doubts     doubts

	mu         sync.Mutex
	calls      map[string]*call
	cutOff     map[dialogName]Dialog // of earlier runs, and not known to be over
	empty      chan struct{}         // closed and replaced whenever calls becomes empty
	violations []string
	drainFor   time.Duration
	running    sync.WaitGroup // calls' goroutines
}

// The life of an exchange.
const (
	starting int32 = iota
	running
	draining
	stopped
)

var lifeNames = [...]string{"starting", "running", "draining", "stopped"}

// callsMax bounds the calls at one time; it is beyond what the ports allow.
const callsMax = 20000

// New makes an exchange: it binds its sockets and puts the configuration in
// force, and serves nobody before Run.
func New(cfg *configs.Config, parts Parts) (*Exchange, error) {
	x := &Exchange{
		log: parts.Log, journal: parts.Journal, recordings: parts.Recordings, load: parts.Load, reloaded: parts.Reloaded,
		boot: parts.Boot, program: parts.Program, newID: parts.NewID,
		trace: trace.New(cfg.SIP.Trace << 20), clock: clock{time.Now(), parts.Wall}, started: time.Now(), retryAfter: 5 * time.Second,
		killed: make(chan struct{}), entered: make(chan struct{}, 1), names: newNames(), calls: map[string]*call{}, desks: desks{taken: map[string]*agent{}, failed: map[string]failures{}}, empty: make(chan struct{}),
		drainFor: cfg.DrainTimeout,
	}
	x.cutOff = make(map[dialogName]Dialog, len(parts.CutOff))
	for _, d := range parts.CutOff {
		x.cutOff[d.name()] = d
	}
	if x.reloaded == nil {
		x.reloaded = func() {}
	}
	if x.newID == nil {
		x.newID = func() string { return uuid.Must(uuid.NewV7()).String() }
	}
	x.queue = queue.New(queue.Options{
		MaxAgents: max(1024, 4*len(cfg.Agents)), MaxClasses: max(256, 4*len(cfg.Queues)), MaxWaiting: callsMax,
		Now: x.clock.mono, Offer: x.offered,
	})
	if err := x.open(cfg); err != nil {
		return nil, errors.Join(err, x.Close())
	}
	if _, err := x.apply(cfg); err != nil {
		return nil, errors.Join(err, x.Close())
	}
	x.recall(parts.Agents)
	return x, nil
}

// open binds the sockets of media and signalling.
func (x *Exchange) open(cfg *configs.Config) error {
	mc, err := mediaConfig(cfg.Media, cfg.SIP.Listen)
	if err != nil {
		return err
	}
	if x.media, err = media.NewEngine(mc, x.log.Named("media")); err != nil {
		return fmt.Errorf("exchange: media: %w", err)
	}
	x.ua, err = sip.New(sip.Config{Listen: cfg.SIP.Listen, Advertise: cfg.SIP.Advertise, Realm: cfg.SIP.Realm, T1: cfg.SIP.T1,
		DNS: cfg.SIP.DNS, TLS: sip.TLS(cfg.SIP.TLS), Trace: x.trace},
		peersOf(cfg), x, x.log.Named("sip"))
	if err != nil {
		return fmt.Errorf("exchange: sip: %w", err)
	}
	return nil
}

// Close gives back the sockets of an exchange that is not to be run after all.
func (x *Exchange) Close() error {
	if x.ua != nil {
		x.ua.Close()
	}
	if x.media == nil {
		return nil
	}
	return x.media.Close()
}

// offered is the queue's callback: some goroutine has made a match.
func (x *Exchange) offered(o queue.Offer) {
	o.Call.Owner.(*call).inbox.put(message{kind: fromQueue, offer: &o})
}

// admit takes a call in and starts its goroutine; false when there are too
// many or the exchange is ending.
func (x *Exchange) admit(c *call) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	if len(x.calls) >= callsMax || x.state.Load() != running {
		return false
	}
	c.arrival = x.clock.mono()
	x.calls[c.core.ID] = c
	x.admitted.Add(1)
	x.running.Go(c.run)
	return true
}

// forget removes a call that is over.
func (x *Exchange) forget(c *call) {
	x.mu.Lock()
	defer x.mu.Unlock()
	delete(x.calls, c.core.ID)
	if len(x.calls) == 0 {
		close(x.empty)
		x.empty = make(chan struct{})
	}
}

func (x *Exchange) find(id string) *call {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.calls[id]
}

func (x *Exchange) live() []*call {
	x.mu.Lock()
	defer x.mu.Unlock()
	out := make([]*call, 0, len(x.calls))
	for _, c := range x.calls {
		out = append(out, c)
	}
	return out
}

// note stamps an event and gives it to the journal.
func (x *Exchange) note(now acd.Instant, e acd.Event) uint64 {
	e.Time, e.Mono, e.Boot = now.Wall, int64(now.Mono), x.boot
	return x.journal.Append(e)
}

// settle writes a call's record and waits until it is safe. A disk that does
// not take it in time leaves it on its way: the journal keeps what it has been
// given, and a call is not held up for ever.
func (x *Exchange) settle(ctx context.Context, cdr *acd.CDR) {
	ctx, cancel := context.WithTimeout(ctx, settleWithin)
	defer cancel()
	now := x.clock.now()
	e := acd.Event{Kind: acd.CallRecord, Time: now.Wall, Mono: int64(now.Mono), Boot: x.boot, Call: cdr.ID, Client: cdr.Client,
		Queue: cdr.Queue, Agent: cdr.Agent, Site: cdr.Site, Trunk: cdr.Trunk, Cause: cdr.Cause, CDR: cdr}
	_, err := x.journal.AppendSync(ctx, e)
	x.recorded.Add(1)
	if late := err != nil; late != x.faults.set("journal", "call records are not yet safe: the disk does not take them in time", late) {
		x.recordsLate(cdr.ID, err)
	}
}

// recordsLate logs the first call whose record had to be left on its way, and
// the first one that was safe in time again.
func (x *Exchange) recordsLate(call string, err error) {
	if err != nil {
		x.log.Error("call records are not safe in time", zap.String("call", call), zap.Error(err))
		return
	}
	x.log.Info("call records are safe in time again", zap.String("call", call))
}

const settleWithin = 400 * time.Millisecond

// violation records a contradiction between rooms. It is a fault of ours: it
// is logged, shown, and counts against readiness.
func (x *Exchange) violation(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	x.mu.Lock()
	if len(x.violations) < 100 {
		x.violations = append(x.violations, text)
	}
	x.mu.Unlock()
	x.log.Error("invariant violated", zap.String("what", text))
}

func marshal(v any) (json.RawMessage, error) { return json.Marshal(v) }
