package e2e

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Softphone is a running baresip: a phone as people have it, with an account
// that registers, answers by itself, sends a tone and keeps what it hears.
type Softphone struct {
	w    *World
	dir  string
	ctrl net.Conn
	out  *logFile
	Die  func() // as by kill -9

	mu     sync.Mutex
	events []string
}

// baresipModules is where Debian, or a build of one's own, puts them.
func baresipModules(t *testing.T) string {
	t.Helper()
	for _, pattern := range []string{"/usr/lib/baresip/modules", "/usr/lib/*/baresip/modules", "/usr/local/lib/baresip/modules"} {
		found, err := filepath.Glob(pattern)
		require.NoError(t, err)
		if len(found) > 0 {
			return found[0]
		}
	}
	t.Fatal("baresip's modules are in none of the usual places")
	return ""
}

// Softphone starts baresip. It has no account before Login.
func (w *World) Softphone(tone string) *Softphone {
	w.t.Helper()
	p := &Softphone{w: w, dir: w.t.TempDir(), out: &logFile{}}
	sip, ctrl, rtp := w.FreePort(), w.FreePort(), w.FreePort()
	for range 3 {
		w.FreePort() // a few pairs above rtp
	}
	p.write("tone.wav", waveOf(toneULaw(tones[tone], 60*time.Second)))
	p.write("accounts", nil)
	p.write("contacts", nil)
	p.write("config", fmt.Appendf(nil, `poll_method epoll
sip_listen 127.0.0.1:%d
audio_source aufile,%s
audio_player aubridge,ear
audio_alert aubridge,bell
rtp_ports %d-%d
snd_path %s
module_path %s
module g711.so
module srtp.so
module aufile.so
module aubridge.so
module sndfile.so
module_tmp account.so
module_app menu.so
module_app ctrl_tcp.so
ctrl_tcp_listen 127.0.0.1:%d
`, sip, filepath.Join(p.dir, "tone.wav"), rtp, rtp+7, p.dir, baresipModules(w.t), ctrl))
	cmd := exec.Command("baresip", "-f", p.dir)
	cmd.Stdout, cmd.Stderr = p.out, p.out
	require.NoError(w.t, cmd.Start())
	ended := make(chan struct{})
	go func() { defer close(ended); _ = cmd.Wait() }()
	p.Die = func() {
		_ = cmd.Process.Kill()
		<-ended
	}
	w.t.Cleanup(func() {
		p.Die()
		if w.t.Failed() {
			w.t.Logf("baresip said:\n%s\nevents: %v", p.out, p.seen())
		}
	})
	w.Eventually(10*time.Second, "baresip listens to commands", func() bool {
		conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", ctrl))
		if err == nil {
			p.ctrl = conn
		}
		return err == nil
	})
	go p.listen()
	w.t.Cleanup(func() { p.ctrl.Close() })
	return p
}

func (p *Softphone) write(name string, content []byte) {
	p.w.t.Helper()
	require.NoError(p.w.t, os.WriteFile(filepath.Join(p.dir, name), content, 0o600))
}

// listen keeps the events that baresip tells, netstrings of JSON.
func (p *Softphone) listen() {
	r := bufio.NewReader(p.ctrl)
	for {
		size, err := r.ReadString(':')
		if err != nil {
			return
		}
		n, err := strconv.Atoi(strings.TrimSuffix(size, ":"))
		if err != nil {
			return
		}
		text := make([]byte, n+1) // and the comma
		if _, err := io.ReadFull(r, text); err != nil {
			return
		}
		var e struct{ Type string }
		if json.Unmarshal(text[:n], &e) == nil && e.Type != "" {
			p.mu.Lock()
			p.events = append(p.events, e.Type)
			p.mu.Unlock()
		}
	}
}

func (p *Softphone) seen() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string(nil), p.events...)
}

// Saw waits until an event has come n times.
func (p *Softphone) Saw(event string, n int) {
	p.w.t.Helper()
	p.w.Eventually(10*time.Second, fmt.Sprintf("%s for the %d. time at baresip", event, n), func() bool {
		count := 0
		for _, e := range p.seen() {
			if e == event {
				count++
			}
		}
		return count >= n
	})
}

// Command gives baresip one of its menu's commands.
func (p *Softphone) Command(command, params string) {
	p.w.t.Helper()
	text, err := json.Marshal(map[string]string{"command": command, "params": params, "token": command})
	require.NoError(p.w.t, err)
	_, err = fmt.Fprintf(p.ctrl, "%d:%s,", len(text), text)
	require.NoError(p.w.t, err)
}

// Login adds an account, which registers.
func (p *Softphone) Login(user, password, options string) {
	p.w.t.Helper()
	p.login(user, password, fmt.Sprintf("%d;transport=udp", p.w.SIP), options)
}

// LoginSafely is Login over TLS.
func (p *Softphone) LoginSafely(user, password, options string) {
	p.w.t.Helper()
	p.login(user, password, fmt.Sprintf("%d;transport=tls", p.w.TLS), options)
}

func (p *Softphone) login(user, password, at, options string) {
	p.Command("uanew", fmt.Sprintf("<sip:%s@127.0.0.1:%s>;auth_pass=%s;regint=60;answermode=auto%s", user, at, password, options))
}

// Heard is what baresip kept of the sound it got.
func (p *Softphone) Heard() []int16 {
	p.w.t.Helper()
	files, err := filepath.Glob(filepath.Join(p.dir, "dump-*-dec.wav"))
	require.NoError(p.w.t, err)
	require.Len(p.w.t, files, 1)
	raw := filepath.Join(p.dir, "heard.raw")
	out, err := exec.Command("sox", files[0], "-t", "raw", "-e", "signed", "-b", "16", "-r", "8000", "-c", "1", raw).CombinedOutput()
	require.NoError(p.w.t, err, "%s", out)
	b, err := os.ReadFile(raw)
	require.NoError(p.w.t, err)
	return samplesOf(b)
}

func TestSoftphoneRegistersAnswersAndHangsUp(t *testing.T) {
	t.Parallel()
	for name, hangsUp := range map[string]string{"agent hangs up": "agent-hangup", "caller hangs up": "caller-hangup"} {
		t.Run(name, func(t *testing.T) {
			w := NewWorld(t, Options{Agents: `
  - {id: "8001", name: Li Wei, site: chengdu, password: secret1, skills: {parcels: 5}}`})
			phone := w.Softphone("agent")
			require.Equal(t, "offline", w.Agent("8001").State)
			phone.Login("8001", "secret1", "")
			require.True(t, w.AgentIs("8001", "ready").Registered)
			phone.Saw("REGISTER_OK", 1)

			voice := w.Sound("caller", pcmu, 101)
			caller := w.Gateway().Call("13800001", "4008001234", voice.SDP("sendrecv"))
			caller.sound = voice
			caller.Answered()
			phone.Saw("CALL_ESTABLISHED", 1)
			w.AgentIs("8001", "talking")
			voice.Hears("agent")
			time.Sleep(2 * time.Second)
			if hangsUp == "agent-hangup" {
				phone.Command("hangup", "")
				caller.HungUp()
			} else {
				caller.Hangup()
			}
			phone.Saw("CALL_CLOSED", 1)
			record := w.CDR()
			require.Equal(t, hangsUp, record.Cause)
			tape := w.Recording(record.Recording)
			w.Holds(tape.Caller, "caller", 0.5, record.Talked-0.3)
			w.Holds(tape.Agent, "agent", 0.8, record.Talked-0.3)
			heard := phone.Heard()
			w.Holds(heard, "caller", 0.5, float64(len(heard))/8000-0.5)

			w.AgentIs("8001", "ready")
			phone.Command("uadel", fmt.Sprintf("sip:8001@127.0.0.1:%d", w.SIP))
			require.False(t, w.AgentIs("8001", "offline").Registered)
			phone.Login("8001", "secret1", "")
			w.AgentIs("8001", "ready")
		})
	}
}

func TestSoftphoneWithAWrongPasswordStaysOutside(t *testing.T) {
	w := NewWorld(t, Options{Agents: `
  - {id: "8001", name: Li Wei, site: chengdu, password: secret1, skills: {parcels: 5}}`})
	phone := w.Softphone("agent")
	w.ExpectError(`"kind":"guessing"`) // it goes on trying
	phone.Login("8001", "secret2", "")
	w.Eventually(10*time.Second, "its credentials are refused", func() bool { return strings.Contains(w.log.String(), "credentials refused") })
	time.Sleep(500 * time.Millisecond)
	require.Equal(t, "offline", w.Agent("8001").State)
	require.NotContains(t, phone.seen(), "REGISTER_OK")
}

func TestSoftphoneSpeaksALawToACallerWhoSpeaksMuLaw(t *testing.T) {
	w := NewWorld(t, Options{Agents: `
  - {id: "8001", name: Li Wei, site: chengdu, password: secret1, skills: {parcels: 5}}`})
	phone := w.Softphone("agent")
	phone.Login("8001", "secret1", ";audio_codecs=pcma")
	w.AgentIs("8001", "ready")
	voice := w.Sound("caller", pcmu, 96)
	caller := w.Gateway().Call("13800001", "4008001234", voice.SDP("sendrecv"))
	caller.sound = voice
	caller.Answered()
	voice.Hears("agent")
	time.Sleep(1500 * time.Millisecond)
	require.Equal(t, uint8(pcmu), voice.types()[0])
	caller.Hangup()
	phone.Saw("CALL_CLOSED", 1)
	tape := w.Recording(w.CDR().Recording)
	w.Holds(tape.Caller, "caller", 0.5, tape.Length()-0.2)
	w.Holds(tape.Agent, "agent", 0.8, tape.Length()-0.2)
	heard := phone.Heard()
	w.Holds(heard, "caller", 0.5, float64(len(heard))/8000-0.5)
}
