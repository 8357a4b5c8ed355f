package media

import "slices"

// Who hears whom. A leg hears another in one of two ways:
//
//   - directly: the other's packets are passed on as they come, which costs
//     and delays next to nothing. A leg is passed on to one other at most.
//   - in a mix: the other has a voice (see mix.go), from which it is summed up.
//
// A leg that hears one other is given it directly where that is possible, so a
// call that is listened to, or whose agent is whispered to, is mixed only for
// those who hear more than one.

// Hears says which legs one leg hears.
type Hears struct {
	Leg    *Leg
	Others []*Leg
}

// Bridge lets a and b hear each other, and nobody else they heard or were heard
// by before. What is played to either stops.
func (s *Session) Bridge(a, b *Leg) {
	s.post(func() {
		if a == b || !s.has(a) || !s.has(b) {
			return
		}
		for _, leg := range []*Leg{a, b} {
			s.loop.isolate(leg)
			s.loop.stopPlay(leg)
		}
		a.relayTo(b)
		b.relayTo(a)
	})
}

// Unbridge lets no leg hear another: it ends bridges and mixes.
func (s *Session) Unbridge() { s.Mix() }

// Mix lets each leg of hears hear the sum of the others named beside it, in
// place of all bridges and mixes of the session so far; who hears the same as
// before hears it without a break. A leg that is only named by others is heard
// and hears nothing. Without arguments nobody hears anybody. What is played to
// a leg goes on, and its mix is heard after it.
//
// A voice in a sum of two and more is delayed by 40 to 60 ms, and its telephone
// events are reported and not passed on. One that is heard alone is passed on
// as it is.
func (s *Session) Mix(hears ...Hears) {
	s.post(func() { s.loop.arrange(s, hears) })
}

// Conference lets all the legs hear one another.
func (s *Session) Conference(legs ...*Leg) {
	hears := make([]Hears, len(legs))
	for i, leg := range legs {
		hears[i].Leg = leg
		for _, other := range legs {
			if other != leg {
				hears[i].Others = append(hears[i].Others, other)
			}
		}
	}
	s.Mix(hears...)
}

// Whisper lets coach hear the call of agent and caller, and agent hear coach
// too. The caller hears the agent alone.
func (s *Session) Whisper(coach, agent, caller *Leg) {
	s.Mix(Hears{coach, []*Leg{agent, caller}}, Hears{agent, []*Leg{caller, coach}}, Hears{caller, []*Leg{agent}})
}

// Listen lets listener hear the call of agent and caller, unheard.
func (s *Session) Listen(listener, agent, caller *Leg) {
	s.Mix(Hears{listener, []*Leg{agent, caller}}, Hears{agent, []*Leg{caller}}, Hears{caller, []*Leg{agent}})
}

// arrange makes hears the whole truth about s.
func (l *loop) arrange(s *Session, hears []Hears) {
	direct, mixed := s.sort(hears)
	for _, leg := range s.legs {
		leg.relayTo(direct[leg])
	}
	for _, leg := range s.legs {
		l.hearMix(leg, mixed[leg])
	}
	s.voices()
}

// sort parts what can be heard directly (by who is heard) from what has to be
// mixed (by who hears).
func (s *Session) sort(hears []Hears) (direct map[*Leg]*Leg, mixed map[*Leg][]*Leg) {
	direct, mixed = make(map[*Leg]*Leg), make(map[*Leg][]*Leg)
	for _, h := range hears {
		if !s.has(h.Leg) {
			continue
		}
		var others []*Leg
		for _, other := range h.Others {
			if other != h.Leg && s.has(other) && !slices.Contains(others, other) {
				others = append(others, other)
			}
		}
		if len(others) == 1 && direct[others[0]] == nil {
			direct[others[0]] = h.Leg
		} else {
			mixed[h.Leg] = others
		}
	}
	return direct, mixed
}

// relayTo passes what leg says on to another; nil: to nobody.
func (leg *Leg) relayTo(to *Leg) {
	if leg.peer == to {
		return
	}
	if leg.peer != nil {
		leg.peer.out.cut(leg.in.run)
	}
	leg.peer = to
}

// isolate lets leg hear nobody, and nobody leg.
func (l *loop) isolate(leg *Leg) {
	leg.relayTo(nil)
	for _, other := range leg.session.legs {
		if other.peer == leg {
			other.relayTo(nil)
		}
		if i := slices.Index(other.hears, leg); i >= 0 {
			l.hearMix(other, slices.Delete(slices.Clone(other.hears), i, i+1))
		}
	}
	l.hearMix(leg, nil)
	leg.session.voices()
}

// hearMix lets leg hear the sum of others; none: no sum. Their voices follow.
func (l *loop) hearMix(leg *Leg, others []*Leg) {
	leg.hears = others
	switch {
	case len(others) == 0 && leg.play.mix:
		l.stopPlay(leg)
	case len(others) > 0 && leg.play.run == 0:
		l.startMix(leg)
	}
}

// voices gives a voice to who is heard in a mix and takes it from who is not.
func (s *Session) voices() {
	for _, leg := range s.legs {
		heard := slices.ContainsFunc(s.legs, func(other *Leg) bool { return slices.Contains(other.hears, leg) })
		switch {
		case !heard:
			leg.voice = nil
		case leg.voice == nil:
			leg.voice = &voice{}
		}
	}
}

// listensTo tells whether leg now hears what other says.
func (leg *Leg) listensTo(other *Leg) bool {
	if leg.play.mix {
		return slices.Contains(leg.hears, other)
	}
	return other.peer == leg && leg.play.run == 0
}
