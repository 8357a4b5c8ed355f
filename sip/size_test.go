package sip

import (
	"net"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// large makes a request of ours too large for UDP.
var large = []Header{{"X-Note", strings.Repeat("n", datagramRoom)}}

// datagrams is a peer's UDP socket.
func datagrams(t *testing.T) (c net.PacketConn, next func() string) {
	c, err := net.ListenPacket("udp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Close() })
	return c, func() string {
		t.Helper()
		b := make([]byte, 65536)
		require.NoError(t, c.SetReadDeadline(time.Now().Add(time.Minute)))
		n, _, err := c.ReadFrom(b)
		require.NoError(t, err)
		return string(b[:n])
	}
}

// refusal is an answer to a request as it came.
func refusal(request string) string {
	_, rest, _ := strings.Cut(request, "\r\n")
	head, _, _ := strings.Cut(rest, "Content-Length")
	return "SIP/2.0 486 Busy Here\r\n" + strings.ReplaceAll(head, "Content-Type: application/sdp\r\n", "") + "Content-Length: 0\r\n\r\n"
}

func TestLargeRequestsTakeTheConnectionOfATrunkThatHasOne(t *testing.T) {
	udp, next := datagrams(t)
	trunks := []Trunk{{ID: "telecom", Peers: loopback, Address: "sip:" + udp.LocalAddr().String()}}
	s := newStation(t, quick, &Peers{Trunks: trunks})
	dial := func(headers []Header) *call { return s.dial(t, Dial{Trunk: "telecom", URI: "1", Headers: headers}) }
	to, err := net.ResolveUDPAddr("udp", s.at("udp"))
	require.NoError(t, err)

	c := dial(large) // no connection: UDP takes it whole
	inv := next()
	require.Contains(t, field(inv, "Via"), "SIP/2.0/UDP")
	require.Greater(t, len(inv), datagramRoom)
	_, err = udp.WriteTo([]byte(refusal(inv)), to)
	require.NoError(t, err)
	c.next(t, Failed)

	p := dialWire(t, s)
	p.write(p.message("OPTIONS", "a", 1, "<sip:1@a.example>", "", ""))
	p.expect("SIP/2.0 200")
	c = dial(large)
	inv = p.expect("INVITE ")
	require.Contains(t, field(inv, "Via"), "SIP/2.0/TCP")
	require.Contains(t, field(inv, "Contact"), ";transport=tcp")
	p.write(refusal(inv))
	p.expect("ACK ")
	require.Equal(t, 486, c.next(t, Failed).Status)

	c = dial(nil) // a small one does not
	for inv = next(); !strings.HasPrefix(inv, "INVITE ") || strings.Contains(inv, "X-Note"); inv = next() {
	}
	require.Less(t, len(inv), datagramRoom)
	_, err = udp.WriteTo([]byte(refusal(inv)), to)
	require.NoError(t, err)
	c.next(t, Failed)
}

func TestALargeRequestWhoseConnectionFailsGoesByUDP(t *testing.T) {
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address := "sip:" + closed.Addr().String() + ";transport=tcp"
	require.NoError(t, closed.Close())
	udp, next := datagrams(t)
	s := newStation(t, quick, &Peers{Trunks: []Trunk{{ID: "telecom", Peers: loopback, Address: address}}})
	c := s.dial(t, Dial{URI: "sip:1@" + udp.LocalAddr().String(), Headers: large})
	inv := next()
	require.Contains(t, field(inv, "Via"), "SIP/2.0/UDP")
	require.NotContains(t, field(inv, "Contact"), "transport=tcp")
	require.EqualValues(t, 1, s.ua.Stats().Counters["connect_failed"])
	to, err := net.ResolveUDPAddr("udp", s.at("udp"))
	require.NoError(t, err)
	_, err = udp.WriteTo([]byte(refusal(inv)), to)
	require.NoError(t, err)
	require.Equal(t, 486, c.next(t, Failed).Status)
}
