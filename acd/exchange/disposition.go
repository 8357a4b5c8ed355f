package exchange

import (
	"errors"
	"fmt"

	"switchroom/acd"
	"switchroom/acd/api"
	"switchroom/configs"
)

// afterCall is what a queue asks of its agents after a client's call.
func (p *plan) afterCall(q configs.Queue, client string) *acd.AfterCall {
	after := &acd.AfterCall{Mode: wrapUpModes[q.WrapUpEnd]}
	for _, c := range p.config.Clients {
		if c.ID != client {
			continue
		}
		after.Required, after.Default = c.DispositionRequired, c.DispositionDefault
		for _, d := range c.Dispositions {
			after.Codes = append(after.Codes, acd.Disposition{Code: d.Code, Name: d.Name})
		}
	}
	return after
}

var wrapUpModes = map[string]acd.WrapUpMode{"early": acd.WrapUpEarly, "fixed": acd.WrapUpFixed, "agent": acd.WrapUpAgent}

// ronaOf is a queue's policy for offers that nobody takes.
func ronaOf(r configs.Rona) *acd.Rona {
	return &acd.Rona{NoAnswer: acd.Miss(r.NoAnswer), Rejected: acd.Miss(r.Rejected), Busy: acd.Miss(r.Busy),
		Unreachable: acd.Miss(r.Unreachable), KeepCount: r.Reset == "answered"}
}

// EndWrapUp ends an agent's after-call work early, where its queue lets it.
func (x *Exchange) EndWrapUp(id, by string) error {
	a := x.agents.get(id)
	if a == nil {
		return fmt.Errorf("agent %q: %w", id, api.ErrNotFound)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := a.core.MayEndWrapUp(); err != nil {
		return fmt.Errorf("agent %s: %w: %w", id, err, api.ErrConflict)
	}
	a.stepLocked(acd.AgentInput{Kind: acd.AgentEndWrapUp, Cause: acd.Cause(by)})
	return nil
}

func (a *agent) mayEndWrapUp() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.core.MayEndWrapUp()
}

// FileCall notes what the last or present call of an agent came to. An empty
// call names that one.
func (x *Exchange) FileCall(id, call string, d acd.Disposition, by string) error {
	a := x.agents.get(id)
	if a == nil {
		return fmt.Errorf("agent %q: %w", id, api.ErrNotFound)
	}
	err := a.file(call, d, acd.Cause(by))
	if errors.Is(err, acd.ErrNoCode) || errors.Is(err, acd.ErrNotNow) {
		return fmt.Errorf("agent %s: %w: %w", id, err, api.ErrConflict)
	}
	return err
}

func (a *agent) file(call string, d acd.Disposition, by acd.Cause) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := a.core.MayFile(call, d.Code); err != nil {
		return err
	}
	a.stepLocked(acd.AgentInput{Kind: acd.AgentFile, Call: call, File: d, Cause: by})
	return nil
}
