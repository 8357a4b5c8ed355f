package queue

import "math"

// A class's key is a bound that an agent's look reads instead of the class:
// no call that the lane's top shows has a smaller arrival less head start. It
// is cut down to microseconds (1,024 ns), so that a version fits beside it:
//
//	63              16         0
//	| key 48         | version |
//
// A call that comes into sight lowers the key and always gives it a new
// version, before it looks for agents. Whoever finds the key lower than the
// top warrants raises it, without a new version: a raise computed before a
// call came into sight fails. A raise that is not stopped by this, because
// the version came round to the same after a multiple of 65,536 arrivals in
// one class between two instructions, is found by the raiser himself, who
// looks at the top again, lowers the key and looks for agents.
const (
	keyVersion = 16
	keyNone    = 1<<48 - 1
	keyBias    = 1 << 46
)

// keyOf gives the key of a call with this arrival less head start. Keys count
// from when the engine was made; 2.2 years before that they end, and two
// calls as old as that have the same.
func (e *Engine) keyOf(eff int64) uint64 {
	return uint64(min(max((eff-e.start)>>10+keyBias, 0), keyNone-1))
}

// effOf gives the smallest arrival less head start that has the key.
func (e *Engine) effOf(key uint64) int64 {
	if key == 0 {
		return math.MinInt64 / 2 // as old as can be
	}
	return (int64(key)-keyBias)<<10 + e.start
}

// headKey gives the key that the lane's oldest call warrants.
func (e *Engine) headKey(l *lane, h *candidate) uint64 {
	if h.place < 0 {
		return keyNone
	}
	return e.keyOf(h.arrival - l.lead.Load())
}

// lowerKey makes the key no larger than want, under a new version.
func (e *Engine) lowerKey(l *lane, want uint64) {
	k := &e.keys[l.index]
	for {
		old := k.Load()
		if k.CompareAndSwap(old, min(old>>keyVersion, want)<<keyVersion|(old+1)&(1<<keyVersion-1)) {
			return
		}
	}
}

// raiseKey brings the key up to the lane's oldest call.
func (e *Engine) raiseKey(l *lane) {
	k := &e.keys[l.index]
	old := k.Load()
	h := e.head(l)
	want := e.headKey(l, &h)
	if want <= old>>keyVersion {
		return
	}
	e.at(atRaise)
	if !k.CompareAndSwap(old, want<<keyVersion|old&(1<<keyVersion-1)) {
		return // others are at it
	}
	e.at(atRaise)
	for l.top.Load() != h.word {
		h = e.head(l)
		if low := e.headKey(l, &h); low < want {
			e.lowerKey(l, low)
			e.settle(l, Arrival)
			return
		}
	}
}
