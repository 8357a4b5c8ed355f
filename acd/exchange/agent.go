package exchange

import (
	"sync"
	"time"

	"switchroom/acd"
	"switchroom/configs"
	"switchroom/queue"
)

// agent runs one agent's state machine. Its mutex orders the inputs of this
// agent only; nothing blocks under it, and no other lock is taken but the
// inboxes' of calls.
type agent struct {
	x  *Exchange
	id string

	mu       sync.Mutex
	core     *acd.Agent
	config   configs.Agent
	order    int
	ticket   queue.AgentID
	phone    string // the account of the phone it sits at
	memo     memoKey
	timer    *time.Timer
	began    bool          // its first step was taken
	reported time.Duration // the beginning of the state that inspect has told of
	left     bool          // removed from the configuration
	gone     bool          // and out of the queue
	ended    bool          // the exchange has: nothing is written down any more
	deeds    []acd.AgentAction
}

func (x *Exchange) newAgent(c configs.Agent, order int) (*agent, error) {
	a := &agent{x: x, id: c.ID, config: c, order: order}
	ticket, err := x.queue.AddAgent(x.names.profile(c, order), a)
	if err != nil {
		return nil, err
	}
	a.ticket, a.phone = ticket, c.ID
	a.core = acd.NewAgent(c.ID, c.Contact != "", c.ReadyOnRegister, x.clock.now())
	a.memo = memoKey{a.core.MemoKey(), a.phone}
	a.timer = time.AfterFunc(time.Hour, func() { x.guarded(func() { a.step(acd.AgentInput{Kind: acd.AgentDeadline}) }) })
	a.timer.Stop()
	return a, nil
}

// step gives the agent one input and carries out what follows. Safe from any
// goroutine.
func (a *agent) step(in acd.AgentInput) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.stepLocked(in)
}

func (a *agent) stepLocked(in acd.AgentInput) {
	if a.ended || a.left && (in.Kind == acd.AgentReach || in.Kind == acd.AgentWish && in.Wish != acd.WishOffline) {
		return
	}
	now := a.x.clock.now()
	before := a.core.Deadline()
	a.deeds = a.core.Step(now, in, a.deeds[:0])
	for _, d := range a.deeds {
		a.carryOut(now, d)
	}
	if at := a.core.Deadline(); at != before || in.Kind == acd.AgentDeadline {
		a.timer.Stop()
		if at != 0 {
			a.timer.Reset(max(at-now.Mono, 0))
		}
	}
	a.remember(now)
	if a.left && !a.gone && a.core.Idle() {
		a.gone = true
		a.timer.Stop()
		a.x.queue.RemoveAgent(a.ticket)
	}
}

// begin lets the agent take up work, once, when the exchange serves.
func (a *agent) begin() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.began {
		a.began = true
		a.stepLocked(acd.AgentInput{Kind: acd.AgentStart})
	}
}

func (a *agent) carryOut(now acd.Instant, d acd.AgentAction) {
	switch d.Do {
	case acd.AgentNote:
		d.Note.Site = a.config.Site
		a.x.note(now, *d.Note)
	case acd.AgentOffer:
		if a.left {
			return
		}
		// False: an offer is on its way that the agent has not heard of, as
		// when a wish for a break was taken back at once. Its call will say so,
		// and at its end the agent is offered anew.
		if d.Fresh {
			a.x.queue.Ready(a.ticket)
		} else {
			a.x.queue.Return(a.ticket)
		}
	case acd.AgentWithold:
		a.x.queue.NotReady(a.ticket) // false: an offer is on its way, and ends before the wish counts
	}
}

// edit takes over an edited configuration; what a call is doing with the agent
// is not disturbed.
func (a *agent) edit(c configs.Agent, order int) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if c.Site != a.config.Site || order != a.order || !sameSkills(c.Skills, a.config.Skills) {
		if err := a.x.queue.ChangeAgent(a.ticket, a.x.names.profile(c, order)); err != nil {
			return err
		}
	}
	a.config, a.order = c, order
	a.core.ReadyOnRegister = c.ReadyOnRegister
	if fixed := c.Contact != ""; fixed != a.core.Fixed {
		a.core.Fixed = fixed
		switch {
		case fixed:
			a.stepLocked(acd.AgentInput{Kind: acd.AgentReach, Cause: "contact"})
		case !a.x.ua.Answers(a.phone):
			a.stepLocked(acd.AgentInput{Kind: acd.AgentLose, Cause: "contact"})
		}
	}
	return nil
}

// stay takes back an agent that was removed; false when it is gone.
func (a *agent) stay() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.gone {
		return false
	}
	a.left, a.began = false, false
	return true
}

// leave takes the agent out for good; a live call with it is finished first.
func (a *agent) leave() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.left = true
	a.stepLocked(acd.AgentInput{Kind: acd.AgentWish, Wish: acd.WishOffline, Cause: "removed"})
}

func (a *agent) view() acd.AgentView {
	a.mu.Lock()
	defer a.mu.Unlock()
	state, reason, since := a.core.State()
	return acd.AgentView{ID: a.id, Team: a.config.Team, Supervisor: a.config.Supervisor, Clients: a.config.Clients, Name: a.config.Name, Site: a.config.Site, Skills: a.config.Skills,
		State: state.String(), Reason: reason, Since: since.Wall, Registered: a.core.Reachable(), CallID: a.core.Call(), Owes: a.core.Owes(), Phone: a.phone,
		DialLocked: a.x.tolls.locked(a.id)}
}

func (a *agent) seat() acd.Seat {
	a.mu.Lock()
	defer a.mu.Unlock()
	return acd.Seat{Agent: a.id, Site: a.config.Site}
}

// look asks the registrar whether the phone of an agent who has just been
// added is there already: it may have registered before anybody knew whose it
// was. What the registrar says later waits for the lock, and so counts.
func (a *agent) look() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.core.Reachable() && a.x.ua.Answers(a.phone) {
		a.stepLocked(acd.AgentInput{Kind: acd.AgentReach, Cause: "registered"})
	}
}

// stop ends the agent with the exchange.
func (a *agent) stop() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.ended = true
	a.timer.Stop()
}
