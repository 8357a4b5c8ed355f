package main

import (
	"container/heap"
	"math/rand/v2"
)

// wander walks a plot by dice: everything that may happen does so in some order;
// now and then a message is lost or comes twice. In the end the floor is left to
// itself.
func wander(seed uint64, mutant string, trace bool) result {
	dice := rand.New(rand.NewPCG(seed, 0x0ffe6))
	w := newPlot(1+dice.IntN(2), dice.IntN(2) == 0, 4, mutant)
	w.trace = trace
	steps := 0
	for range 10 + dice.IntN(60) {
		may := w.enabled()
		if len(may) == 0 || w.fault != "" {
			break
		}
		e := may[dice.IntN(len(may))]
		switch {
		case e.what == "crash" && dice.IntN(10) > 0:
			continue
		case e.kind == message && e.by == forever && dice.IntN(5) == 0:
			w.say("lost: %s", e.what)
			w.drop(e)
			continue
		case e.kind == message && e.leg != nil && dice.IntN(10) == 0:
			twin := *e
			w.do(e)
			heap.Push(&w.agenda, &twin)
		default:
			w.do(e)
		}
		steps++
		w.checkPlot()
	}
	w.rests()
	w.figures.steps, w.figures.calls = steps, w.born
	return result{figures: w.figures, fault: w.fault, at: w.now}
}
