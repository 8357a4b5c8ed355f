package webhook

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"strconv"
	"syscall"
	"time"

	"switchroom/configs"
)

// sender makes one webhook's requests.
type sender struct {
	client  *http.Client
	url     string
	secrets []secret
}

func newSender(w configs.Webhook) (*sender, error) {
	s := &sender{url: w.URL}
	for _, text := range []string{w.Secret, w.OldSecret} {
		if text == "" {
			continue
		}
		one, err := parseSecret(text)
		if err != nil {
			return nil, err
		}
		s.secrets = append(s.secrets, one)
	}
	roots, err := authorities(w.CA)
	if err != nil {
		return nil, err
	}
	dialer := &net.Dialer{Timeout: w.Timeout, Control: onlyOthers}
	s.client = &http.Client{
		Timeout:       w.Timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{ // with no proxy: the configuration alone says where requests go
			DialContext:            dialer.DialContext,
			TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots},
			TLSHandshakeTimeout:    w.Timeout,
			MaxConnsPerHost:        w.Parallel,
			MaxIdleConnsPerHost:    w.Parallel,
			IdleConnTimeout:        time.Minute,
			MaxResponseHeaderBytes: 64 << 10,
			ForceAttemptHTTP2:      true,
		},
	}
	return s, nil
}

func authorities(file string) (*x509.CertPool, error) {
	if file == "" {
		return nil, nil // the system's
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("webhook: authorities: %w", err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("webhook: no certificate in %s", file)
	}
	return roots, nil
}

// errAddress is told of an address at which no receiver can be.
var errAddress = errors.New("webhook: no receiver can be at this address")

// onlyOthers is asked once a name was looked up, so a name cannot lead where an
// address could not.
func onlyOthers(_, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("%w: %q", errAddress, address)
	}
	a := at.Addr().Unmap()
	if a.IsUnspecified() || a.IsMulticast() || a.IsLinkLocalUnicast() || a == netip.AddrFrom4([4]byte{255, 255, 255, 255}) {
		return fmt.Errorf("%w: %s", errAddress, a)
	}
	return nil
}

// refusal is an answer that is not 2xx.
type refusal struct {
	status int
	after  time.Duration // Retry-After; 0: none
}

func (r *refusal) Error() string { return "answered " + strconv.Itoa(r.status) }

// final says that the receiver will not take this event, whenever it is asked.
func (r *refusal) final() bool {
	switch r.status {
	case http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity:
		return true
	}
	return false
}

const answerMax = 64 << 10 // read of an answer, so that its connection can be used again

// send makes one request. Nil: the receiver has it.
func (s *sender) send(ctx context.Context, id string, body []byte) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url, bytes.NewReader(body))
	if err != nil {
		return withoutURL(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "switchroom")
	seal(req.Header, s.secrets, id, time.Now(), body)
	res, err := s.client.Do(req)
	if err != nil {
		return withoutURL(err)
	}
	defer res.Body.Close()
	_, _ = io.CopyN(io.Discard, res.Body, answerMax) // what it says beyond its status is nobody's
	if res.StatusCode >= 200 && res.StatusCode < 300 {
		return nil
	}
	r := &refusal{status: res.StatusCode}
	if n, err := strconv.Atoi(res.Header.Get("Retry-After")); err == nil && n > 0 {
		r.after = min(time.Duration(n)*time.Second, time.Hour)
	}
	return r
}

// withoutURL keeps what may stand behind its question mark out of logs.
func withoutURL(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

func (s *sender) close() { s.client.CloseIdleConnections() }
