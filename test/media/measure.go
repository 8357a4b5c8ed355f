//go:build linux

package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/netip"
	"os"
	"os/exec"
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

// measurement is a mode's result.
type measurement struct {
	result
	cpu    time.Duration // user and system time of this process while it ran
	wall   time.Duration
	allocs uint64 // objects, in the same time
	lost   losses
	// attacked is what was done to it, foreign what the engine saw of that.
	attacked damage
	foreign  uint64
}

// outcome says what an attack came to.
func (m measurement) outcome() string {
	return fmt.Sprintf("attacked: %d packets, %d of them over all ports; %d counted as foreign; %d heard or recorded, %d answered",
		m.attacked.Sent, m.attacked.Swept, m.foreign, m.Injected, m.attacked.Heard)
}

// line formats m for run's table.
func (m measurement) line(mode string, o options) string {
	lost := 0.0
	if m.Sent > 0 {
		lost = 100 * float64(m.Sent-m.Received) / float64(m.Sent)
	}
	ms := func(d time.Duration) float64 { return float64(d) / 1e6 }
	share := 100 * m.cpu.Seconds() / m.wall.Seconds() / float64(o.calls)
	return fmt.Sprintf("%-8s %10d %10d %8.4f %8.2f %8.2f %8.2f %9.4f %9.2f %7d", mode, m.Sent, m.Received, lost,
		ms(m.P50), ms(m.P99), ms(m.P999), share, float64(m.cpu.Microseconds())/float64(max(m.Received, 1)), m.allocs)
}

// subject is what carries the packets.
type subject interface {
	// place sets up the calls between parties at the given addresses and
	// returns the task for the generator.
	place(parties []netip.AddrPort, o options) (task, error)
	// change is a session refresh of all calls; foreign counts strangers'
	// packets.
	change()
	foreign() uint64
	// stop ends it and tells what it lost.
	stop() (losses, error)
}

func (o options) subject(mode string) (subject, error) {
	switch mode {
	case "floor":
		return newFloorSubject()
	case "relay", "tap", "record", "music":
		return newEngineSubject(mode, o)
	}
	return nil, fmt.Errorf("no such mode")
}

// measure runs one mode against a new generator.
func (o options) measure(mode string) (m measurement, err error) {
	g, err := startGenerator()
	if err != nil {
		return m, err
	}
	defer g.end()
	var h hello
	if err := g.answers.Decode(&h); err != nil {
		return m, fmt.Errorf("generator: %w", err)
	}
	s, err := o.subject(mode)
	if err != nil {
		return m, err
	}
	defer func() {
		lost, stopped := s.stop()
		if err == nil {
			err = stopped
		}
		m.lost = lost
		m.lost.unsent, m.lost.overrun = m.Unsent, m.Overrun
	}()
	parties := make([]netip.AddrPort, 2*o.calls)
	for i := range parties {
		parties[i] = h.Sockets[i/2%len(h.Sockets)]
	}
	t, err := s.place(parties, o)
	if err != nil {
		return m, err
	}
	t.Length = o.length
	attacked, err := o.onslaught(t.Legs)
	if err != nil {
		return m, err
	}
	if o.attack > 0 {
		time.Sleep(time.Second) // strangers come first
	}
	if err := json.NewEncoder(g.in).Encode(t); err != nil {
		return m, err
	}
	// The first second settles the sources and is not measured.
	time.Sleep(time.Second)
	if o.attack > 0 {
		half := time.AfterFunc(o.length/2, s.change)
		defer half.Stop()
	}
	m.measureFor(o.length - time.Second + 100*time.Millisecond)
	if err := g.answers.Decode(&m.result); err != nil {
		return m, fmt.Errorf("generator: %w", err)
	}
	if m.attacked, err = attacked(); err != nil {
		return m, fmt.Errorf("attacker: %w", err)
	}
	m.foreign = s.foreign()
	// What was received counts all of the run, what it cost does not.
	m.cpu = time.Duration(float64(m.cpu) * o.length.Seconds() / m.wall.Seconds())
	m.wall = o.length
	return m, nil
}

func (m *measurement) measureFor(d time.Duration) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	cpu, start := cpuTime(), time.Now()
	time.Sleep(d)
	m.cpu, m.wall = cpuTime()-cpu, time.Since(start)
	runtime.ReadMemStats(&after)
	m.allocs = after.Mallocs - before.Mallocs
}

// cpuTime is this process' user and system time.
func cpuTime() time.Duration {
	var u unix.Rusage
	unix.Getrusage(unix.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// process is the generator's, seen from here.
type process struct {
	cmd     *exec.Cmd
	in      io.WriteCloser
	answers *json.Decoder
}

func startGenerator() (*process, error) { return startProcess("-generator") }

// startProcess runs this program in another role.
func startProcess(role string) (*process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(self, role)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	return &process{cmd: cmd, in: in, answers: json.NewDecoder(out)}, cmd.Start()
}

// end waits for the generator, which ends by itself once its input is closed
// or its time is over.
func (p *process) end() {
	p.in.Close()
	p.cmd.Wait()
}

// floorSubject lets the plain relay carry the calls.
type floorSubject struct{ f *floor }

func newFloorSubject() (*floorSubject, error) {
	f, err := newFloor()
	return &floorSubject{f}, err
}

func (s *floorSubject) place(parties []netip.AddrPort, o options) (t task, err error) {
	for i, a := range parties {
		s.f.to = append(s.f.to, rawAddr(a))
		t.Legs = append(t.Legs, s.f.addr[i/2%len(s.f.addr)])
		t.Types = append(t.Types, 0)
	}
	go s.f.run()
	return t, nil
}

func (s *floorSubject) change()         {}
func (s *floorSubject) foreign() uint64 { return 0 }

func (s *floorSubject) stop() (l losses, err error) {
	for _, fd := range s.f.fds {
		drops, err := socketDrops(portOf(fd), portOf(fd))
		if err != nil {
			return l, err
		}
		l.engine += drops
	}
	s.f.stop()
	return l, nil
}
