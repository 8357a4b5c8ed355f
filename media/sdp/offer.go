package sdp

import (
	pion "github.com/pion/sdp/v3"

	"switchroom/media"
)

// dynamic payload types: RFC 3551, section 6.
const (
	dynamicLow  = 96
	dynamicHigh = 127
)

// Offer is our first offer in a session: one audio stream.
func Offer(l Local) []byte {
	return l.description(nil, []*pion.MediaDescription{
		l.stream(l.proto(), l.formats(l.DTMF), l.ptime(), l.Direction, l.cryptoLines()...),
	})
}

// Reoffer is a later offer of ours in a session in which the peer's last
// description was `last`, be it an offer or an answer. It has all streams that
// the session has had, in their order, and binds no payload type to another
// meaning than the session gave it (RFC 3264, section 8).
func Reoffer(l Local, last *Description) []byte {
	if len(last.streams) == 0 {
		return Offer(l)
	}
	own := last.own(l)
	streams := make([]*pion.MediaDescription, len(last.streams))
	for i, s := range last.streams {
		if i != own {
			streams[i] = s.refused()
			continue
		}
		proto := l.proto()
		if s.plainRTP() || s.secured() {
			proto = s.proto
		}
		streams[i] = l.stream(proto, l.formats(s.eventType(l.DTMF)), l.ptime(), l.Direction, l.cryptoLines()...)
	}
	return l.description(nil, streams)
}

// proto is the transport of our first offer. Protection that is optional is
// offered as phones do it: the plain transport with keys beside it, which a peer
// that can't passes over.
func (l Local) proto() string {
	if l.Security == Required {
		return "RTP/SAVP"
	}
	return "RTP/AVP"
}

// formats is everything that we can do, events as payload type dtmf.
func (l Local) formats(dtmf uint8) []format {
	var out []format
	for _, c := range l.codecs() {
		out = append(out, codecFormat(c.PayloadType(), c))
	}
	if l.CN {
		out = append(out, noiseFormat(13))
	}
	if dtmf != 0 {
		out = append(out, eventFormat(dtmf))
	}
	return out
}

// own is the place of our stream in the session: the one that can be talked
// over; failing that the first that was audio; failing that the first.
func (d *Description) own(l Local) int {
	for i, s := range d.streams {
		if _, err := s.choose(l, false); err == nil {
			return i
		}
	}
	for i, s := range d.streams {
		if s.media == "audio" {
			return i
		}
	}
	return 0
}

// eventType is the payload type for telephone-events in a session that has
// this stream: the one it has, else `wanted` if it has no other meaning, else
// a free one.
func (s *stream) eventType(wanted uint8) uint8 {
	if wanted == 0 || s.audio == nil {
		return wanted
	}
	if pt, ok := s.audio.find(eventCoding); ok {
		return pt
	}
	if !s.audio.bound(wanted) {
		return wanted
	}
	for pt := uint8(dynamicLow); pt <= dynamicHigh; pt++ {
		if !s.audio.bound(pt) {
			return pt
		}
	}
	return 0
}

// bound is whether the peer gave a payload type a meaning or a place.
func (a *audio) bound(pt uint8) bool {
	if _, ok := a.codings[pt]; ok {
		return true
	}
	for _, listed := range a.types {
		if listed == pt {
			return true
		}
	}
	return false
}

// choice is what a stream of a peer's comes to when we take it.
type choice struct {
	codec  media.Codec
	params media.Params // but Send and Recv
	tag    string       // of the peer's crypto line
}

// choose settles codec, payload types and addresses with a peer's stream. In
// an offer our preference among the codecs counts, in an answer the peer's.
func (s *stream) choose(l Local, answer bool) (choice, error) {
	switch {
	case s.media != "audio" || s.port == 0:
		return choice{}, ErrNoAudio
	case !s.plainRTP() && !s.secured():
		return choice{}, ErrTransport
	case s.ports != 1:
		return choice{}, ErrNoAudio // layers on several ports: not a call's audio
	}
	codec, pt, ok := s.audio.codec(l, answer)
	if !ok {
		return choice{}, ErrNoCodec
	}
	keys, tag, err := s.keys(l, answer)
	if err != nil {
		return choice{}, err
	}
	remote, err := s.conn.target(s.port, l.Addr)
	if err != nil {
		return choice{}, err
	}
	rtcp, err := s.rtcpTarget(l.Addr)
	if err != nil {
		return choice{}, err
	}
	c := choice{codec: codec, tag: tag, params: media.Params{
		Remote: remote, RemoteRTCP: rtcp, Codec: codec, PayloadType: pt,
		PtimeMs: s.audio.packetTime(l.ptime()), SRTP: keys,
	}}
	if l.DTMF != 0 {
		c.params.DTMFPayloadType, _ = s.audio.find(eventCoding)
	}
	if l.CN {
		c.params.CNPayloadType, _ = s.audio.find(noiseCoding)
	}
	return c, nil
}

func (a *audio) codec(l Local, answer bool) (media.Codec, uint8, bool) {
	best, number, found := media.PCMU, uint8(0), len(a.types)
	for _, c := range l.codecs() {
		for place, pt := range a.types {
			if a.codings[pt] != codecCoding(c) {
				continue
			}
			if !answer {
				return c, pt, true
			}
			if place < found {
				best, number, found = c, pt, place
			}
		}
	}
	return best, number, found < len(a.types)
}
