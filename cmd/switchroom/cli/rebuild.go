package cli

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"
)

type rebuildCmd struct {
	Force   bool `help:"Also when the journal does not hold everything any more: what only the index knows is lost then."`
	Offline bool `help:"Don't look for a running switch: work on the configuration's data folder."`
	logging
}

// indexState is the index's part of the switch's status.
type indexState struct {
	Behind   uint64 `json:"behind"`
	Fault    string `json:"fault"`
	Building bool   `json:"building"`
}

// Run asks the running switch to make its index anew, and watches until it
// has; where none answers it does the work itself.
func (c *rebuildCmd) Run(s *session) error {
	if !c.Offline {
		api, err := s.client()
		if err != nil {
			return err
		}
		began := time.Now()
		query := url.Values{}
		if c.Force {
			query.Set("force", "true")
		}
		_, err = api.call(s.ctx, http.MethodPost, "/api/v1/index/rebuild", query, nil, nil)
		var nobody unreachableError
		switch {
		case err == nil:
			return c.watch(s, api, began)
		case !errors.As(err, &nobody) || s.URL != "" || s.Getenv("SWITCHROOM_URL") != "":
			return err
		}
	}
	return c.work(s)
}

// watch waits until the running switch has made its index.
func (c *rebuildCmd) watch(s *session, api *client, began time.Time) error {
	for {
		var state struct {
			Store   indexState `json:"store"`
			Journal struct {
				Synced uint64 `json:"synced"`
			} `json:"journal"`
		}
		if _, err := api.get(s.ctx, "/api/v1/status", nil, &state); err != nil {
			return err
		}
		switch {
		case state.Store.Fault != "":
			return fmt.Errorf("the index stands still: %s", state.Store.Fault)
		case !state.Store.Building:
			return c.done(s, Rebuilt{Events: state.Journal.Synced, Seconds: time.Since(began).Seconds()})
		}
		c.left(s)(state.Store.Behind)
		select {
		case <-s.ctx.Done():
			return errors.New("interrupted; the switch goes on with it")
		case <-time.After(time.Second):
		}
	}
}

// work makes the index of a switch that is down.
func (c *rebuildCmd) work(s *session) error {
	if s.Rebuild == nil {
		return errors.New("rebuild: there is no switch in this program")
	}
	config, err := s.configuration()
	if err != nil {
		return err
	}
	log := c.logger(s.Stderr)
	defer log.Sync() //nolint:errcheck // a terminal can't be synced
	done, err := s.Rebuild(s.ctx, RebuildArgs{Config: config, Force: c.Force, Progress: c.left(s), Log: log})
	if errors.Is(err, ErrRunning) {
		return fmt.Errorf("%w and does not answer at the configured address: name it with --url", err)
	}
	if err != nil {
		return err
	}
	return c.done(s, done)
}

// left tells how much is to be done yet.
func (c *rebuildCmd) left(s *session) func(uint64) {
	return func(n uint64) {
		if n > 0 {
			fmt.Fprintf(s.Stderr, "%d events to go\n", n)
		}
	}
}

func (c *rebuildCmd) done(s *session, r Rebuilt) error {
	if s.JSON {
		return s.printValue(r)
	}
	_, err := fmt.Fprintf(s.Stdout, "the index is made anew: %d events in %s\n", r.Events, span(r.Seconds))
	return err
}
