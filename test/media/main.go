//go:build linux

// Command media loads the media engine with real packets and prints what they
// cost:
//
//	go run ./test/media -calls 200 -for 20s
//
// A generator in a process of its own plays both parties of each call: 50
// packets a second and direction, each with its leg, a counter and its send
// time. In one run it measures, one after the other, a plain relay on shared
// sockets with recvmmsg and sendmmsg (the floor), the engine relaying, the
// engine with its calls recorded, and music played to as many callers. For
// each: packets lost, what the relay adds to the delay as the generator's
// kernel stamps see it, and the relaying process' share of a core a call, by
// getrusage. Where packets were lost, it says at which place on their way.
//
// With -attack the calls are held while strangers send to their ports and to all
// others, from before the first packet on and over a change of their sessions;
// half of the parties are behind a NAT that their descriptions don't know of.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"runtime"
	"runtime/pprof"
	"strings"
	"time"
)

func main() {
	var o options
	generator := flag.Bool("generator", false, "be the generator; used by the command itself")
	attacker := flag.Bool("attacker", false, "be the attacker; likewise")
	flag.IntVar(&o.attack, "attack", 0, "foreign packets a second to the calls' ports while they are held, and as many to all ports in turn; at most 100000")
	flag.IntVar(&o.calls, "calls", 200, "calls held at a time, or callers of music")
	flag.DurationVar(&o.length, "for", 10*time.Second, "length of each measurement, at most 10m")
	flag.StringVar(&o.modes, "modes", "floor,relay,record,music", "what to measure")
	flag.StringVar(&o.dir, "dir", "", "where recordings go; a temporary directory if empty")
	flag.BoolVar(&o.transcode, "transcode", false, "let the sides have different codecs; packets are then only counted")
	flag.IntVar(&o.loops, "loops", 0, "most loops of the engine; 0: its default")
	profile := flag.String("cpuprofile", "", "file for a CPU profile")
	allocs := flag.String("memprofile", "", "file for a profile of every allocation; it slows down what allocates")
	flag.Parse()
	if *allocs != "" {
		runtime.MemProfileRate = 1
	}
	var err error
	switch {
	case *generator:
		err = generate(os.Stdin, os.Stdout)
	case *attacker:
		err = attack(os.Stdin, os.Stdout)
	case o.attack < 0 || o.attack > 100_000:
		err = errors.New("attack: 0 to 100000")
	case o.calls < 1 || o.calls > 4000 || o.length < time.Second || o.length > 10*time.Minute:
		err = errors.New("calls: 1 to 4000, length: 1s to 10m")
	default:
		err = errors.Join(o.profiled(*profile), writeAllocs(*allocs))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "media:", err)
		os.Exit(1)
	}
}

// writeAllocs writes the profile of allocations so far.
func writeAllocs(file string) error {
	if file == "" {
		return nil
	}
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	return errors.Join(pprof.Lookup("allocs").WriteTo(f, 0), f.Close())
}

// options are the command's.
type options struct {
	calls, loops int
	attack       int
	length       time.Duration
	modes, dir   string
	transcode    bool
}

func (o options) profiled(file string) error {
	if file == "" {
		return o.run()
	}
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := pprof.StartCPUProfile(f); err != nil {
		return err
	}
	defer pprof.StopCPUProfile()
	return o.run()
}

// run measures each mode and prints a line for it.
func (o options) run() error {
	fmt.Printf("%d calls, %v each, %d packets a second in and out\n", o.calls, o.length, o.calls*100)
	fmt.Printf("%-8s %10s %10s %8s %8s %8s %8s %9s %9s %7s\n", "", "sent", "received", "lost %",
		"p50 ms", "p99 ms", "p99.9 ms", "% core", "us/packet", "allocs")
	for mode := range strings.SplitSeq(o.modes, ",") {
		r, err := o.measure(mode)
		if r.wall > 0 {
			fmt.Println(r.line(mode, o))
		}
		if where := r.lost.String(); where != "" {
			fmt.Println("         lost:", where)
		}
		if r.attacked.Sent > 0 {
			fmt.Println("        ", r.outcome())
		}
		if err != nil {
			return fmt.Errorf("%s: %w", mode, err)
		}
	}
	return nil
}
