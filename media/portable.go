package media

import (
	"errors"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

// portable serves a loop with package net alone: a goroutine a socket, one for
// commands and deadlines, and a lock that makes them one at a time. It is for
// systems without epoll, and costs about twice as much a packet.
type portable struct {
	mu      sync.Mutex // held while the loop is called
	loop    *loop
	woken   chan struct{}
	readers sync.WaitGroup
}

func newPortable(bool) (driver, error) {
	return &portable{woken: make(chan struct{}, 1)}, nil
}

func (d *portable) wake() {
	select {
	case d.woken <- struct{}{}:
	default:
	}
}

func (d *portable) run(l *loop) {
	d.mu.Lock()
	d.loop = l
	d.mu.Unlock()
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for stopped := false; !stopped; {
		select {
		case <-d.woken:
		case <-timer.C:
		}
		d.mu.Lock()
		l.commands(Now())
		deadline := l.tick(Now())
		stopped = l.stopped
		d.mu.Unlock()
		wait := time.Hour
		if deadline != 0 {
			wait = time.Duration(deadline - Now())
		}
		timer.Reset(wait)
	}
	d.mu.Lock()
	l.commands(Now())
	d.mu.Unlock()
	d.readers.Wait()
}

func (d *portable) listen(addr netip.AddrPort) (socket, error) {
	conn, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(addr))
	if err != nil {
		return nil, err
	}
	s := &netSocket{conn: conn}
	s.d.Store(d)
	return s, nil
}

// netSocket is one UDP port.
type netSocket struct {
	d    atomic.Pointer[portable] // whose loop serves it, changed under its lock; nil: on its way to another
	conn *net.UDPConn
	to   netip.AddrPort
}

func (s *netSocket) watch(leg *Leg, control bool) error {
	s.d.Load().readers.Go(func() { s.read(leg, control) })
	return nil
}

// The reader stays the same: it asks for each packet whose loop is to have it.
func (s *netSocket) leave() { s.d.Store(nil) }

func (s *netSocket) join(d driver) error {
	s.d.Store(d.(*portable))
	return nil
}

// read gives the port's packets to the loop until the socket is closed.
func (s *netSocket) read(leg *Leg, control bool) {
	// One octet more than a packet may have tells a giant.
	buf := make([]byte, bytesMax+1)
	for {
		n, src, err := s.conn.ReadFromUDPAddrPort(buf)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			continue
		}
		if n > bytesMax {
			n = 0 // no RTP packet is that long
		}
		if d := s.d.Load(); d != nil {
			d.mu.Lock()
			if s.d.Load() == d { // else it went elsewhere meanwhile
				now := Now()
				d.loop.receive(leg, control, unmapped(src), buf[:n], now, now)
			}
			d.mu.Unlock()
		}
	}
}

func (s *netSocket) aim(to netip.AddrPort) { s.to = to }

func (s *netSocket) pin() {}

func (s *netSocket) send(b []byte) bool {
	if !s.to.IsValid() {
		return false
	}
	_, err := s.conn.WriteToUDPAddrPort(b, s.to)
	return err == nil
}

func (s *netSocket) close() { s.conn.Close() }
