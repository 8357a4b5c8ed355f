//go:build linux

package main

import (
	"encoding/binary"
	"net/netip"
	"time"

	"golang.org/x/sys/unix"
)

// floorSockets is how many sockets the plain relay has for all calls.
const floorSockets = 16

// floor is the least a relay in user space can cost here: few shared sockets,
// a tick of 5 ms, and batches; no ports of a call's own, no learning, no
// continuity. It knows the leg from the payload.
type floor struct {
	fds  []int
	addr []netip.AddrPort
	to   []unix.RawSockaddrInet4 // by leg: where its party is
	done chan struct{}
	end  chan struct{}
}

func newFloor() (*floor, error) {
	f := &floor{done: make(chan struct{}), end: make(chan struct{})}
	for range floorSockets {
		fd, addr, err := openSocket()
		if err != nil {
			return nil, err
		}
		f.fds, f.addr = append(f.fds, fd), append(f.addr, addr)
	}
	return f, nil
}

func (f *floor) run() {
	defer close(f.done)
	hurry()
	b := newBatch()
	next := time.Now()
	for {
		select {
		case <-f.end:
			return
		default:
		}
		for _, fd := range f.fds {
			for n := batchLen; n == batchLen; {
				n = b.receive(fd, false)
				for i := range n {
					leg := binary.BigEndian.Uint32(b.buf[i][legOff:])
					b.aim(i, int(b.msg[i].n), &f.to[leg^1])
				}
				b.send(fd, n)
			}
		}
		next = next.Add(5 * time.Millisecond)
		time.Sleep(time.Until(next))
	}
}

func (f *floor) stop() {
	close(f.end)
	<-f.done
	for _, fd := range f.fds {
		unix.Close(fd)
	}
}
