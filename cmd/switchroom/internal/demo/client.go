package demo

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"switchroom/acd"
)

// client asks the switch over its HTTP interface.
type client struct {
	base  string
	token string
	http  *http.Client
}

func newClient(base, token string) *client {
	return &client{base: base, token: token, http: &http.Client{Transport: &http.Transport{}}}
}

func (c *client) close() { c.http.CloseIdleConnections() }

func (c *client) request(ctx context.Context, path string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.base+path, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+c.token)
	res, err := c.http.Do(req)
	if err != nil {
		return nil, fmt.Errorf("ask the switch: %w", err)
	}
	if res.StatusCode != http.StatusOK {
		defer res.Body.Close()
		text, _ := io.ReadAll(io.LimitReader(res.Body, 500))
		return nil, fmt.Errorf("ask the switch for %s: %s: %s", path, res.Status, plain(string(text)))
	}
	return res, nil
}

// get reads a JSON answer.
func (c *client) get(ctx context.Context, path string, into any) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	res, err := c.request(ctx, path)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if err := json.NewDecoder(io.LimitReader(res.Body, 16<<20)).Decode(into); err != nil {
		return fmt.Errorf("answer of the switch to %s: %w", path, err)
	}
	return nil
}

// items is how the interface lists things.
type items[T any] struct {
	Items []T `json:"items"`
}

// recording is one as the interface lists it.
type recording struct {
	ID      string    `json:"id"`
	CallID  string    `json:"call_id"`
	Queue   string    `json:"queue"`
	Agent   string    `json:"agent"`
	From    string    `json:"from"`
	Started time.Time `json:"started"`
	Length  float64   `json:"length"`
	Size    int64     `json:"size"`
	SHA256  string    `json:"sha256"`
	Format  string    `json:"format"`
}

// decision is why a live call was offered to an agent.
type decision struct {
	Agent string `json:"agent"`
	acd.Decision
}

// decision is the last one of a call.
func (c *client) decision(ctx context.Context, call string) (decision, error) {
	var got items[decision]
	if err := c.get(ctx, "/api/v1/calls/"+url.PathEscape(call)+"/decision", &got); err != nil {
		return decision{}, err
	}
	if len(got.Items) == 0 {
		return decision{}, fmt.Errorf("no decision for call %s", call)
	}
	return got.Items[len(got.Items)-1], nil
}

// events follows what happens until ctx ends or the switch ends the stream,
// which is an error. opened is called once nothing is missed any more.
func (c *client) events(ctx context.Context, opened func(), each func(acd.Event)) error {
	res, err := c.request(ctx, "/api/v1/events")
	if err != nil {
		return err
	}
	defer res.Body.Close()
	opened()
	lines := bufio.NewScanner(res.Body)
	lines.Buffer(nil, 1<<20)
	var data strings.Builder
	for lines.Scan() {
		field, value, _ := strings.Cut(lines.Text(), ":")
		switch {
		case lines.Text() == "" && data.Len() > 0:
			var e acd.Event
			if err := json.Unmarshal([]byte(data.String()), &e); err != nil {
				return fmt.Errorf("event of the switch: %w", err)
			}
			data.Reset()
			each(e)
		case field == "data":
			data.WriteString(strings.TrimPrefix(value, " "))
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("events of the switch: %w", err)
	}
	return errors.New("events of the switch: it ended the stream")
}

// waitReady waits for the switch to take calls.
func (c *client) waitReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, readyWithin)
	defer cancel()
	for {
		res, err := c.request(ctx, "/readyz")
		if err == nil {
			return res.Body.Close()
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the switch is not ready: %w", err)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

const readyWithin = 10 * time.Second
