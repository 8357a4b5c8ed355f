package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"time"
)

// options are common to all measurements.
type options struct {
	binary string
	rate   float64
	calls  int
	agents int
	talk   time.Duration
	length time.Duration
	record bool
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "load:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	measures := map[string]func(context.Context, options) error{"rate": rate, "hold": hold, "freed": freed, "idle": idle}
	if len(args) == 0 || measures[args[0]] == nil {
		return fmt.Errorf("wanted rate, hold, freed or idle, found %q", args)
	}
	var o options
	flags := flag.NewFlagSet("load "+args[0], flag.ContinueOnError)
	flags.StringVar(&o.binary, "switch", "", "the program to measure; empty: built from this module")
	flags.Float64Var(&o.rate, "rate", 100, "rate: calls a second")
	flags.IntVar(&o.calls, "calls", 200, "hold, freed, idle: calls at a time")
	flags.IntVar(&o.agents, "agents", 300, "agents logged in")
	flags.DurationVar(&o.talk, "talk", 500*time.Millisecond, "rate: how long a call lasts once answered")
	flags.DurationVar(&o.length, "for", 15*time.Second, "how long to measure")
	flags.BoolVar(&o.record, "record", false, "rate, hold: record the calls")
	if err := flags.Parse(args[1:]); err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, o.length+3*time.Minute)
	defer cancel()
	return measures[args[0]](ctx, o)
}
