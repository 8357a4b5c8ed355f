package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"switchroom/acd"
)

// Floor is what agents, and those who lead them, do around their calls.
// Errors are ErrNotFound or wrap ErrConflict; by names who asked.
type Floor interface {
	// EndWrapUp ends an agent's after-call work early.
	EndWrapUp(agent, by string) error
	// FileCall notes what the agent's last or present call came to; an empty
	// call means that one.
	FileCall(agent, call string, d acd.Disposition, by string) error
	// SetAgentPhone has an agent take a phone; "" for its own.
	SetAgentPhone(agent, phone, by string) error
	// UnlockDialling lets an agent call outside again that was refused so often
	// that it is locked.
	UnlockDialling(agent, by string) error
	// SteerRecording does action (start, pause, resume) with the recording of a
	// live call.
	SteerRecording(call, action, reason, by string) error
}

type seating struct {
	ID   string `path:"id" maxLength:"128"`
	Body struct {
		Phone string `json:"phone" maxLength:"64" doc:"account of a registered phone; empty for the agent's own"`
	}
}

type steering struct {
	ID   string `path:"id" maxLength:"128"`
	Body struct {
		Action string `json:"action" enum:"start,pause,resume" doc:"start: of a queue that records on demand"`
		Reason string `json:"reason,omitempty" maxLength:"200"`
	}
}

type filing struct {
	ID   string `path:"id" maxLength:"128"`
	Body struct {
		Code   string `json:"code" pattern:"^[0-9]{1,4}$" doc:"one of the client's dispositions"`
		Note   string `json:"note,omitempty" maxLength:"2000"`
		CallID string `json:"call_id,omitempty" maxLength:"64" doc:"the agent's last call, to be sure that it is meant"`
	}
}

// registerFloor registers what belongs to the work around a call.
func (s *Server) registerFloor() {
	end := operation("end-wrap-up", http.MethodDelete, "/api/v1/agents/{id}/wrap-up", "End an agent's after-call work", leaders, 404, 409)
	huma.Register(s.huma, end, s.endWrapUp)
	huma.Register(s.huma, operation("file-call", http.MethodPost, "/api/v1/agents/{id}/disposition",
		"Say what the agent's last or present call came to", leaders, 404, 409), s.fileCall)
	huma.Register(s.huma, operation("set-agent-phone", http.MethodPut, "/api/v1/agents/{id}/phone",
		"Log an agent in at a phone", leaders, 404, 409), s.setAgentPhone)
	huma.Register(s.huma, operation("unlock-dialling", http.MethodDelete, "/api/v1/agents/{id}/dial-lock",
		"Let an agent call outside again who was refused too often", admins, 404, 409), s.unlockDialling)
	huma.Register(s.huma, operation("steer-recording", http.MethodPost, "/api/v1/calls/{id}/recording",
		"Start, pause or resume the recording of a live call", leaders, 404, 409), s.steerRecording)
}

// changed answers a request that was to change an agent: the agent as it stands
// now, or why it does not.
func (s *Server) changed(ctx context.Context, id string, err error) (*of[Agent], error) {
	if err != nil {
		return nil, s.refusal(err, "agent")
	}
	return s.agent(ctx, &byID{id})
}

func (s *Server) endWrapUp(ctx context.Context, in *byID) (*of[Agent], error) {
	return s.changed(ctx, in.ID, s.cfg.Switch.EndWrapUp(in.ID, callerOf(ctx).name))
}

func (s *Server) unlockDialling(ctx context.Context, in *byID) (*of[Agent], error) {
	return s.changed(ctx, in.ID, s.cfg.Switch.UnlockDialling(in.ID, callerOf(ctx).name))
}

func (s *Server) fileCall(ctx context.Context, in *filing) (*of[Agent], error) {
	d := acd.Disposition{Code: in.Body.Code, Note: in.Body.Note}
	return s.changed(ctx, in.ID, s.cfg.Switch.FileCall(in.ID, in.Body.CallID, d, callerOf(ctx).name))
}

func (s *Server) setAgentPhone(ctx context.Context, in *seating) (*of[Agent], error) {
	return s.changed(ctx, in.ID, s.cfg.Switch.SetAgentPhone(in.ID, in.Body.Phone, callerOf(ctx).name))
}

func (s *Server) steerRecording(ctx context.Context, in *steering) (*of[Call], error) {
	if err := s.cfg.Switch.SteerRecording(in.ID, in.Body.Action, in.Body.Reason, callerOf(ctx).name); err != nil {
		return nil, s.refusal(err, "call")
	}
	return s.call(ctx, &byID{in.ID})
}
