package sip

import (
	"math/rand/v2"
	"net"
	"sync"
	"time"
)

// memnet is a network in memory that loses, doubles and delays datagrams by a
// seed, and so brings them out of order.
type memnet struct {
	mu    sync.Mutex
	rng   *rand.Rand
	nodes map[string]*memconn
	// Chances in percent, and the longest delay.
	loss, dup int
	delay     time.Duration
}

func newMemnet(seed uint64) *memnet {
	return &memnet{rng: rand.New(rand.NewPCG(seed, 1)), nodes: map[string]*memconn{}}
}

type datagram struct {
	b    []byte
	from net.Addr
}

type memconn struct {
	net  *memnet
	addr *net.UDPAddr
	in   chan datagram
	done chan struct{}
	once sync.Once
}

func (m *memnet) node(addr string) *memconn {
	a, err := net.ResolveUDPAddr("udp", addr)
	if err != nil {
		panic(err)
	}
	c := &memconn{net: m, addr: a, in: make(chan datagram, 4096), done: make(chan struct{})}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.nodes[a.String()] = c
	return c
}

func (c *memconn) WriteTo(b []byte, to net.Addr) (int, error) {
	m := c.net
	m.mu.Lock()
	defer m.mu.Unlock()
	peer := m.nodes[to.String()]
	if peer == nil {
		return len(b), nil
	}
	copies := 1
	if m.rng.IntN(100) < m.loss {
		copies = 0
	} else if m.rng.IntN(100) < m.dup {
		copies = 2
	}
	for range copies {
		d := datagram{append([]byte(nil), b...), c.addr}
		put := func() {
			select {
			case peer.in <- d:
			default:
			}
		}
		if m.delay == 0 {
			put()
		} else {
			time.AfterFunc(time.Duration(m.rng.Int64N(int64(m.delay))), put)
		}
	}
	return len(b), nil
}

func (c *memconn) ReadFrom(b []byte) (int, net.Addr, error) {
	select {
	case d := <-c.in:
		return copy(b, d.b), d.from, nil
	case <-c.done:
		return 0, nil, net.ErrClosed
	}
}

func (c *memconn) Close() error {
	c.once.Do(func() { close(c.done) })
	return nil
}

func (c *memconn) LocalAddr() net.Addr              { return c.addr }
func (c *memconn) SetDeadline(time.Time) error      { return nil }
func (c *memconn) SetReadDeadline(time.Time) error  { return nil }
func (c *memconn) SetWriteDeadline(time.Time) error { return nil }

func packets(c *memconn) []net.PacketConn { return []net.PacketConn{c} }
