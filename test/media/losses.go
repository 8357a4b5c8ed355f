//go:build linux

package main

import (
	"bufio"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"switchroom/media"
	"switchroom/recording"
)

// losses says where packets were lost between the generator and the disk, in
// their order on the way. Those that the generator's kernel did not take were
// never on it: their numbers are not used up, so nobody misses them.
type losses struct {
	unsent  int64  // not taken by the generator's kernel
	engine  uint64 // by the kernel before the engine read them: it came too late
	dropped uint64 // by the engine: too late or too old for their stream
	refused uint64 // not taken by the engine's kernel
	overrun int64  // by the kernel before the generator read them: it came too late
	ring    uint64 // by the recorder's rings: its writer came too late
	late    uint64 // by the writer: their place was settled
	jumps   uint64 // streams placed anew, after a stall that looked like a jump
}

// String is one line, or "" if nothing was lost.
func (l losses) String() string {
	var parts []string
	add := func(n uint64, where string) {
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, where))
		}
	}
	add(uint64(l.unsent), "not sent by the generator")
	add(l.engine, "in the engine's sockets")
	add(l.dropped, "dropped by the engine")
	add(l.refused, "not sent by the engine")
	add(uint64(l.overrun), "in the generator's sockets")
	add(l.ring, "in the recorder's rings")
	add(l.late, "too late for the writer")
	add(l.jumps, "streams placed anew")
	return strings.Join(parts, ", ")
}

// ofEngine adds what the engine and its sockets lost.
func (l *losses) ofEngine(e *media.Engine) error {
	s := e.Stats()
	l.dropped, l.refused = s.Dropped, s.SendErrors
	var err error
	l.engine, err = socketDrops(media.DefaultPortMin, media.DefaultPortMax)
	return err
}

// ofRecording adds what one recording's particulars tell.
func (l *losses) ofRecording(m *recording.Meta) {
	for _, side := range m.Sides {
		l.ring += side.Dropped
		l.late += side.Late
		l.jumps += side.Jumps
	}
}

// socketDrops sums up what the kernel dropped at open UDP sockets on ports from
// min to max, in this network namespace, for want of room.
func socketDrops(min, max uint64) (sum uint64, err error) {
	f, err := os.Open("/proc/self/net/udp")
	if err != nil {
		return 0, err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		if len(fields) < 13 {
			continue
		}
		_, hex, _ := strings.Cut(fields[1], ":")
		port, err := strconv.ParseUint(hex, 16, 16)
		if err != nil || port < min || port > max {
			continue
		}
		drops, err := strconv.ParseUint(fields[len(fields)-1], 10, 64)
		if err != nil {
			return sum, fmt.Errorf("/proc/self/net/udp: %w", err)
		}
		sum += drops
	}
	return sum, lines.Err()
}

// portOf is the port that a socket is bound to.
func portOf(fd int) uint64 {
	sa, err := unix.Getsockname(fd)
	if in, ok := sa.(*unix.SockaddrInet4); err == nil && ok {
		return uint64(in.Port)
	}
	return 0
}
