package media

import (
	"time"

	"switchroom/media/dtmf"
	"switchroom/media/tone"
)

// PlayID tells one clip played to a leg from another. IDs of a session are
// never 0 and never used twice.
type PlayID uint64

// Play plays clip to leg, in a loop or once, in place of what was played
// before; a PlayEnded event with its ID reports the end of the latter. While it
// plays, leg hears nothing else; afterwards it hears its bridge or mix again. A
// leg that can't be sent to yet hears a clip that plays once from its beginning
// as soon as it can.
func (s *Session) Play(leg *Leg, clip *Clip, loop bool) PlayID {
	id := PlayID(s.plays.Add(1))
	s.post(func() {
		if s.has(leg) && clip != nil {
			s.loop.startPlay(leg, play{id: id, clip: clip, loop: loop})
		}
	})
	return id
}

// Announce plays clip once over what leg hears: music, another clip, a bridge or
// a mix. That goes on when the clip has ended, music and clips from where they
// were; PlayEnded is then reported. One announced during another comes first.
func (s *Session) Announce(leg *Leg, clip *Clip) PlayID {
	id := PlayID(s.plays.Add(1))
	s.post(func() {
		if s.has(leg) && clip != nil {
			s.loop.cover(leg, play{id: id, clip: clip})
		}
	})
	return id
}

// StopPlay ends all that is played to leg, clips that were announced over
// included.
func (s *Session) StopPlay(leg *Leg) {
	s.post(func() {
		if s.has(leg) {
			s.loop.quiet(leg)
		}
	})
}

// Press presses a key (0-9, *, #, A-D) to leg's party for length: by telephone
// events (RFC 4733) if the party takes them, else by the tones. What leg hears
// is covered meanwhile, as by [Session.Announce]. Keys pressed while one is down
// follow it in order. A leg that can't be sent to drops it.
func (s *Session) Press(leg *Leg, digit byte, length time.Duration) {
	s.post(func() {
		if s.has(leg) && leg.sendable() {
			s.loop.press(leg, digit, length)
		}
	})
}

// KeyPressed says that leg's party has pressed a key for length and told so by
// other means than its stream, such as SIP INFO. It is reported as a Digit like
// those that come in the stream, once if it came in both, and pressed to the
// party that hears leg directly.
func (s *Session) KeyPressed(leg *Leg, digit byte, length time.Duration) {
	s.post(func() {
		if !s.has(leg) {
			return
		}
		key := dtmf.Key{Digit: digit, Length: length}
		if s.loop.reportKey(leg, key, dtmf.InINFO) && leg.peer != nil && leg.peer.sendable() {
			s.loop.press(leg.peer, digit, length)
		}
	})
}

// keyGap is the silence between two keys, which tells them apart (ITU-T Q.24:
// at least 40 ms).
const keyGap = 60 * time.Millisecond

// keysMax bounds the keys that wait for one that is down.
const keysMax = 32

func (l *loop) press(leg *Leg, digit byte, length time.Duration) {
	p := play{key: true}
	var err error
	if leg.params.DTMFPayloadType != 0 {
		p.press, err = dtmf.NewPress(digit, length, time.Duration(leg.ptime())*time.Millisecond)
	} else {
		p.clip, err = keyClip(digit, length)
	}
	switch {
	case err != nil: // no key
	case leg.play.key:
		if len(leg.presses) < keysMax {
			leg.presses = append(leg.presses, p)
		}
	default:
		l.cover(leg, p)
	}
}

// keyClip is the sound of a key, with the gap after it.
func keyClip(digit byte, length time.Duration) (*Clip, error) {
	pcm, err := dtmf.Tones(digit, length)
	if err != nil {
		return nil, err
	}
	return NewClip(append(pcm, tone.Silence(keyGap)...)), nil
}

// startPlay plays p to leg, and nothing else.
func (l *loop) startPlay(leg *Leg, p play) {
	l.stopPlay(leg)
	l.begin(leg, p)
}

// cover plays p to leg and keeps what is covered for afterwards.
func (l *loop) cover(leg *Leg, p play) {
	before := leg.play
	covered := leg.covered
	l.stopPlay(leg)
	if before.run != 0 && !before.mix {
		covered = append(covered, before)
	}
	leg.covered = covered
	l.begin(leg, p)
}

// quiet ends what is played; a mix that it covered is heard again.
func (l *loop) quiet(leg *Leg) {
	if leg.play.mix {
		return
	}
	l.stopPlay(leg)
	if len(leg.hears) > 0 {
		l.startMix(leg)
	}
}

// uncover ends what is played; what it covered is heard again.
func (l *loop) uncover(leg *Leg) {
	covered, presses := leg.covered, leg.presses
	l.stopPlay(leg)
	switch n := len(covered); {
	case len(presses) > 0:
		next := presses[0]
		leg.covered, leg.presses = covered, append(leg.presses, presses[1:]...)
		l.begin(leg, next)
	case n > 0:
		before := covered[n-1]
		leg.covered = covered[:n-1]
		l.begin(leg, before)
	case len(leg.hears) > 0:
		l.startMix(leg)
	}
}

// stopPlay ends what is played, all that it covered included.
func (l *loop) stopPlay(leg *Leg) {
	if leg.play.run != 0 {
		leg.play = play{}
		l.wheel.size--
	}
	leg.covered, leg.presses = nil, nil
}
