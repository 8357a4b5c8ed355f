package chaos

import (
	"fmt"
	"time"

	"switchroom/media/sdp"
	"switchroom/sip"
)

// call lets one caller try its luck; patience bounds all it does.
func (w *world) call(i int, patience time.Duration) *side {
	s := w.newSide()
	number := pick(w.d, "4001", "+4001", "4002", "4003", "4999")
	if w.quiet.Load() {
		number = "4001"
	}
	from := fmt.Sprintf("138%08d", i)
	w.callers.Store(from, s)
	body := w.offer(s)
	if !w.quiet.Load() && w.d.chance(30) {
		s.hold(w.d.upTo(700*time.Millisecond), w.d.upTo(300*time.Millisecond))
	}
	s.after(patience, func(leg *sip.Leg) { leg.Hangup(normal) })
	leg, err := w.carrier.ua.Dial(sip.Dial{URI: "sip:" + number + "@" + w.sip, From: sip.Identity{Number: from}, SDP: body, Sink: s})
	if err != nil {
		w.fault("dialling: %v", err)
		s.finish()
		return s
	}
	s.setLeg(leg)
	return s
}

// offer is what the caller offers: sound mostly, and now and then nothing at
// all, nothing that the switch speaks, or nothing that anybody can read.
func (w *world) offer(s *side) []byte {
	roll := w.d.n(100)
	if w.quiet.Load() {
		roll = 99
	}
	switch {
	case roll < 8:
		s.late, s.mute = true, w.d.chance(20)
		return nil
	case roll < 12:
		return []byte("v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 9000 RTP/AVP 18\r\na=rtpmap:18 G729/8000\r\n")
	case roll < 14:
		return []byte("this is no session description")
	case roll < 18:
		s.local.Direction = sdp.SendOnly
	}
	return sdp.Offer(s.local)
}
