package sip

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestHeldByeIsAnsweredOnceTheCallIsSettled(t *testing.T) {
	play(t, Peers{}, Config{}, func(s *stage) {
		p := s.peer("10.0.0.9:5060")
		ok, c := p.answered(s)
		c.leg.HoldBye()
		p.send(p.ask("BYE", "sip:10.0.0.1:5060", "b1", 2, field(ok, "To"))...)
		require.Equal(t, RemoteSide, c.next(t, Ended).Cause.Side)
		p.silent(200 * time.Millisecond)
		c.leg.Settled()
		p.expect("SIP/2.0 200")
		c.leg.Settled()
		p.silent(time.Second)
	})
}

func TestHeldByeIsAnsweredInTheEndWhateverHappens(t *testing.T) {
	play(t, Peers{}, Config{}, func(s *stage) {
		p := s.peer("10.0.0.9:5060")
		ok, c := p.answered(s)
		c.leg.HoldBye()
		start := time.Now()
		p.send(p.ask("BYE", "sip:10.0.0.1:5060", "b1", 2, field(ok, "To"))...)
		c.next(t, Ended)
		p.expect("SIP/2.0 200")
		require.Equal(t, heldByeMax, time.Since(start))
		synctest.Wait()
	})
}
