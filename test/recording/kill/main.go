// Command kill kills a process that records, at random moments, and checks
// what it leaves: go run ./test/recording/kill -n 200. It exits with 1 when a
// file does not play, does not hold what was said, or lacks more than 200 ms.
package main

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/signal"
	"slices"
	"time"

	"switchroom/test/recording/killing"
)

// allowed is what a crash may take of a recording's end.
const allowed = 200 * time.Millisecond

func main() {
	killing.Child()
	os.Exit(run())
}

func run() int {
	times := flag.Int("n", 200, "how often to kill")
	calls := flag.Int("calls", 20, "calls recorded at a time")
	longest := flag.Duration("longest", 3*time.Second, "longest life")
	seed := flag.Uint64("seed", uint64(time.Now().UnixNano()), "of the moments")
	encrypt := flag.Bool("encrypt", false, "record encrypted, and open with the key")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	dir, err := os.MkdirTemp("", "switchroom-kill-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	var missing []time.Duration
	began := time.Now()
	all, err := killing.Loop(ctx, killing.Options{
		Dir: dir, Times: *times, Calls: *calls, Longest: *longest, Encrypt: *encrypt, Rand: rand.New(rand.NewPCG(*seed, 0)),
		Each: func(r killing.Result) {
			if missing = append(missing, r.Missing); r.Missing > allowed {
				fmt.Printf("kill %d: %v missing; the writer had not written for %v; shortly before a look of it took %v and the speakers were late by %v\n",
					len(missing), r.Missing.Round(time.Millisecond), r.Away.Round(time.Millisecond), r.Took, r.Late)
			}
		},
	})
	fmt.Printf("seed %d: %d kills, %d recordings in %.0f s\n", *seed, all.Kills, all.Recordings, time.Since(began).Seconds())
	if len(missing) > 0 {
		slices.Sort(missing)
		fmt.Printf("missing at the end: p50 %v, p99 %v, most %v\n", missing[len(missing)/2].Round(time.Millisecond),
			missing[len(missing)*99/100].Round(time.Millisecond), all.Missing.Round(time.Millisecond))
		fmt.Printf("the writer had not written for %v at most; within a second of a kill a look of it took %v, the speakers were late by %v\n",
			all.Away.Round(time.Millisecond), all.Took, all.Late)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	if all.Missing > allowed {
		fmt.Println("more than 200 ms are missing")
		return 1
	}
	return 0
}
