// Command replay makes a journal of a simulated floor, replays it twice and
// says what that took: go run ./test/replay -events 1000000. It exits with 1
// when a decision was not made again, or the two hashes differ.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"switchroom/acd/journal"
	"switchroom/acd/replay"
	"switchroom/test/replay/floor"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "replay:", err)
		os.Exit(1)
	}
}

func run() error {
	events := flag.Int("events", 1_000_000, "length of the journal")
	agents := flag.Int("agents", 300, "agents at the beginning")
	queues := flag.Int("queues", 12, "queues")
	rate := flag.Float64("rate", 4, "calls a second")
	seed := flag.Uint64("seed", 1, "of the floor")
	dir := flag.String("dir", "", "where to put the journal, which then stays; empty: it goes")
	flag.Parse()
	if *dir == "" {
		made, err := os.MkdirTemp("", "switchroom-replay-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(made)
		*dir = filepath.Join(made, "journal")
	}
	began := time.Now()
	j, err := journal.Open(journal.Config{Dir: *dir})
	if err != nil {
		return err
	}
	if err := floor.Write(j, floor.Options{Seed: *seed, Agents: *agents, Queues: *queues, Rate: *rate, Events: *events}); err != nil {
		return err
	}
	bytes := j.Status().Bytes
	if err := j.Close(); err != nil {
		return err
	}
	fmt.Printf("made %d events, %d MB, in %.1f s\n", *events, bytes>>20, time.Since(began).Seconds())
	first, err := once(*dir)
	if err != nil {
		return err
	}
	second, err := once(*dir)
	if err != nil {
		return err
	}
	switch {
	case first.Hash != second.Hash:
		return fmt.Errorf("two replays of one journal gave other decisions")
	case first.Same != first.Decisions:
		return fmt.Errorf("%d of %d decisions were not made again", first.Decisions-first.Same, first.Decisions)
	}
	return nil
}

func once(dir string) (replay.Report, error) {
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	began := time.Now()
	rep, err := replay.Run(journal.Scan(dir), replay.Options{})
	took := time.Since(began)
	if err != nil {
		return rep, err
	}
	runtime.ReadMemStats(&after)
	fmt.Printf("replayed %d events in %.1f s, %.0f a second; %d decisions, %d the same; heap taken from the system %d MB, process at most %d MB; hash %s\n",
		rep.Events, took.Seconds(), float64(rep.Events)/took.Seconds(), rep.Decisions, rep.Same, after.HeapSys>>20, peak(), rep.Hash)
	return rep, nil
}

// peak is the most memory the process had so far, in MB.
func peak() int {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for _, line := range strings.Split(string(text), "\n") {
		var kb int
		if n, _ := fmt.Sscanf(line, "VmHWM: %d kB", &kb); n == 1 {
			return kb >> 10
		}
	}
	return 0
}
