//go:build linux

package main

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net/netip"
	"runtime"
	"slices"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
	"golang.org/x/sys/unix"
)

// generatorSockets is how many sockets the generator has for all its legs.
const generatorSockets = 16

// The generator tells its addresses, is told its task, and tells its result:
// three lines of JSON.
type (
	hello struct{ Sockets []netip.AddrPort }
	task  struct {
		// Legs are where each leg's packets go; leg i and i^1 are one call,
		// and leg i uses socket i/2 modulo the number of sockets.
		Legs   []netip.AddrPort
		Types  []uint8 // payload type of each leg
		Silent bool    // only listen
		Opaque bool    // the payload doesn't come back as sent: only count
		Length time.Duration
	}
	result struct {
		Sent, Received, Reordered, Duplicate int64
		Unsent, Overrun                      int64 // see losses
		Injected                             int64 // packets that no party sent
		P50, P99, P999, Max                  time.Duration
	}
)

// The RTP payload begins with what identifies a packet; the rest is sound.
const (
	rtpHead    = 12
	legOff     = rtpHead
	counterOff = rtpHead + 4
	timeOff    = rtpHead + 8
	packetLen  = rtpHead + 160
	interval   = 20 * time.Millisecond
)

// After the last packet was sent the generator waits for what is on its way.
const (
	tailMin = 200 * time.Millisecond
	tailMax = 3 * time.Second
)

type generator struct {
	fds   []int
	task  task
	to    []unix.RawSockaddrInet4
	phase []time.Duration // when in the interval a leg sends
	order []int           // legs by phase
	sent  []uint32
	seen  []uint32 // counter expected next, by sending leg
	out   []*batch // of each socket
	due   []int    // datagrams in it
	in    *batch
	delay *hdrhistogram.Histogram
	res   result
}

// generate is the generator's process.
func generate(in io.Reader, out io.Writer) error {
	hurry()
	g := &generator{in: newBatch(), delay: hdrhistogram.New(1, int64(10*time.Second), 3)}
	var h hello
	for range generatorSockets {
		fd, addr, err := openSocket()
		if err != nil {
			return err
		}
		if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1); err != nil {
			return err
		}
		g.fds, g.out, g.due = append(g.fds, fd), append(g.out, newBatch()), append(g.due, 0)
		h.Sockets = append(h.Sockets, addr)
	}
	if err := json.NewEncoder(out).Encode(h); err != nil {
		return err
	}
	if err := json.NewDecoder(in).Decode(&g.task); err != nil {
		return fmt.Errorf("task: %w", err)
	}
	g.prepare()
	g.run()
	return json.NewEncoder(out).Encode(g.res)
}

// hurry gives the calling goroutine a thread of its own with the priority that
// the engine's loops have, where the system allows it: what is measured is the
// relay, not who else is on the machine.
func hurry() {
	runtime.LockOSThread()
	_ = unix.Setpriority(unix.PRIO_PROCESS, unix.Gettid(), -10)
}

// prepare spreads the legs over the interval.
func (g *generator) prepare() {
	n := len(g.task.Legs)
	g.sent, g.seen = make([]uint32, n), make([]uint32, n)
	for i, a := range g.task.Legs {
		g.to = append(g.to, rawAddr(a))
		// Multiplicative hashing spreads neighbours evenly.
		g.phase = append(g.phase, time.Duration(uint64(uint32(i)*2654435761)*uint64(interval)>>32))
		g.order = append(g.order, i)
	}
	slices.SortFunc(g.order, func(a, b int) int { return int(g.phase[a] - g.phase[b]) })
}

func (g *generator) run() {
	start := time.Now()
	var cycle time.Duration
	next := 0
	for {
		passed := time.Since(start)
		if passed > g.task.Length+tailMin && (g.res.Received >= g.res.Sent || passed > g.task.Length+tailMax) {
			break
		}
		if passed <= g.task.Length && !g.task.Silent {
			next, cycle = g.sendDue(passed, next, cycle)
		}
		for _, fd := range g.fds {
			g.drain(fd)
		}
		time.Sleep(500 * time.Microsecond)
	}
	for _, fd := range g.fds {
		if drops, err := socketDrops(portOf(fd), portOf(fd)); err == nil {
			g.res.Overrun += int64(drops)
		}
	}
	g.res.P50 = time.Duration(g.delay.ValueAtQuantile(50))
	g.res.P99 = time.Duration(g.delay.ValueAtQuantile(99))
	g.res.P999 = time.Duration(g.delay.ValueAtQuantile(99.9))
	g.res.Max = time.Duration(g.delay.Max())
}

// sendDue sends what is due by passed, with one call for what a socket has:
// neighbours in time are of different sockets, and a call for each packet would
// take from the machine what the relay is to be measured with.
func (g *generator) sendDue(passed time.Duration, next int, cycle time.Duration) (int, time.Duration) {
	for cycle+g.phase[g.order[next]] <= passed {
		leg := g.order[next]
		s := leg / 2 % len(g.fds)
		if g.due[s] == batchLen {
			g.flush(s)
		}
		n := g.due[s]
		g.fill(g.out[s].buf[n][:packetLen], leg)
		g.out[s].aim(n, packetLen, &g.to[leg])
		g.due[s]++
		if next++; next == len(g.order) {
			next, cycle = 0, cycle+interval
		}
	}
	for s := range g.fds {
		g.flush(s)
	}
	return next, cycle
}

// flush sends what socket s has.
func (g *generator) flush(s int) {
	n := g.due[s]
	if n == 0 {
		return
	}
	taken := g.out[s].send(g.fds[s], n)
	g.res.Sent += int64(taken)
	g.takeBack(g.out[s], taken, n)
	g.due[s] = 0
}

// takeBack gives the numbers of packets that the kernel did not take to the next
// ones.
func (g *generator) takeBack(b *batch, taken, n int) {
	for i := taken; i < n; i++ {
		g.sent[binary.BigEndian.Uint32(b.buf[i][legOff:])]--
		g.res.Unsent++
	}
}

func (g *generator) fill(b []byte, leg int) {
	counter := g.sent[leg]
	g.sent[leg]++
	b[0], b[1] = 0x80, g.task.Types[leg]
	binary.BigEndian.PutUint16(b[2:], uint16(counter))
	binary.BigEndian.PutUint32(b[4:], counter*160)
	binary.BigEndian.PutUint32(b[8:], 0x10000+uint32(leg))
	binary.BigEndian.PutUint32(b[legOff:], uint32(leg))
	binary.BigEndian.PutUint32(b[counterOff:], counter)
	binary.BigEndian.PutUint64(b[timeOff:], uint64(time.Now().UnixNano()))
}

// drain reads one socket empty.
func (g *generator) drain(fd int) {
	for {
		n := g.in.receive(fd, true)
		for i := range n {
			g.note(g.in.buf[i][:g.in.msg[i].n], g.in.stamp(i))
		}
		if n < batchLen {
			return
		}
	}
}

func (g *generator) note(b []byte, at int64) {
	if len(b) >= legOff+4 && binary.BigEndian.Uint32(b[legOff:]) == mark || len(b) > 1 && b[1]&0x7f == 101 {
		g.res.Injected++
		return
	}
	if len(b) != packetLen {
		return
	}
	if g.task.Silent || g.task.Opaque {
		g.res.Received++
		return
	}
	leg := binary.BigEndian.Uint32(b[legOff:])
	if int(leg) >= len(g.seen) {
		return // a moment of silence of the relay's own
	}
	counter := binary.BigEndian.Uint32(b[counterOff:])
	switch {
	case counter+1 == g.seen[leg]:
		g.res.Duplicate++
		return
	case counter < g.seen[leg]:
		g.res.Reordered++
	default:
		g.seen[leg] = counter + 1
	}
	g.res.Received++
	g.delay.RecordValue(max(at-int64(binary.BigEndian.Uint64(b[timeOff:])), 1))
}
