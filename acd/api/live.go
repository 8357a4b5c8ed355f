package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"go.uber.org/zap"

	"switchroom/acd"
	"switchroom/acd/report"
	"switchroom/acd/store"
)

type (
	none struct{}
	byID struct {
		ID string `path:"id" maxLength:"128"`
	}
	of[T any] struct{ Body T }
)

type agentWish struct {
	ID   string `path:"id" maxLength:"128"`
	Body struct {
		State  string `json:"state" enum:"ready,not-ready,offline"`
		Reason string `json:"reason,omitempty" maxLength:"64" doc:"why, for not-ready"`
	}
}

// registerLive registers what asks and steers the running switch.
func (s *Server) registerLive() {
	huma.Register(s.huma, operation("list-agents", http.MethodGet, "/api/v1/agents", "All agents", staff), s.agents)
	huma.Register(s.huma, operation("get-agent", http.MethodGet, "/api/v1/agents/{id}", "One agent", staff, 404), s.agent)
	huma.Register(s.huma, operation("set-agent-state", http.MethodPost, "/api/v1/agents/{id}/state",
		"Make an agent ready, not ready or offline", leaders, 404, 409), s.setAgentState)
	huma.Register(s.huma, operation("list-queues", http.MethodGet, "/api/v1/queues", "All queues, with today's counts", everyone), s.queues)
	huma.Register(s.huma, operation("get-queue", http.MethodGet, "/api/v1/queues/{id}", "One queue", everyone, 404), s.queue)
	huma.Register(s.huma, operation("list-calls", http.MethodGet, "/api/v1/calls", "All live calls", everyone), s.calls)
	huma.Register(s.huma, operation("get-call", http.MethodGet, "/api/v1/calls/{id}", "One live call", everyone, 404), s.call)
	hangup := operation("hang-up", http.MethodDelete, "/api/v1/calls/{id}", "Hang up a live call", leaders, 404)
	hangup.DefaultStatus = http.StatusNoContent
	huma.Register(s.huma, hangup, s.hangUp)
	huma.Register(s.huma, operation("explain-call", http.MethodGet, "/api/v1/calls/{id}/decision",
		"Why these agents: each offer of a live or finished call", everyone, 404, 503), s.decision)
	huma.Register(s.huma, operation("trace-call", http.MethodGet, "/api/v1/calls/{id}/ladder",
		"The SIP messages of a live or recent call, in the order of time, without what is secret", leaders, 404), s.ladder)
}

func (s *Server) agents(context.Context, *none) (*of[List[Agent]], error) {
	list := List[Agent]{Items: []Agent{}}
	for _, v := range s.cfg.Switch.Agents() {
		list.Items = append(list.Items, agentOf(v))
	}
	return &of[List[Agent]]{list}, nil
}

func (s *Server) agent(_ context.Context, in *byID) (*of[Agent], error) {
	v, ok := s.cfg.Switch.Agent(in.ID)
	if !ok {
		return nil, notFound("agent")
	}
	return &of[Agent]{agentOf(v)}, nil
}

func (s *Server) setAgentState(ctx context.Context, in *agentWish) (*of[Agent], error) {
	if err := s.leadsAgent(ctx, in.ID, "agent"); err != nil {
		return nil, err
	}
	err := s.cfg.Switch.SetAgentState(in.ID, in.Body.State, in.Body.Reason, callerOf(ctx).name)
	if err != nil {
		return nil, s.refusal(err, "agent")
	}
	return s.agent(ctx, &byID{in.ID})
}

func (s *Server) queues(ctx context.Context, _ *none) (*of[List[acd.QueueView]], error) {
	who := callerOf(ctx)
	list := List[acd.QueueView]{Items: []acd.QueueView{}}
	counts := s.today(ctx)
	for _, v := range s.cfg.Switch.Queues() {
		if who.sees(v.Client) {
			list.Items = append(list.Items, counted(v, counts))
		}
	}
	return &of[List[acd.QueueView]]{list}, nil
}

func (s *Server) queue(ctx context.Context, in *byID) (*of[acd.QueueView], error) {
	v, ok := s.cfg.Switch.Queue(in.ID)
	if !ok || !callerOf(ctx).sees(v.Client) {
		return nil, notFound("queue")
	}
	return &of[acd.QueueView]{counted(v, s.today(ctx))}, nil
}

// today gives what was counted since midnight by queue; nil while that is not
// at hand: the live part is given without it, and the status says why.
func (s *Server) today(ctx context.Context) map[string]report.Counts {
	now := time.Now()
	counts, err := s.cfg.Records.Today(ctx, report.StartOfDay(now.In(s.cfg.Location)), now, s.cfg.Level)
	if err != nil {
		s.log.Debug("today's counts not at hand", zap.Error(err))
		return nil
	}
	return counts
}

// counted fills in what was counted today.
func counted(v acd.QueueView, counts map[string]report.Counts) acd.QueueView {
	c := counts[v.ID]
	v.Answered, v.Abandoned = c.Answered, c.Abandoned
	if percent, ok := c.ServiceLevel(v.Formula); ok {
		v.ServiceLevel = round1(percent)
	} else if counts != nil {
		v.ServiceLevel = 100 // nothing has missed it yet
	}
	return v
}

// round1 keeps one digit behind the point.
func round1(f float64) float64 { return float64(int64(f*10+0.5)) / 10 }

func (s *Server) calls(ctx context.Context, _ *none) (*of[List[Call]], error) {
	who := callerOf(ctx)
	list := List[Call]{Items: []Call{}}
	for _, v := range s.cfg.Switch.Calls() {
		if who.sees(v.Client) {
			list.Items = append(list.Items, callOf(v))
		}
	}
	return &of[List[Call]]{list}, nil
}

func (s *Server) call(ctx context.Context, in *byID) (*of[Call], error) {
	v, ok := s.cfg.Switch.Call(in.ID)
	if !ok || !callerOf(ctx).sees(v.Client) {
		return nil, notFound("call")
	}
	return &of[Call]{callOf(v)}, nil
}

func (s *Server) hangUp(ctx context.Context, in *byID) (*none, error) {
	if err := s.leads(ctx, in.ID); err != nil {
		return nil, err
	}
	if err := s.cfg.Switch.HangUp(in.ID, callerOf(ctx).name); err != nil {
		return nil, s.refusal(err, "call")
	}
	return nil, nil
}

func (s *Server) decision(ctx context.Context, in *byID) (*of[List[Offered]], error) {
	who := callerOf(ctx)
	list := List[Offered]{Items: []Offered{}}
	if v, ok := s.cfg.Switch.Call(in.ID); ok {
		if !who.sees(v.Client) {
			return nil, notFound("call")
		}
		if offers, ok := s.cfg.Switch.Decisions(in.ID); ok {
			for _, o := range offers {
				list.Items = append(list.Items, offeredOf(o.Time, o.Agent, o.Outcome, o.Decision))
			}
			return &of[List[Offered]]{list}, nil
		}
	}
	cdr, err := s.cfg.Records.CDR(ctx, in.ID)
	if err == nil && !who.sees(cdr.Client) {
		return nil, notFound("call")
	}
	if err != nil {
		return nil, s.refusal(err, "call")
	}
	offers, err := s.cfg.Records.Offers(ctx, in.ID)
	if err != nil {
		return nil, s.refusal(err, "call")
	}
	for _, o := range offers {
		list.Items = append(list.Items, offeredOf(o.Time, o.Agent, o.Outcome, o.Decision))
	}
	return &of[List[Offered]]{list}, nil
}

func notFound(what string) error { return huma.Error404NotFound("there is no such " + what) }

// refusal turns an error of the switch or the index into a problem. What is
// no refusal is a fault: it is logged, and its text stays here.
func (s *Server) refusal(err error, what string) error {
	switch {
	case errors.Is(err, ErrNotFound), isNotFound(err):
		return notFound(what)
	case errors.Is(err, ErrConflict):
		return huma.Error409Conflict(err.Error())
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return huma.Error503ServiceUnavailable("it took too long; a shorter time is answered sooner")
	case errors.Is(err, store.ErrBuilding):
		return huma.Error503ServiceUnavailable(fmt.Sprintf("the index is being made anew from the journal, %d events to go; live calls are not touched by that",
			s.cfg.Records.Status().Behind))
	case isUnavailable(err):
		return huma.Error503ServiceUnavailable("the index does not answer now; live calls are not touched by that")
	}
	s.log.Error("request failed", zap.String("about", what), zap.Error(err))
	return huma.Error500InternalServerError("a fault of ours; it is in the log")
}
