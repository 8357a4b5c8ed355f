package media

import (
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
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
	ear   *Leg // whose conversation tap hears; nil: everybody's
	ended bool
	// broken: a fault of ours has ended its sound.
	broken bool
	// moving counts legs on their way here from another loop. What is asked
	// meanwhile waits, so that it finds them.
	moving  int
	waiting []func()

	plays atomic.Uint64 // the last PlayID
}

// NewLeg binds a port pair for a leg. ErrNoPorts, ErrClosed.
func (s *Session) NewLeg(side Side) (*Leg, error) {
	rtp, rtcp, port, err := s.engine.ports.take(Now(), s.loop.io.listen)
	if err != nil {
		return nil, err
	}
	leg := &Leg{session: s, side: side, port: port, rtp: rtp, rtcp: rtcp}
	leg.home.Store(s)
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

// Tap lets t hear all legs from now on, in place of the tap before; nil: none.
func (s *Session) Tap(t Tap) { s.post(func() { s.tap, s.ear = t, nil }) }

// TapParty lets t hear the conversation of one party, in place of the tap
// before: what leg's party says, and of the others whoever it hears at that
// moment. What is played to it, whispered to an agent it talks to or said behind
// its back while it is on hold is not heard.
func (s *Session) TapParty(t Tap, leg *Leg) { s.post(func() { s.tap, s.ear = t, leg }) }

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
	s.loop.post(func() {
		defer s.guard()
		s.loop.end(s)
	})
}

// post runs f on the loop unless the session has ended by then.
func (s *Session) post(f func()) {
	s.loop.post(func() {
		s.do(func() {
			if !s.ended {
				f()
			}
		})
	})
}

// do runs f, which was asked of the session, in its turn. On the loop.
func (s *Session) do(f func()) {
	defer s.guard()
	if s.moving > 0 && !s.ended {
		s.waiting = append(s.waiting, f)
		return
	}
	f()
}

// has tells whether leg is one of the session's living legs. On the loop; the
// leg may be another's, so it is not looked at.
func (s *Session) has(leg *Leg) bool { return leg != nil && slices.Contains(s.legs, leg) }

// emit reports an event. On the loop.
func (s *Session) emit(ev Event) {
	switch {
	case s.events == nil:
	case s.broken:
		s.emitBroken(ev)
	default:
		s.events.MediaEvent(ev)
	}
}
