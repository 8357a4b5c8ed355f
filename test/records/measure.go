package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"switchroom/acd/report"
	"switchroom/acd/store"
)

// cpu is what this process has used.
func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// lists asks for pages of every kind of list at random moments, and for a
// report.
func lists(ctx context.Context, s *store.Store, o options) error {
	rng := rand.New(rand.NewPCG(2, 2))
	moment := func() time.Time { return firstCall.Add(time.Duration(rng.Int64N(int64(o.n) * int64(between)))) }
	kinds := []struct {
		name string
		pick func() store.Filter
	}{
		{"newest", func() store.Filter { return store.Filter{} }},
		{"from a moment on", func() store.Filter { return store.Filter{From: moment(), Order: "started"} }},
		{"up to a moment", func() store.Filter { return store.Filter{To: moment()} }},
		{"a client's", func() store.Filter {
			return store.Filter{Client: fmt.Sprintf("client%02d", rng.IntN(10)), To: moment()}
		}},
		{"a queue's", func() store.Filter { return store.Filter{Queue: fmt.Sprintf("queue%02d", rng.IntN(50)), To: moment()} }},
		{"an agent's", func() store.Filter { return store.Filter{Agent: fmt.Sprint(8000 + rng.IntN(1000)), To: moment()} }},
		{"a caller's", func() store.Filter { return store.Filter{Number: fmt.Sprintf("8613%09d", rng.IntN(300_000))} }},
		{"to a number", func() store.Filter { return store.Filter{Number: "+4008001234", To: moment()} }},
	}
	for _, k := range kinds {
		var took []time.Duration
		items := 0
		for range o.pages {
			f := k.pick()
			began := time.Now()
			page, err := s.CDRs(ctx, f)
			if err != nil {
				return err
			}
			took = append(took, time.Since(began))
			items += len(page.Items)
		}
		slices.Sort(took)
		at := func(q float64) time.Duration {
			return took[min(len(took)-1, int(q*float64(len(took))))].Round(10 * time.Microsecond)
		}
		fmt.Printf("  page of 100, %-17s p50 %-8v p99 %-8v worst %v (%d items a page)\n", k.name+":", at(.5), at(.99), took[len(took)-1].Round(10*time.Microsecond), items/o.pages)
	}
	return reports(ctx, s)
}

// reports asks for the reports of the first day, of each kind.
func reports(ctx context.Context, s *store.Store) error {
	for _, kind := range []struct {
		by   report.By
		step time.Duration
		back time.Duration
	}{
		{report.ByQueue, 30 * time.Minute, 7 * 24 * time.Hour}, {report.ByQueue, 30 * time.Minute, 0}, {report.ByClient, 0, 7 * 24 * time.Hour},
		{report.ByAgent, 15 * time.Minute, 7 * 24 * time.Hour}, {report.BySite, time.Hour, 0}, {report.ByTrunk, 15 * time.Minute, 0},
	} {
		b, err := report.NewBuilder(report.Query{From: firstCall, To: firstCall.Add(24 * time.Hour), By: kind.by, Step: kind.step, Return: kind.back,
			Level: func(string) report.Level {
				return report.Level{Within: 20 * time.Second, Short: report.ShortAbandon, Target: 80}
			},
			Formula: func(string) string { return report.Ignore }})
		if err != nil {
			return err
		}
		began, used := time.Now(), cpu()
		if err := s.Fill(ctx, b, "", time.Now()); err != nil {
			return err
		}
		r := b.Report()
		fmt.Printf("  report of the first day by %s, %v, who calls again within %v: %v, %v of CPU; %d rows, %d calls\n", kind.by, kind.step, kind.back,
			time.Since(began).Round(time.Millisecond), (cpu() - used).Round(time.Millisecond), len(r.Rows), r.Total.OfferedCalls)
	}
	return nil
}

// start measures how soon a switch with that past is ready, with its index
// there and with it gone.
func start(ctx context.Context, o options) error {
	binary := o.binary
	if binary == "" {
		binary = filepath.Join(o.data, "switchroom")
		build := exec.CommandContext(ctx, "go", "build", "-o", binary, "switchroom/cmd/switchroom")
		build.Stderr = os.Stderr
		if err := build.Run(); err != nil {
			return fmt.Errorf("build the switch: %w", err)
		}
	}
	for _, how := range []string{"with its index", "without its index"} {
		if how == "without its index" {
			if err := os.Remove(filepath.Join(o.data, "switchroom.db")); err != nil {
				return err
			}
		}
		took, err := ready(ctx, o, binary)
		if err != nil {
			return err
		}
		fmt.Printf("start %s: ready after %v\n", how, took.Round(time.Millisecond))
	}
	return nil
}

// ready starts the switch and waits until it takes calls.
func ready(ctx context.Context, o options, binary string) (time.Duration, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	address := l.Addr().String()
	l.Close()
	file := filepath.Join(o.data, "records.yaml")
	text := fmt.Sprintf("sip: {listen: [\"udp:127.0.0.1:0\"]}\nhttp: {listen: %q}\ndata: %q\ntrunks: []\nnumbers: []\nqueues: []\nagents: []\n", address, o.data)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		return 0, err
	}
	cmd := exec.CommandContext(ctx, binary, "serve", "-c", file, "--log-level", "error")
	cmd.Stderr = os.Stderr
	began := time.Now()
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	defer func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
	}()
	for time.Since(began) < 2*time.Minute {
		if res, err := http.Get("http://" + address + "/readyz"); err == nil {
			res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return time.Since(began), nil
			}
		}
		time.Sleep(10 * time.Millisecond)
	}
	return 0, fmt.Errorf("the switch was not ready within 2 minutes")
}
