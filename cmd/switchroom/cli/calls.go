package cli

import (
	"fmt"
	"net/http"

	"switchroom/acd"
)

type callsListCmd struct {
	Client string `help:"Only calls for this client."`
	Queue  string `help:"Only calls of this queue."`
}

func (c *callsListCmd) Run(s *session) error {
	api, err := s.client()
	if err != nil {
		return err
	}
	var got list[acd.CallView]
	if _, err := api.get(s.ctx, "/api/v1/calls", nil, &got); err != nil {
		return err
	}
	kept := list[acd.CallView]{Items: []acd.CallView{}}
	for _, v := range got.Items {
		if (c.Client == "" || v.Client == c.Client) && (c.Queue == "" || v.Queue == c.Queue) {
			kept.Items = append(kept.Items, v)
		}
	}
	if s.JSON {
		return s.printValue(kept)
	}
	t := newTable("ID", "FROM", "NUMBER", "CLIENT", "QUEUE", "STATE", ">FOR", ">WAITED", "AGENT", "SITE", "TRUNK")
	for _, v := range kept.Items {
		t.row(v.ID, v.From, v.Number, v.Client, v.Queue, v.State, since(v.Started), span(v.Waited), v.Agent, v.Site, v.Trunk)
	}
	return t.write(s.Stdout)
}

type callsShowCmd struct {
	ID     string `arg:"" help:"The call's id."`
	Ladder bool   `help:"Draw its SIP messages, as far as they are kept, between the switch and its peers."`
	Text   bool   `help:"With --ladder: each message in full."`
}

// Run shows the call as it stands, or as it ended.
func (c *callsShowCmd) Run(s *session) error {
	api, err := s.client()
	if err != nil {
		return err
	}
	if c.Ladder {
		return s.showLadder(api, c.ID, c.Text)
	}
	var v acd.CallView
	text, err := api.get(s.ctx, "/api/v1/calls/"+segment(c.ID), nil, &v)
	if isStatus(err, http.StatusNotFound) {
		return s.showRecord(api, c.ID, err)
	}
	if err != nil {
		return err
	}
	if s.JSON {
		return s.printJSON(text)
	}
	return facts(s.Stdout, "id", v.ID, "state", v.State, "from", v.From, "number", v.Number, "trunk", v.Trunk,
		"client", v.Client, "queue", v.Queue, "agent", v.Agent, "site", v.Site, "started", moment(v.Started),
		"queued", momentOf(v.Queued), "answered", momentOf(v.Answered), "waited", span(v.Waited))
}

type callsHangupCmd struct {
	ID []string `arg:"" help:"The calls' ids."`
}

func (c *callsHangupCmd) Run(s *session) error {
	api, err := s.client()
	if err != nil {
		return err
	}
	for _, id := range c.ID {
		if _, err := api.call(s.ctx, http.MethodDelete, "/api/v1/calls/"+segment(id), nil, nil, nil); err != nil {
			return fmt.Errorf("hang up %s: %w", id, err)
		}
		if !s.JSON {
			fmt.Fprintf(s.Stdout, "%s released\n", printable(id))
		}
	}
	if s.JSON {
		return s.printValue(map[string][]string{"released": c.ID})
	}
	return nil
}
