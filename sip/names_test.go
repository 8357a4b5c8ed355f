package sip

import (
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"switchroom/sip/locate/locatetest"
)

// portOf is the port that a station listens to for UDP.
func (s *station) portOf() uint16 { return netip.MustParseAddrPort(s.at("udp")).Port() }

// deadPort is one that nobody listens to.
func deadPort(t *testing.T) uint16 {
	c, err := net.ListenPacket("udp", "127.0.0.1:0")
	require.NoError(t, err)
	defer c.Close()
	return c.LocalAddr().(*net.UDPAddr).AddrPort().Port()
}

func resolved(t *testing.T, s *station, places int) {
	t.Helper()
	require.Eventually(t, func() bool {
		for _, l := range s.ua.spots.Load().found {
			if len(l.places) == places {
				return true
			}
		}
		return false
	}, 20*time.Second, 5*time.Millisecond)
}

func TestATrunkIsFoundByDNSAndItsOtherHostTakesOver(t *testing.T) {
	dns := locatetest.New(t)
	carrier := newStation(t, Config{}, &Peers{Trunks: []Trunk{{ID: "us", Peers: loopback}}})
	dns.Add(3600, "_sip._udp.carrier.test", locatetest.SRV(0, 1, deadPort(t), "a.carrier.test"), locatetest.SRV(1, 1, carrier.portOf(), "b.carrier.test"))
	dns.Add(3600, "a.carrier.test", locatetest.A("127.0.0.1"))
	dns.Add(3600, "b.carrier.test", locatetest.A("127.0.0.1"))
	us := newStation(t, Config{DNS: []netip.AddrPort{dns.Addr}},
		&Peers{Trunks: []Trunk{{ID: "carrier", Address: "sip:carrier.test", Patience: 100 * time.Millisecond}}})
	resolved(t, us, 2)
	routes := []Route{{Trunk: "carrier", URI: "+49891"}}

	out := us.dial(t, Dial{Routes: routes})
	gone := out.next(t, Attempted)
	require.Equal(t, Silent, gone.Attempt.Why)
	in := carrier.arrival(t)
	require.Equal(t, "+49891", in.invite.Number)
	require.NoError(t, in.leg.Answer(answerSDP))
	e := out.next(t, Answered)
	require.Len(t, e.Attempts, 2)
	require.Equal(t, carrier.at("udp"), e.Attempt.Addr.String())
	out.leg.Hangup(Cause{})
	out.next(t, Ended)

	dns.Mute(true) // the answer stands, and the host that failed is tried last
	out = us.dial(t, Dial{Routes: routes})
	carrier.arrival(t).leg.Reject(486, 0)
	require.Len(t, out.next(t, Failed).Attempts, 1)
}

func TestWhatDNSSaidLastIsKeptWhileItFails(t *testing.T) {
	dns := locatetest.New(t)
	dns.Add(60, "carrier.test", locatetest.A("127.0.0.7"))
	us := newStation(t, Config{DNS: []netip.AddrPort{dns.Addr}}, &Peers{Trunks: []Trunk{{ID: "carrier", Address: "sip:carrier.test:5070"}}})
	resolved(t, us, 1)
	asked := dns.Asked("carrier.test")
	us.ua.resolveDue(t.Context(), time.Now())
	require.Equal(t, asked, dns.Asked("carrier.test"), "not before its time")

	dns.Remove("carrier.test")
	us.ua.resolveDue(t.Context(), time.Now().Add(time.Minute))
	require.Greater(t, dns.Asked("carrier.test"), asked)
	resolved(t, us, 1)
	require.Positive(t, us.ua.Stats().Counters["resolve_failed"])

	dns.Add(60, "carrier.test", locatetest.A("127.0.0.8"), locatetest.A("127.0.0.9"))
	us.ua.resolveDue(t.Context(), time.Now().Add(2*time.Minute))
	resolved(t, us, 2)
}

func TestANameThatIsNotConfiguredIsNeverLookedUp(t *testing.T) {
	dns := locatetest.New(t)
	dns.Add(60, "elsewhere.test", locatetest.A("127.0.0.1"))
	us := newStation(t, Config{DNS: []netip.AddrPort{dns.Addr}}, &Peers{})
	_, err := us.ua.Dial(Dial{URI: "sip:1@elsewhere.test", Sink: newCall(), SDP: offerSDP})
	require.ErrorIs(t, err, ErrUnreachable)
	require.Zero(t, dns.Asked("elsewhere.test"))
}
