package cli

import (
	"strconv"

	"switchroom/acd/api"
)

type webhooksCmd struct{}

// Run lists the webhooks and how far each has come.
func (c *webhooksCmd) Run(s *session) error {
	client, err := s.client()
	if err != nil {
		return err
	}
	var got list[api.Webhook]
	text, err := client.get(s.ctx, "/api/v1/webhooks", nil, &got)
	if err != nil {
		return err
	}
	t := newTable("ID", "CLIENT", "STATE", ">LAG", ">OLDEST", ">DELIVERED", ">FAILED", ">PASSED", "FAULT")
	return listed(s, text, t, got.Items, func(w api.Webhook) []string {
		return []string{w.ID, w.Client, w.State, strconv.FormatUint(w.Lag, 10), span(w.Oldest), strconv.FormatUint(w.Delivered, 10),
			strconv.FormatUint(w.Failed, 10), strconv.FormatUint(w.Passed, 10), w.Fault}
	})
}
