package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"switchroom/acd"
)

// filter chooses among finished calls or recordings.
type filter struct {
	From   when   `placeholder:"TIME" help:"Started at this time or later: 2026-01-31, 2026-01-31T15:04, today, or 90m for 90 minutes ago."`
	To     when   `placeholder:"TIME" help:"Started before this time."`
	Client string `help:"Only this client's."`
	Queue  string `help:"Only this queue's."`
	Agent  string `help:"Only this agent's."`
	Number string `help:"Only this caller's or dialled number."`
	Limit  int    `default:"100" help:"At most so many; 0 for all."`
}

// pageMax is how many items one request asks for.
const pageMax = 500

func (f filter) query() url.Values {
	q := url.Values{}
	set := func(key, value string) {
		if value != "" {
			q.Set(key, value)
		}
	}
	set("from", stamp(f.From.Time))
	set("to", stamp(f.To.Time))
	set("client", f.Client)
	set("queue", f.Queue)
	set("agent", f.Agent)
	set("number", f.Number)
	return q
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04:05.000Z07:00")
}

// pages asks for page after page until limit items are there or no more come.
// more says whether there would be.
func pages(ctx context.Context, api *client, path string, query url.Values, limit int) (items []json.RawMessage, more bool, err error) {
	items = []json.RawMessage{}
	for {
		size := pageMax
		if limit > 0 {
			size = min(size, limit-len(items))
		}
		query.Set("limit", strconv.Itoa(size))
		var page list[json.RawMessage]
		if _, err := api.get(ctx, path, query, &page); err != nil {
			return nil, false, err
		}
		items = append(items, page.Items...)
		switch {
		case page.Next == "" || len(page.Items) == 0:
			return items, false, nil
		case limit > 0 && len(items) >= limit:
			return items[:limit], true, nil
		}
		query.Set("cursor", page.Next)
	}
}

// decoded decodes what pages gave.
func decoded[T any](items []json.RawMessage) ([]T, error) {
	all := make([]T, len(items))
	for i, text := range items {
		if err := json.Unmarshal(text, &all[i]); err != nil {
			return nil, fmt.Errorf("read the answer: %w", err)
		}
	}
	return all, nil
}

// found prints what a filtered list gave, and on stderr that there is more.
func found[T any](s *session, path string, query url.Values, limit int, t *table, row func(T) []string) error {
	api, err := s.client()
	if err != nil {
		return err
	}
	items, more, err := pages(s.ctx, api, path, query, limit)
	if err != nil {
		return err
	}
	if more {
		fmt.Fprintf(s.Stderr, "switchroom: there are more than %d; --limit 0 shows all\n", limit)
	}
	if s.JSON {
		return s.printValue(list[json.RawMessage]{Items: items})
	}
	all, err := decoded[T](items)
	if err != nil {
		return err
	}
	return listed(s, nil, t, all, row)
}

type callsHistoryCmd struct{ filter }

func (c *callsHistoryCmd) Run(s *session) error {
	t := newTable("ID", "STARTED", "FROM", "NUMBER", "CLIENT", "QUEUE", "AGENT", ">WAITED", ">TALKED", ">HELD", "ENDED BY", "CAUSE", "RECORDED")
	return found(s, "/api/v1/cdrs", c.query(), c.Limit, t, func(r acd.CDR) []string {
		return []string{r.ID, moment(r.Started), r.From, r.Number, r.Client, r.Queue, r.Agent, span(r.Waited),
			span(r.Talked), span(r.Held), r.Side, r.Cause, yesNo(r.Recording != "")}
	})
}

// showRecord shows a finished call; missing is the error when there is none.
func (s *session) showRecord(api *client, id string, missing error) error {
	var r acd.CDR
	text, err := api.get(s.ctx, "/api/v1/cdrs/"+segment(id), nil, &r)
	if err != nil {
		return missing
	}
	if s.JSON {
		return s.printJSON(text)
	}
	if err := facts(s.Stdout, "id", r.ID, "state", "finished", "from", r.From, "number", r.Number, "trunk", r.Trunk,
		"client", r.Client, "queue", r.Queue, "agent", r.Agent, "site", r.Site, "started", moment(r.Started),
		"queued", momentOf(r.Queued), "answered", momentOf(r.Answered), "ended", moment(r.Ended),
		"waited", span(r.Waited), "talked", span(r.Talked), "held", span(r.Held), "duration", span(r.Duration),
		"cause", r.Cause, "ended by", r.Side, "q.850", strconv.Itoa(r.Q850), "recording", r.Recording); err != nil {
		return err
	}
	fmt.Fprintln(s.Stdout)
	t := newTable(">AT", ">FOR", "WHAT", "QUEUE", "AGENT", "SITE", "ENDED")
	return listed(s, nil, t, r.Segments, func(g acd.Segment) []string {
		return []string{span(g.Start), span(g.Length), g.Kind, g.Queue, g.Agent, g.Site, g.Cause}
	})
}
