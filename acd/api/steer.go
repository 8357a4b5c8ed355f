package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"switchroom/acd"
)

// Steering is what people and programs do with live calls. Errors are
// ErrNotFound or wrap ErrConflict; by names who asks.
type Steering interface {
	// PlaceCall has an agent call a number for a client ("": the agent's): its
	// phone rings first.
	PlaceCall(agent, number, client, by string) (acd.CallView, error)
	// Transfer hands the caller to an agent, a queue or a number outside,
	// without a word. It says whether it has begun; a transfer that fails
	// brings the caller back.
	Transfer(call, to, by string) error
	// Consult has the call's agent talk to somebody while the caller hears
	// music. Complete gives the caller to the consulted, Merge lets all three
	// talk, Abort lets the consulted go.
	Consult(call, to, by string) error
	Complete(call, by string) error
	Merge(call, by string) error
	Abort(call, by string) error
	// Supervise rings the phone of an agent and lets it into the call: listen,
	// whisper, barge. It changes the mode of one who is there.
	Supervise(call, phone, mode, by string) error
	Unsupervise(call, by string) error
	// TakeOver puts the supervisor in the agent's place.
	TakeOver(call, by string) error
	// Pull hands a waiting call to an agent past the queue's order.
	Pull(call, agent, by string) error
	// Prioritise gives a waiting call another priority than its queue's.
	Prioritise(call string, priority int, by string) error
}

type placing struct {
	Body struct {
		Agent  string `json:"agent" maxLength:"128"`
		Number string `json:"number" maxLength:"64" doc:"outside, or a colleague's id"`
		Client string `json:"client,omitempty" maxLength:"128" doc:"whose call it is; by default the agent's first"`
	}
}

type sending struct {
	ID   string `path:"id" maxLength:"128"`
	Body struct {
		To string `json:"to" minLength:"1" maxLength:"128" doc:"an agent's id, a queue's id or extension, or a number outside"`
	}
}

type watching struct {
	ID   string `path:"id" maxLength:"128"`
	Body struct {
		Phone string `json:"phone" maxLength:"128" doc:"the agent's whose phone is rung, or who is there"`
		Mode  string `json:"mode" enum:"listen,whisper,barge"`
	}
}

type pulling struct {
	ID   string `path:"id" maxLength:"128"`
	Body struct {
		Agent string `json:"agent" maxLength:"128"`
	}
}

type ranking struct {
	ID   string `path:"id" maxLength:"128"`
	Body struct {
		Priority int `json:"priority" minimum:"-100" maximum:"100" doc:"higher first; a level is worth five minutes of waiting"`
	}
}

// registerSteer registers what leaders do with live calls.
func (s *Server) registerSteer() {
	place := operation("place-call", http.MethodPost, "/api/v1/calls",
		"Have an agent call a number: its phone rings first", leaders, 404, 409)
	place.DefaultStatus = http.StatusCreated
	huma.Register(s.huma, place, s.placeCall)
	steer(s, "transfer", "Hand the caller to an agent, a queue or a number outside", func(in *sending) string { return in.ID },
		func(in *sending, by string) error { return s.cfg.Switch.Transfer(in.ID, in.Body.To, by) })
	steer(s, "consult", "Have the agent talk to somebody while the caller hears music", func(in *sending) string { return in.ID },
		func(in *sending, by string) error { return s.cfg.Switch.Consult(in.ID, in.Body.To, by) })
	for verb, what := range map[string]struct {
		summary string
		do      func(id, by string) error
	}{
		"complete":  {"Give the caller to the consulted party", func(id, by string) error { return s.cfg.Switch.Complete(id, by) }},
		"merge":     {"Let agent, caller and consulted party talk", func(id, by string) error { return s.cfg.Switch.Merge(id, by) }},
		"abort":     {"Let the consulted party go", func(id, by string) error { return s.cfg.Switch.Abort(id, by) }},
		"take-over": {"Put the supervisor in the agent's place", func(id, by string) error { return s.cfg.Switch.TakeOver(id, by) }},
	} {
		steer(s, verb, what.summary, func(in *byID) string { return in.ID }, func(in *byID, by string) error { return what.do(in.ID, by) })
	}
	steer(s, "pull", "Hand a waiting call to an agent past the queue's order", func(in *pulling) string { return in.ID },
		func(in *pulling, by string) error { return s.cfg.Switch.Pull(in.ID, in.Body.Agent, by) })
	steer(s, "priority", "Give a waiting call another priority", func(in *ranking) string { return in.ID },
		func(in *ranking, by string) error { return s.cfg.Switch.Prioritise(in.ID, in.Body.Priority, by) })
	steer(s, "supervisor", "Let a supervisor's phone into the call, or change how it takes part", func(in *watching) string { return in.ID },
		func(in *watching, by string) error {
			return s.cfg.Switch.Supervise(in.ID, in.Body.Phone, in.Body.Mode, by)
		})
	leave := operation("unsupervise", http.MethodDelete, "/api/v1/calls/{id}/supervisor", "Let the supervisor go", leaders, 404, 409)
	leave.DefaultStatus = http.StatusNoContent
	huma.Register(s.huma, leave, func(ctx context.Context, in *byID) (*none, error) {
		if err := s.leads(ctx, in.ID); err != nil {
			return nil, err
		}
		if err := s.cfg.Switch.Unsupervise(in.ID, callerOf(ctx).name); err != nil {
			return nil, s.refusal(err, "call")
		}
		return nil, nil
	})
}

// steer registers one thing to do with a live call; the answer is the call.
func steer[I any](s *Server, verb, summary string, id func(*I) string, do func(in *I, by string) error) {
	op := operation(verb+"-call", http.MethodPost, "/api/v1/calls/{id}/"+verb, summary, leaders, 404, 409)
	huma.Register(s.huma, op, func(ctx context.Context, in *I) (*of[Call], error) {
		if err := s.leads(ctx, id(in)); err != nil {
			return nil, err
		}
		if err := do(in, callerOf(ctx).name); err != nil {
			return nil, s.refusal(err, "call")
		}
		v, ok := s.cfg.Switch.Call(id(in))
		if !ok {
			return nil, notFound("call")
		}
		return &of[Call]{callOf(v)}, nil
	})
}

// leads lets only those touch a call whose client and team it is.
func (s *Server) leads(ctx context.Context, id string) error {
	who := callerOf(ctx)
	v, ok := s.cfg.Switch.Call(id)
	if !ok || !who.sees(v.Client) {
		return notFound("call")
	}
	if v.Agent == "" {
		return nil
	}
	return s.leadsAgent(ctx, v.Agent, "call")
}

// leadsAgent lets only those touch an agent whose team it is and for whose
// client it works; to others there is no such thing.
func (s *Server) leadsAgent(ctx context.Context, id, what string) error {
	who := callerOf(ctx)
	if who.team == "" && who.client == "" {
		return nil
	}
	a, ok := s.cfg.Switch.Agent(id)
	switch {
	case !ok && what == "agent", ok && who.team != "" && a.Team != who.team, ok && !who.among(a.Clients):
		return notFound(what)
	}
	return nil
}

// among says whether the caller's client is one of a list, empty for all.
func (c caller) among(clients []string) bool {
	for _, id := range clients {
		if c.sees(id) {
			return true
		}
	}
	return len(clients) == 0 || c.client == ""
}

func (s *Server) placeCall(ctx context.Context, in *placing) (*of[Call], error) {
	who := callerOf(ctx)
	if err := s.leadsAgent(ctx, in.Body.Agent, "agent"); err != nil {
		return nil, err
	}
	client := in.Body.Client
	if client == "" && who.client != "" {
		client = who.client
	}
	if !who.sees(client) && client != "" {
		return nil, notFound("client")
	}
	v, err := s.cfg.Switch.PlaceCall(in.Body.Agent, in.Body.Number, client, who.name)
	if err != nil {
		return nil, s.refusal(err, "agent")
	}
	return &of[Call]{callOf(v)}, nil
}
