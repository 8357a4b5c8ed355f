package sip

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"os"
	"sync"
	"time"

	"go.uber.org/zap"
)

// TLS is how the UA proves itself and whom it believes (RFC 5922). Versions
// below 1.2 are not spoken.
type TLS struct {
	// Cert and Key are PEM files: the chain, the leaf first, and its key. They
	// are needed to listen, and shown to a peer that asks when we connect. When
	// one of them changes the next connection shows the new one; what cannot be
	// read leaves the old one in use.
	Cert, Key string
	// CA is a PEM file of those who may vouch for peers that we connect to; ""
	// leaves it to the system's.
	CA string
}

// handshakeTimeout bounds a TLS handshake, ours and theirs.
const handshakeTimeout = 5 * time.Second

// secureConn closes at once: SIP frames its messages, so that nobody needs the
// alert, which a peer that does not read could make us wait for.
type secureConn struct{ *tls.Conn }

func (c secureConn) Close() error { return c.NetConn().Close() }

// newSecurity reads what Config.TLS names; nil without anything to prove.
func (ua *UA) newSecurity() error {
	c := ua.cfg.TLS
	ua.secure.client = &tls.Config{MinVersion: tls.VersionTLS12}
	if c.CA != "" {
		pem, err := os.ReadFile(c.CA)
		if err != nil {
			return fmt.Errorf("tls authorities: %w", err)
		}
		roots := x509.NewCertPool()
		if !roots.AppendCertsFromPEM(pem) {
			return fmt.Errorf("tls authorities: no certificate in %s: %w", c.CA, ErrCertificate)
		}
		ua.secure.client.RootCAs = roots
	}
	if c.Cert == "" && c.Key == "" {
		return nil
	}
	k := &keyPair{cert: c.Cert, key: c.Key, log: ua.log}
	if err := k.load(); err != nil {
		return err
	}
	ua.secure.server = &tls.Config{MinVersion: tls.VersionTLS12,
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return k.current(), nil }}
	ua.secure.client.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return k.current(), nil }
	return nil
}

// accept is the handshake of a connection that came in.
func (ua *UA) acceptSecure(conn net.Conn) (net.Conn, error) {
	return ua.handshake(tls.Server(conn, ua.secure.server))
}

// connectSecure is that of one of our own. The peer must be who we want to speak
// to: a subject alternative name of its certificate is the name that was
// configured, or the address where there is none.
func (ua *UA) connectSecure(conn net.Conn, name string) (net.Conn, error) {
	c := ua.secure.client.Clone()
	c.ServerName = name
	return ua.handshake(tls.Client(conn, c))
}

func (ua *UA) handshake(conn *tls.Conn) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ua.life, handshakeTimeout)
	defer cancel()
	if err := conn.HandshakeContext(ctx); err != nil {
		ua.count(tlsFailed)
		_ = conn.NetConn().Close()
		return nil, fmt.Errorf("tls with %s: %w", conn.RemoteAddr(), err)
	}
	return secureConn{conn}, nil
}

// keyPair is a certificate with its key, read again when a file changed.
type keyPair struct {
	cert, key string
	log       *zap.Logger

	mu   sync.Mutex
	seen [2]stamp
	pair *tls.Certificate
}

// stamp tells one state of a file from another.
type stamp struct {
	at   time.Time
	size int64
}

func stampOf(file string) stamp {
	info, err := os.Stat(file)
	if err != nil {
		return stamp{}
	}
	return stamp{info.ModTime(), info.Size()}
}

// load reads both files. mu is held, or nobody else knows k yet.
func (k *keyPair) load() error {
	k.seen = [2]stamp{stampOf(k.cert), stampOf(k.key)}
	pair, err := tls.LoadX509KeyPair(k.cert, k.key)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrCertificate, err)
	}
	k.pair = &pair
	return nil
}

// current is the certificate in force. A change is looked for at each
// handshake, which costs far more than the look; of a pair that is half
// written, or broken, the log hears once and the old one stays.
func (k *keyPair) current() *tls.Certificate {
	k.mu.Lock()
	defer k.mu.Unlock()
	if now := [2]stamp{stampOf(k.cert), stampOf(k.key)}; now != k.seen {
		if err := k.load(); err != nil {
			k.log.Error("certificate not read, the old one stays in use", zap.Error(err))
		} else {
			k.log.Info("certificate read anew", zap.Time("until", k.pair.Leaf.NotAfter))
		}
	}
	return k.pair
}
