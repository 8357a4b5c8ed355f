package main

import (
	"container/heap"
	"fmt"
	"math/rand/v2"
	"time"

	"switchroom/acd"
	"switchroom/queue"
)

// world is one floor. Everything in it happens on one goroutine.
type world struct {
	dice   *rand.Rand
	mutant string
	trace  bool

	now    time.Duration
	day    time.Duration // how long callers come
	seq    uint64
	agenda agenda

	engine  *queue.Engine
	offers  []made // by the step that runs, not yet heard
	entries int    // calls that have entered the engine
	ticking *event
	queues  []*line
	agents  []*agent
	calls   []*call // that are not over
	byID    map[string]*call
	born    int
	open    bool // callers still come
	down    bool // the switch is
	crashes bool // it will be
	book    []acd.Event
	runs    int // of the switch
	plot    *plot
	fault   string
	figures figures
}

// made is an offer, and how many calls had entered when it was made.
type made struct {
	queue.Offer
	entries int
	told    bool // in a plot: it is on its way
}

// epoch is the wall clock's reading at the simulation's beginning.
var epoch = time.Date(2026, 1, 5, 8, 0, 0, 0, time.UTC)

func (w *world) instant() acd.Instant { return acd.Instant{Mono: w.now, Wall: epoch.Add(w.now)} }

// result is what became of a seed.
type result struct {
	figures
	fault string
	at    time.Duration
}

// restWithin is how long after the last caller the floor has to have come to
// rest by itself.
const restWithin = 6 * time.Hour

func simulate(seed uint64, mutant string, trace bool) result {
	w := &world{dice: rand.New(rand.NewPCG(seed, 0x51b)), mutant: mutant, trace: trace, open: true, byID: map[string]*call{},
		now: time.Second} // a moment of 0 means none in the machines
	w.powers()
	w.day = pick(w, 5*time.Minute, 5*time.Minute, 10*time.Minute, 10*time.Minute, 10*time.Minute, 10*time.Minute, 30*time.Minute, 30*time.Minute, time.Hour)
	w.furnish()
	for w.fault == "" && len(w.agenda) > 0 {
		e := heap.Pop(&w.agenda).(*event)
		if e.at > w.now {
			w.now = e.at
		}
		if w.now > w.day+restWithin {
			w.fail("the floor does not come to rest: %d calls are up", len(w.calls))
			break
		}
		w.say("%s", e.what)
		e.do()
		w.hearOffers()
		w.tick()
		w.figures.steps++
		w.check()
	}
	if w.fault == "" {
		w.checkRest()
	}
	w.figures.floor = w.now
	return result{figures: w.figures, fault: w.fault, at: w.now}
}

// powers gives the floor a queue engine.
func (w *world) powers() {
	w.runs++
	room := queue.Options{MaxAgents: 64, MaxClasses: 16, MaxWaiting: 4096,
		Now:   func() int64 { return int64(w.now) },
		Offer: func(o queue.Offer) { w.offers = append(w.offers, made{Offer: o, entries: w.entries}) }}
	if w.plot != nil {
		room.MaxAgents, room.MaxClasses, room.MaxWaiting = 2, 2, 8
	}
	w.engine = queue.New(room)
}

func (w *world) fail(format string, args ...any) {
	if w.fault == "" {
		w.fault = fmt.Sprintf(format, args...)
	}
}

func (w *world) say(format string, args ...any) {
	if w.trace {
		fmt.Printf("%12s  %s\n", w.now, fmt.Sprintf(format, args...))
	}
}

// hearOffers tells calls of the matches that the last step made possible, and
// of those that these make possible.
func (w *world) hearOffers() {
	for len(w.offers) > 0 {
		o := w.offers[0]
		w.offers = w.offers[1:]
		w.checkOrder(o)
		w.figures.offers++
		o.Call.Owner.(*call).hearOffer(o.Offer)
	}
}

// tick opens rings that are due, and comes back when the engine says.
func (w *world) tick() {
	if w.down {
		return
	}
	next := w.engine.Tick()
	w.drop(w.ticking)
	w.ticking = nil
	if w.waiting() > 0 {
		w.ticking = w.in(max(next, time.Millisecond), "tick", func() {})
	}
	w.hearOffers()
}

func (w *world) waiting() (n int) {
	for _, c := range w.calls {
		if c.queued {
			n++
		}
	}
	return n
}

// Dice.

// In a plot nothing is drawn.
func (w *world) chance(p float64) bool { return w.dice != nil && w.dice.Float64() < p }

// between is uniform in milliseconds.
func (w *world) between(low, high time.Duration) time.Duration {
	if w.dice == nil {
		return low
	}
	return low + time.Duration(w.dice.Int64N(int64((high-low)/time.Millisecond)+1))*time.Millisecond
}

// about is exponential, bounded, in milliseconds.
func (w *world) about(mean time.Duration) time.Duration {
	d := time.Duration(w.dice.ExpFloat64() * float64(mean))
	return min(d, 8*mean).Truncate(time.Millisecond) + time.Millisecond
}

func pick[T any](w *world, all ...T) T { return all[w.dice.IntN(len(all))] }
