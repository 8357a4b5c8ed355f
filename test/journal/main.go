// Command journal measures what the journal costs: how many events a second it
// takes, how long a call's end waits until its record is safe, and the CPU time
// of a call's events with the journal and without:
//
//	go run ./test/journal -rate 50 -for 10s
//
// A call has the events that the exchange writes of an answered and recorded
// one, with its two dialogs. The folder decides much: name the disk by -dir.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"slices"
	"sync"
	"syscall"
	"time"

	"switchroom/acd"
	"switchroom/acd/journal"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "journal:", err)
		os.Exit(1)
	}
}

func run() error {
	rate := flag.Int("rate", 50, "calls a second while CPU and commits are measured")
	length := flag.Duration("for", 10*time.Second, "how long that takes")
	events := flag.Int("events", 300_000, "how many events at once")
	dir := flag.String("dir", "", "on which disk; empty: the temporary folder's")
	flag.Parse()
	folder, err := os.MkdirTemp(*dir, "switchroom-journal-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	j, err := journal.Open(journal.Config{Dir: folder, MaxPending: 256 << 20})
	if err != nil {
		return err
	}
	if err := flood(j, *events); err != nil {
		return err
	}
	off := cpuOf(*rate, *length, func(acd.Event) uint64 { return 0 }, func(uint64) error { return nil })
	before := j.Status()
	on := cpuOf(*rate, *length, j.Append, func(seq uint64) error { return j.Commit(context.Background(), seq) })
	after := j.Status()
	if on.err != nil {
		return on.err
	}
	perCall := func(d time.Duration, calls int) float64 { return float64(d.Microseconds()) / float64(max(calls, 1)) }
	fmt.Printf("%d calls a second, %d events a call: CPU a call %.0f us with the journal, %.0f us without: %.0f us are its own\n",
		*rate, len(callEvents("x", time.Now())), perCall(on.cpu, on.calls), perCall(off.cpu, off.calls), perCall(on.cpu, on.calls)-perCall(off.cpu, off.calls))
	slices.Sort(on.waits)
	at := func(q float64) time.Duration {
		return on.waits[min(len(on.waits)-1, int(q*float64(len(on.waits))))].Round(10 * time.Microsecond)
	}
	fmt.Printf("a call's end waits for its record: p50 %v, p99 %v, most %v of %d; %.1f events a sync\n",
		at(0.5), at(0.99), at(1), len(on.waits), float64(after.Next-before.Next)/float64(max(after.Syncs-before.Syncs, 1)))
	return j.Close()
}

// flood appends as fast as it goes and waits until all is safe.
func flood(j *journal.Journal, n int) error {
	all := callEvents("01900000-0000-7000-8000-000000000001", time.Now())
	began, last := time.Now(), uint64(0)
	for i := range n {
		if last = j.Append(all[i%len(all)]); last == 0 {
			return journal.ErrRefused
		}
		if i%20000 == 19999 { // or memory grows with the disk's delay
			if err := j.Commit(context.Background(), last); err != nil {
				return err
			}
		}
	}
	if err := j.Commit(context.Background(), last); err != nil {
		return err
	}
	took := time.Since(began)
	fmt.Printf("%d events at once: %.0f a second, %.1f MB a second, safe on the disk\n",
		n, float64(n)/took.Seconds(), float64(j.Status().Bytes>>20)/took.Seconds())
	return nil
}

type cost struct {
	cpu   time.Duration
	calls int
	waits []time.Duration
	err   error
}

// cpuOf makes calls' events at a rate and adds up the process's CPU time. Each
// call's last event, its record, is waited for.
func cpuOf(rate int, length time.Duration, note func(acd.Event) uint64, commit func(uint64) error) cost {
	var c cost
	var mu sync.Mutex
	var wg sync.WaitGroup
	before := cpu()
	tick := time.NewTicker(time.Second / time.Duration(rate))
	defer tick.Stop()
	for began := time.Now(); time.Since(began) < length; <-tick.C {
		c.calls++
		id := fmt.Sprintf("01900000-0000-7000-8000-%012d", c.calls)
		wg.Go(func() {
			var last uint64
			for _, ev := range callEvents(id, time.Now()) {
				last = note(ev)
			}
			asked := time.Now()
			err := commit(last)
			mu.Lock()
			defer mu.Unlock()
			c.waits = append(c.waits, time.Since(asked))
			if err != nil {
				c.err = err
			}
		})
	}
	wg.Wait()
	c.cpu = cpu() - before
	return c
}

func cpu() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
