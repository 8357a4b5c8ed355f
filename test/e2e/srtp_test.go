package e2e

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// tls makes a certificate and is the rest of the configuration's listen line.
func (w *World) tls() string {
	w.t.Helper()
	if w.TLS == 0 {
		w.TLS = w.FreePort()
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		require.NoError(w.t, err)
		template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "switch"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
			NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true}
		cert, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
		require.NoError(w.t, err)
		private, err := x509.MarshalECPrivateKey(key)
		require.NoError(w.t, err)
		for name, block := range map[string]*pem.Block{"cert.pem": {Type: "CERTIFICATE", Bytes: cert}, "key.pem": {Type: "EC PRIVATE KEY", Bytes: private}} {
			require.NoError(w.t, os.WriteFile(w.path(name), pem.EncodeToMemory(block), 0o600))
		}
	}
	return fmt.Sprintf(`, "tls:127.0.0.1:%d"]
  tls: {cert: %s, key: %s}`, w.TLS, w.path("cert.pem"), w.path("key.pem"))
}

// An agent's phone over TLS, whose sound is encrypted: as phones offer it, as
// they insist on it, and as the switch does. The caller's is not, and the
// recording holds both in the clear.
func TestSoftphoneOverTLSSpeaksEncrypted(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ policy, phone string }{
		"as the phone can":   {"allow", "srtp"},
		"as the phone wants": {"require", "srtp-mand"},
	} {
		t.Run(name, func(t *testing.T) {
			w := NewWorld(t, Options{TLS: true, Agents: `
  - {id: "8001", name: Li Wei, site: chengdu, password: secret1, srtp: ` + c.policy + `, skills: {parcels: 5}}`})
			phone := w.Softphone("agent")
			phone.LoginSafely("8001", "secret1", ";mediaenc="+c.phone)
			w.AgentIs("8001", "ready")
			voice := w.Sound("caller", pcmu, 101)
			caller := w.Gateway().Call("13800001", "4008001234", voice.SDP("sendrecv"))
			caller.sound = voice
			caller.Answered()
			phone.Saw("CALL_ESTABLISHED", 1)
			voice.Hears("agent")
			time.Sleep(1500 * time.Millisecond)
			w.ladderHidesKeys(w.Calls()[0].ID)
			phone.Command("hold", "")
			voice.HearsMusic()
			phone.Command("resume", "")
			voice.Hears("agent")
			caller.Hangup()
			phone.Saw("CALL_CLOSED", 1)
			record := w.CDR()
			tape := w.Recording(record.Recording)
			w.Holds(tape.Caller, "caller", 0.5, 1.5)
			w.Holds(tape.Agent, "agent", 0.8, 1.5)
			w.Holds(phone.Heard(), "caller", 0.5, 1.5)
			w.noKeysKept()
		})
	}
}

// ladderHidesKeys: the messages of a call that are shown have crypto lines, as
// the call was encrypted, and no key in them.
func (w *World) ladderHidesKeys(call string) {
	w.t.Helper()
	status, ladder := w.Do("GET", "/api/v1/calls/"+call+"/ladder", nil)
	require.Equal(w.t, 200, status)
	require.Contains(w.t, string(ladder), "a=crypto:1 AES_CM_128_HMAC_SHA1_80 (struck out)")
	require.NotContains(w.t, string(ladder), "inline:")
}

// noKeysKept looks for keys in the log and in every file.
func (w *World) noKeysKept() {
	w.t.Helper()
	require.NotContains(w.t, w.log.String(), "inline:")
	require.NoError(w.t, filepath.Walk(w.path("data"), func(path string, info os.FileInfo, err error) error {
		if err != nil || info.IsDir() || strings.HasSuffix(path, ".wav") {
			return nil // gone meanwhile, or sound
		}
		b, err := os.ReadFile(path)
		if err == nil {
			require.False(w.t, bytes.Contains(b, []byte("inline:")), "%s has a key", path)
		}
		return nil
	}))
}

// Keys would be read by whoever reads the signalling, so without TLS there is
// none: a phone that insists is not talked to, and one that would like to is
// talked to in the clear.
func TestSoundIsNotEncryptedWithoutTLS(t *testing.T) {
	t.Parallel()
	agents := func(policy string) string {
		return `
  - {id: "8001", name: Li Wei, site: chengdu, password: secret1, srtp: ` + policy + `, skills: {parcels: 5}}`
	}
	t.Run("a phone that can", func(t *testing.T) {
		w := NewWorld(t, Options{Agents: agents("allow")})
		phone := w.Softphone("agent")
		phone.Login("8001", "secret1", ";mediaenc=srtp")
		w.AgentIs("8001", "ready")
		voice := w.Sound("caller", pcmu, 101)
		caller := w.Gateway().Call("13800001", "4008001234", voice.SDP("sendrecv"))
		caller.sound = voice
		caller.Answered()
		voice.Hears("agent")
		var ladder struct {
			Items []struct{ Direction, Text string }
		}
		w.Get("/api/v1/calls/"+w.Calls()[0].ID+"/ladder", &ladder)
		require.NotEmpty(t, ladder.Items)
		for _, m := range ladder.Items {
			require.False(t, m.Direction == "out" && strings.Contains(m.Text, "a=crypto"), m.Text)
		}
		caller.Hangup()
		phone.Saw("CALL_CLOSED", 1)
	})
	t.Run("an agent who must", func(t *testing.T) {
		w := NewWorld(t, Options{TLS: true, Agents: agents("require")})
		phone := w.Softphone("agent")
		phone.Login("8001", "secret1", ";mediaenc=srtp-mand")
		w.AgentIs("8001", "ready")
		voice := w.Sound("caller", pcmu, 101)
		caller := w.Gateway().Call("13800001", "4008001234", voice.SDP("sendrecv"))
		caller.sound = voice
		caller.Answered()
		w.Eventually(5*time.Second, "the phone is not rung", func() bool { return strings.Contains(w.log.String(), "not over TLS") })
		voice.HearsMusic()
		require.NotContains(t, phone.seen(), "CALL_INCOMING")
		caller.Hangup()
	})
}
