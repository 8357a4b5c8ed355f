package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// command is the switch, as the world wants it.
func (w *World) command(args ...string) *exec.Cmd {
	w.t.Helper()
	name := program
	env := append(os.Environ(), "GORACE=halt_on_error=1")
	if w.faulty {
		name = faultyProgram(w.t)
		env = append(env, "SWITCHROOM_DISK_FAULTS="+w.path("faults"))
	}
	if w.tmpfs > 0 {
		require.NoError(w.t, os.MkdirAll(w.path(w.tmpfsAt), 0o750))
		// The mount is the switch's alone, and goes with it.
		script := fmt.Sprintf(`mount -t tmpfs -o size=%dm none "$1" && shift && exec "$@"`, w.tmpfs)
		args = append([]string{"-m", "sh", "-c", script, "sh", w.path(w.tmpfsAt), name}, args...)
		if os.Geteuid() != 0 {
			args = append([]string{"-Ur"}, args...)
		}
		name = "unshare"
	}
	if w.limits != "" {
		args = append([]string{"-c", w.limits + ` && exec "$@"`, "sh", name}, args...)
		name = "sh"
	}
	cmd := exec.Command(name, args...)
	cmd.Env = env
	return cmd
}

var buildFaulty = sync.OnceValues(func() (string, error) {
	name := filepath.Join(toneDir, "switchroom-faulty")
	out, err := exec.Command("go", "build", "-race", "-tags", "faultydisk", "-o", name, "switchroom/cmd/switchroom").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("building the switch with a faulty disk: %w\n%s", err, out)
	}
	return name, nil
})

// faultyProgram is the switch whose recordings' disk fails on command.
func faultyProgram(t *testing.T) string {
	name, err := buildFaulty()
	require.NoError(t, err)
	return name
}

// faults are what the API says is wrong.
func (w *World) faults() string {
	w.t.Helper()
	var s struct{ Faults []string }
	w.Get("/api/v1/status", &s)
	return strings.Join(s.Faults, "\n")
}

// alarmIs waits for an alarm to stand, or to be over, no longer than a
// supervisor should.
func (w *World) alarmIs(kind string, on bool) {
	w.t.Helper()
	began := time.Now()
	w.Eventually(10*time.Second, fmt.Sprintf("alarm %s: %t", kind, on), func() bool { return strings.Contains(w.faults(), kind) == on })
	w.t.Logf("%s %t after %.1f s", kind, on, time.Since(began).Seconds())
}

// fill leaves free so many KB of the switch's own file system.
func (w *World) fill(free int) {
	w.t.Helper()
	file := fmt.Sprintf("/proc/%d/root%s", w.cmd.Process.Pid, w.path("data", "recordings", "filler"))
	require.NoError(w.t, os.RemoveAll(file))
	if free < 0 {
		return
	}
	out, err := exec.Command("sh", "-c", fmt.Sprintf(
		`n=$(($(df -k --output=avail "$1" | tail -1) - %d)); head -c ${n}k /dev/zero > "$2" || true`, free), "sh", filepath.Dir(file), file).CombinedOutput()
	require.NoError(w.t, err, "%s", out)
}

const answering = `[{number: "4008001234", client: courier, queue: parcels}, {number: "4008005678", client: courier, queue: lenient}]`

func TestAFullDiskRefusesWhatMustBeRecordedAndTouchesNoCall(t *testing.T) {
	w := NewWorld(t, Options{Tmpfs: 16, Numbers: answering, Queues: usualQueue + `
  - {id: lenient, client: courier, rings: [{after: 0s, sites: [beijing]}], wrap_up: 0s, unrecorded: answer}`})
	w.unplayed = true // the files are on the switch's own file system, and go with it
	w.ExpectError("alarm")
	w.ExpectError("recordings could not be sealed")
	w.ExpectError("recording could not start")
	w.Phone(2, 0)
	c := w.Converse(pcmu, 101, pcmu, 101)
	c.HearEachOther()

	w.fill(1200) // of 16384: 7 percent
	w.alarmIs("disk_low", true)
	w.fill(500) // 3 percent
	w.alarmIs("disk_full", true)
	g := w.Gateway()
	refused := g.Call("13800002", "4008001234", w.Sound("caller2", pcmu, 101).SDP("sendrecv"))
	refused.Refused(503)
	c.HearEachOther()
	k := g.Call("13800003", "4008005678", w.Sound("caller2", pcmu, 101).SDP("sendrecv"))
	k.Answered()
	w.AgentIs("8002", "talking")

	w.fill(0)
	w.alarmIs("write_failed", true)
	for range 3 { // longer than what memory holds
		time.Sleep(3 * time.Second)
		c.HearEachOther()
	}
	k.Hangup()
	w.AgentIs("8002", "ready")
	w.fill(-1)
	for _, kind := range []string{"write_failed", "disk_full", "disk_low"} {
		w.alarmIs(kind, false)
	}
	c.HearEachOther()
	c.caller.Hangup()
	c.agent.HungUp()
	records := w.CDRs(2)
	require.Empty(t, from(t, records, "13800003").Recording, "its record says that there is none")
	id := from(t, records, "13800001").Recording
	var gaps []struct {
		Length float64
		Why    string
	}
	w.metaOf(id, "gaps", &gaps)
	require.Len(t, gaps, 1)
	require.Equal(t, "disk", gaps[0].Why)
	require.Less(t, gaps[0].Length, 15.0)

	k = g.Call("13800004", "4008001234", w.Sound("caller2", pcmu, 101).SDP("sendrecv"))
	k.Answered()
	w.AgentIs("8002", "talking")
	k.Hangup()
	require.NotEmpty(t, from(t, w.CDRs(3), "13800004").Recording, "without a restart")
	w.AgentIs("8002", "ready")
}

func TestASlowDiskAndOneThatFailsCostSoundAndNoCall(t *testing.T) {
	w := NewWorld(t, Options{Faulty: true})
	w.ExpectError("alarm")
	w.ExpectError("recordings could not be sealed")
	set := func(text string) { require.NoError(t, os.WriteFile(w.path("faults"), []byte(text), 0o600)) }
	c := w.Converse(pcmu, 101, pcmu, 101)
	c.HearEachOther()
	set("slow=2s")
	w.alarmIs("slow", true)
	c.HearEachOther()
	set("")
	w.alarmIs("slow", false)
	set("EIO")
	w.alarmIs("write_failed", true)
	for range 3 {
		time.Sleep(3 * time.Second)
		c.HearEachOther()
	}
	set("")
	w.alarmIs("write_failed", false)
	w.alarmIs("sync_failed", false)
	time.Sleep(time.Second)
	record, _ := c.End()
	var gaps []struct{ Start, Length float64 }
	w.metaOf(record.Recording, "gaps", &gaps)
	require.NotEmpty(t, gaps, "what was lost is marked")
	tape := w.Recording(record.Recording)
	w.Holds(tape.Agent, "agent", tape.Length()-0.9, tape.Length()-0.2)
}

// metaOf reads a field of the JSON beside a recording, where the switch sees it.
func (w *World) metaOf(id, field string, dst any) {
	w.t.Helper()
	pattern := fmt.Sprintf("/proc/%d/root%s", w.cmd.Process.Pid, w.path("data", "recordings", "*", "*", "*", id+".json"))
	w.Eventually(10*time.Second, "the recording is sealed", func() bool {
		files, err := filepath.Glob(pattern)
		require.NoError(w.t, err)
		if len(files) != 1 {
			return false
		}
		text, err := os.ReadFile(files[0])
		require.NoError(w.t, err)
		return strings.Contains(string(text), `"sealed": true`) && decodeField(w.t, text, field, dst)
	})
}
