package sip

import (
	"time"

	"go.uber.org/zap"
)

const (
	// pingsDown without an answer take a trunk out of service, pingsUp answered
	// bring it back.
	pingsDown = 3
	pingsUp   = 2
)

// TrunkWatcher is implemented by a Core that wants to know when a trunk that is
// asked by OPTIONS (Trunk.Ping) ceases to answer or answers again. It is called
// as Core's methods are.
type TrunkWatcher interface{ TrunkState(trunk string, up bool) }

// health is what the OPTIONS to a trunk tell. mu of the trunk's state guards it.
type health struct {
	down     bool
	failures int // in a row
	answers  int // in a row
	open     *exchange
	timer    timer
}

// TrunkUp tells whether a trunk is in service: it is, or it is not asked.
func (ua *UA) TrunkUp(id string) bool {
	t := ua.plan.Load().trunks[id]
	if t == nil {
		return false
	}
	t.state.mu.Lock()
	defer t.state.mu.Unlock()
	return t.state.up()
}

// up: it answers, as far as it is asked, and has us registered where it is to. mu
// is held.
func (s *trunkState) up() bool {
	return !s.health.down && (s.reg.State == NotKept || s.at != nil)
}

// watchTrunks begins to ask those of a plan that are to be asked, and ceases
// with all others.
func (ua *UA) watchTrunks(p *plan) {
	var back []*trunkState // were down, and are not asked any more
	ua.trunksMu.Lock()
	for id, s := range ua.trunkStates {
		at, t := time.Time{}, p.trunks[id]
		if t != nil && t.cfg.Ping > 0 && t.target != nil {
			at = time.Now()
		}
		s.mu.Lock()
		if at.IsZero() {
			if t != nil {
				back = append(back, s)
			}
			s.health.down, s.health.failures = false, 0
		}
		s.mu.Unlock()
		ua.timers.set(&s.health.timer, s, at)
	}
	ua.trunksMu.Unlock()
	for _, s := range back {
		s.tell()
	}
}

// expire asks once more. A question still open then counts as not answered.
func (s *trunkState) expire(now time.Time) {
	t := s.ua.plan.Load().trunks[s.id]
	if t == nil || t.cfg.Ping <= 0 || t.target == nil {
		return
	}
	s.ua.timers.set(&s.health.timer, s, now.Add(t.cfg.Ping))
	s.mu.Lock()
	unanswered := s.health.open != nil
	s.health.open = nil
	s.mu.Unlock()
	if unanswered {
		s.heard(false)
	}
	at, err := s.ua.placeOf(t.target)
	if err != nil {
		s.heard(false)
		return
	}
	f, err := s.ua.flowTo(at.Transport, at.Addr, t.target.host, nil)
	if err != nil {
		s.heard(false)
		return
	}
	s.ping(now, t, f)
}

func (s *trunkState) ping(now time.Time, t *trunk, f flow) {
	host, _ := f.sentBy()
	seq := uint32(1)
	uri := t.target.uri
	out := &outgoing{method: "OPTIONS", uri: uri.String(), callID: newCallID(), seq: seq,
		from: "<sip:" + host + ">;tag=" + newTag(), to: "<" + bareURI(uri.String()) + ">",
		nextSeq: func() uint32 { seq++; return seq }, contact: true, agent: s.ua.cfg.UserAgent}
	var lines text
	lines.line("Accept", sdpType)
	lines.line("Allow", allow)
	out.extra = lines
	s.ua.dialled.add(f.remote.Addr(), 1)
	answered := false // under s.mu: the answer may come to the question's repetition with credentials
	x := s.ua.ask(now, nil, f, out, t.credentials(), func(x *exchange, a answer) {
		if a.res != nil && a.res.StatusCode < 200 {
			return
		}
		s.mu.Lock()
		if answered {
			s.mu.Unlock()
			return
		}
		answered = true
		current := s.health.open == x
		if current || a.res != nil {
			s.health.open = nil
		}
		s.mu.Unlock()
		s.ua.dialled.add(f.remote.Addr(), -1)
		if current || a.res != nil {
			s.heard(a.res != nil && a.status() != 503 && a.status() != 408)
		}
	})
	s.mu.Lock()
	defer s.mu.Unlock()
	if !answered {
		s.health.open = x
	}
}

// heard takes one result. Any answer but 408 and 503 is life, whatever it says.
func (s *trunkState) heard(alive bool) {
	s.mu.Lock()
	h := &s.health
	if alive {
		h.failures = 0
		if h.answers++; h.answers >= pingsUp {
			h.down = false
		}
	} else {
		h.answers = 0
		if h.failures++; h.failures >= pingsDown {
			h.down = true
		}
	}
	s.mu.Unlock()
	s.tell()
}

// tell tells of the trunk's state when it is another than was told last. No lock
// is held.
func (s *trunkState) tell() {
	s.mu.Lock()
	up := s.up()
	changed := up != s.toldUp
	s.toldUp = up
	s.mu.Unlock()
	if !changed {
		return
	}
	if up {
		s.ua.count(trunkUp)
	} else {
		s.ua.count(trunkDown)
	}
	s.ua.log.Warn("trunk changed", zap.String("trunk", s.id), zap.Bool("up", up))
	if w, ok := s.ua.core.(TrunkWatcher); ok {
		w.TrunkState(s.id, up)
	}
}
