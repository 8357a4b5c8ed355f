package cli

import (
	"fmt"
	"net/url"
	"strconv"
	"time"
)

// recordingFilter chooses among recordings.
type recordingFilter struct {
	filter
	MinLength time.Duration `placeholder:"DURATION" help:"Only recordings at least so long, such as 30s."`
}

func (f recordingFilter) query() url.Values {
	q := f.filter.query()
	if f.MinLength > 0 {
		q.Set("min_length", strconv.FormatFloat(f.MinLength.Seconds(), 'f', -1, 64))
	}
	return q
}

// recordingItem is one recording as the API lists it.
type recordingItem struct {
	ID      string    `json:"id"`
	CallID  string    `json:"call_id"`
	Client  string    `json:"client"`
	Queue   string    `json:"queue"`
	Agent   string    `json:"agent"`
	Site    string    `json:"site"`
	From    string    `json:"from"`
	Number  string    `json:"number"`
	Started time.Time `json:"started"`
	Length  float64   `json:"length"`
	Size    int64     `json:"size"`
	SHA256  string    `json:"sha256"`
	Format  string    `json:"format"`

	Encrypted bool `json:"encrypted"`
	File      *struct {
		Form string `json:"form"`
		Size int64  `json:"size"`
		Hold *struct {
			Who string    `json:"who"`
			Why string    `json:"why"`
			At  time.Time `json:"at"`
		} `json:"hold"`
	} `json:"file"`
}

// kept tells how a recording's file lies on the disk, for people.
func (r recordingItem) kept() (file, hold string) {
	file, hold = "-", "-"
	if r.File == nil {
		return file, hold
	}
	file = fmt.Sprintf("%s, %s", r.File.Form, bytesOf(r.File.Size))
	if h := r.File.Hold; h != nil {
		hold = fmt.Sprintf("%s, by %s at %s", h.Why, h.Who, moment(h.At))
	}
	return file, hold
}

type recordingsListCmd struct{ recordingFilter }

func (c *recordingsListCmd) Run(s *session) error {
	t := newTable("ID", "STARTED", ">LENGTH", "FROM", "NUMBER", "CLIENT", "QUEUE", "AGENT", "SITE", ">SIZE", "FORMAT")
	return found(s, "/api/v1/recordings", c.query(), c.Limit, t, func(r recordingItem) []string {
		return []string{r.ID, moment(r.Started), span(r.Length), r.From, r.Number, r.Client, r.Queue, r.Agent, r.Site,
			bytesOf(r.Size), r.Format}
	})
}

type recordingsShowCmd struct {
	ID string `arg:"" help:"The recording's id."`
}

func (c *recordingsShowCmd) Run(s *session) error {
	api, err := s.client()
	if err != nil {
		return err
	}
	var r recordingItem
	text, err := api.get(s.ctx, "/api/v1/recordings/"+segment(c.ID), nil, &r)
	if err != nil {
		return err
	}
	if s.JSON {
		return s.printJSON(text)
	}
	file, hold := r.kept()
	return facts(s.Stdout, "id", r.ID, "call", r.CallID, "started", moment(r.Started), "length", span(r.Length),
		"from", r.From, "number", r.Number, "client", r.Client, "queue", r.Queue, "agent", r.Agent, "site", r.Site,
		"size", fmt.Sprintf("%s (%d bytes)", bytesOf(r.Size), r.Size), "format", r.Format, "sha256", r.SHA256,
		"file", file, "legal hold", hold)
}
