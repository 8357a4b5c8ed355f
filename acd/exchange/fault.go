package exchange

import (
	"sync"
	"time"

	"switchroom/sip"

	"go.uber.org/zap"
)

// A fault of ours ends the call, or the step of the agent, in which it comes,
// and nothing else. Several in a short time are a sign that more is broken than
// those calls: no new ones are asked for then.
const (
	faultsMax    = 5
	faultsWithin = time.Minute
)

// faultTimes are when the last faults came.
type faultTimes struct {
	mu   sync.Mutex
	at   [faultsMax]time.Duration // the oldest is at next
	next int
	n    int
}

// add notes one.
func (f *faultTimes) add(now time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.at[f.next] = now
	f.next = (f.next + 1) % faultsMax
	f.n = min(f.n+1, faultsMax)
}

// many reports whether there were too many just now.
func (f *faultTimes) many(now time.Duration) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.n == faultsMax && now-f.at[f.next] < faultsWithin
}

// panicked counts and logs a fault that was kept from spreading.
func (x *Exchange) panicked(log *zap.Logger, fault any) {
	x.faulted()
	log.Error("fault in a call", zap.Any("fault", fault), zap.Stack("stack"))
}

// faulted counts a fault.
func (x *Exchange) faulted() {
	x.panics.Add(1)
	x.faultTimes.add(x.clock.now().Mono)
}

// SignallingFault hears of a fault that the signalling kept from spreading.
func (x *Exchange) SignallingFault() { x.faulted() }

var _ sip.FaultWatcher = (*Exchange)(nil)

// guarded does something of the exchange's own, in which a fault ends that and
// nothing else.
func (x *Exchange) guarded(do func()) {
	defer func() {
		if fault := recover(); fault != nil {
			x.panicked(x.log, fault)
		}
	}()
	do()
}

// Ready says whether new calls are taken, and ought to be.
func (x *Exchange) Ready() bool {
	return x.state.Load() == running && !x.faultTimes.many(x.clock.now().Mono)
}
