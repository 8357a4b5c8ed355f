package cli

import (
	"net/http"

	"switchroom/acd"
)

// steer asks for something to be done with a call, and shows the call.
func (s *session) steer(id, verb string, body any) error {
	api, err := s.client()
	if err != nil {
		return err
	}
	path := "/api/v1/calls/" + segment(id) + "/" + verb
	if id == "" {
		path = "/api/v1/calls"
	}
	var v acd.CallView
	text, err := api.call(s.ctx, http.MethodPost, path, nil, body, &v)
	if err != nil {
		return err
	}
	if s.JSON {
		return s.printJSON(text)
	}
	return facts(s.Stdout, "id", v.ID, "state", v.State, "agent", v.Agent, "outside", v.Outside, "second", v.Second, "stage", v.Stage,
		"supervisor", v.Supervisor, "mode", v.Mode)
}

type callsDialCmd struct {
	Agent  string `arg:"" help:"The agent's id; its phone rings first."`
	Number string `arg:"" help:"Whom it is to call."`
	Client string `help:"Whose call it is; by default the agent's first client's."`
}

func (c *callsDialCmd) Run(s *session) error {
	return s.steer("", "", map[string]string{"agent": c.Agent, "number": c.Number, "client": c.Client})
}

// callAndWhom is a call and where it, or its agent first, is to go.
type callAndWhom struct {
	ID string `arg:"" help:"The call's id."`
	To string `arg:"" help:"An agent, a queue or a number outside."`
}

type callsTransferCmd struct{ callAndWhom }

func (c *callsTransferCmd) Run(s *session) error {
	return s.steer(c.ID, "transfer", map[string]string{"to": c.To})
}

type callsConsultCmd struct{ callAndWhom }

func (c *callsConsultCmd) Run(s *session) error {
	return s.steer(c.ID, "consult", map[string]string{"to": c.To})
}

type callsThirdCmd struct {
	ID   string `arg:"" help:"The call's id."`
	What string `arg:"" enum:"complete,merge,abort" help:"complete: the consulted party takes the caller; merge: all three talk; abort: it is let go."`
}

func (c *callsThirdCmd) Run(s *session) error { return s.steer(c.ID, c.What, nil) }

type callsSuperviseCmd struct {
	ID    string `arg:"" help:"The call's id."`
	Phone string `arg:"" help:"The agent whose phone is rung, or who takes part already."`
	Mode  string `arg:"" enum:"listen,whisper,barge,take-over" help:"One of ${enum}."`
}

func (c *callsSuperviseCmd) Run(s *session) error {
	if c.Mode == "take-over" {
		return s.steer(c.ID, "take-over", nil)
	}
	return s.steer(c.ID, "supervisor", map[string]string{"phone": c.Phone, "mode": c.Mode})
}

type callsPullCmd struct {
	ID    string `arg:"" help:"The call's id; it waits."`
	Agent string `arg:"" help:"Who gets it."`
}

func (c *callsPullCmd) Run(s *session) error {
	return s.steer(c.ID, "pull", map[string]string{"agent": c.Agent})
}

type callsPriorityCmd struct {
	ID       string `arg:"" help:"The call's id; it waits."`
	Priority int    `arg:"" help:"-100 to 100, higher first."`
}

func (c *callsPriorityCmd) Run(s *session) error {
	return s.steer(c.ID, "priority", map[string]int{"priority": c.Priority})
}
