package chaos

import (
	"context"
	"net/netip"
	"strings"
	"sync"
	"time"

	"switchroom/media"
	"switchroom/media/sdp"
	"switchroom/sip"

	"go.uber.org/zap"
)

// peer is a user agent: the carrier's, or a phone's.
type peer struct {
	ua     *sip.UA
	stop   context.CancelFunc
	ended  chan struct{}
	invite func(*sip.Leg, sip.Invite) sip.Sink
}

func newPeer(w *world, host string, invite func(*sip.Leg, sip.Invite) sip.Sink) *peer {
	p := &peer{ended: make(chan struct{}), invite: invite}
	var err error
	p.ua, err = sip.New(sip.Config{Listen: []string{"udp:" + host + ":0"}, T1: t1},
		&sip.Peers{Trunks: []sip.Trunk{{ID: "switch", Peers: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}, Address: "sip:" + w.sip}}},
		p, zap.NewNop())
	if err != nil {
		w.t.Fatal(err)
	}
	var ctx context.Context
	ctx, p.stop = context.WithCancel(context.Background())
	go func() { defer close(p.ended); _ = p.ua.Run(ctx) }()
	return p
}

func (p *peer) close() {
	p.stop()
	<-p.ended
}

func (p *peer) address() string { return strings.TrimPrefix(p.ua.Addresses()[0], "udp:") }

func (p *peer) Registration(sip.Registration) {}

func (p *peer) Invite(leg *sip.Leg, inv sip.Invite) sip.Sink { return p.invite(leg, inv) }

// side is one leg at a peer with its sound.
type side struct {
	w       *world
	session *media.Session
	sound   *media.Leg
	local   sdp.Local
	late    bool // we called without an offer
	mute    bool // never acknowledges what it has been offered late
	onUp    func()
	over    chan struct{}

	mu     sync.Mutex
	leg    *sip.Leg
	ended  bool
	timers []*time.Timer
}

// MediaEvent: what matters is at the other end.
func (s *side) MediaEvent(media.Event) {}

// newSide opens a port pair and plays a tone once there is somebody to hear it.
func (w *world) newSide() *side {
	s := &side{w: w, over: make(chan struct{}), onUp: func() {}}
	s.session = w.engine.NewSession(s)
	leg, err := s.session.NewLeg(media.Other)
	if err != nil {
		w.fault("a peer has no port: %v", err)
		return s
	}
	s.sound = leg
	at := leg.Local()
	s.local = sdp.Local{Addr: at.Addr(), Port: at.Port(), RTCPPort: at.Port() + 1, SessionID: uint64(at.Port()), Version: 1,
		Codecs: pick(w.d, []media.Codec{media.PCMU, media.PCMA}, []media.Codec{media.PCMA}), DTMF: 101, PtimeMs: 20}
	return s
}

func (s *side) connect(p media.Params, err error) {
	if err == nil && s.sound != nil {
		s.sound.Connect(p)
		s.session.Play(s.sound, s.w.clip, true)
	}
}

// answer makes our answer to an offer.
func (s *side) answer(offer []byte) []byte {
	d, err := sdp.Parse(offer)
	if err != nil {
		s.w.fault("the switch's offer cannot be read: %v", err)
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.local.Version++
	body, p, err := sdp.Answer(d, s.local)
	s.connect(p, err)
	return body
}

func (s *side) accept(answer []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if d, err := sdp.Parse(answer); err == nil {
		s.connect(sdp.Accept(s.local, d))
	}
}

// LegEvent plays the peer's part.
func (s *side) LegEvent(e sip.Event) {
	switch e.Kind {
	case sip.Answered:
		s.setLeg(e.Leg)
		switch {
		case s.late && s.mute:
		case s.late:
			_ = e.Leg.Answer(s.answer(e.SDP))
		case e.SDP != nil:
			s.accept(e.SDP)
		}
		s.onUp()
	case sip.Confirmed:
		s.onUp()
	case sip.Offered:
		if body := s.answer(e.SDP); body == nil || e.Leg.AcceptOffer(body) != nil {
			_ = e.Leg.RefuseOffer(488)
		}
	case sip.Failed, sip.Ended:
		s.finish()
	}
}

func (s *side) setLeg(leg *sip.Leg) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.leg = leg
}

// finish ends what the side does; once.
func (s *side) finish() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return
	}
	s.ended = true
	for _, t := range s.timers {
		t.Stop()
	}
	s.session.Close()
	close(s.over)
}

func (s *side) isOver() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ended
}

// after does something with the leg in d, unless that is over by then.
func (s *side) after(d time.Duration, do func(*sip.Leg)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return
	}
	s.timers = append(s.timers, time.AfterFunc(d, func() {
		s.mu.Lock()
		leg, ended := s.leg, s.ended
		s.mu.Unlock()
		if leg != nil && !ended {
			do(leg)
		}
	}))
}

// hold puts the other side on hold for d and takes it back, mostly.
func (s *side) hold(in, d time.Duration) {
	say := func(dir sdp.Direction) func(*sip.Leg) {
		return func(leg *sip.Leg) {
			s.mu.Lock()
			s.local.Direction = dir
			s.local.Version++
			body := sdp.Offer(s.local)
			s.mu.Unlock()
			_ = leg.Reoffer(body) // the state it finds is part of the weather
		}
	}
	s.after(in, say(pick(s.w.d, sdp.SendOnly, sdp.Inactive)))
	if s.w.d.chance(80) {
		s.after(in+d, say(sdp.SendRecv))
	}
}

var normal = sip.Cause{Q850: 16}
