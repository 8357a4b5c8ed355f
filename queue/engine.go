package queue

import "sync/atomic"

// Engine pairs calls with agents. All its methods may be called from any
// goroutine, but Tick by one.
type Engine struct {
	o     Options
	hook  func(point) // tests only; set before the first operation
	start int64       // what the clock said to New

	word  []atomic.Uint64 // per column: the agent's word, side by side for the scan
	free  []count         // per 64 columns: never less than the agents available or claimed
	seats []seat
	lanes []lane
	keys  []atomic.Uint64 // per class, side by side for the scan; see key.go

	places places

	_          [64]byte
	seq        atomic.Uint64 // see draw
	_          [56]byte
	agentHigh  atomic.Int64 // columns ever used
	classHigh  atomic.Int64
	agentEpoch atomic.Int64 // grows after an agent came or changed
	classEpoch atomic.Int64 // grows after a definition was published
}

// count is a counter with a line of its own: every agent of its block writes
// it.
type count struct {
	n atomic.Int32
	_ [60]byte
}

// New makes an engine. It starts no goroutine and needs no end.
func New(o Options) *Engine {
	o = o.withDefaults()
	e := &Engine{
		o:     o,
		start: o.Now(),
		word:  make([]atomic.Uint64, o.MaxAgents),
		free:  make([]count, (o.MaxAgents+63)/64),
		seats: make([]seat, o.MaxAgents),
		lanes: make([]lane, o.MaxClasses),
		keys:  make([]atomic.Uint64, o.MaxClasses),
	}
	e.places.reserve(o.MaxWaiting)
	for i := range e.lanes {
		e.lanes[i].index = i
		e.lanes[i].rr.Store(-1)
		e.keys[i].Store(keyNone << keyVersion)
	}
	for i := range e.seats {
		e.seats[i].id.Store(-1)
	}
	return e
}

// draw gives a number that is larger than all that were drawn before, and even:
// the order of a call's entering, of an agent's becoming available, the number
// of an offer. An odd one is that of an offer to an agent who was given the
// call in becoming available.
func (e *Engine) draw() uint64 { return e.seq.Add(2) }

// point names an instruction between two steps of an operation, at which
// tests stop a goroutine.
type point int

const (
	atTaking    point = iota // Enter: a place is seen on a shelf, not taken from it
	atEmpty                  // Enter: a shelf has no place, the next one not looked at
	atPlaced                 // Enter: a place is reserved, nothing shown
	atUnseen                 // Enter: an agent is found, the call not in sight
	atWaiting                // Enter, Decline: the word says waiting, the tournament does not know
	atRefresh                // a node or a top is computed, not swapped in
	atRaise                  // a key is computed, or swapped in and not checked
	atTop                    // the top knows the call, the key may hide it
	atShown                  // Enter, Decline: in the tournament, no agent looked for
	atClaimed                // the agent's word is a claim, the place's word untouched
	atOffered                // the place's word is offered, nobody knows
	atRefreshed              // so does the tournament
	atDecided                // a claim is seen to be decided, the agent's word not moved
	atRinging                // the agent's word is moved, the offer not delivered
	atReverted               // a claim was undone, no call looked for
	atAvailable              // the agent is available, no call looked for
	atAccepted               // the place's word is served, the agent's word not moved
	atDeclined               // Decline: the word says waiting, the agent's word not moved
	atAbandoned              // the place's word is gone, nothing cleaned up
	atLinked                 // an index entry is computed, or written and not checked
	atRedefined              // a definition is published, its calls not matched
	atChanged                // a profile is in force, the index not brought up to date
	atRemoved                // an agent is gone, its column not given back
	atLeaving                // a call's cell is empty, its place not given back
	points
)

func (e *Engine) at(p point) {
	if e.hook != nil {
		e.hook(p)
	}
}

// raise lifts a high-water mark.
func raise(a *atomic.Int64, n int64) {
	for h := a.Load(); h < n && !a.CompareAndSwap(h, n); {
		h = a.Load()
	}
}
