package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"switchroom/acd"
	"switchroom/acd/journal"
)

// subject is the switch that is killed.
type subject struct {
	dir, file, binary string
	sip               int
	http, phones      string
	cmd               *exec.Cmd
	done              chan error
}

const agents = 8 // fewer than calls, so that some wait

func newSubject(o options) (*subject, error) {
	s := &subject{dir: o.dir, binary: o.binary, file: filepath.Join(o.dir, "switchroom.yaml")}
	ports, err := free(3)
	if err != nil {
		return nil, err
	}
	s.sip = ports[0]
	s.http, s.phones = fmt.Sprintf("127.0.0.1:%d", ports[1]), fmt.Sprintf("127.0.0.1:%d", ports[2])
	var who strings.Builder
	for i := range agents {
		fmt.Fprintf(&who, "  - {id: \"%d\", name: Agent %d, site: here, contact: \"sip:%d@%s\", skills: {all: 5}}\n", 8001+i, i, 8001+i, s.phones)
	}
	text := fmt.Sprintf(`sip: {listen: ["udp:127.0.0.1:%d"], t1: 100ms}
media: {listen: 127.0.0.1, ports: 20000-24999}
http: {listen: "%s", tokens: [{token: kills, role: admin}]}
data: %s
clients: [{id: client, name: Client}]
sites: [{id: here, name: Here}]
trunks: [{id: carrier, peers: [127.0.0.1], channels: 1000}]
numbers: [{number: "100", client: client, queue: q}]
queues:
  - {id: q, client: client, rings: [{after: 0s, sites: [here], skills: {all: 1}}], wrap_up: 0s, ring_timeout: 30s, max_wait: 30m, record: always}
agents:
%s`, s.sip, s.http, filepath.Join(s.dir, "data"), who.String())
	return s, os.WriteFile(s.file, []byte(text), 0o600)
}

// free gives ports that nobody uses now, below those that the kernel gives to
// connections: one of ours must not take the switch's place while it is down.
func free(n int) ([]int, error) {
	var ports []int
	for port := 15000; port < 16000 && len(ports) < n; port++ {
		at := fmt.Sprintf("127.0.0.1:%d", port)
		u, err := net.ListenPacket("udp", at)
		if err != nil {
			continue
		}
		u.Close()
		t, err := net.Listen("tcp", at)
		if err != nil {
			continue
		}
		t.Close()
		ports = append(ports, port)
	}
	if len(ports) < n {
		return nil, errors.New("no free ports between 15000 and 16000")
	}
	return ports, nil
}

func (s *subject) journal() string { return filepath.Join(s.dir, "data", "journal") }

// fill writes a journal of finished calls.
func fill(dir string, n int) error {
	j, err := journal.Open(journal.Config{Dir: dir})
	if err != nil {
		return err
	}
	began := time.Now().Add(-time.Duration(n) * time.Second)
	for i := range n {
		at := began.Add(time.Duration(i) * time.Second)
		id := fmt.Sprintf("01900000-0000-7000-8000-%012d", i)
		seq := j.Append(acd.Event{Time: at, Kind: acd.CallRecord, Boot: "before", Call: id, CDR: &acd.CDR{ID: id, Client: "client", Queue: "q", From: "1", Number: "100",
			Trunk: "carrier", Agent: "8001", Site: "here", Started: at, Ended: at.Add(time.Minute), Talked: 50, Duration: 60, Cause: "caller-hangup", Side: "caller", Segments: []acd.Segment{}}})
		if i%5000 == 0 {
			if err := j.Commit(context.Background(), seq); err != nil {
				return err
			}
		}
	}
	return j.Close()
}

// start runs the switch and waits until it takes calls.
func (s *subject) start(ctx context.Context, within time.Duration) (time.Duration, error) {
	log, err := os.OpenFile(filepath.Join(s.dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return 0, err
	}
	defer log.Close()
	s.cmd = exec.Command(s.binary, "serve", "-c", s.file, "--log-format", "json")
	s.cmd.Stderr = log
	began := time.Now()
	if err := s.cmd.Start(); err != nil {
		return 0, err
	}
	s.done = make(chan error, 1)
	go func(cmd *exec.Cmd, done chan error) { done <- cmd.Wait() }(s.cmd, s.done)
	for time.Since(began) < within && ctx.Err() == nil {
		if res, err := http.Get("http://" + s.http + "/readyz"); err == nil {
			res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return time.Since(began), nil
			}
		}
		time.Sleep(5 * time.Millisecond)
	}
	return 0, fmt.Errorf("not ready within %v", within)
}

func (s *subject) kill() {
	if s.cmd == nil {
		return
	}
	_ = s.cmd.Process.Kill()
	<-s.done
	s.cmd = nil
}

func (s *subject) get(path string, out any) error {
	req, err := http.NewRequest(http.MethodGet, "http://"+s.http+path, nil)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer kills")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", path, res.Status)
	}
	return json.NewDecoder(res.Body).Decode(out)
}

// verify checks every recording there is against its hashes.
func (s *subject) verify() error {
	out, err := exec.Command(s.binary, "recordings", "verify", "-c", s.file).CombinedOutput()
	fmt.Print(string(out))
	if err != nil {
		return fmt.Errorf("recordings verify: %w", err)
	}
	return nil
}
