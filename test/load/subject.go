package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// subject is the switch that is measured.
type subject struct {
	dir  string
	sip  int
	http string
	cmd  *exec.Cmd
}

// plan is what the subject is configured with.
type plan struct {
	agents int
	phones string // host:port of all phones
	record string
	wrapUp string
	skill  string // what the calls ask for; agents have "all"
	answer string
}

func startSubject(ctx context.Context, o options, p plan) (*subject, error) {
	dir, err := os.MkdirTemp("", "switchroom-load-")
	if err != nil {
		return nil, err
	}
	s := &subject{dir: dir, sip: freeUDP()}
	httpPort := freeUDP()
	s.http = fmt.Sprintf("http://127.0.0.1:%d", httpPort)
	binary := o.binary
	if binary == "" {
		binary = filepath.Join(dir, "switchroom")
		build := exec.CommandContext(ctx, "go", "build", "-o", binary, "switchroom/cmd/switchroom")
		build.Stderr = os.Stderr
		if err := build.Run(); err != nil {
			return nil, fmt.Errorf("building the switch: %w", err)
		}
	}
	file := filepath.Join(dir, "switchroom.yaml")
	if err := os.WriteFile(file, []byte(s.config(p, httpPort)), 0o600); err != nil {
		return nil, err
	}
	s.cmd = exec.Command(binary, "serve", "-c", file, "--log-level", "warn")
	s.cmd.Stderr = os.Stderr
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	for range 200 {
		if res, err := http.Get(s.http + "/readyz"); err == nil {
			res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return s, nil
			}
		}
		time.Sleep(50 * time.Millisecond)
	}
	s.stop()
	return nil, fmt.Errorf("the switch was not ready within 10 s")
}

func (s *subject) config(p plan, httpPort int) string {
	var agents strings.Builder
	for i := range p.agents {
		fmt.Fprintf(&agents, "  - {id: \"%d\", name: Agent %d, site: here, contact: \"sip:%d@%s\", skills: {all: 5}}\n", 10000+i, i, 10000+i, p.phones)
	}
	return fmt.Sprintf(`sip: {listen: ["udp:127.0.0.1:%d"]}
media: {listen: 127.0.0.1, ports: 16384-25999}
http: {listen: "127.0.0.1:%d", tokens: [{token: load, role: admin}]}
data: %s
clients: [{id: client, name: Client}]
sites: [{id: here, name: Here}]
trunks: [{id: carrier, peers: [127.0.0.1], channels: 10000}]
numbers: [{number: "100", client: client, queue: q}]
queues:
  - id: q
    client: client
    rings: [{after: 0s, sites: [here], skills: {%s: 1}}]
    wrap_up: %s
    ring_timeout: 30s
    max_wait: 30m
    max_waiting: 10000
    answer: %s
    record: %s
agents:
%s  - {id: "99999", name: Nobody, site: here, contact: "sip:99999@127.0.0.1:9", skills: {rare: 5}, ready_on_register: false}
`, s.sip, httpPort, filepath.Join(s.dir, "data"), p.skill, p.wrapUp, p.answer, p.record, agents.String())
}

func (s *subject) stop() {
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	done := make(chan error, 1)
	go func() { done <- s.cmd.Wait() }()
	select {
	case <-done:
	case <-time.After(15 * time.Second):
		_ = s.cmd.Process.Kill()
		<-done
	}
	os.RemoveAll(s.dir)
}

func freeUDP() int {
	c, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return 0
	}
	defer c.Close()
	return c.LocalAddr().(*net.UDPAddr).Port
}
