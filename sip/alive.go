package sip

import (
	"context"
	"fmt"
	"net/netip"
	"time"
)

// Alive asks each UDP socket of the UA by an OPTIONS of its own, through the
// network and all of the way in, whether it still answers. It returns when all
// have, or with an error when one has not by the end of ctx.
func (ua *UA) Alive(ctx context.Context) error {
	for _, s := range ua.packets {
		if err := ua.askSelf(ctx, s); err != nil {
			return fmt.Errorf("socket %s: %w", s.local, err)
		}
	}
	return nil
}

func (ua *UA) askSelf(ctx context.Context, s *packetSocket) error {
	to := s.local
	if to.Addr().IsUnspecified() {
		here := netip.AddrFrom4([4]byte{127, 0, 0, 1})
		if to.Addr().Is6() {
			here = netip.IPv6Loopback()
		}
		to = netip.AddrPortFrom(here, to.Port())
	}
	if ua.life.Err() != nil {
		return ErrClosed
	}
	ua.dialled.add(to.Addr(), 1)
	defer ua.dialled.add(to.Addr(), -1)
	uri := "sip:" + to.String()
	out := &outgoing{method: "OPTIONS", uri: uri, callID: newCallID(), seq: 1, contact: true,
		from: "<" + uri + ">;tag=" + newTag(), to: "<" + uri + ">", agent: ua.cfg.UserAgent}
	done := make(chan error, 1)
	ua.ask(time.Now(), nil, flow{packet: s, remote: to}, out, nil, func(_ *exchange, a answer) {
		if a.res == nil || a.res.StatusCode >= 200 {
			done <- a.err
		}
	})
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return fmt.Errorf("no answer: %w", ctx.Err())
	case <-ua.life.Done():
		return ErrClosed
	}
}
