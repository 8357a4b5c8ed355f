package sip

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// authority vouches for certificates in a folder of its own.
type authority struct {
	t    *testing.T
	dir  string
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	sold int64
}

func newAuthority(t *testing.T) *authority {
	a := &authority{t: t, dir: t.TempDir()}
	a.key = a.newKey()
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "authority"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true,
		BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &a.key.PublicKey, a.key)
	require.NoError(t, err)
	a.cert, err = x509.ParseCertificate(der)
	require.NoError(t, err)
	a.write("ca.pem", "CERTIFICATE", der)
	return a
}

func (a *authority) newKey() *ecdsa.PrivateKey {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(a.t, err)
	return key
}

func (a *authority) write(name, kind string, der []byte) {
	require.NoError(a.t, os.WriteFile(filepath.Join(a.dir, name), pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600))
}

// issue writes a certificate for a name or address under the file name given,
// and returns its serial number.
func (a *authority) issue(file, name string) int64 {
	a.sold++
	template := &x509.Certificate{SerialNumber: big.NewInt(a.sold + 1), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	if ip := net.ParseIP(name); ip != nil {
		template.IPAddresses = []net.IP{ip}
	} else {
		template.DNSNames = []string{name}
	}
	key := a.newKey()
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, &key.PublicKey, a.key)
	require.NoError(a.t, err)
	private, err := x509.MarshalECPrivateKey(key)
	require.NoError(a.t, err)
	a.write(file+".pem", "CERTIFICATE", der)
	a.write(file+".key", "EC PRIVATE KEY", private)
	return template.SerialNumber.Int64()
}

func (a *authority) tls(file string) TLS {
	return TLS{Cert: filepath.Join(a.dir, file+".pem"), Key: filepath.Join(a.dir, file+".key"), CA: filepath.Join(a.dir, "ca.pem")}
}

// shake connects to a station and returns the serial number it shows.
func (a *authority) shake(s *station, version uint16) (int64, error) {
	roots := x509.NewCertPool()
	roots.AddCert(a.cert)
	c, err := tls.Dial("tcp", s.at("tls"), &tls.Config{RootCAs: roots, MinVersion: version, MaxVersion: version})
	if err != nil {
		return 0, err
	}
	defer c.Close()
	return c.ConnectionState().PeerCertificates[0].SerialNumber.Int64(), nil
}

var overTLS = []string{"udp:127.0.0.1:0", "tls:127.0.0.1:0"}

func TestACallOverTLS(t *testing.T) {
	a := newAuthority(t)
	a.issue("us", "127.0.0.1")
	cfg := Config{Listen: overTLS, TLS: a.tls("us")}
	exchange := newStation(t, cfg, trunked())
	carrier := newStation(t, cfg, &Peers{Trunks: []Trunk{{ID: "switch", Peers: loopback, Address: exchange.uri("x", "tls")}}})
	for range 2 { // the second by the same connection
		out := carrier.dial(t, Dial{Trunk: "switch", URI: "400"})
		in := exchange.arrival(t)
		require.NoError(t, in.leg.Answer(answerSDP))
		out.next(t, Answered)
		in.next(t, Confirmed)
		require.Equal(t, "TLS", in.leg.flow.transport())
		in.leg.Hangup(Cause{Q850: 16}) // the way back, by the connection that is there
		in.next(t, Ended)
		out.next(t, Ended)
		require.Equal(t, 1, exchange.ua.Stats().Connections)
		require.Equal(t, 1, carrier.ua.Stats().Connections)
	}
	carrier.quiet(t)
	exchange.quiet(t)
}

func TestAPeerThatIsNotWhoItShouldBeGetsNothing(t *testing.T) {
	ours, theirs := newAuthority(t), newAuthority(t)
	for name, shown := range map[string]TLS{
		"another name":      func() TLS { ours.issue("other", "sbc.example"); return ours.tls("other") }(),
		"another address":   func() TLS { ours.issue("moved", "127.0.0.2"); return ours.tls("moved") }(),
		"another authority": func() TLS { theirs.issue("us", "127.0.0.1"); return theirs.tls("us") }(),
	} {
		t.Run(name, func(t *testing.T) {
			exchange := newStation(t, Config{Listen: overTLS, TLS: shown}, trunked())
			carrier := newStation(t, Config{Listen: []string{"udp:127.0.0.1:0"}, TLS: TLS{CA: ours.tls("").CA}}, nil)
			out := carrier.dial(t, Dial{URI: exchange.uri("400", "tls")})
			require.Equal(t, 503, out.next(t, Failed).Status)
			require.EqualValues(t, 1, carrier.ua.Stats().Counters["tls_failed"])
			require.Empty(t, exchange.arrivals)
			carrier.quiet(t)
		})
	}
}

func TestANameIsProvedByItsCertificate(t *testing.T) {
	a := newAuthority(t)
	a.issue("us", "sbc.example")
	exchange := newStation(t, Config{Listen: overTLS, TLS: a.tls("us")}, trunked())
	carrier := newStation(t, Config{Listen: []string{"udp:127.0.0.1:0"}, TLS: TLS{CA: a.tls("").CA}}, nil)
	at, err := netip.ParseAddrPort(exchange.at("tls"))
	require.NoError(t, err)
	f, err := carrier.ua.flowTo("TLS", at, "sbc.example", nil)
	require.NoError(t, err)
	again, err := carrier.ua.flowTo("TLS", at, "sbc.example", nil)
	require.NoError(t, err)
	require.Same(t, f.stream, again.stream)
	other, err := carrier.ua.flowTo("TLS", at, "evil.example", nil)
	require.NoError(t, err)
	require.NotSame(t, f.stream, other.stream, "what was proved for one name is nothing to another")
	<-other.stream.done
	require.False(t, f.broken())
	require.Equal(t, `<sip:`, contactOf("", f)[:5])
	require.Contains(t, contactOf("", f), ";transport=tls")
}

func TestACertificateIsReadAnewWhenItChanges(t *testing.T) {
	a := newAuthority(t)
	first := a.issue("us", "127.0.0.1")
	s := newStation(t, Config{Listen: overTLS, TLS: a.tls("us")}, trunked())
	shown := func() int64 {
		n, err := a.shake(s, tls.VersionTLS13)
		require.NoError(t, err)
		return n
	}
	require.Equal(t, first, shown())
	second := a.issue("us", "127.0.0.1")
	require.NotEqual(t, first, second)
	require.Equal(t, second, shown())
	a.write("us.pem", "CERTIFICATE", []byte("half of it"))
	require.Equal(t, second, shown(), "what cannot be read changes nothing")
	require.NoError(t, os.Remove(filepath.Join(a.dir, "us.pem")))
	require.Equal(t, second, shown())
	third := a.issue("us", "127.0.0.1")
	require.Equal(t, third, shown())
}

func TestOldVersionsAndPlainTextAreRefused(t *testing.T) {
	a := newAuthority(t)
	serial := a.issue("us", "127.0.0.1")
	s := newStation(t, Config{Listen: overTLS, TLS: a.tls("us")}, trunked())
	_, err := a.shake(s, tls.VersionTLS11)
	require.Error(t, err)
	got, err := a.shake(s, tls.VersionTLS12)
	require.NoError(t, err)
	require.Equal(t, serial, got)

	c, err := net.Dial("tcp", s.at("tls"))
	require.NoError(t, err)
	defer c.Close()
	_, err = c.Write([]byte("OPTIONS sip:127.0.0.1 SIP/2.0\r\n\r\n"))
	require.NoError(t, err)
	require.Eventually(t, func() bool { return s.ua.Stats().Counters["tls_failed"] == 2 }, time.Minute, time.Millisecond)
	require.Eventually(t, func() bool { return s.ua.Stats().Connections == 0 }, time.Minute, time.Millisecond)
}

func TestWithoutAGoodCertificateNothingIsServed(t *testing.T) {
	a := newAuthority(t)
	a.issue("us", "127.0.0.1")
	bad := a.tls("us")
	bad.Key = bad.Cert
	for _, c := range []TLS{{}, a.tls("none"), bad, {Cert: a.tls("us").Cert}, {CA: a.tls("us").Key}, {CA: "/nowhere/ca.pem"}} {
		_, err := New(Config{Listen: []string{"tls:127.0.0.1:0"}, TLS: c}, nil, &station{}, nil)
		require.Error(t, err, "%+v", c)
	}
}
