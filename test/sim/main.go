package main

import (
	"flag"
	"fmt"
	"os"
	"time"
)

func main() {
	seeds := flag.Uint64("seeds", 1000, "how many seeds")
	from := flag.Uint64("from", 1, "the first of them")
	only := flag.Uint64("seed", 0, "this one alone")
	trace := flag.Bool("trace", false, "tell every step")
	mutant := flag.String("mutant", "", "build a fault in: "+mutantNames())
	flag.Parse()
	if *only != 0 {
		*from, *seeds = *only, 1
	}
	began := time.Now()
	var total figures
	for seed := *from; seed < *from+*seeds; seed++ {
		r := simulate(seed, *mutant, *trace)
		total.add(r.figures)
		if r.fault != "" {
			fmt.Printf("seed %d failed at %s: %s\nreproduce: go run ./test/sim -seed %d -trace", seed, r.at, r.fault, seed)
			if *mutant != "" {
				fmt.Printf(" -mutant %s", *mutant)
			}
			fmt.Println()
			os.Exit(1)
		}
	}
	took := time.Since(began)
	fmt.Printf("%d seeds, no fault: %.0f h of floor, %d calls (%d of agents' own), %d offers, %d conversations, %d recordings, "+
		"%d consultations, %d conferences, %d times supervised, %d crashes that cut off %d calls, %d steps checked in %s\n",
		*seeds, total.floor.Hours(), total.calls, total.own, total.offers, total.talks, total.recordings,
		total.consultations, total.conferences, total.supervised, total.crashes, total.cutOff, total.steps, took.Round(time.Millisecond))
}

// figures say how much was simulated.
type figures struct {
	floor                                   time.Duration
	calls, offers, talks, recordings, steps int
	own, consultations, conferences         int
	supervised, crashes, cutOff             int
}

func (f *figures) add(g figures) {
	f.floor += g.floor
	f.calls += g.calls
	f.offers += g.offers
	f.talks += g.talks
	f.recordings += g.recordings
	f.steps += g.steps
	f.own += g.own
	f.consultations += g.consultations
	f.conferences += g.conferences
	f.supervised += g.supervised
	f.crashes += g.crashes
	f.cutOff += g.cutOff
}
