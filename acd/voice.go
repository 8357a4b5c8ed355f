package acd

import "time"

// Script is what callers of a queue are told while they wait. Prompts are
// named. It is immutable and shared.
type Script struct {
	Language       string
	Notice         []string // first of all, if the call is recorded
	Greeting       []string
	First, Every   time.Duration // Every 0: nothing more
	Position, Wait bool
	Turn           []string // one of them each time
}

// Place is where a waiting call stands.
type Place struct {
	Position int           // from 1; 0: not known
	Wait     time.Duration // how long it may still take; negative: not known
}

// Voice decides what a waiting caller is told over the music, and when. It is
// pure, and says nothing by itself: each method gives the prompts to be said
// now, none for nothing. Whoever speaks tells by Ended that it is done.
//
//	silent ── Begin ─▶ notice ─▶ greeting ─▶ music ◀──▶ announcing
//	   ▲                                                    │
//	   └──────────── Stop, from anywhere ───────────────────┘
type Voice struct {
	script  *Script
	stage   voiceStage
	due     time.Duration // of the next announcement; 0: none
	turn    int
	noticed bool // the notice was heard to its end, or there is none
}

type voiceStage uint8

const (
	voiceSilent voiceStage = iota
	voiceNotice
	voiceGreeting
	voiceMusic
	voiceAnnouncing
)

var voiceNames = [...]string{"silent", "notice", "greeting", "music", "announcing"}

func (s voiceStage) String() string { return voiceNames[s] }

// Begin is for a call that has entered a queue. recorded: it will be, so that
// the notice has to be given, once in the call's life.
func (v *Voice) Begin(now Instant, s *Script, recorded bool) []string {
	v.script, v.due = s, 0
	if s == nil {
		v.stage = voiceSilent
		return nil
	}
	if s.Every > 0 {
		v.due = now.Mono + s.First
	}
	v.stage = voiceNotice
	if recorded && !v.noticed && len(s.Notice) > 0 {
		return s.Notice
	}
	return v.greet()
}

func (v *Voice) greet() []string {
	v.stage = voiceGreeting
	if len(v.script.Greeting) > 0 {
		return v.script.Greeting
	}
	v.stage = voiceMusic
	return nil
}

// Ended: what was last to be said has been.
func (v *Voice) Ended() []string {
	switch v.stage {
	case voiceNotice:
		v.noticed = true
		return v.greet()
	case voiceGreeting, voiceAnnouncing:
		v.stage = voiceMusic
	}
	return nil
}

// Deadline is when Due wants to be called; 0: never.
func (v *Voice) Deadline() time.Duration {
	if v.stage == voiceSilent {
		return 0
	}
	return v.due
}

// Due says where the call stands, if it is time. What is being said is not
// interrupted: the announcement then comes an interval later.
func (v *Voice) Due(now Instant, place func() Place) []string {
	if v.stage == voiceSilent || v.due == 0 || now.Mono < v.due {
		return nil
	}
	v.due = now.Mono + v.script.Every
	if v.stage != voiceMusic {
		return nil
	}
	var say []string
	if v.script.Position || v.script.Wait {
		at := place()
		if v.script.Position {
			say = append(say, SpokenPosition(v.script.Language, at.Position)...)
		}
		if v.script.Wait {
			say = append(say, SpokenWait(v.script.Language, at.Wait)...)
		}
	}
	if n := len(v.script.Turn); n > 0 {
		say = append(say, v.script.Turn[v.turn%n])
		v.turn++
	}
	if len(say) > 0 {
		v.stage = voiceAnnouncing
	}
	return say
}

// Stop: the call waits no more. Nothing is said until Begin.
func (v *Voice) Stop() { v.stage, v.due = voiceSilent, 0 }

// OwesNotice reports whether the caller has still to hear that a call of this
// script is recorded.
func (v *Voice) OwesNotice() bool {
	return !v.noticed && v.script != nil && len(v.script.Notice) > 0
}

// Noticed: the caller has heard the notice to its end.
func (v *Voice) Noticed() { v.noticed = true }
