package demo

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	"go.uber.org/zap"

	"switchroom/media"
	"switchroom/sip"
)

// station is a host with telephones or trunks: a user agent on a socket of its
// own and the media of its site.
type station struct {
	ua    *sip.UA
	media *media.Engine
	log   *zap.Logger
	work  work
}

// phone is an agent's telephone.
type phone struct {
	station
	agent agent
	ctx   context.Context // of its calls; the phone's run is one use of it
}

var _ sip.Core = (*phone)(nil)

// newPhone makes a telephone at an address that answers calls from the switch.
func newPhone(ctx context.Context, a agent, at netip.Addr, theSwitch netip.Addr, engine *media.Engine, log *zap.Logger) (*phone, error) {
	p := &phone{agent: a, ctx: ctx, station: station{media: engine, log: log.Named("phone").With(zap.String("agent", a.id))}}
	var err error
	p.ua, err = sip.New(sip.Config{Listen: []string{"udp:" + netip.AddrPortFrom(at, 0).String()}, UserAgent: "demo-phone"},
		switchPeer(theSwitch, ""), p, p.log)
	if err != nil {
		return nil, fmt.Errorf("phone of agent %s: %w", a.id, err)
	}
	return p, nil
}

// switchPeer lets the switch, and nobody else, speak to a user agent.
func switchPeer(theSwitch netip.Addr, address string) *sip.Peers {
	return &sip.Peers{Trunks: []sip.Trunk{{
		ID: switchTrunk, Peers: []netip.Prefix{netip.PrefixFrom(theSwitch, theSwitch.BitLen())}, Address: address,
	}}}
}

const switchTrunk = "switch"

// Registration is of no use to a phone: it is no registrar.
func (p *phone) Registration(sip.Registration) {}

// Invite rings. It is called on the socket's goroutine.
func (p *phone) Invite(leg *sip.Leg, inv sip.Invite) sip.Sink {
	end, err := newParty(p.media, p.agent.voice)
	if err != nil {
		p.log.Warn("no media for a call", zap.Error(err))
		leg.Reject(503, 0)
		return nil
	}
	l := newLine(end, p.agent.codecs(), p.log)
	if !p.work.begin(func() {
		defer end.close()
		p.ring(leg, l, inv.SDP)
	}) {
		end.close()
		leg.Reject(480, 0)
		return nil
	}
	return l
}

func (a agent) codecs() []media.Codec {
	if a.codec == media.PCMA.String() {
		return []media.Codec{media.PCMA}
	}
	return nil
}

// ring lets the phone ring until the agent answers, and talks.
func (p *phone) ring(leg *sip.Leg, l *line, offered []byte) {
	if err := leg.Ring(180, nil); err != nil {
		p.log.Warn("ringing failed", zap.Error(err))
		leg.Reject(480, 0)
		return
	}
	if p.agent.answerAfter == 0 {
		select {
		case <-l.over:
		case <-p.ctx.Done():
			leg.Reject(480, 0)
		}
		return
	}
	select {
	case <-time.After(p.agent.answerAfter):
	case <-l.over:
		return
	case <-p.ctx.Done():
		leg.Reject(480, 0)
		return
	}
	body, err := l.answer(offered)
	if err != nil {
		p.log.Warn("offer not answered", zap.Error(err))
		leg.Reject(488, 0)
		return
	}
	if err := leg.Answer(body); err != nil {
		p.log.Warn("call not answered", zap.Error(err))
		leg.Hangup(sip.Cause{})
		return
	}
	p.talk(leg, l)
}

// talk greets and converses until the caller hangs up, or takes leave.
func (p *phone) talk(leg *sip.Leg, l *line) {
	select {
	case <-l.up:
	case <-l.over:
		return
	}
	ctx, cancel := untilOver(p.ctx, l)
	defer cancel()
	l.party.converse(ctx, true, agentTurns)
	select {
	case <-l.over:
	case <-time.After(leaveAfter):
	}
	hangUp(leg, l)
}

const (
	// leaveAfter is how long one who has said the last word stays.
	leaveAfter = 400 * time.Millisecond
	// hangUpWithin bounds the wait for the end of a call that was hung up.
	hangUpWithin = 3 * time.Second
)

// hangUp ends a call and waits for its end.
func hangUp(leg *sip.Leg, l *line) {
	leg.Hangup(sip.Cause{Q850: 16})
	select {
	case <-l.over:
	case <-time.After(hangUpWithin):
	}
}

// untilOver is a context that ends with the call.
func untilOver(parent context.Context, l *line) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(parent)
	go func() {
		select {
		case <-l.over:
		case <-ctx.Done():
		}
		cancel()
	}()
	return ctx, cancel
}
