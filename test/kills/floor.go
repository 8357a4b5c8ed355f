package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strings"
	"sync"
	"time"

	"switchroom/media"
	"switchroom/media/sdp"
	"switchroom/sip"

	"go.uber.org/zap"
)

// floor is the carrier and all phones, with sound in both directions.
type floor struct {
	ua     *sip.UA
	engine *media.Engine
	clip   *media.Clip
	target string
	stop   context.CancelFunc
	ended  chan struct{}

	mu    sync.Mutex
	calls map[string]*call // by the caller's number
}

// call is a call as the peers see it.
type call struct {
	number   string
	caller   *side
	phones   []*side   // who rang for it, the last one last
	answered time.Time // by the switch, to the caller
	over     bool      // the caller was told before the kill that it is over, or told us
}

// side is one peer's leg.
type side struct {
	floor     *floor
	call      *call
	leg       *sip.Leg
	sound     *sound
	confirmed time.Time // a phone's: its answer was taken
	ended     time.Time
	up        bool // there is a dialog
	since     time.Time
}

// talked: an agent's phone and the caller were connected.
func (c *call) talked() bool {
	return len(c.phones) > 0 && !c.phones[len(c.phones)-1].confirmed.IsZero()
}

func newFloor(s *subject) (*floor, error) {
	f := &floor{calls: map[string]*call{}, ended: make(chan struct{}), clip: media.MusicClip(), target: fmt.Sprintf("127.0.0.1:%d", s.sip)}
	local := netip.MustParsePrefix("127.0.0.1/32")
	var err error
	f.ua, err = sip.New(sip.Config{Listen: []string{"udp:" + s.phones}, T1: 100 * time.Millisecond},
		&sip.Peers{Trunks: []sip.Trunk{{ID: "switch", Peers: []netip.Prefix{local}}}}, f, zap.NewNop())
	if err != nil {
		return nil, err
	}
	f.engine, err = media.NewEngine(media.Config{Listen: local.Addr(), PortMin: 26000, PortMax: 29999, Rest: -1}, zap.NewNop())
	if err != nil {
		f.ua.Close()
		return nil, err
	}
	ctx, stop := context.WithCancel(context.Background())
	f.stop = stop
	go func() { defer close(f.ended); _ = f.ua.Run(ctx) }()
	return f, nil
}

func (f *floor) close() {
	f.stop()
	<-f.ended
	_ = f.engine.Close()
}

func (f *floor) Registration(sip.Registration) {}

// sound is one leg's media.
type sound struct {
	session *media.Session
	leg     *media.Leg
	local   sdp.Local
}

func (s *sound) MediaEvent(media.Event) {}

func (f *floor) sound() (*sound, error) {
	s := &sound{}
	s.session = f.engine.NewSession(s)
	leg, err := s.session.NewLeg(media.Other)
	if err != nil {
		s.session.Close()
		return nil, err
	}
	s.leg = leg
	at := leg.Local()
	s.local = sdp.Local{Addr: at.Addr(), Port: at.Port(), RTCPPort: at.Port() + 1, SessionID: 1, Version: 1,
		Codecs: []media.Codec{media.PCMU}, PtimeMs: 20, Direction: sdp.SendRecv}
	return s, nil
}

func (s *side) talk(params media.Params) {
	s.sound.leg.Connect(params)
	s.sound.session.Play(s.sound.leg, s.floor.clip, true)
}

// place makes a call from a number of its own.
func (f *floor) place(number string) {
	snd, err := f.sound()
	if err != nil {
		return
	}
	c := &call{number: number}
	c.caller = &side{floor: f, call: c, sound: snd}
	f.mu.Lock()
	f.calls[number] = c
	f.mu.Unlock()
	leg, err := f.ua.Dial(sip.Dial{URI: "sip:100@" + f.target, From: sip.Identity{Number: number}, SDP: sdp.Offer(snd.local), Sink: c.caller})
	if err != nil {
		snd.session.Close()
		return
	}
	f.mu.Lock()
	c.caller.leg = leg
	f.mu.Unlock()
}

// Invite is a phone that answers at once.
func (f *floor) Invite(leg *sip.Leg, inv sip.Invite) sip.Sink {
	f.mu.Lock()
	c := f.calls[inv.From.Number]
	f.mu.Unlock()
	snd, err := f.sound()
	if c == nil || err != nil {
		leg.Reject(480, 0)
		return nil
	}
	d, err := sdp.Parse(inv.SDP)
	if err == nil {
		var body []byte
		var params media.Params
		if body, params, err = sdp.Answer(d, snd.local); err == nil {
			s := &side{floor: f, call: c, leg: leg, sound: snd}
			f.mu.Lock()
			c.phones = append(c.phones, s)
			f.mu.Unlock()
			s.talk(params)
			_ = leg.Answer(body)
			return s
		}
	}
	snd.session.Close()
	leg.Reject(488, 0)
	return nil
}

// LegEvent hears of a leg's life.
func (s *side) LegEvent(e sip.Event) {
	f := s.floor
	f.mu.Lock()
	defer f.mu.Unlock()
	switch e.Kind {
	case sip.Answered:
		s.up, s.since, s.call.answered = true, time.Now(), time.Now()
		if d, err := sdp.Parse(e.SDP); err == nil {
			if params, err := sdp.Accept(s.sound.local, d); err == nil {
				s.talk(params)
			}
		}
	case sip.Confirmed:
		s.up, s.since, s.confirmed = true, time.Now(), time.Now()
	case sip.Failed, sip.Ended:
		s.up, s.ended = false, time.Now()
		s.sound.session.Close()
		if s == s.call.caller {
			s.call.over = true
		}
	}
}

// hangUpOne has a caller end its call, so that some calls end in the ordinary
// way just before the kill.
func (f *floor) hangUpOne(rng *rand.Rand) {
	f.mu.Lock()
	var up []*side
	for _, c := range f.calls {
		if c.caller.up {
			up = append(up, c.caller)
		}
	}
	f.mu.Unlock()
	if len(up) > 0 {
		up[rng.IntN(len(up))].leg.Hangup(sip.Cause{Q850: 16})
	}
}

// take gives the calls of the life that has ended, and forgets them.
func (f *floor) take() []*call {
	f.mu.Lock()
	defer f.mu.Unlock()
	var all []*call
	for _, c := range f.calls {
		all = append(all, c)
	}
	f.calls = map[string]*call{}
	return all
}

// young is how old a dialog has to be for the journal to know it on a disk that
// others use too: it is written at once and synced with what comes in 50 ms.
const young = 250 * time.Millisecond

// released waits until every dialog that was up has ended, and says how long
// after the start the last one did. Of dialogs that began just before the kill
// the journal may not know; they are counted, and ended by their own side.
func (f *floor) released(calls []*call, died, started time.Time, within time.Duration) (last time.Duration, dialogs, unknown int, err error) {
	for {
		open, ended, n := f.open(calls, started)
		if len(open) == 0 {
			return max(ended, 0), n, 0, nil
		}
		if time.Since(started) > within {
			for _, s := range open {
				if died.Sub(s.since) > young {
					err = fmt.Errorf("%v after the start these were not told that their call is over: %s", within, names(open))
				}
				s.leg.Hangup(sip.Cause{Q850: 16})
			}
			return max(ended, 0), n, len(open), err
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func names(open []*side) string {
	var b strings.Builder
	for _, s := range open {
		who := "phone"
		if s == s.call.caller {
			who = "carrier"
		}
		fmt.Fprintf(&b, "%s of call %s; ", who, s.call.number)
	}
	return b.String()
}

// open lists the sides whose dialog is up, and counts those that were up when
// the switch was started.
func (f *floor) open(calls []*call, started time.Time) (open []*side, last time.Duration, dialogs int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, c := range calls {
		for _, s := range append([]*side{c.caller}, c.phones...) {
			switch {
			case s.up:
				open = append(open, s)
			case s.ended.After(started):
				dialogs++
				last = max(last, s.ended.Sub(started))
			}
		}
	}
	return open, last, dialogs
}
