package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Headers of a request, as standardwebhooks.com names them.
const (
	headerID        = "webhook-id"
	headerTime      = "webhook-timestamp"
	headerSignature = "webhook-signature"
)

// ErrSignature says that a request was not signed with the secret, or not now.
var ErrSignature = errors.New("webhook: not signed as it should be")

// secret is a key of HMAC-SHA256. Printed, it shows nothing.
type secret struct{ key []byte }

func (secret) String() string   { return "(secret)" }
func (secret) GoString() string { return "(secret)" }

func parseSecret(text string) (secret, error) {
	raw, ok := strings.CutPrefix(text, "whsec_")
	key, err := base64.StdEncoding.DecodeString(raw)
	if !ok || err != nil || len(key) == 0 {
		return secret{}, errors.New("webhook: the secret is not whsec_ and Base64")
	}
	return secret{key}, nil
}

// sign gives one entry of the signature header.
func (s secret) sign(id string, at int64, body []byte) string {
	mac := hmac.New(sha256.New, s.key)
	fmt.Fprintf(mac, "%s.%d.", id, at)
	mac.Write(body)
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// seal signs a request with all secrets; a receiver takes any of them.
func seal(h http.Header, secrets []secret, id string, now time.Time, body []byte) {
	at := now.Unix()
	all := make([]string, len(secrets))
	for i, s := range secrets {
		all[i] = s.sign(id, at, body)
	}
	h.Set(headerID, id)
	h.Set(headerTime, strconv.FormatInt(at, 10))
	h.Set(headerSignature, strings.Join(all, " "))
}

// Verify checks a request's headers and body as a receiver does: one of the
// signatures is the secret's, and the time is within tolerance of now.
func Verify(text string, h http.Header, body []byte, now time.Time, tolerance time.Duration) error {
	s, err := parseSecret(text)
	if err != nil {
		return err
	}
	at, err := strconv.ParseInt(h.Get(headerTime), 10, 64)
	if err != nil || now.Sub(time.Unix(at, 0)).Abs() > tolerance {
		return fmt.Errorf("%w: timestamp %q", ErrSignature, h.Get(headerTime))
	}
	want := s.sign(h.Get(headerID), at, body)
	for one := range strings.SplitSeq(h.Get(headerSignature), " ") {
		if hmac.Equal([]byte(one), []byte(want)) {
			return nil
		}
	}
	return ErrSignature
}
