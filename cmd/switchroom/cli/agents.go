package cli

import (
	"errors"
	"net/http"

	"switchroom/acd"
)

type agentsListCmd struct {
	State string `help:"Only agents in this state."`
	Site  string `help:"Only agents of this site."`
}

func (c *agentsListCmd) Run(s *session) error {
	api, err := s.client()
	if err != nil {
		return err
	}
	var got list[acd.AgentView]
	if _, err := api.get(s.ctx, "/api/v1/agents", nil, &got); err != nil {
		return err
	}
	kept := list[acd.AgentView]{Items: []acd.AgentView{}}
	for _, a := range got.Items {
		if (c.State == "" || a.State == c.State) && (c.Site == "" || a.Site == c.Site) {
			kept.Items = append(kept.Items, a)
		}
	}
	if s.JSON {
		return s.printValue(kept)
	}
	t := newTable("ID", "NAME", "SITE", "STATE", "REASON", ">FOR", "PHONE", "CALL", "SKILLS")
	for _, a := range kept.Items {
		t.row(a.ID, a.Name, a.Site, a.State, a.Reason, since(a.Since), phone(a), a.CallID, skillsOf(a.Skills))
	}
	return t.write(s.Stdout)
}

func phone(a acd.AgentView) string {
	if a.Registered {
		return "reachable"
	}
	return "not registered"
}

type agentsShowCmd struct {
	ID string `arg:"" help:"The agent's id."`
}

func (c *agentsShowCmd) Run(s *session) error {
	return s.showAgent(c.ID)
}

func (s *session) showAgent(id string) error {
	api, err := s.client()
	if err != nil {
		return err
	}
	var a acd.AgentView
	text, err := api.get(s.ctx, "/api/v1/agents/"+segment(id), nil, &a)
	if err != nil {
		return err
	}
	if s.JSON {
		return s.printJSON(text)
	}
	return facts(s.Stdout, "id", a.ID, "name", a.Name, "site", a.Site, "skills", skillsOf(a.Skills),
		"state", a.State, "reason", a.Reason, "since", moment(a.Since), "phone", phone(a), "call", a.CallID, "dials", outsideOf(a))
}

// outsideOf tells why an agent calls nobody outside, if it is locked.
func outsideOf(a acd.AgentView) string {
	if a.DialLocked {
		return "locked: refused too many numbers (switchroom agents unlock " + a.ID + ")"
	}
	return ""
}

type agentsUnlockCmd struct {
	ID string `arg:"" help:"The agent's id."`
}

func (c *agentsUnlockCmd) Run(s *session) error {
	api, err := s.client()
	if err != nil {
		return err
	}
	if _, err := api.call(s.ctx, http.MethodDelete, "/api/v1/agents/"+segment(c.ID)+"/dial-lock", nil, nil, nil); err != nil {
		return err
	}
	return s.showAgent(c.ID)
}

type agentsSetCmd struct {
	ID     string `arg:"" help:"The agent's id."`
	State  string `arg:"" enum:"ready,not-ready,offline" help:"One of ${enum}."`
	Reason string `help:"Why, for not-ready."`
}

func (c *agentsSetCmd) Run(s *session) error {
	if c.Reason != "" && c.State != "not-ready" {
		return usageError{errors.New("--reason goes with not-ready")}
	}
	api, err := s.client()
	if err != nil {
		return err
	}
	wish := struct {
		State  string `json:"state"`
		Reason string `json:"reason"`
	}{c.State, c.Reason}
	if _, err := api.call(s.ctx, http.MethodPost, "/api/v1/agents/"+segment(c.ID)+"/state", nil, wish, nil); err != nil {
		return err
	}
	return s.showAgent(c.ID)
}
