package media

import (
	"net/netip"
	"sync"
)

// Session is one call's media: its legs, who hears whom, what is played and
// who taps. All methods return at once and take effect in order.
type Session struct {
	engine *Engine
	loop   *loop
	events Events

	mu     sync.Mutex // orders NewLeg and Close
	closed bool

	// Owned by the loop.
	legs  []*Leg
	tap   Tap
	ended bool
}

// NewLeg binds a port pair for a leg. ErrNoPorts, ErrClosed.
func (s *Session) NewLeg(side Side) (*Leg, error) {
	rtp, rtcp, port, err := s.engine.ports.take(Now(), s.loop.io.listen)
	if err != nil {
		return nil, err
	}
	leg := &Leg{session: s, side: side, port: port, rtp: rtp, rtcp: rtcp}
	leg.local = netip.AddrPortFrom(s.engine.cfg.Advertise, port)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.loop.legCount.Add(1)
	if s.closed || !s.loop.post(func() { s.loop.add(leg) }) {
		s.loop.release(leg)
		return nil, ErrClosed
	}
	return leg, nil
}

// Bridge lets a and b hear each other, and nobody else they were bridged with.
// What is played to either stops.
func (s *Session) Bridge(a, b *Leg) {
	s.post(func() {
		if a == b || !s.has(a) || !s.has(b) {
			return
		}
		for _, leg := range []*Leg{a, b} {
			s.loop.leaveMix(leg)
			s.loop.stopPlay(leg)
			leg.part()
		}
		a.peer, b.peer = b, a
	})
}

// Unbridge lets no leg hear another: it ends bridges and mixes.
func (s *Session) Unbridge() { s.Mix() }

// Play plays clip to leg, in a loop or once; PlayEnded reports the end of the
// latter. While it plays, leg hears nothing else; afterwards it hears its
// bridge or mix again. A leg that can't be sent to yet hears a clip that plays once
// from its beginning as soon as it can.
func (s *Session) Play(leg *Leg, clip *Clip, loop bool) {
	s.post(func() {
		if s.has(leg) && clip != nil {
			s.loop.startPlay(leg, clip, loop)
		}
	})
}

// StopPlay ends the clip that is played to leg.
func (s *Session) StopPlay(leg *Leg) {
	s.post(func() {
		if s.has(leg) {
			s.loop.endPlay(leg)
		}
	})
}

// Tap lets t hear all legs from now on, in place of the tap before; nil: none.
func (s *Session) Tap(t Tap) { s.post(func() { s.tap = t }) }

// RemoveLeg ends a leg and frees its ports. Its Closed event follows.
func (s *Session) RemoveLeg(leg *Leg) {
	s.post(func() {
		if s.has(leg) {
			s.loop.remove(leg)
		}
	})
}

// Close ends all legs, and the session. Closed events and SessionClosed
// follow. Closing again does nothing.
func (s *Session) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	s.closed = true
	s.loop.post(func() { s.loop.end(s) })
}

// post runs f on the loop unless the session has ended by then.
func (s *Session) post(f func()) {
	s.loop.post(func() {
		if !s.ended {
			f()
		}
	})
}

// has tells whether leg is one of the session's living legs. On the loop.
func (s *Session) has(leg *Leg) bool {
	return leg != nil && leg.session == s && leg.alive
}

// emit reports an event. On the loop.
func (s *Session) emit(ev Event) {
	if s.events != nil {
		s.events.MediaEvent(ev)
	}
}
