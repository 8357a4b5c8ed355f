package main

import (
	"container/heap"
	"time"
)

// event is something that happens at a moment. Events of one moment happen in
// the order in which they were set.
type event struct {
	at    time.Duration
	seq   uint64
	what  string
	do    func()
	index int // in the heap; -1: over or taken back

	kind kind          // of a plot's
	by   time.Duration // of a message: when it has come at the latest
	leg  *leg          // that it is about
}

type agenda []*event

func (a agenda) Len() int { return len(a) }
func (a agenda) Less(i, j int) bool {
	return a[i].at < a[j].at || a[i].at == a[j].at && a[i].seq < a[j].seq
}
func (a agenda) Swap(i, j int) {
	a[i], a[j] = a[j], a[i]
	a[i].index, a[j].index = i, j
}
func (a *agenda) Push(x any) { e := x.(*event); e.index = len(*a); *a = append(*a, e) }
func (a *agenda) Pop() any {
	old := *a
	e := old[len(old)-1]
	e.index = -1
	*a = old[:len(old)-1]
	return e
}

// in has something happen after d.
func (w *world) in(d time.Duration, what string, do func()) *event {
	w.seq++
	e := &event{at: w.now + max(d, 0), seq: w.seq, what: what, do: do}
	heap.Push(&w.agenda, e)
	return e
}

// drop takes an event back.
func (w *world) drop(e *event) {
	if e != nil && e.index >= 0 {
		heap.Remove(&w.agenda, e.index)
		e.index = -1
	}
}

// soon has something happen to a leg within d, or, in a plot, whenever the network likes.
func (c *call) soon(d time.Duration, what string, l *leg, do func()) {
	w := c.w
	if w.plot == nil {
		c.in(w.between(0, d), what, do)
		return
	}
	e := c.in(0, what, do)
	e.kind, e.leg, e.by = message, l, w.now+zombie
}
