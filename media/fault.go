package media

import (
	"slices"

	"go.uber.org/zap"
)

// A loop carries many calls. A fault of ours in one of them, or of whoever taps
// it or hears its events, ends that one's sound and no other's: its session is
// broken from then on, its legs are deaf and mute, and its owner hears of it by
// [Fault] and closes it. Where a fault can come from is guarded one packet, one
// player, one visit and one command at a time.

// guard keeps a fault from spreading beyond a leg's session. It is deferred.
func (l *loop) guard(leg *Leg) {
	if fault := recover(); fault != nil {
		l.faulted(leg.session, fault)
	}
}

// guard is the same for what was asked of a session.
func (s *Session) guard() {
	if fault := recover(); fault != nil {
		s.loop.faulted(s, fault)
	}
}

// command runs what was posted. What belongs to a session has a guard of its
// own that knows it.
func (l *loop) command(f func()) {
	defer func() {
		if fault := recover(); fault != nil {
			l.faulted(nil, fault)
		}
	}()
	f()
}

// faulted breaks a session.
func (l *loop) faulted(s *Session, fault any) {
	l.count.Faults++
	l.engine.log.Error("fault in a call's sound", zap.Any("fault", fault), zap.Stack("stack"))
	if s == nil || s.broken || s.ended {
		return
	}
	s.broken, s.tap, s.ear = true, nil, nil
	for _, leg := range s.legs {
		leg.alive, leg.play = false, play{}
		l.legs = slices.DeleteFunc(l.legs, leg.is)
	}
	s.emit(Event{Kind: Fault})
}

// emitBroken reports an event to a receiver that may be what is broken.
func (s *Session) emitBroken(ev Event) {
	defer func() {
		if fault := recover(); fault != nil {
			s.loop.count.Faults++
		}
	}()
	s.events.MediaEvent(ev)
}

// discard ends a leg of a broken session: what else its end does may be what is
// broken.
func (l *loop) discard(leg *Leg) {
	s := leg.session
	s.legs = slices.DeleteFunc(s.legs, leg.is)
	l.release(leg)
	s.emit(Event{Leg: leg, Kind: Closed})
}
