// Command compare measures the lock-free queue against its two baselines.
//
//	go run ./test/queue/compare            the whole table
//	go run ./test/queue/compare -quick     a few cells
package main

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"switchroom/test/queue/load"
)

func main() {
	quick := flag.Bool("quick", false, "a few cells only")
	each := flag.Duration("for", 400*time.Millisecond, "duration of a cell")
	agents := flag.String("agents", "100,1000,10000", "agents")
	waiting := flag.String("waiting", "0,1000,100000", "waiting calls")
	goroutines := flag.String("goroutines", "1,2,4,8,16", "goroutines")
	kinds := flag.String("kinds", strings.Join(load.Kinds, ","), "engines")
	classes := flag.Int("classes", 1000, "classes of need")
	rounds := flag.Int("rounds", 3, "runs of each cell, of which the median rate is shown")
	think := flag.Duration("think", 5*time.Microsecond, "what each caller computes beside a decision in the second table, 0 for none")
	pace := flag.Duration("pace", 4*time.Microsecond, "how often a decision falls due on each goroutine in the third table, 0 for none")
	stall := flag.Duration("stall", 100*time.Millisecond, "how long a goroutine stops in the last table, 0 for none")
	flag.Parse()
	if *quick {
		*agents, *waiting, *goroutines = "1000", "0,5000", "1,2,4"
	}
	fmt.Printf("%s, %d CPUs, GOMAXPROCS %d; 50 skills, %d classes; a decision is one match\n\n", runtime.Version(), runtime.NumCPU(), runtime.GOMAXPROCS(0), *classes)
	head()
	for _, a := range ints(*agents) {
		for _, w := range ints(*waiting) {
			for _, g := range ints(*goroutines) {
				cell(load.Setting{Agents: a, Classes: *classes, Skills: 50, Waiting: w, Goroutines: g, For: *each, Seed: 1}, strings.Split(*kinds, ","), *rounds)
			}
		}
	}
	if *think > 0 {
		fmt.Printf("\neach caller computes %v beside a decision\n", *think)
		head()
		for _, g := range []int{1, 2, 4} {
			cell(load.Setting{Agents: 1000, Classes: *classes, Skills: 50, Waiting: 5000, Goroutines: g, For: *each, Think: *think, Seed: 1}, strings.Split(*kinds, ","), *rounds)
		}
	}
	if *pace > 0 {
		fmt.Printf("\na decision falls due every %v on each goroutine; latencies count from when it was due\n", *pace)
		head()
		for _, g := range []int{1, 2} {
			cell(load.Setting{Agents: 1000, Classes: *classes, Skills: 50, Waiting: 5000, Goroutines: g, For: *each, Pace: *pace, Seed: 1}, strings.Split(*kinds, ","), *rounds)
		}
	}
	if *stall > 0 {
		fmt.Printf("\na goroutine stops for %v in the middle of an operation, again and again\n", *stall)
		head()
		for _, g := range []int{2, 8} {
			cell(load.Setting{Agents: 1000, Classes: *classes, Skills: 50, Waiting: 5000, Goroutines: g, For: 20 * *stall, Stall: *stall, Seed: 1}, strings.Split(*kinds, ","), 1)
		}
	}
}

func head() {
	fmt.Printf("%7s %8s %3s  %-9s %12s %6s %9s %5s %8s %8s %8s %6s %8s %6s %6s\n", "agents", "waiting", "go", "engine", "decisions/s", "ratio",
		"CPU each", "cores", "p50", "p99", "p99.9", "ratio", "max", "allocs", "still")
}

func ints(s string) (n []int) {
	for _, f := range strings.Split(s, ",") {
		i, err := strconv.Atoi(f)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
		n = append(n, i)
	}
	return n
}

// cell measures the engines in turn, several times over so that what else the
// machine does falls on all, and prints the run with the median rate.
func cell(s load.Setting, kinds []string, rounds int) {
	runs := map[string][]load.Result{}
	for range rounds {
		for _, k := range kinds {
			s.Kind = k
			runs[k] = append(runs[k], load.Run(s))
		}
	}
	median := func(k string) load.Result {
		slices.SortFunc(runs[k], func(a, b load.Result) int { return int(a.Rate() - b.Rate()) })
		return runs[k][len(runs[k])/2]
	}
	mutex := load.Result{Seconds: 1} // what the ratios are to
	if slices.Contains(kinds, "mutex") {
		mutex = median("mutex")
	}
	for _, k := range kinds {
		r := median(k)
		tail := r.Latency.Quantile(.999)
		fmt.Printf("%7d %8d %3d  %-9s %12.0f %6.2f %9v %5.2f %8v %8v %8v %6.2f %8v %6.2f %5.0f%%\n", s.Agents, s.Waiting, s.Goroutines, k,
			r.Rate(), r.Rate()/max(mutex.Rate(), 1), round(r.Cost()), r.CPU.Seconds()/r.Seconds,
			round(r.Latency.Quantile(.5)), round(r.Latency.Quantile(.99)), round(tail),
			tail.Seconds()/max(mutex.Latency.Quantile(.999).Seconds(), 1e-9), round(r.Latency.Max()), r.Allocs,
			100*r.Still.Seconds()/r.Seconds)
	}
}

func round(d time.Duration) time.Duration {
	switch {
	case d > 10*time.Millisecond:
		return d.Round(time.Millisecond)
	case d > 10*time.Microsecond:
		return d.Round(time.Microsecond)
	}
	return d.Round(10 * time.Nanosecond)
}
