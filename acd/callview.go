package acd

// View is the call as it stands, for people and programs.
func (c *Call) View(now Instant) CallView {
	v := CallView{ID: c.ID, Client: c.Plan.Client, Queue: c.Plan.Queue, From: c.From, Number: c.Number, Trunk: c.Trunk,
		Direction: c.Plan.Direction, State: c.state.String(), Version: c.Plan.Version, Agent: c.agent.Agent, Site: c.agent.Site, Started: c.arrived.Wall}
	if c.state == Talking && c.Held() {
		v.State = "held"
	}
	if !c.queued.IsZero() {
		q := c.queued.Wall
		v.Queued = &q
	}
	waited := c.waited
	if c.inQueue {
		waited += now.Sub(c.queued)
	}
	v.Waited = seconds(waited)
	if !c.connected.IsZero() {
		a := c.connected.Wall
		v.Answered = &a
	}
	if c.agent.Agent == "" {
		v.Outside = c.agent.Number
	}
	if c.second.stage != NoSecond {
		v.Second, v.Stage = c.second.wanted(), c.second.stage.String()
	}
	if c.watch.seat != (Seat{}) {
		v.Supervisor, v.Mode = c.watch.seat.Agent, string(c.watch.mode)
	}
	return v
}
