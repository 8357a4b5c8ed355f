package acd

// View is the call as it stands, for people and programs.
func (c *Call) View(now Instant) CallView {
	v := CallView{ID: c.ID, Client: c.Plan.Client, Queue: c.Plan.Queue, From: c.From, Number: c.Number, Trunk: c.Trunk,
		State: c.state.String(), Version: c.Plan.Version, Agent: c.agent.Agent, Site: c.agent.Site, Started: c.arrived.Wall}
	if c.state == Talking && c.Held() {
		v.State = "held"
	}
	if !c.queued.IsZero() {
		q := c.queued.Wall
		v.Queued, v.Waited = &q, seconds(now.Sub(c.queued))
	}
	if !c.connected.IsZero() {
		a := c.connected.Wall
		v.Answered, v.Waited = &a, seconds(c.connected.Sub(c.queued))
	}
	return v
}
