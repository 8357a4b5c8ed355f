package main

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"time"
)

type options struct {
	binary  string
	dir     string
	times   int
	calls   int
	longest time.Duration
	within  time.Duration
	cdrs    int
	seed    uint64
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "kills:", err)
		os.Exit(1)
	}
}

func run() error {
	var o options
	flag.StringVar(&o.binary, "switch", "", "the program to kill; empty: built from this module")
	flag.StringVar(&o.dir, "dir", "", "where the switch keeps its data, which then stays; empty: it goes")
	flag.IntVar(&o.times, "n", 200, "how often to kill")
	flag.IntVar(&o.calls, "calls", 10, "calls placed in each life")
	flag.DurationVar(&o.longest, "longest", 2500*time.Millisecond, "longest life after the first call is placed")
	flag.DurationVar(&o.within, "within", 5*time.Second, "by when after a start calls are taken and BYEs are there; more on a machine that others use")
	flag.IntVar(&o.cdrs, "cdrs", 0, "finished calls in the journal at the beginning")
	flag.Uint64Var(&o.seed, "seed", uint64(time.Now().UnixNano()), "of the moments")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if o.dir == "" {
		dir, err := os.MkdirTemp("", "switchroom-kills-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		o.dir = dir
	}
	if err := os.MkdirAll(o.dir, 0o700); err != nil {
		return err
	}
	if o.binary == "" {
		o.binary = filepath.Join(o.dir, "switchroom")
		build := exec.CommandContext(ctx, "go", "build", "-o", o.binary, "switchroom/cmd/switchroom")
		build.Stderr = os.Stderr
		if err := build.Run(); err != nil {
			return fmt.Errorf("building the switch: %w", err)
		}
	}
	return loop(ctx, o)
}

// figures are what all rounds came to.
type figures struct {
	rounds, calls, talks, waiting, dialogs, unknown int
	ready, byes, missing                            []time.Duration
}

func loop(ctx context.Context, o options) error {
	rng := rand.New(rand.NewPCG(o.seed, 0))
	s, err := newSubject(o)
	if err != nil {
		return err
	}
	defer s.kill()
	f, err := newFloor(s)
	if err != nil {
		return err
	}
	defer f.close()
	if o.cdrs > 0 {
		if err := fill(s.journal(), o.cdrs); err != nil {
			return err
		}
	}
	var all figures
	began := time.Now()
	took, err := s.start(ctx, time.Minute) // a journal without a checkpoint is read whole
	if err != nil {
		return err
	}
	fmt.Printf("seed %d: first start, ready after %v\n", o.seed, took.Round(time.Millisecond))
	for round := range o.times {
		if ctx.Err() != nil {
			break
		}
		if err := once(ctx, o, s, f, rng, round, &all); err != nil {
			all.print(time.Since(began))
			return fmt.Errorf("kill %d, seed %d: %w", round+1, o.seed, err)
		}
	}
	all.print(time.Since(began))
	return s.verify()
}

// once is one life and its end, and what the next one makes of it.
func once(ctx context.Context, o options, s *subject, f *floor, rng *rand.Rand, round int, all *figures) error {
	until := time.Now().Add(200*time.Millisecond + time.Duration(rng.Int64N(int64(o.longest))))
	for i := range o.calls {
		f.place(fmt.Sprintf("%04d%03d", round+1, i))
		time.Sleep(time.Duration(rng.IntN(20)) * time.Millisecond)
	}
	for time.Now().Before(until) {
		if rng.IntN(40) == 0 {
			f.hangUpOne(rng)
		}
		time.Sleep(10 * time.Millisecond)
	}
	died := time.Now() // what is said from here on nobody can ask for
	s.kill()
	time.Sleep(50 * time.Millisecond) // what is on its way to the peers
	before := f.take()
	took, err := s.start(ctx, o.within)
	if err != nil {
		return err
	}
	all.rounds++
	all.ready = append(all.ready, took)
	started := time.Now().Add(-took)
	byes, dialogs, unknown, err := f.released(before, died, started, o.within)
	if err != nil {
		return err
	}
	all.byes, all.dialogs, all.unknown = append(all.byes, byes), all.dialogs+dialogs, all.unknown+unknown
	missing, err := s.check(before, died)
	if err != nil {
		return err
	}
	all.missing = append(all.missing, missing...)
	for _, c := range before {
		all.calls++
		if c.talked() {
			all.talks++
		} else if !c.answered.IsZero() {
			all.waiting++
		}
	}
	return nil
}

func (a *figures) print(took time.Duration) {
	fmt.Printf("%d kills in %.0f s; %d calls, %d of them had talked, %d only waited; each has one record\n",
		a.rounds, took.Seconds(), a.calls, a.talks, a.waiting)
	fmt.Printf("ready again after: %s\n", quantiles(a.ready))
	fmt.Printf("BYE on both sides of what was up, %d dialogs; the last one so long after the start: %s\n", a.dialogs, quantiles(a.byes))
	fmt.Printf("dialogs that began within %v of the kill and that the journal did not know: %d\n", young, a.unknown)
	fmt.Printf("missing at the end of a recording: %s of %d\n", quantiles(a.missing), len(a.missing))
}

func quantiles(d []time.Duration) string {
	if len(d) == 0 {
		return "none"
	}
	d = slices.Sorted(slices.Values(d))
	at := func(q float64) time.Duration {
		return d[min(len(d)-1, int(q*float64(len(d))))].Round(time.Millisecond)
	}
	return fmt.Sprintf("p50 %v, p99 %v, most %v", at(0.5), at(0.99), at(1))
}
