package exchange

import "switchroom/acd"

// What an agent can do with a second party. p is who asks; nil: somebody with
// the right to, over the API.

func (c *call) completeBy(p *party, _ string) error {
	if !c.leads(p) || c.core.Stage() == acd.NoSecond {
		return errNotNow
	}
	c.step(acd.CallInput{Kind: acd.InputComplete})
	return nil
}

func (c *call) transferBy(p *party, number string) error {
	if !c.leads(p) {
		return errNotNow
	}
	var rights *agent
	by := ""
	if p != nil {
		rights, by = p.agent, p.seat.Agent
	}
	return c.handTo(number, rights, by)
}

func (c *call) consultBy(p *party, number string) error {
	if !c.leads(p) || c.core.Stage() != acd.NoSecond || c.agent == nil || c.agent.agent == nil {
		return errNotNow
	}
	to, err := c.consulted(number, c.agent.agent)
	if err != nil {
		return err
	}
	return c.consults(to, false)
}

// consulted is whom an agent may consult: a colleague, a number outside, or
// whom a queue will give it.
func (c *call) consulted(number string, rights *agent) (destination, error) {
	to, err := c.x.lead(number, c.core.Plan.Client, rights)
	if err != nil || to.queue != nil {
		return to, err
	}
	return to, c.canRing(to.seat)
}

func (c *call) mergeBy(p *party, _ string) error {
	if !c.leads(p) || c.core.Stage() != acd.SecondJoined {
		return errNotNow
	}
	c.step(acd.CallInput{Kind: acd.InputMerge})
	return nil
}

func (c *call) abortBy(p *party, _ string) error {
	if !c.leads(p) || c.core.Stage() == acd.NoSecond {
		return errNotNow
	}
	c.step(acd.CallInput{Kind: acd.InputAbort})
	return nil
}

func (c *call) leaveBy(p *party, _ string) error {
	if !c.leads(p) || c.core.Stage() != acd.InConference {
		return errNotNow
	}
	c.step(acd.CallInput{Kind: acd.InputComplete})
	return nil
}

// leads reports whether p is the primary agent, on either of its lines, and the
// call stands.
func (c *call) leads(p *party) bool {
	return c.core.State() == acd.Talking && (p == nil || p == c.agent || p == c.line)
}
