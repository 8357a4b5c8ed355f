package media

import (
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

var (
	described = netip.MustParseAddrPort("192.0.2.1:4000")  // in the description
	otherPort = netip.MustParseAddrPort("192.0.2.1:4002")  // its host, another port
	private   = netip.MustParseAddrPort("10.0.0.7:4000")   // a phone's own idea
	outside   = netip.MustParseAddrPort("198.51.100.9:62") // its NAT's address
	attacker  = netip.MustParseAddrPort("203.0.113.66:4000")
)

func admitted(s *source, from netip.AddrPort, now int64) bool {
	ok, _ := s.admit(from, now)
	return ok
}

// A7's matrix: behind NAT or not, description right or wrong.
func TestSourceMatrix(t *testing.T) {
	for name, c := range map[string]struct {
		remote netip.AddrPort
		learn  netip.Addr
		from   netip.AddrPort
		ok     bool
	}{
		"trunk, as described":                   {described, netip.Addr{}, described, true},
		"trunk, another port":                   {described, netip.Addr{}, otherPort, true},
		"trunk, a stranger":                     {described, netip.Addr{}, attacker, false},
		"NAT, from where it signals":            {private, outside.Addr(), outside, true},
		"NAT, another port of that address":     {private, outside.Addr(), netip.AddrPortFrom(outside.Addr(), 9), true},
		"NAT, a stranger":                       {private, outside.Addr(), attacker, false},
		"NAT, not told where it signals":        {private, netip.Addr{}, outside, false},
		"described right although behind NAT":   {outside, outside.Addr(), outside, true},
		"not connected":                         {netip.AddrPort{}, netip.Addr{}, described, false},
		"no description, but an address to try": {netip.AddrPort{}, outside.Addr(), outside, false},
	} {
		var s source
		s.connect(c.remote, c.learn, 0)
		require.Equal(t, c.ok, admitted(&s, c.from, 1), name)
		if !c.ok {
			require.Equal(t, c.remote, s.target(), "%s: nothing may be sent to a stranger", name)
		}
	}
}

func TestDescribedAddressSettlesAtOnce(t *testing.T) {
	var s source
	s.connect(described, netip.Addr{}, 0)
	ok, moved := s.admit(described, 1)
	require.True(t, ok && moved && s.settled)
	require.False(t, admitted(&s, otherPort, 2))
	require.Equal(t, described, s.target())
}

func TestLearnedSourceSettlesAfterFivePackets(t *testing.T) {
	var s source
	s.connect(private, outside.Addr(), 0)
	for i := range int64(learnMax) {
		require.False(t, s.settled)
		require.True(t, admitted(&s, outside, i))
		require.False(t, admitted(&s, netip.AddrPortFrom(outside.Addr(), 7), i), "the first one stays the candidate")
	}
	require.True(t, s.settled)
	require.Equal(t, outside, s.target())
}

func TestDescribedAddressBeatsALearnedOneAtAnyTime(t *testing.T) {
	var s source
	s.connect(described, netip.Addr{}, 0)
	for i := range int64(9) {
		require.True(t, admitted(&s, otherPort, i))
	}
	require.True(t, admitted(&s, described, 10))
	require.False(t, admitted(&s, otherPort, 11))
	require.Equal(t, described, s.target())
}

func TestNewDescriptionIgnoresTheOldSource(t *testing.T) {
	var s source
	s.connect(described, netip.Addr{}, 0)
	require.True(t, admitted(&s, described, 1))
	require.True(t, s.connect(otherPort, netip.Addr{}, 2))
	require.False(t, admitted(&s, described, 3), "a late packet from the old port must not win")
	require.Equal(t, otherPort, s.target())
	require.True(t, admitted(&s, otherPort, 4))
}

func TestOldSourceMayComeBackWhenTheNewOneStaysSilent(t *testing.T) {
	var s source
	s.connect(private, outside.Addr(), 0)
	require.True(t, admitted(&s, outside, 1))
	s.connect(netip.MustParseAddrPort("10.0.0.7:4008"), outside.Addr(), 2)
	require.False(t, admitted(&s, outside, 3))
	require.True(t, admitted(&s, outside, 3+oldFor), "the NAT kept its binding")
}

func TestUnchangedDescriptionKeepsWhatWasLearned(t *testing.T) {
	var s source
	s.connect(private, outside.Addr(), 0)
	require.True(t, admitted(&s, outside, 1))
	require.False(t, s.connect(private, outside.Addr(), 2))
	require.Equal(t, outside, s.target())
	require.True(t, admitted(&s, outside, 3))
}

// Whatever comes in whatever order, a stranger is never taken or sent to, and a
// settled source is only ever left for the described one.
func TestStrangersNeverMoveAnything(t *testing.T) {
	all := []netip.AddrPort{described, otherPort, private, outside, attacker}
	rapid.Check(t, func(t *rapid.T) {
		var s source
		remote := rapid.SampledFrom(all[:4]).Draw(t, "described")
		learn := rapid.SampledFrom([]netip.Addr{{}, outside.Addr()}).Draw(t, "learn")
		s.connect(remote, learn, 0)
		for i, from := range rapid.SliceOf(rapid.SampledFrom(all)).Draw(t, "packets") {
			settled, before := s.settled, s.current
			ok := admitted(&s, from, int64(i))
			if from.Addr() != remote.Addr() && from.Addr() != learn {
				require.False(t, ok)
			}
			require.True(t, s.target().Addr() == remote.Addr() || s.target().Addr() == learn)
			if settled && s.current != before {
				require.Equal(t, remote, s.current)
			}
		}
	})
}
