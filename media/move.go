package media

import (
	"errors"
	"slices"

	"go.uber.org/zap"
)

// Take moves a leg of another session of the engine into s, where it keeps its
// ports, its stream towards the party and its figures, and hears nobody until s
// says so: two calls become one, as by an attended transfer. Its events go to s
// from then on; the other session goes on without it. The two may be served by
// different loops: what is asked of s meanwhile waits.
func (s *Session) Take(leg *Leg) {
	from := leg.home.Swap(s)
	switch {
	case from == s:
	case from.loop == s.loop:
		from.post(func() {
			if from.has(leg) {
				s.loop.depart(leg)
				s.loop.arrive(leg, s)
			}
		})
	default:
		s.loop.post(func() { s.moving++ })
		from.loop.post(func() { from.do(func() { from.hand(leg, s) }) })
	}
}

// hand gives leg to s, on another loop. Whether there is anything to give or
// not, s waits for word.
func (from *Session) hand(leg *Leg, s *Session) {
	given := from.has(leg)
	if given {
		from.loop.depart(leg)
		leg.rtp.leave()
		leg.rtcp.leave()
		from.loop.legCount.Add(-1)
		s.loop.legCount.Add(1)
	}
	posted := s.loop.post(func() {
		if s.moving--; given {
			s.loop.adopt(leg, s)
		}
		s.resume()
	})
	if given && !posted { // that loop has ended
		leg.alive = false
		s.loop.release(leg)
	}
}

// adopt takes a leg that another loop has handed over.
func (l *loop) adopt(leg *Leg, s *Session) {
	if err := errors.Join(leg.rtp.join(l.io), leg.rtcp.join(l.io)); err != nil {
		// The leg stays deaf, which its timeout reports.
		l.engine.log.Error("media ports not watched", zap.Error(err))
	}
	l.arrive(leg, s)
}

// arrive makes a leg one of s, unless that ended meanwhile.
func (l *loop) arrive(leg *Leg, s *Session) {
	leg.session = s
	if s.ended {
		leg.alive = false
		leg.publish()
		l.release(leg)
		return
	}
	s.legs = append(s.legs, leg)
	l.legs = append(l.legs, leg)
	l.rounds.need(l.now)
}

// resume does what was asked of s while a leg was on its way.
func (s *Session) resume() {
	for s.moving == 0 && len(s.waiting) > 0 {
		f := s.waiting[0]
		s.waiting = s.waiting[1:]
		f()
	}
}

// depart takes a leg out of its session. Its ports stay open.
func (l *loop) depart(leg *Leg) {
	l.finishKey(leg)
	l.isolate(leg)
	l.stopPlay(leg)
	leg.session.legs = slices.DeleteFunc(leg.session.legs, leg.is)
	l.legs = slices.DeleteFunc(l.legs, leg.is)
	// A loop numbers its runs: what was sent and received here has another's.
	leg.in.cut()
	leg.out.run = 0
}
