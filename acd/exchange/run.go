package exchange

import (
	"context"
	"errors"
	"time"

	"switchroom/acd"
	"switchroom/acd/api"
	"switchroom/media"
	"switchroom/sip"

	"go.uber.org/zap"
	"golang.org/x/sync/errgroup"
)

// Run serves until ctx ends, then drains: no new calls, running ones may
// finish for as long as the configuration says, what is left is released. It
// returns when everything the exchange started has ended.
func (x *Exchange) Run(ctx context.Context) error {
	serving, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	x.note(x.clock.now(), acd.Event{Kind: acd.SwitchStarted, Version: x.plan.Load().config.Version})
	x.noteRouting(x.plan.Load().config)
	media.MusicClip() // made once; the first caller's phone would ring later for it
	x.begin()
	// The signalling last: a call that has waited in the socket since New
	// finds a switch that takes calls.
	var g errgroup.Group
	g.Go(func() error { x.tick(serving); return nil })
	g.Go(func() error { x.heartbeat(serving); return nil })
	g.Go(func() error { return x.ua.Run(serving) })
	g.Go(func() error { x.releaseCutOff(serving); return nil })
	x.log.Info("serving", zap.Strings("sip", x.ua.Addresses()))

	ended := make(chan error, 1)
	go func() { ended <- g.Wait() }()
	var err error
	select {
	case <-ctx.Done():
		x.drain()
		stop()
		err = <-ended
	case err = <-ended: // the signalling died under us
		x.kill()
	}
	x.state.Store(stopped)
	x.agents.stop()
	x.note(x.clock.now(), acd.Event{Kind: acd.SwitchStopped})
	return errors.Join(err, x.media.Close())
}

// begin has the exchange take calls, and its agents take up work.
func (x *Exchange) begin() {
	x.reloading.Lock() // a reload begins the agents that it adds
	defer x.reloading.Unlock()
	x.state.Store(running)
	for _, a := range x.agents.all() {
		a.begin()
	}
}

// drain lets running calls finish, then releases those that are left.
func (x *Exchange) drain() {
	x.mu.Lock()
	x.state.Store(draining)
	patience, n := x.drainFor, len(x.calls)
	x.mu.Unlock()
	x.ua.Refuse(x.retryAfter)
	x.log.Info("draining", zap.Int("calls", n), zap.Duration("patience", patience))
	if !x.waitEmpty(patience) {
		x.HurryUp()
		x.waitEmpty(releaseWithin)
	}
	x.kill() // ends feature calls, and what did not end by itself
}

// releaseWithin is how long released calls may take to say BYE to peers that
// answer.
const releaseWithin = 3 * time.Second

func (x *Exchange) kill() {
	x.mu.Lock()
	x.state.CompareAndSwap(running, draining) // nobody is let in any more
	select {
	case <-x.killed:
	default:
		close(x.killed)
	}
	x.mu.Unlock()
	x.running.Wait()
}

// waitEmpty waits until no call is up; false when it took longer than d.
func (x *Exchange) waitEmpty(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	for {
		x.mu.Lock()
		n, empty := len(x.calls), x.empty
		x.mu.Unlock()
		if n == 0 {
			return true
		}
		select {
		case <-empty:
		case <-timer.C:
			return false
		}
	}
}

// HurryUp ends a drain's patience: what still runs is released now.
func (x *Exchange) HurryUp() {
	for _, c := range x.live() {
		c.inbox.put(message{kind: fromControl, in: &acd.CallInput{Kind: acd.InputRelease, Cause: acd.Drained, Status: 503, Q850: 41}})
	}
}

// tick opens rings that are due.
func (x *Exchange) tick(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-x.entered:
		case <-timer.C:
		}
		next := time.Millisecond
		x.guarded(func() { next = max(x.queue.Tick(), next) })
		if x.waiting.Load() == 0 {
			// Nobody waits for a ring to open, and who enters says so. Those for
			// whom a reload has put in a ring wait this long for it at most.
			next = time.Second
		}
		timer.Reset(next)
	}
}

// Status is the switch in one glance.
func (x *Exchange) Status() api.Status {
	p := x.plan.Load()
	s := api.Status{Version: x.program, Config: p.config.Version, Boot: x.boot, Started: x.started.UTC(),
		State: lifeNames[x.state.Load()], Faults: x.faults.list(), Channels: []api.Channel{}}
	for _, v := range x.Calls() {
		s.Calls++
		if v.State == acd.Waiting.String() || v.State == acd.Ringing.String() {
			s.Waiting++
		}
	}
	for _, a := range x.agents.all() {
		s.Agents++
		if state, _ := a.stateNow(); state == acd.AgentReady {
			s.Ready++
		}
	}
	for _, t := range p.config.Trunks {
		s.Channels = append(s.Channels, channelOf(t, x.ua.TrunkStatus(t.ID)))
	}
	return s
}

var (
	_ api.Switch = (*Exchange)(nil)
	_ sip.Core   = (*Exchange)(nil)

	_ sip.TrunkWatcher        = (*Exchange)(nil)
	_ sip.RegistrationWatcher = (*Exchange)(nil)
	_ sip.GuessWatcher        = (*Exchange)(nil)
)
