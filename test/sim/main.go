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
	depth := flag.Int("offers", 0, "try every order of the offer protocol to this depth instead")
	walks := flag.Uint64("walks", 0, "walk through the offer protocol by dice, that often, instead")
	walk := flag.Uint64("walk", 0, "this walk alone")
	flag.Parse()
	switch {
	case *depth > 0:
		exploreAll(*depth, *mutant)
	case *walk != 0:
		runSeeds("walk", *walk, 1, func(seed uint64) result { return wander(seed, *mutant, *trace) }, *mutant)
	case *walks > 0:
		runSeeds("walk", 1, *walks, func(seed uint64) result { return wander(seed, *mutant, *trace) }, *mutant)
	case *only != 0:
		runSeeds("seed", *only, 1, func(seed uint64) result { return simulate(seed, *mutant, *trace) }, *mutant)
	default:
		runSeeds("seed", *from, *seeds, func(seed uint64) result { return simulate(seed, *mutant, *trace) }, *mutant)
	}
}

// runSeeds runs seeds until one fails.
func runSeeds(flag string, from, n uint64, run func(seed uint64) result, mutant string) {
	began := time.Now()
	var total figures
	for seed := from; seed < from+n; seed++ {
		r := run(seed)
		total.add(r.figures)
		if r.fault != "" {
			fmt.Printf("%s %d failed at %s: %s\nreproduce: go run ./test/sim -%s %d -trace", flag, seed, r.at, r.fault, flag, seed)
			if mutant != "" {
				fmt.Printf(" -mutant %s", mutant)
			}
			fmt.Println()
			os.Exit(1)
		}
	}
	took := time.Since(began).Round(time.Millisecond)
	if flag == "walk" {
		fmt.Printf("%d walks, no fault: %d calls, %d steps checked in %s\n", n, total.calls, total.steps, took)
		return
	}
	fmt.Printf("%d seeds, no fault: %.0f h of floor, %d calls (%d of agents' own), %d offers, %d conversations, %d recordings, "+
		"%d consultations, %d conferences, %d times supervised, %d crashes that cut off %d calls, %d steps checked in %s\n",
		n, total.floor.Hours(), total.calls, total.own, total.offers, total.talks, total.recordings,
		total.consultations, total.conferences, total.supervised, total.crashes, total.cutOff, total.steps, took)
}

// exploreAll tries the plots that there are: one agent for two callers to the
// whole depth, early media to one less, two agents to two less, since each agent
// more multiplies what may happen.
func exploreAll(depth int, mutant string) {
	for _, x := range []*explorer{{agents: 1, depth: depth}, {agents: 1, early: true, depth: depth - 1}, {agents: 2, depth: depth - 2}} {
		began := time.Now()
		x.mutant = mutant
		if !x.run() {
			fmt.Println(x.story())
			os.Exit(1)
		}
		fmt.Printf("%d agents, early media %t, depth %d, no fault: %d states, each left alone as well, %d orders, %d steps checked in %s\n",
			x.agents, x.early, x.depth, len(x.seen), x.sequences, x.steps, time.Since(began).Round(time.Millisecond))
	}
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
