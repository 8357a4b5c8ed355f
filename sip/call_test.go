package sip

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// pair is a switch with one trunk and a carrier that calls it.
func pair(t testing.TB) (carrier, exchange *station) {
	exchange = newStation(t, Config{}, &Peers{Trunks: []Trunk{{ID: "telecom", Peers: loopback}}})
	carrier = newStation(t, Config{}, &Peers{Trunks: []Trunk{{ID: "switch", Peers: loopback}}})
	return carrier, exchange
}

func (s *station) dial(t testing.TB, d Dial) *call {
	t.Helper()
	c := newCall()
	d.Sink = c
	if d.SDP == nil {
		d.SDP = offerSDP
	}
	leg, err := s.ua.Dial(d)
	require.NoError(t, err)
	c.leg = leg
	return c
}

func TestCallIsAnsweredAndHungUpByEitherSide(t *testing.T) {
	for _, transport := range []string{"udp", "tcp"} {
		for _, callerEnds := range []bool{true, false} {
			t.Run(transport, func(t *testing.T) {
				t.Parallel()
				carrier, exchange := pair(t)
				out := carrier.dial(t, Dial{URI: exchange.uri("4008001234", transport),
					From: Identity{Number: "+4989123", Display: "Wei \"W\" Li"}})
				in := exchange.arrival(t)
				require.Equal(t, "telecom", in.invite.Trunk)
				require.Equal(t, "4008001234", in.invite.Number)
				require.Equal(t, "+4989123", in.invite.From.Number)
				require.Equal(t, `Wei "W" Li`, in.invite.From.Display)
				require.Equal(t, offerSDP, in.invite.SDP)
				require.Equal(t, out.leg.CallID(), in.invite.CallID)

				require.NoError(t, in.leg.Ring(180, nil))
				require.Equal(t, 180, out.next(t, Progress).Status)
				require.NoError(t, in.leg.Answer(answerSDP))
				require.Equal(t, answerSDP, out.next(t, Answered).SDP)
				in.next(t, Confirmed)

				if callerEnds {
					out.leg.Hangup(Cause{Q850: 16})
				} else {
					in.leg.Hangup(Cause{Q850: 16})
				}
				ended, told := out.next(t, Ended), in.next(t, Ended)
				require.Equal(t, 16, ended.Cause.Q850)
				require.Equal(t, 16, told.Cause.Q850)
				require.Equal(t, callerEnds, ended.Cause.Side == LocalSide)
				require.Equal(t, callerEnds, told.Cause.Side == RemoteSide)
				carrier.quiet(t)
				exchange.quiet(t)
			})
		}
	}
}
