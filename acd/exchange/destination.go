package exchange

import (
	"errors"
	"strings"

	"switchroom/acd"
	"switchroom/acd/dialplan"
	"switchroom/configs"
)

// destination is where a call can be sent: an agent or a number outside
// (seat), or a queue.
type destination struct {
	seat  acd.Seat
	queue *queuePlan
	shown string // the number that an outside party sees
}

// Why nothing leads to what was dialled.
var (
	errNoSuchNumber = errors.New("exchange: nobody has this number")
	errNotPermitted = errors.New("exchange: this may not be dialled")
	errQueueFull    = errors.New("exchange: the queue is full")
	errClosed       = errors.New("exchange: the queue takes no calls now")
	errNotNow       = errors.New("exchange: not possible now")
)

// statusFor is the SIP status for such an error.
func statusFor(err error) int {
	switch {
	case err == nil:
		return 200
	case errors.Is(err, errNoSuchNumber), errors.Is(err, dialplan.ErrNoRoute), errors.Is(err, dialplan.ErrNumber):
		return 404
	case errors.Is(err, errNotPermitted), errors.Is(err, dialplan.ErrBarred):
		return 403
	case errors.Is(err, errQueueFull), errors.Is(err, errBusy):
		return 486
	case errors.Is(err, errAway), errors.Is(err, errClosed):
		return 480
	}
	return 491
}

// lead finds what leads to what was dialled for a client: an agent's id, a
// queue's id or extension, one of our own numbers, which is its queue and never
// goes out and in again, and else a number outside. rights, when not nil, is
// the agent who asks: it may call outside as its dial rights say.
func (x *Exchange) lead(text, client string, rights *agent) (destination, error) {
	p := x.plan.Load()
	if a := x.agents.get(text); a != nil {
		return destination{seat: a.seat()}, nil
	}
	if q := p.queueFor(text); q != nil {
		if q.config.Client != "" && q.config.Client != client {
			return destination{}, errNotPermitted
		}
		return destination{queue: q}, nil
	}
	call, _, err := p.outbound(client, text, "")
	if errors.Is(err, dialplan.ErrNumber) {
		return destination{}, errNoSuchNumber
	}
	whole := call.Number
	if err != nil {
		if whole, _ = p.dial.Whole(text); whole == "" {
			whole = text
		}
	}
	if why := x.forbids(p, rights, client, whole, text, call.Hours, err); why != nil {
		if rights != nil {
			x.outsideRefused(rights, whole, why)
		}
		return destination{}, why
	}
	if err != nil {
		return destination{}, err
	}
	return destination{seat: acd.Seat{Number: call.Number}, shown: call.Caller}, nil
}

// forbids says why a number outside may not be called: for anybody, for the agent
// who asks (rights), or now. err is what the dialplan says of it.
func (x *Exchange) forbids(p *plan, rights *agent, client, whole, text, hours string, err error) error {
	for _, barred := range p.config.Outbound.Forbidden {
		if strings.HasPrefix(whole, barred) || strings.HasPrefix(text, barred) {
			return errForbidden
		}
	}
	now := x.clock.now()
	if c := p.calendars[hours]; c != nil {
		if open, _ := c.Is(now.Wall.In(c.zone)); !open {
			return errDialHours
		}
	}
	id, own := "", configs.Caps{}
	if rights != nil {
		if !rights.mayDial(whole) {
			return errNotPermitted
		}
		id, own = rights.id, rights.caps(p.config)
	}
	if errors.Is(err, dialplan.ErrBarred) {
		return err
	}
	return x.tolls.room(now.Mono, id, client, own, p.config.ClientCaps(client))
}

// queueFor is the queue of an id, an extension or one of our own numbers.
func (p *plan) queueFor(text string) *queuePlan {
	if q := p.queues[text]; q != nil {
		return q
	}
	for _, q := range p.config.Queues {
		if q.Extension != "" && q.Extension == text {
			return p.queues[q.ID]
		}
	}
	if n, ok := p.numbers[numberKey(text)]; ok {
		return p.queues[n.Queue]
	}
	if whole, err := p.dial.Whole(text); err == nil {
		if n, ok := p.numbers[numberKey(whole)]; ok {
			return p.queues[n.Queue]
		}
	}
	return nil
}

// mayDial reports whether the agent may call a number outside. Without dial
// rights nobody may.
func (a *agent) mayDial(whole string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, prefix := range a.config.Dial {
		if prefix == "all" || strings.HasPrefix(whole, prefix) {
			return true
		}
	}
	return false
}

// caps are those of the agent's calls outside.
func (a *agent) caps(c *configs.Config) configs.Caps {
	a.mu.Lock()
	defer a.mu.Unlock()
	return c.AgentCaps(&a.config)
}

// clientOf is the client for whom the agent calls out: its first, or the only
// one there is.
func (x *Exchange) clientOf(a *agent) string {
	a.mu.Lock()
	clients := a.config.Clients
	a.mu.Unlock()
	if len(clients) > 0 {
		return clients[0]
	}
	if all := x.plan.Load().config.Clients; len(all) == 1 {
		return all[0].ID
	}
	return ""
}
