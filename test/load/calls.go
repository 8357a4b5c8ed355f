package main

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"switchroom/media/sdp"
	"switchroom/sip"
)

// floor is a carrier and phones around a subject, and what they have seen.
type floor struct {
	carrier, phones *peer
	subject         *subject

	// sent is when the carrier sent the INVITE of a caller's number; rung is
	// how long it took until a phone had one for it.
	sent     sync.Map // caller's number -> time.Time
	rung     tally
	answered atomic.Int64
	failed   atomic.Int64
	over     atomic.Int64
	up       atomic.Int64

	// hangUp makes a phone end each call so long after answering; 0: never.
	hangUp time.Duration
	// byes is when the phone of an agent hung up, by agent.
	byes  sync.Map
	freed tally
}

// phoneInvite answers at once, as a headset with auto-answer does.
func (f *floor) phoneInvite(leg *sip.Leg, inv sip.Invite) sip.Sink {
	now := time.Now()
	if at, ok := f.sent.LoadAndDelete(inv.From.Number); ok {
		f.rung.add(now.Sub(at.(time.Time)))
	}
	if at, ok := f.byes.LoadAndDelete(inv.Number); ok {
		f.freed.add(now.Sub(at.(time.Time)))
	}
	c := &phoneCall{floor: f, agent: inv.Number}
	s, err := f.phones.answer(leg, inv)
	if err != nil {
		f.failed.Add(1)
		leg.Reject(488, 0)
		return nil
	}
	c.sound = s
	if f.hangUp > 0 {
		time.AfterFunc(f.hangUp, func() {
			f.byes.Store(c.agent, time.Now())
			leg.Hangup(sip.Cause{Q850: 16})
		})
	}
	return c
}

// phoneCall is a call at a phone.
type phoneCall struct {
	floor *floor
	agent string
	sound *sound
}

func (c *phoneCall) LegEvent(e sip.Event) {
	if e.Kind == sip.Ended || e.Kind == sip.Failed {
		c.sound.close()
	}
}

// call is a call at the carrier.
type call struct {
	floor *floor
	sound *sound
	talk  time.Duration // from the answer; 0: until the other side hangs up
}

// place makes a call. number is the caller's.
func (f *floor) place(number string, talk time.Duration) error {
	s, err := f.carrier.sound()
	if err != nil {
		return err
	}
	c := &call{floor: f, sound: s, talk: talk}
	f.sent.Store(number, time.Now())
	_, err = f.carrier.ua.Dial(sip.Dial{URI: fmt.Sprintf("sip:100@127.0.0.1:%d", f.subject.sip), From: sip.Identity{Number: number},
		SDP: sdp.Offer(s.local), Sink: c})
	if err != nil {
		s.close()
	}
	return err
}

func (c *call) LegEvent(e sip.Event) {
	switch e.Kind {
	case sip.Answered:
		c.floor.answered.Add(1)
		c.floor.up.Add(1)
		if d, err := sdp.Parse(e.SDP); err == nil {
			if params, err := sdp.Accept(c.sound.local, d); err == nil {
				c.sound.start(c.floor.carrier, params)
			}
		}
		if c.talk > 0 {
			time.AfterFunc(c.talk, func() { e.Leg.Hangup(sip.Cause{Q850: 16}) })
		}
	case sip.Failed:
		c.floor.failed.Add(1)
		c.floor.over.Add(1)
		c.sound.close()
	case sip.Ended:
		c.floor.up.Add(-1)
		c.floor.over.Add(1)
		c.sound.close()
	}
}

// quantiles prints delays.
func (t *tally) quantiles() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.d) == 0 {
		return "none"
	}
	slices.Sort(t.d)
	at := func(q float64) time.Duration {
		return t.d[min(len(t.d)-1, int(q*float64(len(t.d))))].Round(10 * time.Microsecond)
	}
	return fmt.Sprintf("p50 %v, p99 %v, worst %v of %d", at(0.5), at(0.99), t.d[len(t.d)-1].Round(10*time.Microsecond), len(t.d))
}
