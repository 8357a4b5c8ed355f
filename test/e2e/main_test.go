package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// program is the switch under test, built once with the race detector.
var program string

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "switchroom-e2e-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	program = filepath.Join(dir, "switchroom")
	build := exec.Command("go", "build", "-race", "-o", program, "switchroom/cmd/switchroom")
	build.Stdout, build.Stderr = os.Stderr, os.Stderr
	if err := build.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "building the switch:", err)
		return 1
	}
	for _, tool := range []string{"sipp", "baresip"} {
		if _, err := exec.LookPath(tool); err != nil {
			fmt.Fprintf(os.Stderr, "wanted %s, found none: run ./test/run, which installs it\n", tool)
			return 1
		}
	}
	return m.Run()
}
