package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"time"

	"switchroom/acd/journal"
	"switchroom/acd/store"
)

// options are what the command line says.
type options struct {
	n       int
	records bool
	pages   int
	data    string
	url     string
	binary  string
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "records:", err)
		os.Exit(1)
	}
}

func run() error {
	var o options
	flag.IntVar(&o.n, "n", 100_000, "calls")
	flag.BoolVar(&o.records, "only-records", false, "write their records alone, without what led to them")
	flag.IntVar(&o.pages, "pages", 500, "pages to ask for, of each kind of list")
	flag.StringVar(&o.data, "data", "", "data folder, kept; empty: a temporary one")
	flag.StringVar(&o.url, "url", "", "PostgreSQL database; empty: SQLite")
	flag.StringVar(&o.binary, "switch", "", "the program to start; empty: built from this module; none: none is started")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if o.data == "" {
		dir, err := os.MkdirTemp("", "switchroom-records-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		o.data = dir
	}
	if err := past(ctx, o); err != nil {
		return err
	}
	if o.binary == "none" || o.url != "" {
		return nil
	}
	return start(ctx, o)
}

// past writes the journal and measures its index.
func past(ctx context.Context, o options) error {
	j, err := journal.Open(journal.Config{Dir: filepath.Join(o.data, "journal"), MaxPending: 256 << 20})
	if err != nil {
		return err
	}
	defer j.Close()
	began := time.Now()
	if err := write(ctx, j, o); err != nil {
		return err
	}
	st := j.Status()
	fmt.Printf("journal: %d calls in %d events, %d MB, written in %.1f s\n", o.n, st.Next-1, st.Bytes>>20, time.Since(began).Seconds())
	s := store.New(store.Config{Path: filepath.Join(o.data, "switchroom.db"), URL: o.url, Journal: j})
	running, stop := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		s.Run(running)
	}()
	defer func() { stop(); <-ended }()
	began, used := time.Now(), cpu()
	if err := s.Rebuild(ctx); err != nil {
		return err
	}
	took, spent := time.Since(began), cpu()-used
	fmt.Printf("index (%s): made anew in %.1f s, %.1f s of CPU: %.0f calls/s, %.3f CPU-s per 1000 calls\n",
		s.Status().Database, took.Seconds(), spent.Seconds(), float64(o.n)/took.Seconds(), spent.Seconds()/float64(o.n)*1000)
	return lists(ctx, s, o)
}
