// Command shelf measures how long it takes to verify an archive: it makes as
// many recordings as asked for, as a store would have left them, changes one
// octet in one of them, and has all of them verified:
//
//	go run ./test/recording/shelf -n 100000
//	go run ./test/recording/shelf -n 100000 -form flac
//	go run ./test/recording/shelf -n 20000 -form encrypted
//
// It exits with 1 when anything but that octet is found.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"time"

	"switchroom/recording"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "shelf:", err)
		os.Exit(1)
	}
}

func run() error {
	n := flag.Int("n", 100_000, "recordings")
	seconds := flag.Int("seconds", 3, "length of each")
	form := flag.String("form", recording.FormWAV, "of the files: wav, flac or encrypted")
	decode := flag.Bool("decode", false, "have FLAC decoded too")
	at := flag.String("dir", "", "where to make them; a folder of its own, removed afterwards, if none is named")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	dir, err := os.MkdirTemp(*at, "switchroom-shelf-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	began := time.Now()
	s := &shelf{dir: dir, form: *form, seconds: *seconds}
	if err := s.fill(ctx, *n); err != nil {
		return err
	}
	fmt.Printf("made %d recordings of %d s (%s, %.1f GB) in %.0f s\n", *n, *seconds, *form, float64(s.octets)/1e9, time.Since(began).Seconds())
	changed, err := s.tamper()
	if err != nil {
		return err
	}
	for _, what := range []string{"first", "again"} {
		began = time.Now()
		report, err := recording.Verify(ctx, recording.Verification{Dir: filepath.Join(dir, "recordings"), Keys: filepath.Join(dir, "keys"), Decode: *decode})
		if err != nil {
			return err
		}
		took := time.Since(began)
		fmt.Printf("%s: verified %d recordings, %.1f GB, in %.1f s: %.0f a second, %.0f MB/s; findings: %v\n", what, report.Recordings,
			float64(report.Octets)/1e9, took.Seconds(), float64(report.Recordings)/took.Seconds(), float64(report.Octets)/1e6/took.Seconds(), report.Findings)
		if report.Recordings != *n || !found(report.Findings, changed) {
			return fmt.Errorf("wanted %d recordings and one change in %s", *n, changed)
		}
	}
	return nil
}

// found says that nothing was found but in the recording that was changed.
func found(findings []recording.Finding, id string) bool {
	for _, f := range findings {
		if f.ID != id {
			return false
		}
	}
	return len(findings) > 0
}
