package sip

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"go.uber.org/zap"

	"switchroom/sip/wire"
)

const (
	// streamQueue bounds what waits for a peer that reads slowly.
	streamQueue = 512
	// streamsMax bounds all connections, streamsPerSource those of one address
	// that is no trunk's.
	streamsMax       = 4096
	streamsPerSource = 1024

	writeTimeout   = 10 * time.Second
	connectTimeout = 4 * time.Second
	// partialTimeout is how long the rest of a message may take.
	partialTimeout = 10 * time.Second
	// strangerTimeout is how long a connection may stay that nobody admitted
	// speaks on.
	strangerTimeout = 10 * time.Second
)

// streamKey tells connections apart. One of ours by TLS is used again only for
// the name that its peer has proved (RFC 5923).
type streamKey struct {
	remote netip.AddrPort
	secure bool
	web    bool   // a WebSocket
	name   string // proved by the peer's certificate; "" on those accepted and without TLS
}

// listener accepts connections of one transport.
type listener struct {
	net.Listener
	secure bool
	web    bool
}

// stream is one TCP connection, with TLS or without, accepted or opened by us.
// Messages are queued and written by a goroutine of its own, so that no reader
// waits for a writer.
type stream struct {
	ua *UA
	streamKey
	ours  bool          // we opened it
	heard atomic.Uint64 // how often something was read
	out   chan []byte
	done  chan struct{} // closed when nothing more can be sent

	mu    sync.Mutex
	conn  net.Conn // nil while it is being opened
	local netip.AddrPort
	over  bool
}

func (s *stream) send(message []byte) error { return s.enqueue(s.framed(message)) }

// enqueue has bytes written as they are.
func (s *stream) enqueue(message []byte) error {
	select {
	case <-s.done:
		return fmt.Errorf("send to %s: connection closed: %w", s.remote, ErrUnreachable)
	default:
	}
	select {
	case s.out <- message:
		return nil
	default:
		s.ua.count(streamOverflow)
		s.close()
		return fmt.Errorf("send to %s: peer does not read: %w", s.remote, ErrUnreachable)
	}
}

// address is our end of the connection, once there is one.
func (s *stream) address() netip.AddrPort {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.local
}

func (s *stream) dead() bool {
	select {
	case <-s.done:
		return true
	default:
		return false
	}
}

// close ends the connection; its goroutines see to the rest.
func (s *stream) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over {
		return
	}
	s.over = true
	close(s.done)
	if s.conn != nil {
		_ = s.conn.Close()
	}
}

// attach gives a stream its connection; false when it was closed meanwhile.
func (s *stream) attach(conn net.Conn) bool {
	local, _ := addrPort(conn.LocalAddr())
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over {
		_ = conn.Close()
		return false
	}
	s.conn, s.local = conn, local
	return true
}

// listen accepts until the listener is closed. No error ends it.
func (ua *UA) listen(l listener) {
	for {
		conn, err := l.Accept()
		if err != nil {
			if ua.life.Err() != nil {
				return
			}
			ua.count(acceptError)
			select {
			case <-ua.life.Done():
				return
			case <-time.After(5 * time.Millisecond): // out of descriptors: don't spin
			}
			continue
		}
		remote, err := addrPort(conn.RemoteAddr())
		if err == nil && within(ua.plan.Load().admission.Deny, remote.Addr()) {
			ua.count(droppedDenied)
			_ = conn.Close()
			continue
		}
		if err != nil || !ua.roomForStream(remote.Addr()) {
			ua.count(streamRefused)
			_ = conn.Close()
			continue
		}
		s := ua.newStream(streamKey{remote: remote, secure: l.secure, web: l.web})
		if s.attach(conn) {
			ua.start(func() { ua.serveStream(s, conn) })
		}
	}
}

// serveStream runs a connection that was accepted.
func (ua *UA) serveStream(s *stream, conn net.Conn) {
	if s.secure {
		var err error
		if conn, err = ua.acceptSecure(conn); err != nil {
			ua.dropStream(s)
			return
		}
	}
	if s.web {
		if err := ua.upgrade(conn); err != nil {
			_ = conn.Close()
			ua.dropStream(s)
			return
		}
		ua.start(func() { ua.writeStream(s, conn) })
		ua.readWeb(s, conn)
		return
	}
	ua.start(func() { ua.writeStream(s, conn) })
	ua.readStream(s, conn)
}

// connect returns the stream to a peer, opening one when there is none. What is
// sent before it is open waits in its queue.
func (ua *UA) connect(k streamKey) (*stream, error) {
	ua.streamsMu.Lock()
	defer ua.streamsMu.Unlock()
	if ua.life.Err() != nil {
		return nil, ErrClosed
	}
	if s := ua.streams[k]; s != nil && !s.dead() {
		return s, nil
	}
	s := ua.newStreamLocked(k)
	s.ours = true
	ua.start(func() { ua.openStream(s) })
	return s, nil
}

func (ua *UA) openStream(s *stream) {
	ctx, cancel := context.WithTimeout(ua.life, connectTimeout)
	defer cancel()
	conn, err := ua.dialStream(ctx, s.remote.String())
	if err == nil && s.secure {
		conn, err = ua.connectSecure(conn, s.name)
	}
	if err != nil {
		ua.count(connectFailed)
		if ua.mayLog(time.Now()) {
			ua.log.Warn("connection failed", zap.Stringer("to", flow{stream: s, remote: s.remote}), zap.Error(err))
		}
		ua.dropStream(s)
		return
	}
	if s.attach(conn) {
		ua.start(func() { ua.writeStream(s, conn) })
		ua.readStream(s, conn)
		return
	}
	ua.dropStream(s)
}

func (ua *UA) newStream(k streamKey) *stream {
	ua.streamsMu.Lock()
	defer ua.streamsMu.Unlock()
	return ua.newStreamLocked(k)
}

func (ua *UA) newStreamLocked(k streamKey) *stream {
	s := &stream{ua: ua, streamKey: k, out: make(chan []byte, streamQueue), done: make(chan struct{})}
	if old := ua.streams[k]; old != nil {
		old.close() // the same four-tuple anew: the old one is dead
	}
	ua.streams[k] = s
	return s
}

func (ua *UA) roomForStream(source netip.Addr) bool {
	trunk := ua.trunkAt(source) != nil
	ua.streamsMu.Lock()
	defer ua.streamsMu.Unlock()
	if len(ua.streams) >= streamsMax || ua.life.Err() != nil {
		return false
	}
	if trunk {
		return true
	}
	n := 0
	for k := range ua.streams {
		if k.remote.Addr() == source {
			n++
		}
	}
	return n < streamsPerSource
}

// dropStream forgets s and tells those who were using it.
func (ua *UA) dropStream(s *stream) {
	s.close()
	ua.streamsMu.Lock()
	if ua.streams[s.streamKey] == s {
		delete(ua.streams, s.streamKey)
	}
	ua.streamsMu.Unlock()
	ua.streamLost(s)
}

// finish has the connection closed once what is queued has been written.
func (s *stream) finish() {
	select {
	case s.out <- nil:
		<-s.done
	case <-s.done:
	}
}

func (ua *UA) writeStream(s *stream, conn net.Conn) {
	defer s.close()
	pulse := newPulse(s)
	defer pulse.stop()
	for {
		select {
		case <-s.done:
			return
		case <-pulse.due():
			if !pulse.beat() {
				ua.count(streamSilent)
				return
			}
		case message := <-s.out:
			if message == nil {
				return
			}
			_ = conn.SetWriteDeadline(time.Now().Add(writeTimeout))
			if _, err := conn.Write(message); err != nil {
				ua.count(writeError)
				return
			}
		}
	}
}

func (ua *UA) readStream(s *stream, conn net.Conn) {
	defer ua.dropStream(s)
	f := flow{stream: s, remote: s.remote}
	split := new(wire.Splitter)
	chunk := make([]byte, 4096)
	var partial time.Time // since when a message has been incomplete
	for {
		if !ua.takeFrames(f, split) {
			s.finish()
			return
		}
		switch {
		case !split.Pending():
			partial = time.Time{}
		case partial.IsZero():
			partial = time.Now()
		}
		_ = conn.SetReadDeadline(ua.readDeadline(f, partial))
		n, err := conn.Read(chunk)
		if n > 0 {
			s.heard.Add(1)
		}
		split.Write(chunk[:n])
		if err != nil {
			return
		}
	}
}

// takeFrames handles what is whole; false when the connection is to be closed.
func (ua *UA) takeFrames(f flow, split *wire.Splitter) bool {
	for {
		kind, message := split.Next()
		switch kind {
		case wire.More:
			return true
		case wire.Ping:
			if ua.admit(f.remote) != stranger {
				_ = f.send(pongText) // RFC 5626 3.5.1
			}
		case wire.Whole:
			if !ua.receive(f, message) {
				return false
			}
		case wire.Broken:
			ua.count(framingLost)
			ua.receive(f, message)
			return false
		}
	}
}

// readDeadline is when a connection is given up: soon after the first byte of
// a message, later while nobody admitted speaks on it, never for a peer or when we
// opened it.
func (ua *UA) readDeadline(f flow, partial time.Time) time.Time {
	switch {
	case !partial.IsZero():
		return partial.Add(partialTimeout)
	case f.stream.ours, ua.admit(f.remote) != stranger:
		return time.Time{}
	}
	return time.Now().Add(strangerTimeout)
}
