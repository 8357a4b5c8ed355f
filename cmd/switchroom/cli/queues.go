package cli

import (
	"fmt"
	"strconv"

	"switchroom/acd"
)

type queuesListCmd struct{}

func (c *queuesListCmd) Run(s *session) error {
	api, err := s.client()
	if err != nil {
		return err
	}
	var got list[acd.QueueView]
	text, err := api.get(s.ctx, "/api/v1/queues", nil, &got)
	if err != nil {
		return err
	}
	t := newTable("ID", "CLIENT", ">WAITING", ">LONGEST", ">READY", ">BUSY", ">ANSWERED", ">ABANDONED", ">SERVICE LEVEL", "FORMULA")
	return listed(s, text, t, got.Items, func(q acd.QueueView) []string {
		return []string{q.ID, q.Client, strconv.Itoa(q.Waiting), span(q.LongestWait), strconv.Itoa(q.AgentsReady),
			strconv.Itoa(q.AgentsBusy), strconv.Itoa(q.Answered), strconv.Itoa(q.Abandoned), level(q), q.Formula}
	})
}

// level is a queue's service level today; none before its first call.
func level(q acd.QueueView) string {
	if q.Answered+q.Abandoned == 0 {
		return ""
	}
	return fmt.Sprintf("%.1f %%", q.ServiceLevel)
}

type queuesShowCmd struct {
	ID string `arg:"" help:"The queue's id."`
}

func (c *queuesShowCmd) Run(s *session) error {
	api, err := s.client()
	if err != nil {
		return err
	}
	var q acd.QueueView
	text, err := api.get(s.ctx, "/api/v1/queues/"+segment(c.ID), nil, &q)
	if err != nil {
		return err
	}
	if s.JSON {
		return s.printJSON(text)
	}
	return facts(s.Stdout, "id", q.ID, "client", q.Client, "waiting", strconv.Itoa(q.Waiting),
		"longest wait", span(q.LongestWait), "agents ready", strconv.Itoa(q.AgentsReady),
		"agents busy", strconv.Itoa(q.AgentsBusy), "answered today", strconv.Itoa(q.Answered),
		"abandoned today", strconv.Itoa(q.Abandoned), "service level", level(q), "formula", q.Formula)
}
