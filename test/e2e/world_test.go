package e2e

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// World is a running switch, alone on its ports and in its folder.
type World struct {
	t    *testing.T
	Dir  string // everything of this world; removed afterwards
	SIP  int    // port, UDP and TCP
	TLS  int    // port, if Options.TLS
	HTTP string // base URL
	log  *logFile

	base     int // first of its ports
	cmd      *exec.Cmd
	exited   chan error
	baseline invariants
	files    []string // open at the baseline
	tmpfs    int
	tmpfsAt  string
	limits   string
	faulty   bool
	anyError bool     // errors in the log are to be expected, whatever they say
	unplayed bool     // not every conversation is there as a WAV
	expect   []string // log lines at error level that the test announced

	mu       sync.Mutex
	nextFree int
	leave    sync.Once
}

// Options change the configuration that a world runs.
type Options struct {
	Agents     string // the agents section's items; default: 8001 and 8002 with fixed contacts
	Queues     string
	Numbers    string
	Trunks     string
	Extra      string // further top-level keys
	Clients    string
	Tokens     string // besides the administrator's
	T1         time.Duration
	Drain      time.Duration
	RTPPorts   int           // of the switch; default all there are in the world's block
	MediaPorts string        // of the switch, where the block's are too few
	Silence    time.Duration // after which a leg without sound is over; default 30 s
	TLS        bool          // listen on World.TLS too, with a certificate for 127.0.0.1
	Tmpfs      int           // MB: recordings lie on a file system of this size, of the switch's own
	TmpfsAt    string        // where that is mounted, below the world's folder; default data/recordings
	Limits     string        // shell commands before the switch is started
	Faulty     bool          // the switch is one whose disk fails on command
}

// PhonePort is where the fixed contact of agent 8001 lies; 8002's is one above.
func (w *World) PhonePort(n int) int { return w.base + phonePort + n }

// NewWorld starts a switch and waits until it is ready. The test then runs
// beside a few others.
func NewWorld(t *testing.T, o Options) *World {
	t.Helper()
	t.Parallel()
	slots <- struct{}{}
	w := &World{t: t, Dir: t.TempDir(), tmpfs: o.Tmpfs, tmpfsAt: or(o.TmpfsAt, "data/recordings"), limits: o.Limits, faulty: o.Faulty}
	t.Cleanup(w.makeRoom)
	w.base = takeBlock(t)
	w.SIP, w.nextFree = w.base+sipPort, w.base+freePort
	w.HTTP = fmt.Sprintf("http://127.0.0.1:%d", w.base+httpPort)
	w.Configure(o)
	w.log = &logFile{}
	w.Start()
	t.Cleanup(w.finish)
	return w
}

// makeRoom lets the next test begin.
func (w *World) makeRoom() { w.leave.Do(func() { <-slots }) }

func (w *World) path(parts ...string) string {
	return filepath.Join(append([]string{w.Dir}, parts...)...)
}

// Configure writes the configuration file anew.
func (w *World) Configure(o Options) {
	w.t.Helper()
	require.NoError(w.t, os.WriteFile(w.path("switchroom.yaml"), []byte(w.config(o)), 0o600))
}

func or[T comparable](v, def T) T {
	var zero T
	if v == zero {
		return def
	}
	return v
}

// usualQueue may be served by chengdu at once and by beijing after two seconds.
const usualQueue = `
  - id: parcels
    client: courier
    rings: [{after: 0s, sites: [chengdu], skills: {parcels: 5}}, {after: 2s, sites: [chengdu, beijing], skills: {parcels: 3}}]
    ring_timeout: 3s
    wrap_up: 0s`

// Contacts are the usual agents, whose desk phones need not register.
func (w *World) Contacts() string {
	return fmt.Sprintf(`
  - {id: "8001", name: Li Wei, site: chengdu, contact: "sip:8001@127.0.0.1:%d", skills: {parcels: 5}}
  - {id: "8002", name: Wang Fang, site: beijing, contact: "sip:8002@127.0.0.1:%d", skills: {parcels: 3}}`, w.PhonePort(1), w.PhonePort(2))
}

func (w *World) config(o Options) string {
	listen := ""
	if o.TLS {
		listen = w.tls()
	}
	return fmt.Sprintf(`sip:
  listen: ["udp:127.0.0.1:%[1]d", "tcp:127.0.0.1:%[1]d"%[15]s
  t1: %[2]s
media: {listen: 127.0.0.1, ports: %[3]s, timeout: %[16]s}
http:
  listen: 127.0.0.1:%[4]d
  tokens:
  - {token: %[5]s, role: admin}
%[6]s
data: %[7]s
drain_timeout: %[8]s
clients: %[9]s
sites: [{id: chengdu, name: Chengdu}, {id: beijing, name: Beijing}]
trunks: %[10]s
numbers: %[11]s
queues: %[12]s
agents: %[13]s
%[14]s
`,
		w.SIP, or(o.T1, 50*time.Millisecond),
		or(o.MediaPorts, fmt.Sprintf("%d-%d", w.base+rtpPort, w.base+rtpPort+or(o.RTPPorts, blockSize-rtpPort)-1)),
		w.base+httpPort, token, o.Tokens,
		w.path("data"), or(o.Drain, 5*time.Second),
		or(o.Clients, "[{id: courier, name: Courier Express}]"),
		strings.ReplaceAll(or(o.Trunks, "[{id: telecom, peers: [127.0.0.1], channels: 30}]"), "%PORT%", fmt.Sprint(w.PhonePort(3))),
		or(o.Numbers, `[{number: "4008001234", client: courier, queue: parcels}]`),
		or(o.Queues, usualQueue), strings.ReplaceAll(or(o.Agents, w.Contacts()), "%PHONE%", fmt.Sprint(w.PhonePort(1))), o.Extra, or(listen, "]"), or(o.Silence, 30*time.Second))
}

// Start runs the program; NewWorld has done so already.
func (w *World) Start() {
	w.t.Helper()
	w.cmd = w.command("serve", "-c", w.path("switchroom.yaml"))
	w.cmd.Stderr, w.cmd.Stdout = w.log, w.log
	require.NoError(w.t, w.cmd.Start())
	w.exited = make(chan error, 1)
	go func(cmd *exec.Cmd, exited chan error) { exited <- cmd.Wait() }(w.cmd, w.exited)
	w.Eventually(30*time.Second, "the switch is ready", func() bool {
		res, err := client.Get(w.HTTP + "/readyz")
		if err != nil {
			return false
		}
		defer res.Body.Close()
		return res.StatusCode == http.StatusOK
	})
	w.Eventually(30*time.Second, "the index is open", func() bool {
		status, _ := w.Do("GET", "/api/v1/cdrs", nil)
		return status == http.StatusOK
	})
	w.baseline, w.files = w.Invariants(), w.openFiles()
}

// Signal sends the program a signal.
func (w *World) Signal(s syscall.Signal) {
	w.t.Helper()
	require.NoError(w.t, w.cmd.Process.Signal(s))
}

// Kill stops the program as a crash would.
func (w *World) Kill() {
	w.t.Helper()
	w.Signal(syscall.SIGKILL)
	<-w.exited
	w.cmd = nil
}

// Ended waits until the program has gone by itself, in peace.
func (w *World) Ended(within time.Duration) {
	w.t.Helper()
	select {
	case err := <-w.exited:
		w.cmd = nil
		require.NoError(w.t, err, "the switch's last words:\n%s", w.log.tail(40))
	case <-time.After(within):
		_ = w.cmd.Process.Signal(syscall.SIGQUIT)
		<-w.exited
		w.cmd = nil
		w.t.Fatalf("the switch does not stop:\n%s", w.log.tail(200))
	}
}

// Stop ends the program with SIGTERM and demands that it goes in peace.
func (w *World) Stop() {
	w.t.Helper()
	w.Signal(syscall.SIGTERM)
	w.Ended(20 * time.Second)
}

// goroutines has the program say what each of its goroutines does, and die.
func (w *World) goroutines() string {
	said := len(w.log.String())
	w.Signal(syscall.SIGQUIT)
	<-w.exited
	w.cmd = nil
	return w.log.String()[said:]
}

func (w *World) finish() {
	if w.t.Failed() {
		w.t.Logf("the switch's last words:\n%s", w.log.tail(60))
		if w.cmd != nil {
			_ = w.cmd.Process.Kill()
			<-w.exited
		}
		return
	}
	if w.cmd != nil {
		w.makeRoom()
		w.LeaveNoTrace()
		w.Stop()
	}
	for _, line := range w.log.errors() {
		// A disk that is slow for a moment is the machine's affair: the record
		// is there all the same, or the test will miss it.
		announced := w.anyError || strings.Contains(line, "call records are not safe in time")
		for _, e := range w.expect {
			announced = announced || strings.Contains(line, e)
		}
		require.True(w.t, announced, "an error that the test did not announce: %s", line)
	}
}

// ExpectError announces an error in the log that contains text.
func (w *World) ExpectError(text string) { w.expect = append(w.expect, text) }

// Eventually waits for something to become true.
func (w *World) Eventually(within time.Duration, what string, cond func() bool) {
	w.t.Helper()
	deadline := time.Now().Add(within)
	for !cond() {
		if time.Now().After(deadline) {
			w.t.Fatalf("waited %v in vain for this: %s\n%s", within, what, w.log.tail(60))
		}
		time.Sleep(25 * time.Millisecond)
	}
}
