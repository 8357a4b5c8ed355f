package sdp

import "switchroom/media"

// Direction is what the peer says of its audio, an address that means hold
// included; Inactive when it has no audio. It is the peer's view: SendOnly
// means that it doesn't listen.
func (d *Description) Direction() Direction {
	if a := d.speech(); a != nil {
		return a.dir
	}
	return Inactive
}

// Held is whether the peer has put us on hold: it has an audio stream and
// doesn't want to hear it (sendonly, inactive, or the address 0.0.0.0).
func (d *Description) Held() bool {
	a := d.speech()
	return a != nil && !a.dir.Receives()
}

// Origin is the session's id and version as the peer counts them. An offer
// with the origin of the last description changes nothing (RFC 3264, section
// 8): it only refreshes the session.
func (d *Description) Origin() (session, version string) { return d.session, d.version }

// speech is the audio that a call would use: the first in a codec of ours,
// else the first.
func (d *Description) speech() *audio {
	var first *audio
	for _, s := range d.streams {
		if s.audio == nil {
			continue
		}
		for _, c := range []media.Codec{media.PCMU, media.PCMA} {
			if _, ok := s.audio.find(codecCoding(c)); ok {
				return s.audio
			}
		}
		if first == nil {
			first = s.audio
		}
	}
	return first
}
