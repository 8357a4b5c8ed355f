package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Peer is a running SIPp.
type Peer struct {
	t    *testing.T
	name string
	cmd  *exec.Cmd
	done chan error
	out  *logFile
	dir  string
}

// Carrier places calls to the switch by a scenario: count calls to number.
func (w *World) Carrier(scenario, number string, count int, more ...string) *Peer {
	w.t.Helper()
	args := append([]string{fmt.Sprintf("127.0.0.1:%d", w.SIP), "-s", number, "-m", strconv.Itoa(count)}, more...)
	return w.sipp(scenario, args...)
}

// sipp runs a scenario file of this folder, which finds the tones beside it.
func (w *World) sipp(scenario string, args ...string) *Peer {
	w.t.Helper()
	file, err := filepath.Abs(filepath.Join("scenarios", scenario+".xml"))
	require.NoError(w.t, err)
	p := &Peer{t: w.t, name: scenario, out: &logFile{}, done: make(chan error, 1)}
	p.dir = w.t.TempDir()
	for name := range tones {
		require.NoError(w.t, os.Symlink(filepath.Join(toneDir, name+".ulaw"), filepath.Join(p.dir, name+".ulaw")))
	}
	sound := w.FreePort()
	w.FreePort() // SIPp takes the pair above for pictures
	args = append([]string{"-sf", file, "-i", "127.0.0.1", "-mi", "127.0.0.1", "-mp", strconv.Itoa(sound), "-nostdin", "-trace_err", "-error_file", "errors.log",
		"-trace_msg", "-message_file", "messages.log", "-timeout", "40s", "-timeout_error"}, args...)
	p.cmd = exec.Command("sipp", args...)
	p.cmd.Dir = p.dir
	p.cmd.Stdout, p.cmd.Stderr = p.out, p.out
	p.cmd.Env = append(os.Environ(), "TERM=dumb")
	require.NoError(w.t, p.cmd.Start())
	go func() { p.done <- p.cmd.Wait() }()
	w.t.Cleanup(func() {
		_ = p.cmd.Process.Kill()
		p.done <- <-p.done
		if w.t.Failed() {
			w.t.Logf("%s: %s\n%s", p.name, p.out, p.report())
		}
	})
	return p
}

// Wait demands that the scenario went as written.
func (p *Peer) Wait() {
	p.t.Helper()
	select {
	case err := <-p.done:
		p.done <- err
		require.NoError(p.t, err, "%s:\n%s", p.name, p.report())
	case <-time.After(50 * time.Second):
		p.t.Fatalf("%s does not end:\n%s", p.name, p.report())
	}
}

// Kill ends the peer without a word, as a phone does that loses its power.
func (p *Peer) Kill() { _ = p.cmd.Process.Kill() }

func (p *Peer) report() string {
	var b strings.Builder
	for _, name := range []string{"errors.log", "messages.log"} {
		text, err := os.ReadFile(filepath.Join(p.dir, name))
		if err == nil {
			fmt.Fprintf(&b, "--- %s\n%s\n", name, text[:min(len(text), 12000)])
		}
	}
	return b.String()
}

// Messages is what went over the wire.
func (p *Peer) Messages() string {
	text, err := os.ReadFile(filepath.Join(p.dir, "messages.log"))
	require.NoError(p.t, err)
	return string(text)
}
