package exchange

import (
	"net/netip"
	"testing"

	"switchroom/media"
	"switchroom/media/sdp"

	"github.com/stretchr/testify/require"
)

func TestEncryptionFollowsPolicyAndSignalling(t *testing.T) {
	for policy, want := range map[string][2]sdp.Security{ // without TLS, with
		"never": {sdp.Plain, sdp.Plain}, "allow": {sdp.Plain, sdp.Optional}, "": {sdp.Plain, sdp.Plain},
	} {
		for i, tls := range []bool{false, true} {
			got, err := security(policy, tls)
			require.NoError(t, err)
			require.Equal(t, want[i], got, "%s %v", policy, tls)
		}
	}
	_, err := security("require", false)
	require.ErrorIs(t, err, sdp.ErrSecurity)
	got, err := security("require", true)
	require.NoError(t, err)
	require.Equal(t, sdp.Required, got)
}

// A re-INVITE with the same key changes nothing; one with another key gets
// another key of ours.
func TestAPeersNewKeyIsAnsweredWithANewOne(t *testing.T) {
	peer := sdp.Local{Addr: netip.MustParseAddr("127.0.0.1"), Port: 9000, SessionID: 1, Version: 1, Security: sdp.Required, Keys: sdp.NewKeys()}
	p := &party{settled: true, local: sdp.Local{Addr: netip.MustParseAddr("127.0.0.1"), Port: 8000, SessionID: 2, Security: sdp.Optional, Keys: sdp.NewKeys()}}
	answered := func() media.Keys {
		d, err := sdp.Parse(sdp.Offer(peer))
		require.NoError(t, err)
		body, params, err := p.answer(d)
		require.NoError(t, err)
		back, err := sdp.Parse(body)
		require.NoError(t, err)
		theirs, err := sdp.Accept(peer, back)
		require.NoError(t, err)
		require.Equal(t, params.SRTP.Local, theirs.SRTP.Remote, "what we say is what we do")
		p.params, p.agreed = params, true
		return params.SRTP
	}
	first := answered()
	require.Equal(t, first, answered(), "a session refresh")
	peer.Keys = sdp.NewKeys()
	next := answered()
	require.NotEqual(t, first.Remote, next.Remote)
	require.NotEqual(t, first.Local, next.Local)
}
