package e2e

import (
	"strings"
	"time"
)

// habit is what a phone does with its calls when the test need not lead it by
// the hand: it rings, is picked up after a while, sends its tone, and hangs up
// or is hung up on. Its methods run under the station's mutex.
type habit struct {
	s        *Station
	sound    *Sound
	picksUp  time.Duration
	hangsUp  time.Duration // after picking up; 0: never
	answered map[string]bool
}

// PicksUp gives a phone the habit of answering each call after ringing for a
// while, and of hanging up by itself some time after that unless it is 0.
func (s *Station) PicksUp(after, hangsUp time.Duration, sound *Sound) *Station {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.habit = &habit{s: s, sound: sound, picksUp: after, hangsUp: hangsUp, answered: map[string]bool{}}
	return s
}

// Phone is agent n's desk phone with the habit of answering, with the tone
// named agent or agent2.
func (w *World) Phone(n int, after time.Duration) *Station {
	w.t.Helper()
	return w.Desk(n).PicksUp(after, 0, w.Sound([]string{"agent", "agent2"}[n-1], pcmu, 101))
}

func (h *habit) hear(k *Talk, m message) {
	switch {
	case m.what() == "INVITE" && h.answered[k.id]:
		h.answer(k, m) // a re-INVITE, or a repetition that our 200 crossed
	case m.what() == "INVITE" && !k.seen[m.same()]:
		k.seen[m.same()] = true
		h.s.sendLocked(m.reply(180, "Ringing", k.tag).with("Contact", h.s.contact()))
		time.AfterFunc(h.picksUp, func() {
			h.s.mu.Lock()
			defer h.s.mu.Unlock()
			if h.s.talks[k.id] == k && !h.answered[k.id] {
				h.answer(k, m)
			}
		})
	case m.what() == "ACK":
		k.seq = max(k.seq, 1)
	case m.what() == "CANCEL":
		h.s.sendLocked(m.reply(200, "OK", k.tag))
		if !h.answered[k.id] {
			h.answered[k.id] = true
			h.s.sendLocked(k.invite.reply(487, "Request Terminated", k.tag))
		}
	case m.what() == "BYE":
		h.s.sendLocked(m.reply(200, "OK", k.tag))
	}
}

func (h *habit) answer(k *Talk, m message) {
	first := !h.answered[k.id]
	h.answered[k.id] = true
	h.sound.towards(m.body)
	h.s.sendLocked(m.reply(200, "OK", k.tag).with("Contact", h.s.contact()).withSDP(h.sound.SDP("sendrecv")))
	if !first || h.hangsUp == 0 {
		return
	}
	k.local = m.get("To")
	if !strings.Contains(k.local, ";tag=") {
		k.local += ";tag=" + k.tag
	}
	time.AfterFunc(h.hangsUp, func() {
		h.s.mu.Lock()
		defer h.s.mu.Unlock()
		k.seq++
		h.s.sendLocked(k.request("BYE", k.seq))
	})
}
