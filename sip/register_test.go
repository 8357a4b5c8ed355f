package sip

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// floor is a switch with agents' accounts and no trunk.
func floor(t testing.TB, cfg Config, accounts ...Account) *station {
	return newStation(t, cfg, &Peers{Accounts: accounts})
}

// phoneOf is a UA that registers at a switch and takes calls from it.
func phoneOf(t testing.TB, sw *station, account, password, transport string) *station {
	t.Helper()
	p := newStation(t, Config{}, &Peers{Trunks: []Trunk{{ID: "switch", Peers: loopback}}})
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	require.NoError(t, p.ua.Register(ctx, RegisterRequest{Registrar: "sip:" + sw.at(transport) + ";transport=" + transport,
		Account: account, Password: password, Expires: time.Minute}))
	return p
}

func (s *station) registration(t testing.TB) Registration {
	t.Helper()
	select {
	case r := <-s.regged:
		return r
	case <-time.After(20 * time.Second):
		require.Fail(t, "no registration event")
	}
	return Registration{}
}

func TestPhoneRegistersIsCalledAndCallsBack(t *testing.T) {
	for _, transport := range []string{"udp", "tcp"} {
		t.Run(transport, func(t *testing.T) {
			sw := floor(t, Config{}, Account{ID: "8001", Password: "secret"})
			require.False(t, sw.ua.Registered("8001"))
			_, err := sw.ua.Dial(Dial{Account: "8001", Sink: newCall(), SDP: offerSDP})
			require.ErrorIs(t, err, ErrUnreachable)

			p := phoneOf(t, sw, "8001", "secret", transport)
			r := sw.registration(t)
			require.Equal(t, "8001", r.Account)
			require.True(t, r.Registered)
			require.True(t, sw.ua.Registered("8001"))
			require.Equal(t, 1, sw.ua.Stats().Bindings)

			out := sw.dial(t, Dial{Account: "8001", From: Identity{Number: "+49123"}})
			in := p.arrival(t)
			require.Equal(t, "+49123", in.invite.From.Number)
			require.Equal(t, "8001", in.invite.Number)
			require.NoError(t, in.leg.Answer(answerSDP))
			out.next(t, Answered)
			in.next(t, Confirmed)
			out.leg.Hangup(Cause{})
			in.next(t, Ended)
			out.next(t, Ended)

			back := p.dial(t, Dial{URI: sw.uri("*51", transport), Username: "8001", Password: "secret",
				From: Identity{Number: "8001"}})
			call := sw.arrival(t)
			require.Equal(t, "8001", call.invite.Account)
			require.Empty(t, call.invite.Trunk)
			require.Equal(t, "*51", call.invite.Number)
			call.leg.Reject(603, 0)
			failed := back.next(t, Failed)
			require.Equal(t, 603, failed.Status)
			require.Equal(t, 21, failed.Cause.Q850)
			sw.quiet(t)
		})
	}
}
