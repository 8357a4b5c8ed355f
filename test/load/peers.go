package main

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"
	"sync"
	"time"

	"switchroom/media"
	"switchroom/media/sdp"
	"switchroom/sip"

	"go.uber.org/zap"
)

// peer is the carrier, or all the phones, of a measurement: one user agent and
// one media engine of its own.
type peer struct {
	ua     *sip.UA
	engine *media.Engine
	clip   *media.Clip
	rtp    bool
	sink   []*net.UDPConn // without RTP: where the switch's RTCP goes, unread
	stop   context.CancelFunc
	ended  chan struct{}

	// onInvite hears of calls in; nil answers them at once.
	onInvite func(*sip.Leg, sip.Invite) sip.Sink
}

func newPeer(rtp bool, ports [2]uint16, onInvite func(*sip.Leg, sip.Invite) sip.Sink) (*peer, error) {
	p := &peer{rtp: rtp, onInvite: onInvite, ended: make(chan struct{})}
	var err error
	local := netip.MustParsePrefix("127.0.0.1/32")
	p.ua, err = sip.New(sip.Config{Listen: []string{"udp:127.0.0.1:0"}}, &sip.Peers{Trunks: []sip.Trunk{{ID: "switch", Peers: []netip.Prefix{local}}}}, p, zap.NewNop())
	if err != nil {
		return nil, err
	}
	if rtp {
		p.engine, err = media.NewEngine(media.Config{Listen: local.Addr(), PortMin: ports[0], PortMax: ports[1], Rest: -1}, zap.NewNop())
		if err != nil {
			return nil, err
		}
		p.clip = media.MusicClip()
	} else if p.sink, err = openSink(); err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(context.Background())
	p.stop = stop
	go func() { defer close(p.ended); _ = p.ua.Run(ctx) }()
	return p, nil
}

func (p *peer) address() string {
	return strings.TrimPrefix(p.ua.Addresses()[0], "udp:")
}

func (p *peer) close() {
	p.stop()
	<-p.ended
	if p.engine != nil {
		p.engine.Close()
	}
	for _, c := range p.sink {
		c.Close()
	}
}

// openSink binds an even port and the odd one above it.
func openSink() ([]*net.UDPConn, error) {
	for port := 14000; port < 16000; port += 2 {
		var pair []*net.UDPConn
		for i := range 2 {
			c, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: port + i})
			if err != nil {
				break
			}
			pair = append(pair, c)
		}
		if len(pair) == 2 {
			return pair, nil
		}
		for _, c := range pair {
			c.Close()
		}
	}
	return nil, errors.New("no free pair of ports between 14000 and 16000")
}

func (p *peer) Registration(sip.Registration) {}

func (p *peer) Invite(leg *sip.Leg, inv sip.Invite) sip.Sink { return p.onInvite(leg, inv) }

// sound is one call's media at a peer; without RTP only its description.
type sound struct {
	session *media.Session
	leg     *media.Leg
	local   sdp.Local
}

// MediaEvent: nothing of it matters here.
func (s *sound) MediaEvent(media.Event) {}

func (p *peer) sound() (*sound, error) {
	s := &sound{local: sdp.Local{Addr: netip.MustParseAddr("127.0.0.1"), SessionID: 1, Version: 1,
		Codecs: []media.Codec{media.PCMU}, DTMF: 101, PtimeMs: 20, Direction: sdp.SendRecv}}
	if !p.rtp {
		s.local.Port = uint16(p.sink[0].LocalAddr().(*net.UDPAddr).Port)
		s.local.RTCPPort = s.local.Port + 1
		s.local.Direction = sdp.Inactive // signalling alone: nobody sends
		return s, nil
	}
	s.session = p.engine.NewSession(s)
	leg, err := s.session.NewLeg(media.Other)
	if err != nil {
		s.session.Close()
		return nil, err
	}
	s.leg = leg
	s.local.Port, s.local.RTCPPort = leg.Local().Port(), leg.Local().Port()+1
	return s, nil
}

func (s *sound) start(p *peer, params media.Params) {
	if s.leg != nil {
		s.leg.Connect(params)
		s.session.Play(s.leg, p.clip, true)
	}
}

func (s *sound) close() {
	if s.session != nil {
		s.session.Close()
	}
}

// answer answers a call in and lets sound flow.
func (p *peer) answer(leg *sip.Leg, inv sip.Invite) (*sound, error) {
	s, err := p.sound()
	if err != nil {
		return nil, err
	}
	d, err := sdp.Parse(inv.SDP)
	if err != nil {
		return nil, err
	}
	body, params, err := sdp.Answer(d, s.local)
	if err != nil {
		return nil, err
	}
	s.start(p, params)
	return s, leg.Answer(body)
}

// tally collects delays.
type tally struct {
	mu sync.Mutex
	d  []time.Duration
}

func (t *tally) add(d time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.d = append(t.d, d)
}
