package e2e

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
)

var (
	program string // the switch under test, built once with the race detector
	toneDir string // the parties' tones as files
)

const (
	// atOnce is how many tests run beside each other. Their calls wait more
	// than they work, and the ports of each are its own.
	atOnce = 3
	// standing is how many more worlds may stand there, done, and wait until
	// their transactions have run out.
	standing = 21
)

// slots are taken by tests that run.
var slots = make(chan struct{}, atOnce)

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "switchroom-e2e-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	toneDir = dir
	if err := writeTones(dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	flag.Parse()
	program = filepath.Join(dir, "switchroom")
	// The race detector makes each packet ten times as dear, which would spoil
	// the figures of the long attacks.
	build := exec.Command("go", "build", fmt.Sprintf("-race=%t", !*long), "-o", program, "switchroom/cmd/switchroom")
	build.Stdout, build.Stderr = os.Stderr, os.Stderr
	if err := build.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "building the switch:", err)
		return 1
	}
	for _, tool := range []string{"sipp", "baresip", "sox"} {
		if _, err := exec.LookPath(tool); err != nil {
			fmt.Fprintf(os.Stderr, "wanted %s, found none: run ./test/run, which installs it\n", tool)
			return 1
		}
	}
	if err := flag.Set("test.parallel", strconv.Itoa(atOnce+standing)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}
