package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"
)

const (
	answerMax  = 64 << 20         // bytes of a JSON answer
	answerTime = 30 * time.Second // for anything but sound
)

// client asks a running switch.
type client struct {
	endpoint
	http *http.Client
}

// client connects to nothing yet: each request does.
func (s *session) client() (*client, error) {
	e, err := s.endpoint()
	if err != nil {
		return nil, err
	}
	// A switch redirects nobody, and the token is for it alone.
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &client{endpoint: e, http: &http.Client{CheckRedirect: stay, Transport: &http.Transport{Proxy: http.ProxyFromEnvironment, DisableKeepAlives: true}}}, nil
}

// problem is an answer that the switch refused with (RFC 9457).
type problem struct {
	Status int    `json:"status"`
	Title  string `json:"title"`
	Detail string `json:"detail"`
	Errors []struct {
		Message  string `json:"message"`
		Location string `json:"location"`
	} `json:"errors"`
}

func (p *problem) Error() string {
	if p.Detail != "" {
		return p.Detail
	}
	return fmt.Sprintf("the switch answers %d %s", p.Status, p.Title)
}

// get asks for path and decodes the answer into dst; it returns the answer's
// text too, as what --json shows.
func (c *client) get(ctx context.Context, path string, query url.Values, dst any) (json.RawMessage, error) {
	return c.call(ctx, http.MethodGet, path, query, nil, dst)
}

// call makes one request with a JSON body, unless body is nil, and decodes the
// JSON answer into dst, unless that is nil.
func (c *client) call(ctx context.Context, method, path string, query url.Values, body, dst any) (json.RawMessage, error) {
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	answer, err := c.do(ctx, method, path, query, body)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, answerMax))
	if err != nil {
		return nil, fmt.Errorf("read the answer of %s: %w", c.url.Host, err)
	}
	if dst == nil || len(bytes.TrimSpace(text)) == 0 {
		return text, nil
	}
	if err := json.Unmarshal(text, dst); err != nil {
		return nil, fmt.Errorf("what answers at %s is no switch: %w", c.url, err)
	}
	return text, nil
}

// do makes one request. The caller closes the body of the answer, which is one
// of success.
func (c *client) do(ctx context.Context, method, path string, query url.Values, body any) (*http.Response, error) {
	var payload io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return nil, fmt.Errorf("encode the request: %w", err)
		}
		payload = bytes.NewReader(text)
	}
	target := c.url.String() + path
	if len(query) > 0 {
		target += "?" + query.Encode()
	}
	request, err := http.NewRequestWithContext(ctx, method, target, payload)
	if err != nil {
		return nil, fmt.Errorf("ask %s: %w", c.url, err)
	}
	if payload != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	if c.token != "" {
		request.Header.Set("Authorization", "Bearer "+c.token)
	}
	answer, err := c.http.Do(request)
	if err != nil {
		return nil, c.unreachable(err)
	}
	if answer.StatusCode/100 != 2 {
		defer answer.Body.Close()
		return nil, c.refused(answer)
	}
	return answer, nil
}

// unreachable explains why no answer came.
func (c *client) unreachable(err error) error {
	var cause *url.Error
	if errors.As(err, &cause) {
		err = cause.Err
	}
	if errors.Is(err, context.Canceled) {
		return errors.New("interrupted")
	}
	if os.IsTimeout(err) {
		return fmt.Errorf("the switch at %s does not answer in time", c.url)
	}
	return unreachableError{fmt.Errorf("no switch answers at %s (%w): start one with `switchroom serve`, or name its address with --url or SWITCHROOM_URL", c.url, err)}
}

// unreachableError says that nobody answers at the switch's address.
type unreachableError struct{ error }

// refused reads why the switch did not do what it was asked.
func (c *client) refused(answer *http.Response) error {
	text, _ := io.ReadAll(io.LimitReader(answer.Body, 1<<20))
	p := &problem{}
	if json.Unmarshal(text, p) != nil || p.Status == 0 {
		p = &problem{Status: answer.StatusCode, Title: http.StatusText(answer.StatusCode)}
	}
	switch answer.StatusCode {
	case http.StatusUnauthorized:
		if c.token == "" {
			return fmt.Errorf("the switch at %s asks for a token: give one with --token or SWITCHROOM_TOKEN, or name its configuration with -c", c.url)
		}
		return fmt.Errorf("the switch at %s does not know the token: give another with --token or SWITCHROOM_TOKEN, or name its configuration with -c", c.url)
	case http.StatusForbidden:
		return fmt.Errorf("the token's role does not allow this: %w", p)
	}
	return p
}

// isStatus says whether err is a refusal with the status.
func isStatus(err error, status int) bool {
	var p *problem
	return errors.As(err, &p) && p.Status == status
}

// segment makes an id one segment of a path, also one that a path would read
// as a direction.
func segment(id string) string {
	if id == "." || id == ".." {
		return strings.ReplaceAll(id, ".", "%2E")
	}
	return url.PathEscape(id)
}
