package sip

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// piped is a UA whose connections lead to a pipe that a test holds.
func piped(t *testing.T) (*station, chan net.Conn) {
	m := newMemnet(1)
	conns := make(chan net.Conn, 4)
	cfg := Config{T1: 500 * time.Millisecond}
	cfg.Networks.Packet = packets(m.node(switchAddr))
	cfg.Networks.Dial = func(context.Context, string) (net.Conn, error) {
		ours, theirs := net.Pipe()
		conns <- theirs
		return addressed{ours}, nil
	}
	return newStation(t, cfg, &Peers{Trunks: []Trunk{{ID: "telecom", Address: "sip:10.0.0.9;transport=tcp", Ping: 20 * time.Minute}}}), conns
}

// addressed is a pipe with addresses.
type addressed struct{ net.Conn }

func (addressed) LocalAddr() net.Addr  { return &net.TCPAddr{IP: net.IPv4(10, 0, 0, 1), Port: 40000} }
func (addressed) RemoteAddr() net.Addr { return &net.TCPAddr{IP: net.IPv4(10, 0, 0, 9), Port: 5060} }

func TestAConnectionOfOursIsKeptOpenAndFoundDead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, conns := piped(t)
		far := <-conns
		b := make([]byte, 4096)
		read := func() string {
			n, err := far.Read(b)
			if err != nil {
				return err.Error()
			}
			return string(b[:n])
		}
		m := read()
		require.True(t, strings.HasPrefix(m, "OPTIONS "), m)
		start := time.Now()
		require.Equal(t, "\r\n\r\n", read())
		require.InDelta(t, pulseEvery, time.Since(start), float64(pulseEvery)/5+1e9)
		require.Equal(t, "\r\n\r\n", read(), "a peer that never answers is not held to it")
		_, err := far.Write([]byte("\r\n"))
		require.NoError(t, err)
		require.Equal(t, "\r\n\r\n", read())
		start = time.Now()
		require.Equal(t, "EOF", read(), "it has answered before and does no longer")
		require.Equal(t, pulseAnswer, time.Since(start))
		require.EqualValues(t, 1, s.ua.Stats().Counters["stream_silent"])
		s.close()
	})
}

func TestCallsOverIPv6(t *testing.T) {
	for _, transport := range []string{"udp", "tcp"} {
		listen := []string{"udp:[::1]:0", "tcp:[::1]:0"}
		sw := newStation(t, Config{Listen: listen}, &Peers{Trunks: []Trunk{{ID: "six", Peers: prefixes("::1/128")}}})
		carrier := newStation(t, Config{Listen: listen}, &Peers{Trunks: []Trunk{{ID: "sw", Peers: prefixes("::1/128"), Address: sw.uri("x", transport)}}})
		out := carrier.dial(t, Dial{Trunk: "sw", URI: "+49891", From: Identity{Number: "1"}})
		in := sw.arrival(t)
		require.Equal(t, "six", in.invite.Trunk)
		require.True(t, in.invite.Source.Addr().Is6())
		require.NoError(t, in.leg.Answer(answerSDP))
		out.next(t, Answered)
		in.next(t, Confirmed)
		in.leg.Hangup(Cause{})
		in.next(t, Ended)
		out.next(t, Ended)
		sw.quiet(t)
		carrier.quiet(t)
	}
}

func TestABrowsersConnectionMayBeSecure(t *testing.T) {
	a := newAuthority(t)
	a.issue("us", "127.0.0.1")
	sw := floor(t, Config{Listen: []string{"wss:127.0.0.1:0"}, TLS: a.tls("us")}, Account{ID: "8001", Password: "secret"})
	roots := x509.NewCertPool()
	roots.AddCert(a.cert)
	b, err := sw.browse(t, "wss://"+sw.at("wss")+"/", &tls.Config{RootCAs: roots}, "sip")
	require.NoError(t, err)
	b.send(b.ask("REGISTER", "sip:sw.example", "<sip:8001@sw.example>", 1)...)
	b.expect("SIP/2.0 401")
}
