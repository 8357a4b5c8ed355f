package media

import (
	"time"

	"switchroom/media/dtmf"
)

// keys follows the keys that one peer presses: telephone events, and tones in
// its sound where [Params.InbandDTMF] asks for it.
type keys struct {
	events   dtmf.Receiver
	run      uint64         // of the stream that events follows
	detector *dtmf.Detector // nil: tones are not looked for
	once     dtmf.Once      // phones may send one key in both forms
	found    []dtmf.Key     // room for what the detector finds
}

// listen begins or ends the search for tones.
func (k *keys) listen(inband bool) {
	switch {
	case !inband:
		k.detector = nil
	case k.detector == nil:
		k.detector, k.found = &dtmf.Detector{}, make([]dtmf.Key, 0, 4)
	}
}

// hearKey follows a telephone event packet and reports a key that was let go.
func (l *loop) hearKey(leg *Leg, h *header, body []byte) {
	k := &leg.keys
	if k.run != leg.in.run {
		k.run = leg.in.run
		if key, ok := k.events.Reset(); ok {
			l.reportKey(leg, key, dtmf.InRTP)
		}
	}
	if len(body) < dtmf.EventLen {
		leg.count.Malformed++
		return
	}
	event, _ := dtmf.ParseEvent(body)
	if key, ok := k.events.Packet(h.timestamp, event, time.Duration(l.now)); ok {
		l.reportKey(leg, key, dtmf.InRTP)
	}
}

// searchTones looks for keys in the sound of a packet.
func (l *loop) searchTones(leg *Leg, pcm []int16) {
	k := &leg.keys
	k.found = k.detector.Detect(k.found[:0], pcm)
	for _, key := range k.found {
		l.reportKey(leg, key, dtmf.InSpeech)
	}
}

// expireKey reports a key that is down although its packets stay away.
func (l *loop) expireKey(leg *Leg) {
	if key, ok := leg.keys.events.Expire(time.Duration(l.now)); ok {
		l.reportKey(leg, key, dtmf.InRTP)
	}
}

// finishKey reports the key that is down when the leg ends.
func (l *loop) finishKey(leg *Leg) {
	if key, ok := leg.keys.events.Reset(); ok {
		l.reportKey(leg, key, dtmf.InRTP)
	}
}

// reportKey reports a key unless it was in another form.
func (l *loop) reportKey(leg *Leg, key dtmf.Key, form dtmf.Form) bool {
	if !leg.keys.once.Fresh(key.Digit, form, time.Duration(l.now)) {
		return false
	}
	leg.count.Digits++
	leg.session.emit(Event{Leg: leg, Kind: Digit, Digit: key.Digit, Duration: key.Length})
	return true
}
