//go:build linux

package main

import (
	"errors"
	"net/netip"
	"time"

	"go.uber.org/zap"

	"switchroom/media"
)

// engineSubject lets the media engine carry the calls.
type engineSubject struct {
	mode     string
	engine   *media.Engine
	recorder *recorder
	refresh  []func() // of a leg's session
	hidden   bool     // parties are behind a NAT, one call in two
}

func newEngineSubject(mode string, o options) (*engineSubject, error) {
	e, err := media.NewEngine(media.Config{Listen: netip.MustParseAddr("127.0.0.1"), Timeout: 5 * time.Minute, Rest: -1, MaxLoops: o.loops}, zap.NewNop())
	if err != nil {
		return nil, err
	}
	s := &engineSubject{mode: mode, engine: e, hidden: o.attack > 0}
	if mode == "record" {
		s.recorder, err = newRecorder(o.dir)
	}
	return s, err
}

func (s *engineSubject) place(parties []netip.AddrPort, o options) (task, error) {
	t := task{Silent: s.mode == "music", Opaque: o.transcode}
	for i := 0; i < len(parties); i += 2 {
		session := s.engine.NewSession(nil)
		a, err := s.leg(&t, session, media.Caller, parties[i], media.PCMU)
		if err != nil {
			return t, err
		}
		if s.mode == "music" {
			session.Play(a, media.MusicClip(), true)
			continue
		}
		codec := media.PCMU
		if o.transcode {
			codec = media.PCMA
		}
		b, err := s.leg(&t, session, media.Agent, parties[i+1], codec)
		if err != nil {
			return t, err
		}
		session.Bridge(a, b)
		tap, err := s.tap()
		if err != nil {
			return t, err
		}
		session.Tap(tap)
	}
	return t, nil
}

func (s *engineSubject) leg(t *task, session *media.Session, side media.Side, party netip.AddrPort, c media.Codec) (*media.Leg, error) {
	leg, err := session.NewLeg(side)
	if err != nil {
		return nil, err
	}
	p := media.Params{Remote: party, Codec: c, PayloadType: c.PayloadType(), DTMFPayloadType: 101, PtimeMs: 20, Send: true, Recv: true}
	if s.hidden && len(t.Legs)/2%2 == 1 {
		p.Remote, p.Learn = netip.AddrPortFrom(elsewhere, 40000), party.Addr()
	}
	leg.Connect(p)
	s.refresh = append(s.refresh, func() { leg.Connect(p) })
	t.Legs = append(t.Legs, leg.Local())
	t.Types = append(t.Types, c.PayloadType())
	return leg, nil
}

// elsewhere is where a party behind a NAT says that it is.
var elsewhere = netip.AddrFrom4([4]byte{127, 0, 0, 10})

func (s *engineSubject) change() {
	for _, refresh := range s.refresh {
		refresh()
	}
}

func (s *engineSubject) foreign() uint64 { return s.engine.Stats().Foreign }

// tap is what hears a call; nil: nobody.
func (s *engineSubject) tap() (media.Tap, error) {
	switch s.mode {
	case "tap":
		return &deaf{}, nil
	case "record":
		return s.recorder.start()
	}
	return nil, nil
}

// deaf is the cheapest tap: it copies the frame and forgets it.
type deaf struct{ last [bytesMax]byte }

func (d *deaf) Frame(f *media.Frame) { copy(d.last[:], f.Payload) }

func (s *engineSubject) stop() (l losses, err error) {
	err = errors.Join(l.ofEngine(s.engine), s.engine.Close())
	if s.recorder != nil {
		err = errors.Join(err, s.recorder.stop(&l))
	}
	return l, err
}
