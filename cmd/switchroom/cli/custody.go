package cli

import (
	"fmt"
	"net/http"
	"net/url"
	"time"
)

// reason is what every change to a recording's fate is asked for.
type reason struct {
	Why string `required:"" placeholder:"TEXT" help:"Why: the case, the request; stands in the ledger and the journal."`
}

type recordingsHoldCmd struct {
	ID []string `arg:"" help:"Recordings' ids."`
	reason
}

func (c *recordingsHoldCmd) Run(s *session) error {
	return s.eachRecording(c.ID, "held", func(api *client, path string) error {
		_, err := api.call(s.ctx, http.MethodPut, path+"/hold", nil, map[string]string{"why": c.Why}, nil)
		return err
	})
}

type recordingsReleaseCmd struct {
	ID []string `arg:"" help:"Recordings' ids."`
	reason
}

func (c *recordingsReleaseCmd) Run(s *session) error {
	return s.eachRecording(c.ID, "released", func(api *client, path string) error {
		_, err := api.call(s.ctx, http.MethodDelete, path+"/hold", url.Values{"why": {c.Why}}, nil, nil)
		return err
	})
}

type recordingsDeleteCmd struct {
	ID []string `arg:"" help:"Recordings' ids."`
	reason
}

func (c *recordingsDeleteCmd) Run(s *session) error {
	return s.eachRecording(c.ID, "deleted", func(api *client, path string) error {
		_, err := api.call(s.ctx, http.MethodDelete, path, url.Values{"why": {c.Why}}, nil, nil)
		return err
	})
}

// eachRecording does something to recordings in turn, up to the first that
// refuses.
func (s *session) eachRecording(ids []string, done string, do func(api *client, path string) error) error {
	api, err := s.client()
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := do(api, "/api/v1/recordings/"+segment(id)); err != nil {
			return fmt.Errorf("recording %s: %w", id, err)
		}
		if s.JSON {
			err = s.printValue(map[string]string{"id": id, "done": done})
		} else {
			_, err = fmt.Fprintf(s.Stdout, "%s %s\n", id, done)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

type trustClockCmd struct{ reason }

func (c *trustClockCmd) Run(s *session) error {
	api, err := s.client()
	if err != nil {
		return err
	}
	var answer struct {
		Calendar time.Time `json:"calendar"`
	}
	text, err := api.call(s.ctx, http.MethodPost, "/api/v1/retention/trust-clock", nil, map[string]string{"why": c.Why}, &answer)
	if err != nil {
		return err
	}
	if s.JSON {
		return s.printJSON(text)
	}
	_, err = fmt.Fprintf(s.Stdout, "recordings age by %s from now on\n", moment(answer.Calendar))
	return err
}
