package cli

import (
	"fmt"
	"strconv"
	"strings"

	"switchroom/acd/api"
)

type statusCmd struct{}

func (c *statusCmd) Run(s *session) error {
	ask, err := s.client()
	if err != nil {
		return err
	}
	var v api.Status
	text, err := ask.get(s.ctx, "/api/v1/status", nil, &v)
	if err != nil {
		return err
	}
	if s.JSON {
		return s.printJSON(text)
	}
	if err := facts(s.Stdout, "state", v.State, "up for", since(v.Started), "program", v.Version,
		"configuration", v.Config, "calls", fmt.Sprintf("%d, %d of them waiting", v.Calls, v.Waiting),
		"agents", fmt.Sprintf("%d, %d of them ready", v.Agents, v.Ready),
		"faults", strings.Join(v.Faults, "; ")); err != nil {
		return err
	}
	if len(v.Channels) == 0 {
		return nil
	}
	fmt.Fprintln(s.Stdout)
	t := newTable("TRUNK", "STATE", ">IN USE", ">OUT", ">CHANNELS", "REGISTRATION")
	return listed(s, nil, t, v.Channels, func(ch api.Channel) []string {
		return []string{ch.Trunk, ch.State, strconv.Itoa(ch.InUse), strconv.Itoa(ch.Out), strconv.Itoa(ch.Limit), registrationText(ch.Registration)}
	})
}

// registrationText is our registration at a trunk in a few words; "" without one.
func registrationText(r *api.TrunkRegistration) string {
	switch {
	case r == nil:
		return ""
	case r.Status > 0:
		return fmt.Sprintf("%s (%d)", r.State, r.Status)
	}
	return r.State
}
