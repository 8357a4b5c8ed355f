package sdp

import (
	"errors"
	"fmt"

	pion "github.com/pion/sdp/v3"

	"switchroom/media"
)

// Answer answers an offer: our audio in the first stream that can be it, in
// one codec, every other stream refused. Of several that fit, one that is
// protected comes first. Its error is an [ErrNoAudio], [ErrNoCodec] or
// [ErrAddress], and what is owed then is a 488.
//
// The caller completes the params by what only the signalling knows (Learn,
// Early).
func Answer(offer *Description, l Local) ([]byte, media.Params, error) {
	own, c, err := offer.choose(l)
	if err != nil {
		return nil, media.Params{}, err
	}
	chosen := offer.streams[own]
	dir := l.Direction.meet(chosen.audio.dir)
	formats := []format{codecFormat(c.params.PayloadType, c.codec)}
	if c.params.CNPayloadType != 0 {
		formats = append(formats, noiseFormat(c.params.CNPayloadType))
	}
	if c.params.DTMFPayloadType != 0 {
		formats = append(formats, eventFormat(c.params.DTMFPayloadType))
	}
	var lines []pion.Attribute
	if c.tag != "" {
		lines = append(lines, cryptoLine(c.tag, c.params.SRTP.Suite, c.params.SRTP.Local))
	}
	streams := make([]*pion.MediaDescription, len(offer.streams))
	for i, s := range offer.streams {
		if i == own {
			streams[i] = l.stream(s.proto, formats, c.params.PtimeMs, dir, lines...)
		} else {
			streams[i] = s.refused()
		}
	}
	return l.description(offer.times, streams), directed(c.params, dir), nil
}

// Accept draws the conclusion from the answer to an offer of ours, made by
// [Offer] or [Reoffer] from the same l. The peer's first codec is the one
// that is used. Errors are as those of [Answer]; ErrSyntax when the answer
// takes what was not offered.
func Accept(l Local, answer *Description) (media.Params, error) {
	var own *stream
	for _, s := range answer.streams {
		if s.port == 0 {
			continue
		}
		if own != nil {
			return media.Params{}, fmt.Errorf("%w: it takes a second stream, one was offered", ErrSyntax)
		}
		own = s
	}
	if own == nil {
		return media.Params{}, ErrNoAudio
	}
	c, err := own.choose(l, true)
	if err != nil {
		return media.Params{}, err
	}
	return directed(c.params, l.Direction.meet(own.audio.dir)), nil
}

// choose takes the stream to talk over.
func (d *Description) choose(l Local) (int, choice, error) {
	if l.Security == Optional {
		strict := l
		strict.Security = Required
		if i, c, err := d.first(strict); err == nil {
			return i, c, nil
		}
	}
	return d.first(l)
}

// first takes the first stream that fits. If none does, the error is the one
// that came closest.
func (d *Description) first(l Local) (int, choice, error) {
	closest := ErrNoAudio
	for i, s := range d.streams {
		c, err := s.choose(l, false)
		if err == nil {
			return i, c, nil
		}
		if nearness(err) > nearness(closest) {
			closest = err
		}
	}
	return 0, choice{}, closest
}

// nearness orders the reasons for refusing a stream by how far it came.
func nearness(err error) int {
	switch {
	case errors.Is(err, ErrAddress):
		return 3
	case errors.Is(err, ErrNoCodec):
		return 2
	case errors.Is(err, ErrTransport):
		return 1
	}
	return 0
}

// directed completes params by who sends. Nothing is sent to an address that
// says hold, whatever the attributes say.
func directed(p media.Params, dir Direction) media.Params {
	p.Send, p.Recv = dir.Sends(), dir.Receives()
	return p
}
