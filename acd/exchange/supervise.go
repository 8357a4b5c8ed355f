package exchange

import (
	"fmt"

	"switchroom/acd"
	"switchroom/acd/api"
)

// modeBy is the code of a supervisor in a call for a mode.
func modeBy(m acd.Mode) func(*call, *party, string) error {
	return func(c *call, p *party, _ string) error {
		if p == nil || p != c.super {
			return errNotNow
		}
		c.step(acd.CallInput{Kind: acd.InputMode, Mode: m, By: p.seat.Agent})
		return nil
	}
}

func (c *call) takeOverBy(p *party, _ string) error {
	if p != nil && p != c.super || c.core.State() != acd.Talking {
		return errNotNow
	}
	by := ""
	if p != nil {
		by = p.seat.Agent
	}
	c.step(acd.CallInput{Kind: acd.InputTakeOver, By: by})
	return nil
}

// watchBy lets a supervisor's phone in: it is rung, or changes its mode.
func (c *call) watchBy(phone string, mode acd.Mode, by string) error {
	if c.core.State() != acd.Talking {
		return fmt.Errorf("nobody talks in call %s: %w", c.core.ID, api.ErrConflict)
	}
	seat, now := c.core.Watcher()
	switch {
	case seat.Agent == phone && phone != "":
		if now != mode {
			c.step(acd.CallInput{Kind: acd.InputMode, Mode: mode, By: by})
		}
		return nil
	case seat != acd.Seat{}:
		return fmt.Errorf("%s takes part in call %s already: %w", seat.Agent, c.core.ID, api.ErrConflict)
	}
	a := c.x.agents.get(phone)
	if a == nil {
		return fmt.Errorf("agent %q: %w", phone, api.ErrNotFound)
	}
	if err := c.canRing(a.seat()); err != nil {
		return fmt.Errorf("%w: %w", err, api.ErrConflict)
	}
	c.step(acd.CallInput{Kind: acd.InputWatch, Seat: a.seat(), Mode: mode, By: by})
	return nil
}

// supervises reports whether an agent may supervise another's call for a
// client: it is a supervisor, of the team and for the client, where it has any.
func (x *Exchange) supervises(boss *agent, v acd.CallView) bool {
	boss.mu.Lock()
	b := boss.config
	boss.mu.Unlock()
	if !b.Supervisor || !within(b.Clients, v.Client) {
		return false
	}
	a := x.agents.get(v.Agent)
	if a == nil || b.Team == "" {
		return true
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.config.Team == b.Team
}

// within reports whether a list that may be empty, which means all, has one.
func within(list []string, one string) bool {
	for _, v := range list {
		if v == one {
			return true
		}
	}
	return len(list) == 0
}
