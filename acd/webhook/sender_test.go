package webhook

import (
	"context"
	"encoding/pem"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"switchroom/configs"

	"github.com/stretchr/testify/require"
)

// The vector of the Standard Webhooks specification's reference libraries.
func TestTheSignatureIsThatOfStandardWebhooks(t *testing.T) {
	s, err := parseSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
	require.NoError(t, err)
	require.Equal(t, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
		s.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, []byte(`{"test": 2432232314}`)))
}

func TestVerifyTakesAnyOfTheSignaturesAndNoOldOnes(t *testing.T) {
	a, err := parseSecret(aSecret)
	require.NoError(t, err)
	b, err := parseSecret(anotherS)
	require.NoError(t, err)
	h, now, body := http.Header{}, time.Unix(1700000000, 0), []byte("{}")
	seal(h, []secret{a, b}, "x-1", now, body)
	require.NoError(t, Verify(aSecret, h, body, now, time.Minute))
	require.NoError(t, Verify(anotherS, h, body, now.Add(59*time.Second), time.Minute))
	require.ErrorIs(t, Verify(aSecret, h, []byte("{ }"), now, time.Minute), ErrSignature)
	require.ErrorIs(t, Verify(aSecret, h, body, now.Add(2*time.Minute), time.Minute), ErrSignature)
	require.ErrorIs(t, Verify("whsec_b3RoZXI=", h, body, now, time.Minute), ErrSignature)
	h.Set(headerID, "x-2")
	require.ErrorIs(t, Verify(aSecret, h, body, now, time.Minute), ErrSignature)
}

func senderTo(t *testing.T, url, ca string) *sender {
	s, err := newSender(configs.Webhook{URL: url, Secret: aSecret, CA: ca, Parallel: 1, Timeout: 2 * time.Second})
	require.NoError(t, err)
	t.Cleanup(s.close)
	return s
}

func TestARedirectIsARefusal(t *testing.T) {
	inner := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("followed") }))
	defer inner.Close()
	outer := httptest.NewServer(http.RedirectHandler(inner.URL, http.StatusTemporaryRedirect))
	defer outer.Close()
	var no *refusal
	require.ErrorAs(t, senderTo(t, outer.URL, "").send(context.Background(), "1", nil), &no)
	require.Equal(t, 307, no.status)
}

func TestWithTLSTheReceiverHasToBeWhoItSays(t *testing.T) {
	srv := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if Verify(aSecret, r.Header, body, time.Now(), time.Minute) != nil || r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/json" {
			w.WriteHeader(http.StatusUnauthorized)
		}
	}))
	defer srv.Close()
	require.ErrorContains(t, senderTo(t, srv.URL, "").send(context.Background(), "1", []byte("{}")), "certificate")
	ca := filepath.Join(t.TempDir(), "ca.pem")
	require.NoError(t, os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: srv.Certificate().Raw}), 0o600))
	require.NoError(t, senderTo(t, srv.URL, ca).send(context.Background(), "1", []byte("{}")))
}

func TestASlowOrEndlessReceiverIsCutOff(t *testing.T) {
	release := make(chan struct{})
	srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	defer srv.Close()
	defer close(release)
	err := senderTo(t, srv.URL, "").send(context.Background(), "1", nil)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.NotContains(t, err.Error(), srv.URL)
}

func TestAddressesOfTheNetworksOwnMachineryAreRefused(t *testing.T) {
	for _, bad := range []string{"169.254.169.254:80", "[fe80::1]:80", "0.0.0.0:80", "[::]:80", "224.0.0.1:80", "255.255.255.255:80", "[::ffff:169.254.169.254]:80", "x"} {
		require.ErrorIs(t, onlyOthers("tcp", bad, nil), errAddress, bad)
	}
	for _, good := range []string{"127.0.0.1:80", "10.0.0.1:443", "203.0.113.7:443", "[2001:db8::1]:443"} {
		require.NoError(t, onlyOthers("tcp", good, nil), good)
	}
	err := senderTo(t, "http://169.254.169.254/latest/meta-data", "").send(context.Background(), "1", nil)
	require.ErrorIs(t, err, errAddress)
}
