package webhook

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"switchroom/acd"
	"switchroom/acd/journal"
	"switchroom/configs"

	"go.uber.org/zap"
	"golang.org/x/sync/errgroup"
)

const (
	// laneMax is how many events wait for one of the requests at a time.
	laneMax = 32
	// saveEvery is how far behind the place on disk may be: what a restart
	// sends again.
	saveEvery = time.Second
	// The pause before a further try: doubled from the least to the most, and a
	// random half of it taken off, so that receivers that come back are not met
	// by all at once.
	pauseLeast = 500 * time.Millisecond
	pauseMost  = 30 * time.Second
	// finalTries is how often an event is sent that its receiver refuses as
	// such: a proxy in between may be wrong once.
	finalTries = 10
)

// hook is one webhook at work.
type hook struct {
	set    *Set
	cfg    configs.Webhook
	log    *zap.Logger
	sender *sender
	place  *cursor
	lanes  []chan delivery
	dirty  chan struct{} // holds a token while the place on disk is behind

	mu        sync.Mutex
	rng       *rand.Rand
	read      uint64 // the lowest number not looked at yet
	open      []outstanding
	delivered uint64
	failed    uint64 // tries
	passed    uint64 // events given up
	fault     error  // of the last try; nil when it went well
	since     time.Time
}

// outstanding is an event that was looked at and is not done with.
type outstanding struct {
	seq  uint64
	at   time.Time
	done bool
}

// delivery is an event on its way.
type delivery struct {
	seq  uint64
	body []byte
}

func (s *Set) newHook(cfg configs.Webhook) (*hook, error) {
	sender, err := newSender(cfg)
	if err != nil {
		return nil, err
	}
	if s.transport != nil {
		sender.client.Transport = s.transport
	}
	h := &hook{set: s, cfg: cfg, sender: sender, log: s.cfg.Log.With(zap.String("webhook", cfg.ID)),
		place: openCursor(s.cfg.Dir, cfg.ID, s.cfg.Journal.ID()), dirty: make(chan struct{}, 1),
		rng: rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64()))}
	next, ok, err := h.place.load()
	if err != nil {
		return nil, err
	}
	if !ok { // new: what happens from now on
		next = s.cfg.Journal.Synced() + 1
		if err := h.place.save(next); err != nil {
			return nil, err
		}
	}
	h.read = next
	for range cfg.Parallel {
		h.lanes = append(h.lanes, make(chan delivery, laneMax))
	}
	return h, nil
}

// run serves until ctx ends. The place reached is on disk then.
func (h *hook) run(ctx context.Context) {
	defer h.sender.close()
	g, ctx := errgroup.WithContext(ctx)
	for _, lane := range h.lanes {
		g.Go(func() error { return h.deliverAll(ctx, lane) })
	}
	g.Go(func() error { return h.keepPlace(ctx) })
	g.Go(func() error { return h.follow(ctx) })
	if err := g.Wait(); err != nil && !errors.Is(err, context.Canceled) && !errors.Is(err, journal.ErrClosed) {
		h.log.Error("webhook stands still", zap.Error(err))
		h.note(err)
	}
	if err := h.place.save(h.next()); err != nil {
		h.log.Warn("a webhook's place is not kept, events will be sent again", zap.Error(err))
	}
}

// follow reads the journal and gives what is asked for to the lanes. It waits
// for them, and nobody waits for it.
func (h *hook) follow(ctx context.Context) error {
	r := h.set.cfg.Journal.Read(h.next())
	defer r.Close()
	for {
		ev, err := r.Next()
		if errors.Is(err, io.EOF) {
			h.looked(r.Position())
			if err := r.Wait(ctx); err != nil {
				return err
			}
			continue
		}
		if err != nil { // the disk; the same event is tried again
			h.note(err)
			if !pause(ctx, pauseLeast) {
				return ctx.Err()
			}
			continue
		}
		d, ok := h.wanted(&ev)
		if !ok {
			h.looked(ev.Seq + 1)
			continue
		}
		h.taken(ev.Seq, ev.Time)
		select {
		case h.lanes[h.laneOf(&ev)] <- d:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (h *hook) wanted(ev *acd.Event) (delivery, bool) {
	asked := false
	for _, kind := range h.cfg.Events {
		asked = asked || string(ev.Kind) == kind || strings.HasSuffix(kind, ".") && strings.HasPrefix(string(ev.Kind), kind)
	}
	if !asked || h.cfg.Client != "" && ev.Client != h.cfg.Client {
		return delivery{}, false
	}
	body, ok := h.set.cfg.Shape(ev, h.cfg.Client)
	return delivery{ev.Seq, body}, ok
}

// laneOf keeps what belongs together in one lane, and so in order.
func (h *hook) laneOf(ev *acd.Event) int {
	key := ev.Call
	for _, k := range []string{ev.Agent, ev.Queue, ev.Trunk} {
		if key == "" {
			key = k
		}
	}
	sum := fnv.New32a()
	sum.Write([]byte(key))
	return int(sum.Sum32() % uint32(len(h.lanes)))
}

// deliverAll sends a lane's events, each until it is done with.
func (h *hook) deliverAll(ctx context.Context, lane <-chan delivery) error {
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case d := <-lane:
			if err := h.deliver(ctx, d); err != nil {
				return err
			}
		}
	}
}

func (h *hook) deliver(ctx context.Context, d delivery) error {
	id := fmt.Sprintf("%s-%d", h.place.journal[:16], d.seq)
	began, least, refused := time.Now(), pauseLeast, 0
	for {
		err := h.sender.send(ctx, id, d.body)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		h.note(err)
		if err == nil {
			h.done(d.seq)
			return nil
		}
		wait := least
		var no *refusal
		if errors.As(err, &no) {
			wait = max(wait, no.after)
			if no.final() {
				refused++
			}
		}
		if refused >= finalTries || time.Since(began) >= h.cfg.GiveUp {
			h.passOver(d, err)
			return nil
		}
		least = min(2*least, pauseMost)
		if !pause(ctx, h.jitter(wait)) {
			return ctx.Err()
		}
	}
}

// passOver gives an event up, and says so.
func (h *hook) passOver(d delivery, why error) {
	h.log.Error("an event is passed over: the webhook's receiver does not take it", zap.Uint64("seq", d.seq), zap.Error(why))
	h.set.cfg.Passed(h.cfg.ID, h.cfg.Client, d.seq, why.Error())
	h.mu.Lock()
	h.passed++
	h.mu.Unlock()
	h.done(d.seq)
}

func (h *hook) jitter(d time.Duration) time.Duration {
	h.mu.Lock()
	defer h.mu.Unlock()
	return d/2 + time.Duration(h.rng.Int64N(int64(d/2)+1))
}

// pause waits; false when ctx ended meanwhile.
func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
