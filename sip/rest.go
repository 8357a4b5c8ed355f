package sip

import (
	"time"

	sipgo "github.com/emiago/sipgo/sip"

	"switchroom/sip/wire"
)

const (
	// restMax bounds the rest that a trunk may ask for by Retry-After, and is
	// what one gets that was silent silentMax times in a row.
	restMax   = 30 * time.Second
	silentMax = 3
)

// resting tells whether a trunk asked not to be called for a while (RFC 3261
// 21.5.4), or was silent too often.
func (s *trunkState) resting(now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return now.Before(s.restUntil)
}

// rest lets a trunk be for a while.
func (s *trunkState) rest(now time.Time, d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if until := now.Add(min(d, restMax)); until.After(s.restUntil) {
		s.restUntil = until
	}
}

// silent counts an INVITE that brought nothing; spoke that one brought
// something.
func (s *trunkState) silent(now time.Time) {
	s.mu.Lock()
	s.silences++
	rest := s.silences >= silentMax
	s.mu.Unlock()
	if rest {
		s.rest(now, restMax)
	}
}

func (s *trunkState) spoke() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.silences = 0
}

// restTrunk heeds a Retry-After of 503. mu of the leg is held.
func (l *Leg) restTrunk(now time.Time, res *sipgo.Response) {
	if l.trunk == nil || res.StatusCode != 503 {
		return
	}
	if n, ok := wire.Seconds(headerOf(res, "retry-after")); ok && n > 0 {
		l.trunk.state.rest(now, time.Duration(n)*time.Second)
	}
}
