package main

import (
	"fmt"
	"strings"
)

// explorer tries every order in which things can happen in a plot, to a depth,
// which counts what people, clocks, queues and crashes do; messages on their way
// come in between wherever they can. A state that was seen with as much depth
// left is not gone into again.
type explorer struct {
	agents int
	early  bool
	mutant string
	depth  int
	whole  bool // goes into states that were seen too

	seen      map[digest]int // the depth that was left, plus one
	sequences int            // orders that were tried, to where they end or meet one that was tried
	steps     int
	fault     string
	path      []int
}

// run explores; false: a rule was broken, and fault and path say which and how.
func (x *explorer) run() bool {
	x.seen = map[digest]int{}
	x.visit(nil, newPlot(x.agents, x.early, 1, x.mutant))
	return x.fault == ""
}

// replay makes the world that a path leads to.
func (x *explorer) replay(path []int) *world {
	w := newPlot(x.agents, x.early, 1, x.mutant)
	for _, i := range path {
		w.do(w.enabled()[i])
	}
	return w
}

// visit goes on from w, to which path has led.
func (x *explorer) visit(path []int, w *world) {
	x.steps++
	if w.checkPlot(); w.fault != "" {
		x.found(w.fault, path)
		return
	}
	left := x.depth - w.plot.moves
	key := w.digest()
	was, known := x.seen[key]
	if !x.whole && was > left {
		x.sequences++
		return
	}
	x.seen[key] = max(was, left+1)
	if !known {
		end := x.replay(path)
		if end.rests(); end.fault != "" {
			x.found("left alone: "+end.fault, path)
			return
		}
	}
	var may []int
	for i, e := range w.enabled() {
		if !e.counts() || left > 0 {
			may = append(may, i)
		}
	}
	if len(may) == 0 {
		x.sequences++
	}
	for n, i := range may {
		next := w
		if n < len(may)-1 {
			next = x.replay(path)
		}
		next.do(next.enabled()[i])
		x.visit(append(path[:len(path):len(path)], i), next)
		if x.fault != "" {
			return
		}
	}
}

func (x *explorer) found(fault string, path []int) {
	if x.fault == "" {
		x.fault, x.path = fault, path
	}
}

// story tells what happened on the way to the fault.
func (x *explorer) story() string {
	var b strings.Builder
	w := newPlot(x.agents, x.early, 1, x.mutant)
	for _, i := range x.path {
		e := w.enabled()[i]
		fmt.Fprintf(&b, "%8s  %s\n", w.now, e.what)
		w.do(e)
	}
	return b.String() + x.fault
}
