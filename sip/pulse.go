package sip

import (
	"math/rand/v2"
	"time"
)

// A ping and its answer on a connection (RFC 5626 3.5.1).
var (
	pingText = []byte("\r\n\r\n")
	pongText = []byte("\r\n")
)

const (
	// pulseEvery is how often a connection that we opened is pinged, less up to a
	// fifth by chance.
	pulseEvery = 95 * time.Second
	// pulseAnswer is how long a peer has to answer.
	pulseAnswer = 10 * time.Second
)

// pulse keeps a connection of ours open and finds out when it is dead. Not every
// peer answers pings, so only one that has done so before and does no longer is
// taken for gone. It is its writer's alone.
type pulse struct {
	s       *stream
	timer   *time.Timer // nil: a connection that the peer opened is the peer's to keep
	waiting bool        // for an answer
	before  uint64      // what was heard before the ping
	answers bool        // the peer has answered one
}

func newPulse(s *stream) *pulse {
	p := &pulse{s: s}
	if s.ours {
		p.timer = time.NewTimer(pulseWait())
	}
	return p
}

func pulseWait() time.Duration { return pulseEvery - rand.N(pulseEvery/5) }

func (p *pulse) stop() {
	if p.timer != nil {
		p.timer.Stop()
	}
}

// due is when beat is to be called.
func (p *pulse) due() <-chan time.Time {
	if p.timer == nil {
		return nil
	}
	return p.timer.C
}

// beat sends a ping, or looks whether one was answered; false: the peer is gone.
func (p *pulse) beat() bool {
	heard := p.s.heard.Load()
	if !p.waiting {
		p.waiting, p.before = true, heard
		p.timer.Reset(pulseAnswer)
		return p.s.enqueue(pingText) == nil
	}
	p.waiting = false
	answered := heard > p.before
	if !answered && p.answers {
		return false
	}
	p.answers = p.answers || answered
	p.timer.Reset(pulseWait())
	return true
}
