package locate

import (
	"math/rand/v2"
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/dns/dnsmessage"
	"pgregory.net/rapid"

	"switchroom/sip/locate/locatetest"
)

func places(t *testing.T, c *Client, target Target) []Place {
	t.Helper()
	list, ttl, err := c.Locate(t.Context(), target)
	require.NoError(t, err)
	require.GreaterOrEqual(t, ttl, ttlMin)
	return list
}

func at(addr, transport string, priority, weight uint16) Place {
	return Place{netip.MustParseAddrPort(addr), transport, priority, weight}
}

func TestADomainLeadsByNAPTRAndSRVToAddresses(t *testing.T) {
	s := locatetest.New(t)
	c := &Client{Servers: []netip.AddrPort{s.Addr}}
	s.Add(600, "carrier.example", locatetest.NAPTR(20, 0, "s", "SIP+D2U", "_sip._udp.carrier.example"),
		locatetest.NAPTR(10, 0, "S", "SIPS+D2T", "_sips._tcp.carrier.example"), locatetest.NAPTR(5, 0, "s", "SIP+D2S", "x.example"))
	s.Add(60, "_sip._udp.carrier.example", locatetest.SRV(20, 10, 5070, "b.carrier.example"), locatetest.SRV(10, 60, 5060, "a.carrier.example"),
		locatetest.SRV(10, 40, 5060, "b.carrier.example"), locatetest.SRV(30, 0, 1, "gone.example"))
	s.Add(300, "_sips._tcp.carrier.example", locatetest.SRV(0, 0, 5061, "a.carrier.example"))
	s.Add(300, "a.carrier.example", locatetest.A("192.0.2.1"), locatetest.A("2001:db8::1"))
	s.Add(300, "b.carrier.example", locatetest.A("192.0.2.2"))
	list, ttl, err := c.Locate(t.Context(), Target{Host: "carrier.example"})
	require.NoError(t, err)
	require.Equal(t, time.Minute, ttl, "the shortest on the way")
	require.Equal(t, []Place{at("192.0.2.1:5061", "TLS", 0, 0), at("[2001:db8::1]:5061", "TLS", 0, 0),
		at("192.0.2.1:5060", "UDP", 1000, 60), at("[2001:db8::1]:5060", "UDP", 1000, 60), at("192.0.2.2:5060", "UDP", 1000, 40),
		at("192.0.2.2:5070", "UDP", 1001, 10)}, list)

	require.Equal(t, list[:2], places(t, c, Target{Host: "carrier.example", Secure: true}), "sips by TLS alone")
	require.Equal(t, []Place{at("192.0.2.1:5060", "UDP", 0, 60), at("[2001:db8::1]:5060", "UDP", 0, 60), at("192.0.2.2:5060", "UDP", 0, 40),
		at("192.0.2.2:5070", "UDP", 1, 10)}, places(t, c, Target{Host: "carrier.example", Transport: "UDP"}))
	require.Equal(t, []Place{at("192.0.2.2:5090", "UDP", 0, 0)}, places(t, c, Target{Host: "b.carrier.example", Port: 5090}))
	require.Equal(t, []Place{at("192.0.2.2:5061", "TLS", 0, 0)}, places(t, c, Target{Host: "b.carrier.example", Transport: "TLS"}))
	require.Equal(t, []Place{at("192.0.2.2:5060", "UDP", 0, 0)}, places(t, c, Target{Host: "b.carrier.example"}))
}

func TestWithoutNAPTRTheServicesAreAskedForAndAliasesFollowed(t *testing.T) {
	s := locatetest.New(t)
	c := &Client{Servers: []netip.AddrPort{s.Addr}}
	s.Add(60, "_sip._tcp.pbx.example", locatetest.SRV(0, 0, 5068, "Alias.example"))
	s.Add(30, "alias.example", locatetest.CNAME("host.example"))
	s.Add(20, "host.example", locatetest.A("192.0.2.9"))
	list, ttl, err := c.Locate(t.Context(), Target{Host: "pbx.example"})
	require.NoError(t, err)
	require.Equal(t, []Place{at("192.0.2.9:5068", "TCP", 2000, 0)}, list)
	require.Equal(t, 20*time.Second, ttl)
	s.Add(60, "_sip._udp.none.example", locatetest.SRV(0, 0, 0, "host.example"))
	_, _, err = c.Locate(t.Context(), Target{Host: "none.example"})
	require.ErrorIs(t, err, ErrNoName)
}

func TestWhatDNSDoesNotTellIsToldApartFromWhatIsNot(t *testing.T) {
	s := locatetest.New(t)
	c := &Client{Servers: []netip.AddrPort{s.Addr}, Timeout: 50 * time.Millisecond}
	s.Add(60, "host.example", locatetest.A("192.0.2.9"))
	_, _, err := c.Locate(t.Context(), Target{Host: "nowhere.example"})
	require.ErrorIs(t, err, ErrNoName)
	s.Fail(dnsmessage.RCodeServerFailure)
	_, _, err = c.Locate(t.Context(), Target{Host: "host.example"})
	require.ErrorIs(t, err, ErrServer)
	require.NotErrorIs(t, err, ErrNoName)
	s.Fail(dnsmessage.RCodeSuccess)
	s.Mute(true)
	_, _, err = c.Locate(t.Context(), Target{Host: "host.example", Port: 1})
	require.ErrorIs(t, err, ErrServer)

	other := locatetest.New(t)
	other.Add(60, "host.example", locatetest.A("192.0.2.10"))
	c.Servers = append(c.Servers, other.Addr)
	require.Equal(t, []Place{at("192.0.2.10:1", "UDP", 0, 0)}, places(t, c, Target{Host: "host.example", Port: 1}))
}

func TestAnAnswerTooLongForADatagramComesByTCP(t *testing.T) {
	s := locatetest.New(t)
	c := &Client{Servers: []netip.AddrPort{s.Addr}}
	s.Short(true)
	s.Add(60, "host.example", locatetest.A("192.0.2.9"))
	require.Len(t, places(t, c, Target{Host: "host.example", Port: 5060}), 1)
}

func TestTheOrderFollowsPriorityAndWeight(t *testing.T) {
	list := []Place{at("192.0.2.1:1", "UDP", 0, 60), at("192.0.2.2:1", "UDP", 0, 20), at("192.0.2.3:1", "UDP", 0, 20),
		at("192.0.2.4:1", "UDP", 0, 0), at("192.0.2.5:1", "UDP", 1, 100)}
	rng := rand.New(rand.NewPCG(1, 2))
	first := map[netip.AddrPort]int{}
	for range 10_000 {
		got := Order(list, nil, rng)
		first[got[0].Addr]++
		require.Equal(t, list[4], got[4], "a lower priority comes after all others")
	}
	require.InDelta(t, 6000, first[list[0].Addr], 300)
	require.InDelta(t, 2000, first[list[1].Addr], 300)
	require.InDelta(t, 2000, first[list[2].Addr], 300)
	require.Less(t, first[list[3].Addr], 500)
	got := Order(list, func(p Place) bool { return p.Priority == 0 && p.Weight > 0 }, rng)
	require.Equal(t, []Place{list[3], list[4]}, got[:2], "what is bad comes last")
}

func TestAnOrderIsAlwaysThePlacesThemselves(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var list []Place
		for i := range rapid.IntRange(0, 12).Draw(t, "places") {
			list = append(list, Place{Addr: netip.AddrPortFrom(netip.AddrFrom4([4]byte{192, 0, 2, byte(i)}), 1),
				Priority: rapid.Uint16Range(0, 3).Draw(t, "priority"), Weight: rapid.Uint16Range(0, 5).Draw(t, "weight")})
		}
		got := Order(list, nil, rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1)))
		seen := map[Place]bool{}
		for i, p := range got {
			if seen[p] || i > 0 && got[i-1].Priority > p.Priority {
				t.Fatalf("%v of %v", got, list)
			}
			seen[p] = true
		}
		if len(got) != len(list) {
			t.Fatalf("%d of %d", len(got), len(list))
		}
	})
}

func FuzzParse(f *testing.F) {
	name := dnsmessage.MustNewName("a.example.")
	m := dnsmessage.Message{Header: dnsmessage.Header{ID: 1, Response: true}, Questions: []dnsmessage.Question{{Name: name, Type: typeNAPTR, Class: dnsmessage.ClassINET}},
		Answers: []dnsmessage.Resource{{Header: dnsmessage.ResourceHeader{Name: name, Class: dnsmessage.ClassINET}, Body: locatetest.NAPTR(1, 2, "s", "SIP+D2U", "b.example")}}}
	seed, err := m.Pack()
	require.NoError(f, err)
	f.Add(seed)
	f.Add([]byte{0, 1, 0x80})
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, typ := range []dnsmessage.Type{typeNAPTR, dnsmessage.TypeA, dnsmessage.TypeAAAA, dnsmessage.TypeSRV} {
			a, err := parse(b, 1, name, typ)
			if err == nil && !a.found() {
				t.Fatal("neither records nor an error")
			}
		}
	})
}
