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

// carrier places the callers' calls at the switch.
type carrier struct{ station }

var _ sip.Core = (*carrier)(nil)

func newCarrier(socket string, theSwitch netip.AddrPort, engine *media.Engine, log *zap.Logger) (*carrier, error) {
	c := &carrier{station{media: engine, log: log.Named("carrier")}}
	var err error
	c.ua, err = sip.New(sip.Config{Listen: []string{socket}, UserAgent: "demo-carrier"},
		switchPeer(theSwitch.Addr(), "sip:"+theSwitch.String()), c, c.log)
	if err != nil {
		return nil, fmt.Errorf("carrier: %w", err)
	}
	return c, nil
}

// Invite refuses: nobody here can be called.
func (c *carrier) Invite(leg *sip.Leg, _ sip.Invite) sip.Sink {
	leg.Reject(404, 0)
	return nil
}

// Registration is of no use to a carrier.
func (c *carrier) Registration(sip.Registration) {}

// callAnswerWithin bounds the wait for the switch to answer a call.
const callAnswerWithin = 15 * time.Second

// place runs one caller's call to its end. Its error says what went wrong; a
// caller who gives up waiting is no error.
func (c *carrier) place(ctx context.Context, who caller) error {
	end, err := newParty(c.media, who.voice)
	if err != nil {
		return fmt.Errorf("call of %s: %w", who.name, err)
	}
	defer end.close()
	l := newLine(end, nil, c.log)
	leg, err := c.ua.Dial(sip.Dial{
		Trunk: switchTrunk, URI: who.number, From: sip.Identity{Number: who.from, Display: who.name},
		SDP: l.offer(), Sink: l,
	})
	if err != nil {
		return fmt.Errorf("call of %s: %w", who.name, err)
	}
	select {
	case <-l.up:
	case <-l.over:
		return fmt.Errorf("call of %s: refused with %d", who.name, l.failure())
	case <-time.After(callAnswerWithin):
		hangUp(leg, l)
		return fmt.Errorf("call of %s: not answered within %s", who.name, callAnswerWithin)
	case <-ctx.Done():
		hangUp(leg, l)
		return ctx.Err()
	}
	c.talk(ctx, who, leg, l)
	return ctx.Err()
}

// talk waits for an agent and converses; the one who is to hang up does.
func (c *carrier) talk(ctx context.Context, who caller, leg *sip.Leg, l *line) {
	ctx, cancel := untilOver(ctx, l)
	defer cancel()
	if who.patience > 0 {
		var stop context.CancelFunc
		ctx, stop = context.WithTimeout(ctx, who.patience)
		defer stop()
	}
	l.party.converse(ctx, false, who.turns)
	if ctx.Err() == nil {
		select {
		case <-l.over:
		case <-time.After(leaveAfter):
		}
	}
	hangUp(leg, l)
}
