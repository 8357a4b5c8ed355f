package e2e

import (
	"fmt"
	"net"
	"os"
	"sync"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// A world's block of ports, counted from its first one.
const (
	sipPort     = 0  // the switch, UDP and TCP
	httpPort    = 1  // the API
	phonePort   = 10 // fixed contacts: 8001 at 11, 8002 at 12 ...
	freePort    = 30 // given out one by one to whoever needs one
	rtpPort     = 200
	blockSize   = 400
	blocksFrom  = 17000
	blocksUntil = 31000 // below the range that the kernel gives out by itself
)

// blocks gives each running world ports of its own. The first block differs
// from run to run, so that two runs at once seldom meet.
var blocks = struct {
	sync.Mutex
	next int
	used map[int]bool
}{next: os.Getpid() % ((blocksUntil - blocksFrom) / blockSize), used: map[int]bool{}}

// takeBlock finds a block that nobody uses and gives it back when the test has
// ended.
func takeBlock(t *testing.T) int {
	t.Helper()
	blocks.Lock()
	defer blocks.Unlock()
	const count = (blocksUntil - blocksFrom) / blockSize
	var why error
	for range count {
		base := blocksFrom + blocks.next%count*blockSize
		blocks.next++
		if blocks.used[base] {
			continue
		}
		if why = blockFree(base); why != nil {
			continue
		}
		blocks.used[base] = true
		t.Cleanup(func() {
			blocks.Lock()
			defer blocks.Unlock()
			delete(blocks.used, base)
		})
		return base
	}
	t.Fatalf("no free block of ports between %d and %d: %v", blocksFrom, blocksUntil, why)
	return 0
}

// blockFree looks at the ports that have to be the ones they are; the others
// are looked at when they are given out.
func blockFree(base int) error {
	for port := base; port < base+freePort; port++ {
		if err := bindable(port); err != nil {
			return err
		}
	}
	return nil
}

// bindable keeps other tests from starting a program meanwhile: a child holds
// what its parent had open, and so the port, until it becomes that program.
func bindable(port int) error {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	c, err := net.ListenPacket("udp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		return err
	}
	c.Close()
	l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		return err
	}
	return l.Close()
}

// FreePort gives an even port with an odd one above it, both free.
func (w *World) FreePort() int {
	w.t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	for w.nextFree < w.base+rtpPort {
		port := w.nextFree
		w.nextFree += 2
		if bindable(port) == nil && bindable(port+1) == nil {
			return port
		}
	}
	w.t.Fatal("the world's ports are used up")
	return 0
}

// freePair opens the two ports of a stream.
func (w *World) freePair() (rtp, rtcp *net.UDPConn) {
	w.t.Helper()
	port := w.FreePort()
	open := func(port int) *net.UDPConn {
		conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: port})
		require.NoError(w.t, err)
		return conn
	}
	return open(port), open(port + 1)
}
