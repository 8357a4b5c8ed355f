package exchange

import "switchroom/acd"

// slot is where the party of a role is kept; nil for a role that no leg has.
func (c *call) slot(role acd.Party) **party {
	switch role {
	case acd.CallerParty:
		return &c.caller
	case acd.AgentParty:
		return &c.agent
	case acd.LineParty:
		return &c.line
	case acd.SecondParty:
		return &c.second
	case acd.SupervisorParty:
		return &c.super
	case acd.FromParty:
		return &c.from
	}
	return nil
}

// at is the party that has a role; nil: none.
func (c *call) at(role acd.Party) *party {
	if s := c.slot(role); s != nil {
		return *s
	}
	return nil
}

// rolesInOrder are all that a leg can have.
var rolesInOrder = [...]acd.Party{acd.CallerParty, acd.AgentParty, acd.LineParty, acd.SecondParty, acd.SupervisorParty, acd.FromParty}

// roleOf is the role that a party has now; "" when it is history.
func (c *call) roleOf(p *party) acd.Party {
	for _, role := range rolesInOrder {
		if c.at(role) == p {
			return role
		}
	}
	return ""
}

// withLeg is the party that a media leg belongs to.
func (c *call) withLeg(is func(*party) bool) *party {
	for _, role := range rolesInOrder {
		if p := c.at(role); p != nil && is(p) {
			return p
		}
	}
	return nil
}

// move gives a party another role, or none.
func (c *call) move(d acd.CallAction) {
	from := c.slot(d.Party)
	if from == nil || *from == nil {
		return
	}
	p := *from
	*from = nil
	if to := c.slot(d.To); to != nil {
		*to = p
	}
}
