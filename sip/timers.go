package sip

import (
	"container/heap"
	"context"
	"sync"
	"time"
)

// timed is something with one deadline. expire is called on the timers'
// goroutine, with no lock of the timers held, once the deadline has passed; it
// may be late and may find that its owner is over.
type timed interface{ expire(now time.Time) }

// timer is an owner's place in the heap. Embed one; an owner with several
// deadlines sets the earliest.
type timer struct {
	at    time.Time
	index int // place in the heap plus one; 0: not set
	owner timed
}

// timers is a heap of deadlines served by one goroutine.
type timers struct {
	born time.Time
	mu   sync.Mutex
	heap timerHeap
	// until is when the goroutine wakes by itself. Only who is to be served
	// before that wakes it: nearly every deadline is moved before it has come.
	until time.Time
	wake  chan struct{}
}

func newTimers() *timers { return &timers{born: time.Now(), wake: make(chan struct{}, 1)} }

// Deadlines that are patientFrom away or more are not beats of a protocol but its
// patience (timers B, D, F, H, I, J and K of RFC 3261 at their usual lengths, and
// everything longer). They come up to a grain late, all of one grain together.
const (
	patientFrom = 4500 * time.Millisecond
	grain       = 100 * time.Millisecond
)

// coarse is when a deadline is served.
func (ts *timers) coarse(at time.Time) time.Time {
	if time.Until(at) < patientFrom {
		return at
	}
	return ts.born.Add((at.Sub(ts.born) + grain - 1) / grain * grain)
}

// set moves t's deadline. A zero time takes it out.
func (ts *timers) set(t *timer, owner timed, at time.Time) {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	if at.IsZero() {
		if t.index > 0 {
			heap.Remove(&ts.heap, t.index-1)
		}
		return
	}
	at = ts.coarse(at)
	if t.index > 0 && t.at.Equal(at) {
		return
	}
	t.at, t.owner = at, owner
	if t.index > 0 {
		heap.Fix(&ts.heap, t.index-1)
	} else {
		heap.Push(&ts.heap, t)
	}
	if at.Before(ts.until) {
		ts.until = at
		select {
		case ts.wake <- struct{}{}:
		default:
		}
	}
}

// len is the number of deadlines set.
func (ts *timers) len() int {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	return len(ts.heap)
}

// clear takes all deadlines out.
func (ts *timers) clear() {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	for _, t := range ts.heap {
		t.index = 0
	}
	ts.heap = nil
}

// next takes out one owner that is due and tells how late that is, or how long to
// wait. With no
// deadline set the wait is an hour.
func (ts *timers) next(now time.Time) (owner timed, wait, late time.Duration) {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	wait = time.Hour
	if len(ts.heap) > 0 {
		wait = ts.heap[0].at.Sub(now)
	}
	if wait > 0 {
		ts.until = now.Add(wait)
		return nil, wait, 0
	}
	t := heap.Pop(&ts.heap).(*timer)
	return t.owner, 0, now.Sub(t.at)
}

// run serves until ctx ends. fire is called for each owner that is due, and told
// how late that is.
func (ts *timers) run(ctx context.Context, fire func(owner timed, now time.Time, late time.Duration)) {
	sleep := time.NewTimer(time.Hour)
	defer sleep.Stop()
	for ctx.Err() == nil {
		now := time.Now()
		owner, wait, late := ts.next(now)
		if owner != nil {
			fire(owner, now, late)
			continue
		}
		sleep.Reset(wait)
		select {
		case <-ctx.Done():
		case <-ts.wake:
		case <-sleep.C:
		}
	}
}

type timerHeap []*timer

func (h timerHeap) Len() int           { return len(h) }
func (h timerHeap) Less(i, j int) bool { return h[i].at.Before(h[j].at) }
func (h timerHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].index, h[j].index = i+1, j+1
}
func (h *timerHeap) Push(x any) {
	t := x.(*timer)
	*h = append(*h, t)
	t.index = len(*h)
}
func (h *timerHeap) Pop() any {
	old := *h
	t := old[len(old)-1]
	old[len(old)-1] = nil
	*h = old[:len(old)-1]
	t.index = 0
	return t
}
