package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
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

// World is a running switch, alone on its ports.
type World struct {
	t    *testing.T
	Dir  string // everything of this world; removed afterwards
	SIP  int    // port, UDP and TCP
	HTTP string // base URL
	log  *logFile

	cmd      *exec.Cmd
	exited   chan error
	baseline invariants
	rtp      int // first port of the switch's range
	started  time.Time
	expect   []string // log lines at error level that the test announced
}

// Options change the configuration that a world runs.
type Options struct {
	Agents   string // the agents section's items; default: 8001 and 8002 with fixed contacts
	Queues   string
	Numbers  string
	Trunks   string
	Extra    string // further top-level keys
	SIPExtra string
	Media    string
	Env      []string
}

const token = "e2e-token"

// PhonePort is where the fixed contact of agent 8001 lies; 8002's is one above.
func (w *World) PhonePort(n int) int { return w.SIP + 100 + n }

// NewWorld starts a switch and waits until it is ready.
func NewWorld(t *testing.T, o Options) *World {
	t.Helper()
	w := &World{t: t, Dir: t.TempDir()}
	w.SIP, w.rtp = freePorts(t)
	w.HTTP = fmt.Sprintf("http://127.0.0.1:%d", w.SIP+50)
	require.NoError(t, os.WriteFile(w.path("switchroom.yaml"), []byte(w.config(o)), 0o600))
	w.Start(o.Env...)
	t.Cleanup(w.finish)
	return w
}

func (w *World) path(parts ...string) string {
	return filepath.Join(append([]string{w.Dir}, parts...)...)
}

func or(s, def string) string {
	if s == "" {
		return def
	}
	return s
}

func (w *World) config(o Options) string {
	agents := or(o.Agents, fmt.Sprintf(`
  - {id: "8001", name: Li Wei, site: chengdu, contact: "sip:8001@127.0.0.1:%d", skills: {parcels: 5}}
  - {id: "8002", name: Wang Fang, site: beijing, contact: "sip:8002@127.0.0.1:%d", skills: {parcels: 3}}`, w.PhonePort(1), w.PhonePort(2)))
	queues := or(o.Queues, `
  - id: parcels
    client: courier
    rings: [{after: 0s, sites: [chengdu], skills: {parcels: 5}}, {after: 2s, sites: [chengdu, beijing], skills: {parcels: 3}}]
    ring_timeout: 3s
    wrap_up: 0s`)
	numbers := or(o.Numbers, `
  - {number: "4008001234", client: courier, queue: parcels}`)
	trunks := or(o.Trunks, `
  - {id: telecom, peers: [127.0.0.1], channels: 30}`)
	media := or(o.Media, fmt.Sprintf("{listen: 127.0.0.1, ports: %d-%d}", w.rtp, w.rtp+199))
	return fmt.Sprintf(`sip:
  listen: ["udp:127.0.0.1:%d", "tcp:127.0.0.1:%d"]
%s
media: %s
http:
  listen: 127.0.0.1:%d
  tokens: [{token: %s, role: admin}]
data: %s
drain_timeout: 5s
clients: [{id: courier, name: Courier Express}]
sites: [{id: chengdu, name: Chengdu}, {id: beijing, name: Beijing}]
trunks: %s
numbers: %s
queues: %s
agents: %s
%s
`, w.SIP, w.SIP, o.SIPExtra, media, w.SIP+50, token, w.path("data"), trunks, numbers, queues, agents, o.Extra)
}

// Start runs the program; NewWorld has done so already.
func (w *World) Start(env ...string) {
	w.t.Helper()
	w.log = &logFile{}
	w.cmd = exec.Command(program, "serve", "-c", w.path("switchroom.yaml"))
	w.cmd.Env = append(append(os.Environ(), "GORACE=halt_on_error=1"), env...)
	w.cmd.Stderr, w.cmd.Stdout = w.log, w.log
	require.NoError(w.t, w.cmd.Start())
	w.started = time.Now()
	w.exited = make(chan error, 1)
	go func(cmd *exec.Cmd, exited chan error) { exited <- cmd.Wait() }(w.cmd, w.exited)
	w.Eventually(20*time.Second, "the switch is ready", func() bool {
		res, err := http.Get(w.HTTP + "/readyz")
		if err != nil {
			return false
		}
		defer res.Body.Close()
		return res.StatusCode == 200
	})
	w.baseline = w.Invariants()
}

// Kill stops the program as a crash would.
func (w *World) Kill() {
	require.NoError(w.t, w.cmd.Process.Kill())
	<-w.exited
	w.cmd = nil
}

// Stop ends the program with SIGTERM and demands that it goes in peace.
func (w *World) Stop() {
	if w.cmd == nil {
		return
	}
	require.NoError(w.t, w.cmd.Process.Signal(syscall.SIGTERM))
	select {
	case err := <-w.exited:
		require.NoError(w.t, err, "the switch's last words:\n%s", w.log.tail(40))
	case <-time.After(20 * time.Second):
		_ = w.cmd.Process.Signal(syscall.SIGQUIT)
		<-w.exited
		w.t.Fatalf("the switch does not stop:\n%s", w.log.tail(200))
	}
	w.cmd = nil
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
	w.LeaveNoTrace()
	w.Stop()
	for _, line := range w.log.errors() {
		announced := false
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
		time.Sleep(20 * time.Millisecond)
	}
}

// Do asks the API and returns status and body.
func (w *World) Do(method, path string, body any) (int, []byte) {
	w.t.Helper()
	var r io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		require.NoError(w.t, err)
		r = bytes.NewReader(b)
	}
	req, err := http.NewRequest(method, w.HTTP+path, r)
	require.NoError(w.t, err)
	req.Header.Set("Authorization", "Bearer "+token)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := http.DefaultClient.Do(req)
	require.NoError(w.t, err)
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	require.NoError(w.t, err)
	return res.StatusCode, b
}

// Get reads path into out and demands success.
func (w *World) Get(path string, out any) {
	w.t.Helper()
	status, body := w.Do("GET", path, nil)
	require.Equal(w.t, 200, status, "%s: %s", path, body)
	require.NoError(w.t, json.Unmarshal(body, out), "%s", body)
}

// list is how the API gives several.
type list[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next"`
}

// freePorts finds a free block for signalling, API and phones, and one for
// RTP, outside the range the kernel gives out by itself.
func freePorts(t *testing.T) (sip, rtp int) {
	t.Helper()
	portBlocks.Lock()
	defer portBlocks.Unlock()
	for ; portBlocks.next < 31000; portBlocks.next += 400 {
		base := portBlocks.next
		if bindable(base) && bindable(base+50) && bindable(base+101) && bindable(base+200) && bindable(base+399) {
			portBlocks.next += 400
			return base, base + 200
		}
	}
	t.Fatal("no free block of ports between 17000 and 31000")
	return 0, 0
}

var portBlocks = struct {
	sync.Mutex
	next int
}{next: 17000 + os.Getpid()%20*400}

func bindable(port int) bool {
	c, err := net.ListenPacket("udp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		return false
	}
	c.Close()
	l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		return false
	}
	l.Close()
	return true
}

// logFile keeps what the switch says.
type logFile struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *logFile) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *logFile) lines() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Split(strings.TrimSpace(l.buf.String()), "\n")
}

func (l *logFile) tail(n int) string {
	lines := l.lines()
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}

func (l *logFile) errors() []string {
	var out []string
	for _, line := range l.lines() {
		if strings.Contains(line, `"level":"error"`) || strings.Contains(line, "DATA RACE") || strings.Contains(line, "panic:") {
			out = append(out, line)
		}
	}
	return out
}
